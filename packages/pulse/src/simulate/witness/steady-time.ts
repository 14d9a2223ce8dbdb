import type { Clock } from '@millrace/kernel/clock'
import type { StoredMonitor } from '../../store/pulse-store.ts'

/** A time of a record by the clock that is never set, as well as anybody can know: none has passed since it was kept, where the wall clock shows less than then. */
export function steadyTime(time: number, record: StoredMonitor | undefined, clock: Clock): number {
  if (record === undefined || time === 0) return Number.NEGATIVE_INFINITY
  return clock.now() + time - Math.max(clock.wallNow(), record.keptAt)
}
