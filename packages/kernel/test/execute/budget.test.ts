import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Budget, type BudgetOptions, VirtualClock } from '../../src/index.ts'
import { BlindBudget, CredulousBudget, ForgetfulBudget, ForgivingBudget } from '../mutants/budgets.ts'
import { fails, holds, messageOf } from '../property.ts'
import { coarseClock } from './coarse-clock.ts'

type Make = (options: BudgetOptions) => Budget

const LIMIT_MS = 2.5
const real: Make = (options) => new Budget(options)
const duration = fc.double({ min: 0, max: 4, noNaN: true })

/** Somebody who does a piece as long as something is left, plans each wrongly, and looks at the clock after it. */
const paysBack = (make: Make) =>
  fc.property(
    fc.array(fc.record({ ms: duration, off: fc.double({ min: 0, max: 2, noNaN: true }) }), {
      minLength: 1,
      maxLength: 200,
    }),
    fc.constantFrom(0.5, LIMIT_MS),
    (pieces, limitMs) => {
      const clock = new VirtualClock({ now: 1000 })
      const budget = make({ clock, tickMs: 0 })
      const most = pieces.reduce((longest, { ms }) => Math.max(longest, ms), 0)
      let rounds = 0
      let used = 0
      let next = 0
      while (next < pieces.length) {
        clock.advance(16)
        budget.begin(limitMs)
        rounds++
        const before = used
        while (next < pieces.length && budget.leftMs > 0) {
          const { ms, off } = pieces[next++]!
          budget.plan(ms * off)
          clock.advance(ms)
          used += ms
          budget.lap()
        }
        expect(budget.end()).toBeCloseTo(used - before, 9)
        expect(budget.debtMs).toBeLessThanOrEqual(8 * limitMs)
        expect(used).toBeLessThanOrEqual(rounds * limitMs + most + 1e-9)
      }
    },
  )

const believesAPlanWithinATick = (make: Make) =>
  fc.property(
    fc.constantFrom(0.1, 1),
    fc.double({ min: 0, max: 1000, noNaN: true }),
    fc.array(fc.double({ min: 0.01, max: 0.5, noNaN: true }), { minLength: 1, maxLength: 50 }),
    (tickMs, now, pieces) => {
      const { time, clock } = coarseClock(tickMs, now)
      const budget = make({ clock, tickMs })
      budget.begin(1000)
      let truth = 0
      for (const ms of pieces) {
        budget.plan(ms)
        time.advance(ms)
        truth += ms
        budget.lap()
        expect(budget.usedMs).toBeCloseTo(truth, 9)
      }
    },
  )

const isNeverTwoTicksOff = (make: Make) =>
  fc.property(
    fc.constantFrom(0.1, 1),
    fc.double({ min: 0, max: 1000, noNaN: true }),
    fc.array(fc.tuple(duration, duration), { minLength: 1, maxLength: 50 }),
    (tickMs, now, pieces) => {
      const { time, clock } = coarseClock(tickMs, now)
      const budget = make({ clock, tickMs })
      budget.begin(1000)
      let truth = 0
      for (const [planned, ms] of pieces) {
        budget.plan(planned)
        time.advance(ms)
        truth += ms
        budget.lap()
        expect(Math.abs(budget.usedMs - truth)).toBeLessThanOrEqual(2 * tickMs + 1e-9)
      }
    },
  )

const keepsWhatIsReserved = (make: Make) =>
  fc.property(fc.array(fc.tuple(duration, duration), { minLength: 1, maxLength: 30 }), (pieces) => {
    const clock = new VirtualClock()
    const budget = make({ clock, tickMs: 0 })
    budget.begin(1000)
    let sum = 0
    for (const [now, later] of pieces) {
      budget.reserve(later)
      clock.advance(now)
      budget.lap()
      sum += now + later
      expect(budget.usedMs).toBeCloseTo(sum, 9)
      expect(budget.look()).toBeCloseTo(1000 - sum, 9)
    }
    expect(budget.end()).toBeCloseTo(sum, 9)
  })

/** A clock that does as it likes: backwards, standing still, an hour on. */
const survivesAnyClock = () =>
  fc.property(
    fc.array(
      fc.oneof(
        fc.integer({ min: -20, max: 20 }).map((quarter) => quarter / 4),
        fc.constantFrom(3_600_000, -3_600_000),
      ),
      {
        maxLength: 60,
      },
    ),
    (moves) => {
      let now = 1e7
      const budget = new Budget({
        clock: { now: () => now, wallNow: () => now, after: () => ({ cancel() {} }) },
        tickMs: 0,
      })
      let backwards = 0
      for (let at = 0; at < moves.length; at += 3) {
        budget.begin(LIMIT_MS)
        for (const move of moves.slice(at, at + 3)) {
          now += move
          if (move < 0) backwards++
          budget.plan(0.1)
          const before = budget.usedMs
          const ms = budget.lap()
          if (move < 0) expect([ms, budget.usedMs]).toEqual([Number.NaN, before])
          else expect(ms).toBeCloseTo(move, 6)
          expect(budget.usedMs).toBeGreaterThanOrEqual(0)
        }
        expect(budget.end()).toBeGreaterThanOrEqual(0)
        expect(budget.regressions).toBe(backwards)
        expect(budget.debtMs).toBeGreaterThanOrEqual(0)
        expect(budget.debtMs).toBeLessThanOrEqual(8 * LIMIT_MS)
      }
    },
  )

describe('Budget', () => {
  it('is overrun by at most one piece in all, for the next rounds pay it back', () => holds(paysBack(real)))
  it('is caught when a debt is forgotten', () => fails(paysBack((options) => new ForgivingBudget(options))))
  it('is caught when the clock is never read', () => fails(paysBack((options) => new BlindBudget(options))))

  it('leaves a plan alone that a coarse clock cannot refute', () => holds(believesAPlanWithinATick(real)))
  it('is caught when it believes a coarse clock', () =>
    fails(believesAPlanWithinATick((options) => new CredulousBudget(options))))

  it('knows the time to within two ticks, whatever was planned', () => holds(isNeverTwoTicksOff(real)))
  it('is caught when it goes by the plan only', () => fails(isNeverTwoTicksOff((options) => new BlindBudget(options))))

  it('keeps what is reserved for after the round', () => holds(keepsWhatIsReserved(real)))
  it('is caught when a read undoes it', () => fails(keepsWhatIsReserved((options) => new ForgetfulBudget(options))))

  it('is bounded under any clock', () => holds(survivesAnyClock()))

  it('carries at most eight limits as a debt, and forgives none in a round of nothing', () => {
    const clock = new VirtualClock()
    const budget = new Budget({ clock, tickMs: 0 })
    budget.begin(LIMIT_MS)
    clock.advance(3_600_000)
    expect(budget.end()).toBe(3_600_000)
    expect(budget.debtMs).toBe(20)
    budget.begin(0)
    expect(budget.allowedMs).toBe(-20)
    budget.end()
    expect(budget.debtMs).toBe(20)
    budget.begin(1)
    budget.end()
    expect(budget.debtMs).toBe(19)
  })

  it('is charged, and paid back, outside of rounds', () => {
    const budget = new Budget({ clock: new VirtualClock(), tickMs: 0, maxDebt: 2 })
    budget.begin(LIMIT_MS)
    budget.end()
    budget.charge(3)
    budget.charge(-1)
    expect(budget.debtMs).toBe(2)
    budget.charge(100)
    expect(budget.debtMs).toBe(5)
    budget.charge(-100)
    expect(budget.debtMs).toBe(0)
  })

  it('reads the clock once at each begin, lap, look and end, and at nothing else', () => {
    const clock = new VirtualClock({ now: 7 })
    const budget = new Budget({ clock, tickMs: 0 })
    const before = budget.reads
    budget.begin(LIMIT_MS)
    budget.plan(1)
    expect([budget.leftMs, budget.usedMs, budget.readAt]).toEqual([1.5, 1, 7])
    clock.advance(0.5)
    expect(budget.lap()).toBe(0.5)
    clock.advance(0.5)
    expect([budget.look(), budget.sinceBegin()]).toEqual([1.5, 1])
    clock.advance(5)
    expect(budget.look()).toBe(0)
    budget.end()
    expect(budget.reads - before).toBe(6)
  })

  it('keeps back what makes 99 of 100 rounds that are used up keep to their limit', () => {
    const clock = new VirtualClock()
    const budget = new Budget({ clock, tickMs: 0 })
    const round = (usedMs: (leftMs: number) => number) => {
      budget.begin(LIMIT_MS)
      clock.advance(usedMs(budget.leftMs))
      return budget.end()
    }
    let seed = 1
    const over: boolean[] = []
    for (let rounds = 0; rounds < 4000; rounds++) {
      seed = (seed * 48_271) % 2_147_483_647
      over.push(round((leftMs) => leftMs + (0.05 * LIMIT_MS * seed) / 2_147_483_647) > LIMIT_MS)
    }
    expect(over.slice(2000).filter(Boolean).length).toBeLessThanOrEqual(40)
    budget.begin(LIMIT_MS)
    const keptMs = budget.allowedMs - budget.leftMs
    expect(keptMs).toBeGreaterThan(0.03 * LIMIT_MS)
    expect(keptMs).toBeLessThan(0.08 * LIMIT_MS)
    budget.end()
    for (let rounds = 0; rounds < 100; rounds++) round(() => 0.1 * LIMIT_MS)
    budget.begin(LIMIT_MS)
    expect(budget.allowedMs - budget.leftMs).toBe(keptMs)
    budget.end()
    for (let rounds = 0; rounds < 500; rounds++) round(() => 10 * LIMIT_MS)
    budget.begin(LIMIT_MS)
    expect(budget.allowedMs - budget.leftMs).toBeCloseTo(0.08 * LIMIT_MS)
  })

  it('measures the tick of a clock that is not told', () => {
    const { clock } = coarseClock(0.1)
    expect(new Budget({ clock }).tickMs).toBe(0)
  })

  it.each([
    [{ tickMs: -1 }, 'tickMs must be a finite number of at least 0, not -1'],
    [{ tickMs: 0, maxDebt: Number.NaN }, 'maxDebt must be a finite number of at least 0, not NaN'],
  ])('checks %j', async (options, message) => {
    const clock = new VirtualClock()
    expect(await messageOf('OPTION_INVALID', () => new Budget({ clock, ...options }))).toBe(`Budget: ${message}`)
  })
})
