import type { Job, JobSink } from '../dispatch/job.ts'

/** Hears how a call ended: one of the two, once. What it throws is an uncaught error. */
export interface TaskSink<O> {
  done(output: O): void
  failed(error: unknown): void
}

/** A call that is under way, or was. */
export interface TaskCall {
  /** Ends it with `reason`, of which the sink hears at once: a task that waits is taken back, one that runs sees `context.cancelled`. Idempotent. */
  cancel(reason: unknown): void
}

/** A call with a sink of the user's. */
export class SinkCall implements JobSink, TaskCall {
  readonly #sink: TaskSink<unknown>
  readonly #cancel: (job: Job, reason: unknown) => void
  job: Job | undefined

  constructor(sink: TaskSink<unknown>, cancel: (job: Job, reason: unknown) => void) {
    this.#sink = sink
    this.#cancel = cancel
  }

  cancel(reason: unknown): void {
    if (this.job !== undefined) this.#cancel(this.job, reason)
  }

  done(output: unknown): void {
    try {
      this.#sink.done(output)
    } catch (error) {
      throwLater(error)
    }
  }

  failed(error: unknown): void {
    try {
      this.#sink.failed(error)
    } catch (fault) {
      throwLater(fault)
    }
  }
}

/** PERF: as `callUser`, without a function for each; bench/fracture/mass-destruction.bench.ts. */
function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}
