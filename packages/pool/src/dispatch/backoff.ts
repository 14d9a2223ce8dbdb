const FIRST_MS = 100
const LONGEST_MS = 5000

/** How often a worker may fail to start before nothing more is expected of it. */
export const MOST_FAILED_STARTS = 3

/**
 * How long to wait, in ms, before a worker is started again that has ended so many times in a row without an answer.
 * The first time not at all: what ended it was most likely its task.
 */
export function backoffMs(ends: number): number {
  return ends <= 1 ? 0 : Math.min(FIRST_MS * 2 ** (ends - 2), LONGEST_MS)
}
