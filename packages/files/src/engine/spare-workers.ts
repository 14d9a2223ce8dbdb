import type { Executor } from '../worker/executor.ts'

/** So many idle workers are kept: an edit or two need no more, and each holds memory. */
const KEPT = 1

/** Idle workers between two jobs over one tree. */
export class SpareWorkers implements AsyncDisposable {
  readonly #executors: Executor[] = []
  readonly #ending: Promise<void>[] = []
  #closed = false

  /** One that can work, or undefined. */
  take(): Executor | undefined {
    for (let executor = this.#executors.pop(); executor !== undefined; executor = this.#executors.pop()) {
      if (!executor.worn) return executor
      // It died meanwhile, or has done its share.
      this.#ending.push(executor.close())
    }
    return undefined
  }

  /** Takes an idle worker, and keeps it or ends it. */
  async leave(executor: Executor): Promise<void> {
    if (this.#closed || executor.worn || this.#executors.length >= KEPT) await executor.close()
    else this.#executors.push(executor)
  }

  /** Ends those that are kept. */
  clear(): void {
    this.#ending.push(...this.#executors.splice(0).map((executor) => executor.close()))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true
    this.clear()
    await Promise.all(this.#ending)
  }
}
