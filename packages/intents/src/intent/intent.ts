/** A change that somebody wants made: of a declared type, small, and written together with many others. */
export interface Intent<Type extends string = string, Payload = unknown> {
  /** One of the types the scheduler was made with. */
  readonly type: Type
  /** What is to be written, as the type's schema has it. */
  readonly payload: Payload
  /**
   * What the change is of: intents of one key are written in the order in which they were submitted. Needed only where the type's
   * definition does not tell it from the payload; without one an intent has no order.
   */
  readonly key?: string | undefined
  /** Whose it is: each tenant gets an equal share of a full queue. @default "" */
  readonly tenant?: string | undefined
  /** Makes the effect exactly once: of all intents with this key, ever and from anywhere, one is applied. At most 200 characters. */
  readonly idempotencyKey?: string | undefined
}

/** What became of an intent that is in the database, committed. */
export interface IntentResult<Value = unknown> {
  /** `committed` by this call, or found to have been committed before under its idempotency key. */
  readonly status: 'committed' | 'duplicate'
  /** What its definition has `returning`; otherwise undefined. */
  readonly value: Value
}

/** How one of many ended: {@link BatchScheduler.submitMany} never rejects because of one of them. */
export type IntentOutcome<Value = unknown> =
  | { readonly result: IntentResult<Value>; readonly error?: undefined }
  | { readonly result?: undefined; readonly error: Error }
