import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { WorkerWord } from './worker-process.ts'

const ENTRY = fileURLToPath(new URL('./worker-process.ts', import.meta.url))

/** A worker in a process of its own, that leaves when it is disposed of. */
export interface StartedWorker extends AsyncDisposable {
  readonly process: ChildProcess
}

export interface WorkerPlace {
  readonly url: string
  readonly schema: string
  readonly root: string
  /** Worker processes of its own. */
  readonly workers: number
  /** Hears of every batch that one of them begins. */
  readonly onBegan?: (batchId: number) => void
}

/** Starts a worker; settles when it waits for a job. */
export async function startWorker({ url, schema, root, workers, onBegan }: WorkerPlace): Promise<StartedWorker> {
  const child = fork(ENTRY, [url, schema, root, String(workers)])
  const joined = Promise.withResolvers<void>()
  child.on('message', (word: WorkerWord) => {
    if (word.type === 'joined') joined.resolve()
    else onBegan?.(word.batchId)
  })
  child.on('exit', () => joined.reject(new Error('The worker ended before it joined')))
  await joined.promise
  return {
    process: child,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.disconnect()
      await gone
    },
  }
}
