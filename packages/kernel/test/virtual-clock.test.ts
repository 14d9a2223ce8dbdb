import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../src/virtual-clock.ts'
import { UnstableClock } from './mutants/unstable-clock.ts'
import { fails, holds, messageOf } from './property.ts'

/** Timers run once each, when due, by due time and then by the order of setting; a timer may set another. */
const runsInOrder = (makeClock: () => VirtualClock) =>
  fc.property(
    fc.array(
      fc.oneof(
        fc.record({ op: fc.constant('set'), ms: fc.nat(20), again: fc.option(fc.nat(20)) }),
        fc.record({ op: fc.constant('cancel'), ms: fc.nat(), again: fc.constant(null) }),
        fc.record({ op: fc.constant('advance'), ms: fc.nat(15), again: fc.constant(null) }),
      ),
      { maxLength: 60 },
    ),
    (steps) => {
      const clock = makeClock()
      const ran: { due: number; set: number; at: number }[] = []
      const timers: { due: number; cancel: () => void; cancelled: boolean }[] = []
      const set = (ms: number, again: number | null) => {
        const index = timers.length
        const due = clock.now() + ms
        const timer = clock.after(ms, () => {
          ran.push({ due, set: index, at: clock.now() })
          if (again !== null) set(again, null)
        })
        timers.push({ due, cancel: timer.cancel, cancelled: false })
      }
      for (const { op, ms, again } of steps) {
        if (op === 'set') set(ms, again)
        else if (op === 'advance') {
          const target = clock.now() + ms
          clock.advance(ms)
          expect(clock.now()).toBe(target)
        } else if (timers.length > 0) {
          const index = ms % timers.length
          timers[index]!.cancel()
          timers[index]!.cancelled ||= ran.every((run) => run.set !== index)
        }
      }
      const live = timers.flatMap(({ due, cancelled }, index) => (cancelled || due > clock.now() ? [] : [index]))
      const runs = ran.map((run) => run.set)
      // What is due now but was set after the last advance has not had its chance.
      for (const index of live) if (timers[index]!.due < clock.now()) expect(runs).toContain(index)
      expect(new Set(runs).size).toBe(runs.length)
      for (const run of runs) expect(timers[run]!.cancelled).toBe(false)
      for (const { due, at } of ran) expect(at).toBe(due)
      for (let index = 1; index < ran.length; index++) {
        const [before, after] = [ran[index - 1]!, ran[index]!]
        expect(after.due > before.due || (after.due === before.due && after.set > before.set)).toBe(true)
      }
    },
  )

describe('VirtualClock', () => {
  it('runs timers by due time, then in order of setting', () => holds(runsInOrder(() => new VirtualClock())))

  it('is caught when timers of one moment run backwards', () => fails(runsInOrder(() => new UnstableClock())))

  it('starts where told, and moves both times together', () => {
    const clock = new VirtualClock({ now: 50, wallNow: 1_700_000_000_000 })
    clock.advance(25)
    expect([clock.now(), clock.wallNow()]).toEqual([75, 1_700_000_000_025])
  })

  it('counts negative and NaN waits as 0, and never runs them before advance', () => {
    const clock = new VirtualClock()
    const ran: string[] = []
    clock.after(-1, () => ran.push('negative'))
    clock.after(Number.NaN, () => ran.push('NaN'))
    expect(ran).toEqual([])
    expect(clock.pending).toBe(2)
    clock.advance(0)
    expect(ran).toEqual(['negative', 'NaN'])
  })

  it('never goes back when a callback advances it', () => {
    const clock = new VirtualClock()
    clock.after(5, () => clock.advance(100))
    clock.advance(10)
    expect(clock.now()).toBe(105)
  })

  it('stands at the timer that threw', () => {
    const clock = new VirtualClock()
    clock.after(5, () => {
      throw new Error('from the timer')
    })
    expect(() => clock.advance(10)).toThrow('from the timer')
    expect(clock.now()).toBe(5)
  })

  it('refuses to go back', async () => {
    const message = await messageOf('OPTION_INVALID', () => new VirtualClock().advance(-1))
    expect(message).toBe('VirtualClock: ms must be a finite number of at least 0, not -1')
  })
})
