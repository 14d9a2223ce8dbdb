import { open, rename, rm } from 'node:fs/promises'
import type { EngineEvent } from '../../src/engine/events.ts'
import type { Ledger } from '../../src/ledger/ledger.ts'
import { jsonlOn } from '../../src/sink/jsonl.ts'
import type { Sink, SinkWriter } from '../../src/sink/sink.ts'
import { aroundLedger } from './around-ledger.ts'
import type { Kill, Moment, SinkStep } from './kill-plan.ts'

/** Counts the moments of this process's engine, and kills when one comes that a plan names. */
export class KillSwitch {
  readonly #kills: readonly Kill[]
  readonly #reached = new Map<Moment, number>()
  readonly #pids = new Map<number, number>()
  readonly #tell: (what: 'worker-killed' | 'stopped') => void

  /** `tell` is called before a worker is killed or this process stops; of the engine's own death nobody can be told. */
  constructor(kills: readonly Kill[], tell: (what: 'worker-killed' | 'stopped') => void) {
    this.#kills = kills
    this.#tell = tell
  }

  /** To be called with every event of the engine. */
  hear(event: EngineEvent): void {
    if (event.type === 'worker-started') this.#pids.set(event.worker, event.pid)
    if (event.type === 'worker-stopped') this.#pids.delete(event.worker)
    this.#reach(`event ${event.type}`, 'worker' in event ? this.#pids.get(event.worker) : undefined)
  }

  ledger(ledger: Ledger): Ledger {
    return aroundLedger(ledger, async (call, proceed) => {
      this.#reach(`ledger ${call} before`)
      const done = proceed()
      this.#reach(`ledger ${call} during`)
      const result = await done
      this.#reach(`ledger ${call} after`)
      return result
    })
  }

  /** The sink of JSON Lines, watched at each of its steps. */
  sink(): Sink {
    const step = async <T>(name: SinkStep, take: () => T): Promise<Awaited<T>> => {
      this.#reach(`sink ${name} before`)
      const done = take()
      this.#reach(`sink ${name} during`)
      const result = await done
      this.#reach(`sink ${name} after`)
      return result
    }
    const jsonl = jsonlOn({ open, rm, rename: (from, to) => step('rename', () => rename(from, to)) })
    return {
      ...jsonl,
      open: (target) =>
        step('open', async (): Promise<SinkWriter> => {
          const writer = await jsonl.open(target)
          return {
            write: (rows) => step('write', () => writer.write(rows)),
            commit: () => step('commit', () => writer.commit()),
            abort: () => writer.abort(),
          }
        }),
    }
  }

  #reach(moment: Moment, worker?: number): void {
    const n = (this.#reached.get(moment) ?? 0) + 1
    this.#reached.set(moment, n)
    for (const { kill } of this.#kills.filter((kill) => kill.at === moment && kill.n === n)) {
      if (kill === 'engine') process.kill(process.pid, 'SIGKILL')
      else if (kill === 'stop') this.#stop()
      else if (worker !== undefined) this.#killWorker(worker)
    }
  }

  #stop(): void {
    this.#tell('stopped')
    process.kill(process.pid, 'SIGSTOP')
  }

  #killWorker(pid: number): void {
    try {
      process.kill(pid, 0)
      this.#tell('worker-killed')
      process.kill(pid, 'SIGKILL')
    } catch {
      // It is gone already.
    }
  }
}
