/** A callback that is to run once, later. */
export interface Timer {
  /** Keeps the callback from running. Does nothing when it ran already. */
  cancel(): void
}

/** Where every part of Millrace reads the time: the system's clock, or one that a test turns by hand. */
export interface Clock {
  /** Milliseconds since a fixed moment, never going backwards. For durations. */
  now(): number
  /** Milliseconds since 1970, as the wall clock shows them. For records; it may jump. */
  wallNow(): number
  /** Runs `callback` once, `ms` from now and never before this call returns. Negative and NaN count as 0. */
  after(ms: number, callback: () => void): Timer
}

/** The longest wait the host's timer knows; it fires at once when asked for more. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1

/** The clock of the host. Waits longer than the host's limit of 24.8 days are made of several. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallNow: () => Date.now(),
  after(ms, callback) {
    let remainingMs = Math.max(0, ms || 0)
    const step = () => {
      const stepMs = Math.min(remainingMs, LONGEST_TIMEOUT_MS)
      remainingMs -= stepMs
      return setTimeout(remainingMs > 0 ? () => (timeout = step()) : callback, stepMs)
    }
    let timeout = step()
    return { cancel: () => clearTimeout(timeout) }
  },
}
