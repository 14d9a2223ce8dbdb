import type { Intent } from '../intent/intent.ts'

/** An intent that could not be written, kept for whoever looks into it. */
export interface DeadLetter {
  /** Given by whoever keeps it; what {@link DeadLetters.remove} takes. */
  readonly id: string
  readonly intent: Intent
  /** The code and the message of the error that its caller got. */
  readonly code: string
  readonly reason: string
  /** How often it was tried to write it, alone or with others. */
  readonly attempts: number
  /** Milliseconds since 1970. */
  readonly failedAt: number
}

/**
 * Keeps what could not be written: `INTENT_REJECTED`, `WRITE_FAILED`, `OUTCOME_UNKNOWN`, `BATCH_FAILED`, `STAGE_FAILED`; of intents for which nobody
 * waits also `CIRCUIT_OPEN` and `SCHEDULER_STOPPED`, and what the event bus brought and was refused. Not what its caller did wrong, or asked
 * to be dropped.
 */
export interface DeadLetters {
  /** Keeps letters, all or none; durable when it resolves. */
  add(letters: readonly Omit<DeadLetter, 'id'>[]): Promise<void>
  /** The oldest first. */
  list(limit: number): Promise<readonly DeadLetter[]>
  remove(ids: readonly string[]): Promise<void>
}
