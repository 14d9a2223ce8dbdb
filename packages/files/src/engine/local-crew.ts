import { Dispatcher } from '../dispatch/dispatcher.ts'
import type { WorkerSet } from '../dispatch/worker-set.ts'
import type { LedgerFile } from '../ledger/ledger.ts'
import type { ForkProcess } from '../worker/child-executor.ts'
import { createWorkers } from './create-workers.ts'
import type { Crew, CrewOptions, JobWork } from './crew.ts'
import type { SpareWorkers } from './spare-workers.ts'

/** Worker processes of this machine. */
export class LocalCrew implements Crew {
  readonly #options: CrewOptions
  readonly #workers: WorkerSet

  constructor(options: CrewOptions, fork?: ForkProcess, spare?: SpareWorkers) {
    this.#options = options
    this.#workers = createWorkers({ ...options, fork, spare })
  }

  warm(count: number): void {
    this.#workers.warm(count)
  }

  rest(why: string): void {
    this.#workers.keepAtMost(0, why)
  }

  wanted(concurrency: number): number {
    return concurrency
  }

  dispatch({ concurrency, commit, onDurable }: JobWork): Dispatcher<LedgerFile> {
    const { clock, config, emit } = this.#options
    return new Dispatcher({
      clock,
      random: Math.random,
      concurrency,
      workers: this.#workers,
      retryAttempts: () => config().retryAttempts,
      checkpointInterval: config().checkpointInterval,
      maxPauseMs: () => config().maxPauseSeconds * 1000,
      commit: async (outcome) => {
        await commit(outcome)
        onDurable(outcome)
      },
      emit,
    })
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#workers.close()
  }
}
