/** Tasks by name, as functions from input to output. */
export type TaskSignatures<T> = { readonly [K in keyof T]: (input: never) => unknown }

/** How one call is run. */
export interface ExecuteOptions {
  /** 0 is the most urgent. */
  readonly priority?: number
  /** Ends the call with the signal's reason. */
  readonly signal?: AbortSignal
  /** Time until the call ends with `DEADLINE_EXCEEDED`, in ms, above 0. */
  readonly deadlineMs?: number
}

/**
 * Runs tasks somewhere: on other threads, in other processes, or on the caller. A system that has work to give away
 * takes one of these, and does not know which.
 *
 * Each call is settled exactly once, with the task's output, what it threw, or why there is neither. Inputs and outputs
 * are copied on their way, wherever a task runs, so that what it does to them nobody else sees.
 */
export interface Executor<T extends TaskSignatures<T>> {
  /** How many tasks may run at the same time, at least 1: what work is best cut into. */
  readonly width: number
  run<K extends keyof T & string>(
    name: K,
    input: Parameters<T[K]>[0],
    options?: ExecuteOptions,
  ): Promise<Awaited<ReturnType<T[K]>>>
  /** Settles when nothing is to be done. */
  drain(): Promise<void>
}
