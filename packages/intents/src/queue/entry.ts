import type { IntentDefinition } from '../intent/define-intent.ts'
import type { Intent, IntentResult } from '../intent/intent.ts'

/** Where an intent is, from its admission to its end. */
export const EntryState = {
  /** In the fair queue. */
  QUEUED: 0,
  /** In the batch that is being accumulated. */
  BATCHED: 1,
  /** Behind another of its key, which is not over. */
  CHAINED: 2,
  /** In a batch under way. */
  WRITING: 3,
  /** Settled. Where it still stands, it is passed over. */
  OVER: 4,
} as const

export type EntryState = (typeof EntryState)[keyof typeof EntryState]

/** An intent that was admitted, and is itself what a sink is given. */
export class Entry {
  readonly intent: Intent
  readonly definition: IntentDefinition
  readonly payload: unknown
  readonly key: string | undefined
  /** What it counts for in bounds by bytes. */
  readonly bytes: number
  /** When it was submitted, by the scheduler's clock. */
  readonly at: number
  /** Whether it has a key or an idempotency key, so that others may have the same. */
  readonly isNamed: boolean
  state: EntryState = EntryState.QUEUED
  /** The next of its key, which waits for the end of this one, and the one for whose end this one waits. */
  next: Entry | undefined = undefined
  previous: Entry | undefined = undefined
  resolve: ((result: IntentResult) => void) | undefined = undefined
  reject: ((error: unknown) => void) | undefined = undefined

  constructor(
    intent: Intent,
    definition: IntentDefinition,
    payload: unknown,
    key: string | undefined,
    bytes: number,
    at: number,
  ) {
    this.intent = intent
    this.definition = definition
    this.payload = payload
    this.key = key
    this.bytes = bytes
    this.isNamed = key !== undefined || intent.idempotencyKey !== undefined
    this.at = at
  }

  get idempotencyKey(): string | undefined {
    return this.intent.idempotencyKey
  }

  get tenant(): string {
    return this.intent.tenant ?? ''
  }

  /** Whether it can still be withdrawn. */
  get isWaiting(): boolean {
    return this.state < EntryState.WRITING
  }
}
