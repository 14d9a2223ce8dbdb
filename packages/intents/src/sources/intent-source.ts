import type { BatchScheduler } from '../batch-scheduler.ts'

/** The part of a scheduler that a source of intents needs. */
export type SourceScheduler = Pick<BatchScheduler, 'submit' | 'submitMany' | 'enqueue' | 'health'>

/** Where intents come from: a socket, a queue of another system, a file. Whoever hosts a scheduler starts and stops its sources. */
export interface IntentSource {
  /** Begins to hand what comes to the scheduler. Called once. */
  start(scheduler: SourceScheduler): Promise<void>
  /**
   * Admits nothing more from the moment of the call, and resolves when every answer it owes has been given. The scheduler runs on meanwhile, or
   * is being stopped itself: either way each intent that was submitted ends. Idempotent.
   */
  stop(): Promise<void>
}
