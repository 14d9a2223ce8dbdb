/** Sends whether answers have come or not: number `at` is due `at / ratePerMs` ms after the beginning. */
export interface OpenLoop {
  readonly ratePerMs: number
  readonly count: number
  /** Whether a few ms late is soon enough, so that no processor time goes into waiting. @default false */
  readonly isCoarse?: boolean
  /** Sends number `at`, which was due at that time of `performance.now()`. */
  send(at: number, due: number): void
}

/** Below this a timer's wait is too coarse, and turns of the event loop are counted out instead. */
const SPIN_MS = 1.5

/** Resolves when all were sent, each as soon after its time as the event loop lets it. */
export async function sendInTime({ ratePerMs, count, isCoarse = false, send }: OpenLoop): Promise<void> {
  const begun = performance.now() + 5
  let next = 0
  while (next < count) {
    const now = performance.now()
    for (let due = begun + next / ratePerMs; next < count && due <= now; due = begun + ++next / ratePerMs)
      send(next, due)
    const waitMs = begun + next / ratePerMs - performance.now()
    if (isCoarse) await new Promise((resolve) => setTimeout(resolve, Math.max(0, waitMs)))
    else if (waitMs > SPIN_MS) await new Promise((resolve) => setTimeout(resolve, waitMs - SPIN_MS))
    else await new Promise((resolve) => setImmediate(resolve))
  }
}
