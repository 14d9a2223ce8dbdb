import { type Clock, VirtualClock } from '../../src/index.ts'

/** A clock that shows only whole ticks of the time, as browsers' do. */
export function coarseClock(tickMs: number, now = 0): { readonly time: VirtualClock; readonly clock: Clock } {
  const time = new VirtualClock({ now })
  const shown = () => Math.floor(time.now() / tickMs) * tickMs
  return { time, clock: { now: shown, wallNow: shown, after: (ms, callback) => time.after(ms, callback) } }
}
