import type { Keys } from './crash-intents.ts'
import type { Variant } from './mutants/variants.ts'

/** What a process with a scheduler is to do, as JSON in its first argument. */
export interface ClientOrder {
  readonly url: string
  readonly variant: Variant
  readonly keys: Keys
  /** What names of intents begin with. */
  readonly prefix: string
  /** Numbers of intents to submit first. */
  readonly again: readonly number[]
  /** Then those from `from` to `to`, `to` excluded; downwards where it is less. */
  readonly from: number
  readonly to: number
}

/** How an intent ended, as far as its caller was told. */
export type End = 'committed' | 'duplicate' | 'unknown' | 'failed'

/** With what the process begins the line in which it tells of an intent's end; then come its number and, of an error, the code. */
export const LETTERS = { committed: 'c', duplicate: 'd', unknown: 'u', failed: 'f' } as const satisfies Record<
  End,
  string
>

/** Intents it has submitted at once: it submits the next when one has ended. */
export const IN_FLIGHT = 150
