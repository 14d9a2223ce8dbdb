/** What is known of a task whose worker has ended, and whose caller waits. */
export interface OrphanFacts {
  /** Whether the worker had started it. */
  readonly started: boolean
  readonly retryable: boolean
  /** Workers that ended while it ran, this one included. */
  readonly deaths: number
  /** From so many on it counts as their cause. */
  readonly maxDeaths: number
}

/**
 * What becomes of a task whose worker has ended: it runs elsewhere, or its caller is told.
 *
 * What never started runs elsewhere, always: it had no effect, and no part in the worker's end. What had started runs
 * again only if it may, and until it was there at `maxDeaths` ends.
 */
export function fateOf({ started, retryable, deaths, maxDeaths }: OrphanFacts): 'again' | 'reject' {
  if (!started) return 'again'
  return retryable && deaths < maxDeaths ? 'again' : 'reject'
}
