import type { JobSink } from '../dispatch/job.ts'

/** The promise of a call. */
export class PromiseSink implements JobSink {
  readonly #resolve: (output: unknown) => void
  readonly #reject: (error: unknown) => void

  constructor(resolve: (output: unknown) => void, reject: (error: unknown) => void) {
    this.#resolve = resolve
    this.#reject = reject
  }

  done(output: unknown): void {
    this.#resolve(output)
  }

  failed(error: unknown): void {
    this.#reject(error)
  }
}
