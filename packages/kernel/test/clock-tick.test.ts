import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Clock, measureTick, systemClock, VirtualClock } from '../src/index.ts'
import { impatientTick } from './mutants/impatient-tick.ts'
import { fails, holds, randomFrom } from './property.ts'

/** A clock of whole ticks, each of whose reads takes some time, and a few much longer. */
function clockThatMoves(tickMs: number, seed: number): Clock {
  const random = randomFrom(seed)
  let time = 1000 * random()
  const now = () => {
    time += random() < 0.02 ? 3 * tickMs * random() : 0.0001 + 0.05 * tickMs * random()
    return Math.floor(time / tickMs) * tickMs
  }
  return { now, wallNow: now, after: () => ({ cancel() {} }) }
}

const findsTheTick = (measure: typeof measureTick) =>
  fc.property(fc.constantFrom(0.005, 0.1, 1, 2), fc.integer(), (tickMs, seed) => {
    const measured = measure(clockThatMoves(tickMs, seed))
    // Never finer than it is; and not four changes in a row were of more than one tick.
    expect(measured).toBeGreaterThan(tickMs * 0.999)
    expect(measured).toBeLessThan(tickMs * 1.001)
  })

const clockOf = (now: () => number): Clock => ({ now, wallNow: now, after: () => ({ cancel() {} }) })

describe('measureTick', () => {
  it('finds the tick of a coarse clock', () => holds(findsTheTick(measureTick)))

  it('is caught when it takes the first change for a tick', () => fails(findsTheTick(impatientTick)))

  it('is 0 for a clock that stands still, or only goes backwards', () => {
    expect(measureTick(new VirtualClock())).toBe(0)
    let now = 1e9
    expect(measureTick(clockOf(() => now--))).toBe(0)
  })

  it('ignores a step backwards', () => {
    const shown = [5, 6, 3, 4, 5, 6, 7]
    let read = 0
    expect(measureTick(clockOf(() => shown[Math.min(read++, shown.length - 1)]!))).toBe(1)
  })

  it('is above 0 and below 100 ms for the clock of the host', () => {
    const tickMs = measureTick(systemClock)
    expect(tickMs).toBeGreaterThan(0)
    expect(tickMs).toBeLessThan(100)
  })
})
