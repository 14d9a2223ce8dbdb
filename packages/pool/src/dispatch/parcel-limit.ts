/** The work, in ms, in a parcel: many times what handing it over costs, and yet soon over for what is more urgent. */
const PARCEL_MS = 0.2
/** So much work is worth no second worker's waking. */
const LEAST_MS = 0.01

/**
 * How many of `queued` tasks to put into the next parcel for one of `workers`, at most.
 *
 * As many as make a little work, and no more than a worker's share of what is queued. `taskMs` is what a task takes;
 * one, as long as it is not known (NaN).
 */
export function parcelLimit(taskMs: number, queued: number, workers: number): number {
  if (!(taskMs >= 0)) return 1
  const share = Math.max(queued / workers, LEAST_MS / taskMs)
  return Math.max(1, Math.floor(Math.min(PARCEL_MS / taskMs, share)))
}
