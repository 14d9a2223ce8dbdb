import type { Clock } from '@millrace/kernel/clock'
import type { Door } from '../access/door.ts'
import type { SourceScheduler } from '../intent-source.ts'
import type { Preference } from './preference.ts'

/** What may be sent at once; `IntentRoutesOptions` says what each is. */
export interface HttpLimits {
  readonly maxBodyBytes: number
  readonly maxLineBytes: number
  readonly maxIntents: number
  readonly maxUnanswered: number
}

/** On what terms a request is taken: from whom, for whom, how much, and how long it is waited. */
export interface RequestTerms {
  readonly scheduler: SourceScheduler
  readonly door: Door
  readonly clock: Clock
  readonly limits: HttpLimits
  readonly client: string
  readonly preference: Preference
  /** The key in the header. */
  readonly idempotencyKey: string | undefined
}
