import type { Intent } from '../intent/intent.ts'

/** The events by which a scheduler is driven, and tells what it does. */
export const SystemEvent = {
  /** An intent, or an array of them, for the scheduler. */
  INTENT: 'intent',
  /** An {@link IntentBatch}, just before it is written. */
  INTENT_BATCH: 'intent_batch',
} as const

/** What a scheduler uses of an `EventEmitter`: Node's, or another of its shape. */
export interface EventBus {
  on(event: string, listener: (value: unknown) => void): unknown
  off(event: string, listener: (value: unknown) => void): unknown
  emit(event: string, value: unknown): unknown
}

/** Intents that are written together. */
export interface IntentBatch {
  /** Counts the batches of a scheduler. */
  readonly id: number
  readonly intents: readonly Intent[]
  /** What made it leave. */
  readonly trigger: 'time' | 'size' | 'bytes' | 'idle' | 'stop'
}

/**
 * Stands between batch and sink: gives for each intent, in the same order, what is written in its place, or an error that is its outcome.
 * It must be pure: a batch that is written in parts, or again, is not staged again. What it throws fails all of the batch (`STAGE_FAILED`).
 */
export type Stage = (intents: readonly Intent[]) => readonly (Intent | Error)[]
