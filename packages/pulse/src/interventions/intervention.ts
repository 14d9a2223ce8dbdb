import type { Fields } from '../manifest/fields.ts'

/** What became of an intervention. */
export type InterventionOutcome =
  /** It did what it was asked to; whether that helped, the next checks show. */
  | { readonly status: 'accepted'; readonly detail?: string }
  /** It did nothing, for sure. */
  | { readonly status: 'refused'; readonly reason: string }
  /** It may have done it and may not: nobody repeats it. */
  | { readonly status: 'unknown'; readonly reason: string }

/** What an intervention is made for. */
export interface InterventionOrder {
  readonly monitor: string
  /** Of this one and no other, also after a restart: what it asks of others, they can do once. */
  readonly id: string
  /** The same for all that is told and done about an incident. */
  readonly incident: string
  /** Why the last check failed. */
  readonly reason: string
  /** Aborts when its time is over. */
  readonly signal: AbortSignal
  readonly timeoutMs: number
}

/** A kind of interventions: what their `target` may say, and how they are made. */
export interface InterventionKind<Target = unknown> {
  /** As `intervention.action` says. */
  readonly type: string
  /** Reads a `target`. What is wrong with it is told to `fields`, which goes on with a default. */
  parse(fields: Fields): Target
  /** Does it, once. What it throws counts as `unknown`. */
  run(target: Target, order: InterventionOrder): Promise<InterventionOutcome>
}
