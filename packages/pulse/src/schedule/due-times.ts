const HASHES = 2 ** 32

/**
 * Where in its interval a monitor is checked, so that those of one interval are spread evenly over it: whole ms from 0, below `intervalMs`.
 * @param hash is of its name, 32 bits: it is where it was after a restart, and on another machine.
 */
export function phaseOf(hash: number, intervalMs: number): number {
  return Math.floor(((hash >>> 0) / HASHES) * intervalMs)
}

/**
 * The first slot after `time`. Slots are pinned to the wall clock: `phaseMs` and each whole number of intervals after it, counted from 1970. Those that
 * have passed meanwhile are no more: after a jump of the clock, or a stop, one check is made and not as many as were missed.
 *
 * Nor is `last`, the slot that was there last, given again, if the clock was set back meanwhile; unless by more than an interval, for then it would be
 * long until the next. So that is at most two intervals after `time`. Pure, O(1), exact.
 *
 * @param time in ms since 1970, as the result.
 * @param intervalMs is a whole number, at least 1.
 */
export function nextDue(time: number, intervalMs: number, phaseMs: number, last = time): number {
  const from = Math.floor(last > time && last - time <= intervalMs ? last : time)
  const since = (from - phaseMs) % intervalMs
  return from - since + (since < 0 ? 0 : intervalMs)
}

/** How many slots lie between one and another, both not counted: those in which no check was made. */
export function slotsBetween(last: number, next: number, intervalMs: number): number {
  return Math.max(0, Math.round((next - last) / intervalMs) - 1)
}
