import type { Clock } from './clock.ts'

/** Changes of the clock to wait for: with the first few a tick shows, and a tick of 1 ms costs no more than 4 ms. */
const CHANGES = 4
/** A clock that does not move in so many reads is one that is moved by hand. */
const MOST_READS = 200_000

/**
 * How coarse a clock is: the least step by which it was seen to move, in ms; 0 when it stood still.
 *
 * Browsers round theirs, to 5 µs where a page is isolated, to 100 µs where it is not, to 1 ms in Safari. Takes four ticks.
 */
export function measureTick(clock: Clock): number {
  let tickMs = Number.POSITIVE_INFINITY
  let last = clock.now()
  for (let reads = 0, changes = 0; reads < MOST_READS && changes < CHANGES; reads++) {
    const now = clock.now()
    if (now > last) {
      tickMs = Math.min(tickMs, now - last)
      changes++
    }
    last = now
  }
  return tickMs === Number.POSITIVE_INFINITY ? 0 : tickMs
}
