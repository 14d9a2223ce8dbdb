import type { MillraceError } from '@millrace/kernel/errors'
import type { IntentDefinition } from '../intent/define-intent.ts'

/** An intent, or several that were made one, as it is to be written. */
export interface WriteItem {
  readonly definition: IntentDefinition
  readonly payload: unknown
  /** What it is of. */
  readonly key: string | undefined
  readonly idempotencyKey: string | undefined
}

/** What is written in one transaction. */
export interface WriteBatch {
  /** Counts the batches of a scheduler; the same for each attempt to write it. */
  readonly id: number
  /**
   * The items, in the order in which they are to take effect: what is in a later wave is written after all of an earlier one. Within a wave no
   * two items have the same key or idempotency key, and their order means nothing: a sink that locks rows sorts them, so that two
   * of it do not deadlock.
   */
  readonly waves: readonly (readonly WriteItem[])[]
  /** Items in all waves. */
  readonly size: number
}

/** How an item ended in a transaction that was committed. */
export type ItemOutcome =
  /** Applied, with what its definition has `returning`. */
  | { readonly status: 'committed'; readonly value: unknown }
  /** Not applied: it was before, under its idempotency key; with the value it had then. */
  | { readonly status: 'duplicate'; readonly value: unknown }
  /** Not applied, and has no effect: `CONDITION_FAILED`, `ROW_NOT_FOUND`, `IDEMPOTENCY_KEY_REUSED` … */
  | { readonly status: 'failed'; readonly error: MillraceError }

/** What a batch came to, that was committed: an item that is not here was applied, and has no value. */
export type BatchOutcome = ReadonlyMap<WriteItem, ItemOutcome>

/** What a failed write tells of its batch. */
export type Failure =
  /** Nothing is written, because of one item or several: the others can be written without them. */
  | 'data'
  /** Nothing is written; the same batch may succeed later. */
  | 'transient'
  /** Nothing is written, and nothing of the kind can be: a table is missing, a right, a statement is wrong. */
  | 'permanent'
  /** The batch may have been committed: the connection was lost before its answer came. */
  | 'unknown'

/** What a sink counts since it was made. */
export interface SinkStats {
  /**
   * Ms that sessions with a batch under way waited for locks which others held, added up. An estimate, from looks at those that take long: of
   * waits below 100 ms it hardly ever knows, and a longer one is told to within 200 ms.
   */
  readonly lockWaitMs: number
}

/**
 * Where batches are written. One transaction each: all of a batch is committed, or nothing.
 *
 * Whoever implements it runs the conformance suite, `packages/intents/test/sink/conformance.ts`.
 */
export interface Sink extends AsyncDisposable {
  /** What it counts, as it is now; undefined where it cannot tell. */
  readonly stats?: SinkStats | undefined
  /**
   * Gets ready to write intents of these definitions: connects, makes the tables of its own. Called once, before any write.
   * @throws {MillraceError} `TARGET_UNSUPPORTED`, `SINK_UNREACHABLE`; `OPTION_INVALID` for a target that cannot be.
   */
  open(definitions: readonly IntentDefinition[]): Promise<void>
  /**
   * Writes a batch, and resolves when it is committed, never before. Several may be under way. With an idempotency key an item is applied
   * only if none ever was under the same one; two batches with the same one at the same time wait for each other.
   *
   * When `signal` aborts, it gives up as soon as it can: it rejects, and what it tells by {@link failureOf} must be true still.
   */
  write(batch: WriteBatch, signal: AbortSignal): Promise<BatchOutcome>
  /** What an error that {@link write} rejected with tells of the batch. Of an error it does not know: `unknown`. */
  failureOf(error: unknown): Failure
  /** Whether it can be reached, as far as it is known now. Rejects with the reason if not. */
  ping(signal: AbortSignal): Promise<void>
  /** Ends what is open. Idempotent. */
  close(): Promise<void>
}
