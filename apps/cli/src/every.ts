import type { Clock, Timer } from '@millrace/kernel/clock'

/** Runs again and again, `ms` after the last time began, until it is cancelled. */
export function every(clock: Clock, ms: number, run: () => void): Timer {
  let timer = clock.after(ms, step)
  function step() {
    timer = clock.after(ms, step)
    run()
  }
  return { cancel: () => timer.cancel() }
}
