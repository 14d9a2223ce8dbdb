import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { WorkerOrder, WorkerWord, WorkPlace } from './worker-process.ts'

const ENTRY = fileURLToPath(new URL('./worker-process.ts', import.meta.url))

/** A worker in a process of its own, that leaves when it is disposed of. */
export interface StartedWorker extends AsyncDisposable {
  readonly process: ChildProcess
}

export interface WorkerPlace extends WorkPlace {
  /** Hears of every batch that one of them begins. */
  readonly onBegan?: (batchId: number) => void
}

/** Starts a worker; settles when it waits for a job. */
export async function startWorker(place: WorkerPlace): Promise<StartedWorker> {
  const standing = new StandingWorker()
  try {
    await standing.join(place)
  } catch (error) {
    await standing[Symbol.asyncDispose]()
    throw error
  }
  return standing
}

/** A process that is a worker in one place after another, and has what it loaded and compiled from then on. It ends when it is disposed of. */
export class StandingWorker implements StartedWorker {
  readonly process: ChildProcess = fork(ENTRY)

  /** Has it work somewhere; settles when it waits for a job. The result has it leave again. */
  async join({ onBegan, ...place }: WorkerPlace): Promise<AsyncDisposable> {
    const joined = Promise.withResolvers<void>()
    const left = Promise.withResolvers<void>()
    const hear = (word: WorkerWord) => {
      if (word.type === 'joined') joined.resolve()
      else if (word.type === 'left') left.resolve()
      else onBegan?.(word.batchId)
    }
    const end = () => {
      joined.reject(new Error('The worker ended before it joined'))
      left.resolve()
    }
    this.process.on('message', hear)
    this.process.on('exit', end)
    this.#tell({ type: 'work', ...place })
    await joined.promise
    return {
      [Symbol.asyncDispose]: async () => {
        if (this.#runs()) this.#tell({ type: 'leave' })
        await left.promise
        this.process.off('message', hear)
        this.process.off('exit', end)
      },
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#runs()) return
    const gone = once(this.process, 'exit')
    if (this.process.connected) this.process.disconnect()
    await gone
  }

  #runs(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null
  }

  #tell(order: WorkerOrder): void {
    this.process.send(order)
  }
}
