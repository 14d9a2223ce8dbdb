import type { JobId } from '../batch-job.ts'

/** Who waits for a job. */
export interface Caller {
  resolve(output: unknown): void
  reject(reason: unknown): void
}

/** What an async job awaits in order to go on within a frame. */
export interface Turn {
  /** The job, or negative when it is not known. */
  readonly owner: JobId
  grant(): void
  refuse(reason: unknown): void
}

/** What a job yields from: a generator, or another iterator, which need not have `return`. */
export type Steps = Pick<Generator<unknown, unknown, void>, 'next'> & Partial<Generator<unknown, unknown, void>>

/**
 * What is to be known of a job beside its input: where it stands, and who waits for it. Most jobs need none of it, and are
 * queued as their bare input.
 */
export class OpenJob {
  readonly input: unknown
  readonly caller: Caller | undefined
  /** The caller's signal; and what ends the listening to it. */
  signal: AbortSignal | undefined
  unlisten: (() => void) | undefined
  /** Set once the job has yielded; and the frame in which it began, or came to the back of its lane again. */
  steps: Steps | undefined
  steppingSince = 0
  /** Set when this is no job of its own but the turn of one that awaits it. */
  readonly turn: Turn | undefined
  /** Set once an executor has answered. */
  answer: { readonly result: unknown } | undefined

  constructor(input: unknown, caller?: Caller, turn?: Turn) {
    this.input = input
    this.caller = caller
    this.turn = turn
  }

  /** Back to its beginning. */
  restart(): void {
    this.steps = undefined
    this.answer = undefined
  }
}
