export interface CostsSoFar {
  /** Predicted cost of all that is to be done, and of what is done, milliseconds of worker time. */
  readonly estimatedMs: number
  readonly estimatedDoneMs: number
  /** Since workers had their first batch. */
  readonly workSeconds: number
  /** Workers that may work at once. */
  readonly concurrency: number
}

/**
 * Predicted seconds to the end; by predicted cost, not by files, for the large ones come first. Until something is done there is only the prediction, and null once that has
 * passed: it was wrong, and nothing better is known.
 */
export function secondsLeft({ estimatedMs, estimatedDoneMs, workSeconds, concurrency }: CostsSoFar): number | null {
  const leftMs = Math.max(0, estimatedMs - estimatedDoneMs)
  if (leftMs === 0) return 0
  if (estimatedDoneMs > 0) return (leftMs * workSeconds) / estimatedDoneMs
  const predicted = leftMs / (1000 * concurrency) - workSeconds
  return predicted > 0 ? predicted : null
}
