import { systemClock } from '@millrace/kernel/clock'
import type { EngineEvent } from '../engine/events.ts'
import type { ChaosLine, ChaosOrder } from './chaos-order.ts'
import { damageFile } from './damage.ts'
import type { Fault } from './fault-plan.ts'

/** What a worker has in hand. */
interface InHand {
  readonly batchId: number
  readonly files: number
  settled: number
}

type WorkerFault = Extract<Fault, { kind: 'kill-worker' | 'hang-worker' | 'slow-worker' }>

/**
 * Makes a leg's faults, in the process of the engine, when their moments come.
 *
 * The engine finds out which file a worker died of by running what was in its hands again, in smaller trust; a kill in the midst of that would put the
 * blame on a file that has done nothing. So a worker is struck only while all that is in hand is run for the first time, and only one that was ready:
 * what becomes of a file is then never our doing, and whatever dies under suspicion died by itself.
 *
 * Of workers over PostgreSQL it hears only what they have committed. There a worker is struck then: it has more in hand. A batch goes to quarantine file
 * by file only after six workers were lost with it.
 */
export class FaultMaker {
  readonly #order: ChaosOrder
  readonly #tell: (line: ChaosLine) => void
  readonly #waiting: Fault[]
  readonly #pids = new Map<number, number>()
  readonly #ready = new Set<number>()
  readonly #inHand = new Map<number, InHand>()
  /** Batches a worker died of: files of theirs not yet settled. */
  readonly #inRecovery = new Map<number, number>()
  #settled = 0

  constructor(order: ChaosOrder, tell: (line: ChaosLine) => void) {
    this.#order = order
    this.#tell = tell
    this.#waiting = [...order.faults]
  }

  /** To be called with every event of the engine. */
  hear(event: EngineEvent): void {
    switch (event.type) {
      case 'job-started':
      case 'exporting':
        this.#reachEngine(event.type === 'exporting' ? 'export' : 'start')
        break
      case 'worker-started':
        this.#pids.set(event.worker, event.pid)
        this.#tell({ type: 'worker', pid: event.pid })
        break
      case 'worker-stopped':
        this.#stopped(event.worker)
        break
      case 'batch-started':
        this.#tell({ type: 'alive' })
        if (this.#inRecovery.has(event.batchId)) this.#inHand.delete(event.worker)
        else this.#inHand.set(event.worker, { batchId: event.batchId, files: event.files, settled: 0 })
        this.#strike(event.worker, 'begin')
        break
      case 'file-delivered':
      case 'file-confirmed':
      case 'file-quarantined':
        this.#settled++
        this.#reachEngine('files')
        this.#damage()
        break
      case 'batch-committed':
        this.#committed(event)
        break
    }
  }

  #stopped(worker: number): void {
    const inHand = this.#isShared ? undefined : this.#inHand.get(worker)
    if (inHand !== undefined && inHand.settled < inHand.files)
      this.#inRecovery.set(inHand.batchId, inHand.files - inHand.settled)
    this.#inHand.delete(worker)
    this.#ready.delete(worker)
    this.#pids.delete(worker)
  }

  #committed(event: Extract<EngineEvent, { type: 'batch-committed' }>): void {
    const { worker, batchId, delivered, confirmed, quarantined } = event
    if (this.#isShared) {
      this.#tell({ type: 'alive' })
      this.#ready.add(worker)
      this.#inHand.set(worker, { batchId, files: 0, settled: 0 })
      this.#strike(worker, 'any')
      return
    }
    const settled = delivered + confirmed + quarantined
    const left = this.#inRecovery.get(batchId)
    if (left !== undefined) {
      if (left > settled) this.#inRecovery.set(batchId, left - settled)
      else this.#inRecovery.delete(batchId)
      return
    }
    const inHand = this.#inHand.get(worker)
    if (inHand?.batchId !== batchId) return
    inHand.settled += settled
    if (this.#pids.has(worker)) this.#ready.add(worker)
    if (inHand.settled >= inHand.files) this.#inHand.delete(worker)
    else this.#strike(worker, 'midst')
  }

  #due(fault: Fault): boolean {
    return fault.afterFiles <= this.#settled
  }

  #take(fault: Fault): void {
    this.#waiting.splice(this.#waiting.indexOf(fault), 1)
  }

  #reachEngine(moment: 'start' | 'files' | 'export'): void {
    for (const fault of [...this.#waiting]) {
      if (fault.kind === 'stall-engine' && moment === 'files' && this.#due(fault)) {
        this.#take(fault)
        this.#made(fault, `did nothing for ${fault.ms} ms after ${this.#settled} files`)
        this.#tell({ type: 'stopping', ms: fault.ms })
        process.kill(process.pid, 'SIGSTOP')
      }
      if (fault.kind === 'kill-engine' && fault.at === moment && (moment !== 'files' || this.#due(fault))) {
        this.#take(fault)
        this.#killSelf(fault, fault.turns)
      }
    }
  }

  #killSelf(fault: Fault, turns: number): void {
    if (turns > 0) {
      setImmediate(() => this.#killSelf(fault, turns - 1))
      return
    }
    this.#made(fault, `was killed after ${this.#settled} files`)
    process.kill(process.pid, 'SIGKILL')
  }

  #damage(): void {
    for (const fault of [...this.#waiting]) {
      if (fault.kind !== 'damage-file' || !this.#due(fault)) continue
      this.#take(fault)
      const { path } = fault
      this.#made(fault, damageFile(this.#order.root, fault, this.#order.sizes[path] ?? 0))
    }
  }

  #strike(worker: number, moment: 'begin' | 'midst' | 'any'): void {
    const pid = this.#pids.get(worker)
    if (pid === undefined || !this.#ready.has(worker) || this.#inRecovery.size > 0 || !this.#inHand.has(worker)) return
    const fault = this.#waiting.find(
      (fault): fault is WorkerFault =>
        (fault.kind === 'kill-worker' && (moment === 'any' || fault.at === moment) && this.#due(fault)) ||
        // Only one that has not yet been sent its files is sure not to be idle.
        ((fault.kind === 'hang-worker' || fault.kind === 'slow-worker') && moment !== 'midst' && this.#due(fault)),
    )
    if (fault === undefined || !signal(pid, 0)) return
    this.#take(fault)
    if (this.#isShared) this.#ready.delete(worker)
    if (fault.kind === 'kill-worker') {
      this.#made(fault, `was killed after ${this.#settled} files`)
      signal(pid, 'SIGKILL')
    } else if (fault.kind === 'hang-worker') {
      this.#made(fault, `was stopped for good after ${this.#settled} files`, pid)
      signal(pid, 'SIGSTOP')
    } else {
      this.#made(fault, `did nothing for ${fault.ms} ms after ${this.#settled} files`)
      signal(pid, 'SIGSTOP')
      systemClock.after(fault.ms, () => signal(pid, 'SIGCONT'))
    }
  }

  #made({ id }: Fault, told: string, pid?: number): void {
    this.#tell({ type: 'made', id, told, ...(pid !== undefined && { pid }) })
  }

  /** Whether the workers are of no engine. */
  get #isShared(): boolean {
    return this.#order.ledger !== undefined
  }
}

/** Whether the process was there. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}
