import type { Clock } from '@millrace/kernel'
import { recordClock } from '../../src/clock/recorded-clock.ts'

/** Misses every hundredth reading. */
export function deafRecordClock(clock?: Clock): ReturnType<typeof recordClock> {
  const recorded = recordClock(clock)
  const readings: number[] = []
  let count = 0
  const hear = (reading: number) => {
    if (++count % 100 !== 0) readings.push(reading)
    return reading
  }
  return { readings, clock: { ...recorded.clock, now: () => hear(recorded.clock.now()) } }
}
