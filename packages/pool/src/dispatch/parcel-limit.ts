/** So much work is worth no second worker's waking. */
const LEAST_MS = 0.01

/**
 * How many of `queued` tasks to put into the next parcel for one of `workers`, at most.
 *
 * As many as make `parcelMs` of work, and no more than a worker's share of what is queued. `taskMs` is what a task takes;
 * one, as long as it is not known (NaN).
 */
export function parcelLimit(taskMs: number, queued: number, workers: number, parcelMs: number): number {
  if (!(taskMs >= 0)) return 1
  const share = Math.max(queued / workers, LEAST_MS / taskMs)
  return Math.max(1, Math.floor(Math.min(parcelMs / taskMs, share)))
}
