/** The frame as a system sees it. The same object at every call: read it, do not keep what it said. */
export interface SystemFrame {
  /** Number of the frame, from 1. */
  readonly index: number
  /** Time since the frame before, in ms, at most the controller's `maxDeltaMs`. */
  readonly deltaMs: number
  /** What is left of the frame's budget, in ms, 0 when it is used up. Reads the clock. */
  readonly remainingMs: number
  /**
   * Settles when the system's lane has its turn in a later frame: for a promise-returning system, after it awaited something
   * else. What follows is planned for in that frame, and what it took beyond that is charged to the next.
   * @throws {MillraceError} (rejects) `SYSTEM_UNREGISTERED` once the system was taken out, so that no loop outlives it.
   */
  turn(): Promise<void>
}
