const FIRST_MS = 100
const LONGEST_MS = 10_000

/**
 * How long to wait before the next try, milliseconds: 100, doubling, at most 10 s, drawn evenly from the upper half so that
 * files that failed together are not tried together ("equal jitter", M. Brooker, AWS Architecture Blog, 2015).
 *
 * `attempt` counts the tries made, from 1; `random` gives a number in [0, 1).
 */
export function backoffMs(attempt: number, random: () => number): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempt - 1))
  return ceiling / 2 + random() * (ceiling / 2)
}
