import { Worker } from 'node:worker_threads'

/** Tasks in a message: so many that what a message costs does not count. */
const BATCH = 50
/** Messages each thread has: while it works on one, the next is there. */
const AHEAD = 2

export interface Batch {
  readonly count: number
  readonly rounds: number
}

/** Threads that are told in a message how much to burn: the most that can be had of them. */
export class BatchThreads implements AsyncDisposable {
  readonly #workers: readonly Worker[]

  constructor(threads: number) {
    this.#workers = Array.from({ length: threads }, () => new Worker(new URL('./batch-worker.ts', import.meta.url)))
  }

  /** Burns `rounds` so many times, and returns the sum of all results. */
  burn(count: number, rounds: number): Promise<number> {
    return new Promise((resolve) => {
      let left = count
      let underWay = 0
      let sum = 0
      const send = (worker: Worker) => {
        if (left === 0) return
        const batch: Batch = { count: Math.min(BATCH, left), rounds }
        left -= batch.count
        underWay++
        worker.postMessage(batch)
      }
      for (const worker of this.#workers) {
        worker.removeAllListeners('message')
        worker.on('message', (result: number) => {
          sum += result
          underWay--
          send(worker)
          if (underWay === 0) resolve(sum)
        })
      }
      for (let each = 0; each < AHEAD; each++) for (const worker of this.#workers) send(worker)
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.terminate()))
  }
}
