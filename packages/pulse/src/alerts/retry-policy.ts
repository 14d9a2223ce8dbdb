/** How often an alert is tried again, and when. */
export interface RetryPolicy {
  /** Before the second attempt, in ms; doubled before each further one. */
  readonly baseMs: number
  /** Never longer, in ms. */
  readonly capMs: number
  /** So many failed attempts are enough; by default more than fit into the age. */
  readonly maxAttempts: number
  /** From when it happened, in ms: after a failure there is no further attempt to an older one. */
  readonly maxAgeMs: number
}

export const RETRY_POLICY: RetryPolicy = { baseMs: 1000, capMs: 300_000, maxAttempts: 1000, maxAgeMs: 86_400_000 }

/** However long the other side asks to wait, it is asked again after this, in ms. */
const LONGEST_PAUSE_MS = 3_600_000

/** What is known of an attempt that failed. */
export interface FailedAttempt {
  /** Attempts made that failed, with this one. */
  readonly attempts: number
  /** How often in a row its place asked to wait, with this time. */
  readonly pauses: number
  /** From when it happened, in ms. */
  readonly ageMs: number
  readonly isPassing: boolean
  /** How long the other side asks to wait, in ms. */
  readonly retryAfterMs: number | undefined
}

/** What becomes of an alert whose attempt failed. */
export type AfterFailure =
  /** It is tried again, `ms` from now. */
  | { readonly action: 'retry'; readonly ms: number }
  /** Its place hears nothing for `ms`; then it is tried again. It was not refused for what it is: the attempt does not count. */
  | { readonly action: 'pause'; readonly ms: number }
  /** It is not tried again. */
  | { readonly action: 'give up' }

/**
 * What becomes of an alert whose attempt failed. Pure.
 *
 * The wait is drawn evenly from the upper half of what it may be, so that alerts that failed together are not tried together ("equal jitter", M. Brooker, AWS
 * Architecture Blog, 2015).
 * @param random gives a number in [0, 1).
 */
export function afterFailure(failed: FailedAttempt, policy: RetryPolicy, random: () => number): AfterFailure {
  if (!failed.isPassing || failed.ageMs >= policy.maxAgeMs) return { action: 'give up' }
  if (failed.retryAfterMs !== undefined) {
    const ms = Math.max(failed.retryAfterMs, backoffMs(failed.pauses, policy, random))
    return { action: 'pause', ms: Math.min(ms, LONGEST_PAUSE_MS) }
  }
  if (failed.attempts >= policy.maxAttempts) return { action: 'give up' }
  return { action: 'retry', ms: backoffMs(failed.attempts, policy, random) }
}

function backoffMs(failures: number, { baseMs, capMs }: RetryPolicy, random: () => number): number {
  const ceiling = Math.min(capMs, baseMs * 2 ** (failures - 1))
  return ceiling / 2 + random() * (ceiling / 2)
}
