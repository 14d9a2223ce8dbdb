import { type Clock, systemClock } from '@millrace/kernel/clock'

/**
 * What runs callbacks soon, each in a turn of its own: with the system's clock right behind the events that are there, with any other when that says.
 *
 * PERF: a timer of the system comes a millisecond later at the earliest, and in a busy loop a round later; bench/pulse/monitors.bench.ts.
 */
export function soonBy(clock: Clock): (callback: () => void) => void {
  return clock === systemClock ? (callback) => void setImmediate(callback) : (callback) => void clock.after(0, callback)
}
