import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hashOf } from '../../src/monitors/name-index.ts'
import { nextDue, phaseOf, slotsBetween } from '../../src/schedule/due-times.ts'

type NextDue = typeof nextDue

const START = Date.UTC(2026, 10, 22)

/** Of an interval. */
const thousandths = (min: number, max: number) => fc.integer({ min, max }).map((count) => count / 1000)

const schedules = fc
  .record({
    intervalMs: fc.oneof(
      fc.integer({ min: 1, max: 1000 }),
      fc.integer({ min: 1000, max: 86_400_000 }),
      fc.constant(2 ** 31),
    ),
    hash: fc.nat(2 ** 32 - 1),
    time: fc.oneof(
      // Halves, for a clock that is finer than a millisecond.
      fc.integer({ min: 0, max: 8e12 }).map((halves) => halves / 2),
      fc.nat(100),
      fc.integer({ min: START, max: START + 1e9 }),
    ),
  })
  .map(({ intervalMs, hash, time }) => ({ intervalMs, phaseMs: phaseOf(hash, intervalMs), time }))

/** A slot is of the schedule, after the time, and there is none in between. */
const isTheNextSlot = (next: NextDue) =>
  fc.property(schedules, fc.nat(3), ({ intervalMs, phaseMs, time }, back) => {
    expect(phaseMs).toBeGreaterThanOrEqual(0)
    expect(phaseMs).toBeLessThan(intervalMs)
    // The very slot, and the last number below it.
    const slot = next(time, intervalMs, phaseMs)
    for (const at of [time, slot, slot - 2 ** -12, slot - back]) {
      const due = next(at, intervalMs, phaseMs)
      expect(due).toBeGreaterThan(at)
      expect(due - intervalMs).toBeLessThanOrEqual(at)
      // A remainder of 0 may be -0.
      expect(Math.abs((due - phaseMs) % intervalMs)).toBe(0)
    }
  })

const moves = fc.array(
  fc.record({
    /** How much later the engine looks, in intervals, whatever the wall clock does meanwhile. */
    later: thousandths(0, 1500),
    /** How far the wall clock jumps while a check waits to begin, in intervals. */
    jump: fc.oneof(
      { weight: 3, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: thousandths(-900, 0) },
      { weight: 1, arbitrary: thousandths(0, 50_000) },
    ),
  }),
  { maxLength: 60 },
)

/** As an engine runs it while the clock jumps: no slot twice, no burst, and every slot is either run or counted. */
const runsEachSlotOnce = (next: NextDue, between = slotsBetween) =>
  fc.property(schedules, moves, ({ intervalMs, phaseMs }, moves) => {
    let time = START
    let due = next(time, intervalMs, phaseMs)
    const first = due
    const ran: number[] = []
    let skipped = 0
    for (const { later, jump } of moves) {
      time += later * intervalMs
      if (time < due) continue
      ran.push(due)
      time += jump * intervalMs
      const following = next(time, intervalMs, phaseMs, due)
      skipped += between(due, following, intervalMs)
      expect(following - time).toBeLessThanOrEqual(2 * intervalMs)
      due = following
    }
    expect(ran).toEqual([...new Set(ran)].sort((a, b) => a - b))
    expect(ran.length + skipped).toBe((due - first) / intervalMs)
  })

/** The next slot is an interval after the check: the schedule moves with every delay, and all that were late together stay together. */
const fromCompletion: NextDue = (time, intervalMs) => Math.floor(time) + intervalMs
/** The slot after the last, whatever the time: what was missed is made up for in a burst. */
const inBursts: NextDue = (time, intervalMs, phaseMs, last) =>
  last === undefined ? nextDue(time, intervalMs, phaseMs) : last + intervalMs
/** Does not know the last slot. */
const forgetful: NextDue = (time, intervalMs, phaseMs) => nextDue(time, intervalMs, phaseMs)

/** At least one slot is run in so many intervals of a steady clock, wherever the clock was set before. */
const catchesUp = (next: NextDue) =>
  fc.property(schedules, thousandths(-1e9, 1e9), ({ intervalMs, phaseMs }, jump) => {
    const due = next(START, intervalMs, phaseMs)
    const time = START + jump * intervalMs
    const following = next(time, intervalMs, phaseMs, due)
    expect(following).toBeGreaterThan(time)
    expect(following - time).toBeLessThanOrEqual(2 * intervalMs)
  })

describe('nextDue', () => {
  it('is the next slot', () => holds(isTheNextSlot(nextDue), 400))
  it('runs each slot once or counts it', () => holds(runsEachSlotOnce(nextDue)))
  it('catches up wherever the clock jumps', () => holds(catchesUp(nextDue), 400))

  it('is caught when it goes from completion', () => fails(isTheNextSlot(fromCompletion)))
  it('is caught when it runs in bursts', () => fails(catchesUp(inBursts)))
  it('is caught when it runs a slot twice', () => fails(runsEachSlotOnce(forgetful)))
  it('is caught when it waits for a clock that was set back', () =>
    fails(catchesUp((time, intervalMs, phaseMs, last = time) => nextDue(Math.max(time, last), intervalMs, phaseMs))))
  it('is caught when nobody counts', () => fails(runsEachSlotOnce(nextDue, () => 0)))

  it('is as it was before a restart', () => {
    const phaseMs = phaseOf(0x9e3779b9, 30_000)
    expect(phaseMs).toBe(18_541)
    expect(nextDue(START + 1, 30_000, phaseMs)).toBe(START + 18_541)
    expect(nextDue(START + 18_541, 30_000, phaseMs)).toBe(START + 48_541)
  })

  it('counts what a sleep of an hour left out, and runs once', () => {
    const last = nextDue(START, 30_000, 0)
    const woken = last + 3_600_000
    const next = nextDue(woken, 30_000, 0, last)
    expect([next - woken, slotsBetween(last, next, 30_000)]).toEqual([30_000, 120])
  })

  it('counts nothing between a check by hand and the next slot', () => {
    expect([slotsBetween(START + 29_999, START + 30_000, 30_000), slotsBetween(START + 9, START, 30_000)]).toEqual([
      0, 0,
    ])
  })
})

describe('phaseOf', () => {
  it('spreads names evenly', () => {
    const parts = new Float64Array(100)
    for (let id = 0; id < 20_000; id++) parts[(phaseOf(hashOf(Buffer.from(`service-${id}`)), 30_000) / 300) | 0]!++
    const chiSquare = parts.reduce((sum, count) => sum + (count - 200) ** 2 / 200, 0)
    // Of 99 degrees of freedom: 99 on average, and 160 once in ten thousand.
    expect(chiSquare).toBeLessThan(160)
  })
})
