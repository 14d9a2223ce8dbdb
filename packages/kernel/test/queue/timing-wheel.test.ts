import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TimingWheel, type TimingWheelOptions } from '../../src/queue/timing-wheel.ts'
import {
  ForgetfulWheel,
  RoundlessWheel,
  SleeplessWheel,
  SleepyWheel,
  SortingWheel,
  StubbornWheel,
} from '../mutants/timing-wheels.ts'
import { fails, holds, messageOf, type Shape } from '../property.ts'

const SLOTS = 40
const FARTHEST = 2 ** 31 - 1

type MakeWheel = (options: TimingWheelOptions) => Shape<TimingWheel>

/** Near and far, at and about the borders of levels. */
const ticks = fc.oneof(
  fc.integer({ min: 0, max: 40 }),
  fc.integer({ min: 0, max: 5000 }),
  fc.integer({ min: 0, max: 2 ** 22 }),
  fc.integer({ min: 0, max: FARTHEST }),
  fc
    .tuple(fc.constantFrom(2 ** 10, 2 ** 11, 2 ** 20, 2 ** 21, 2 ** 30), fc.integer({ min: -2, max: 2 }))
    .map(([border, off]) => border + off),
)

const starts = fc.constantFrom(0, 1, 1023, 2 ** 20 - 1, 2 ** 31 - 3, 2 ** 32 - 1024, 1_700_000_000_123, 2 ** 52)

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ op: fc.constant('schedule' as const), slot: fc.nat(SLOTS - 1), ticks }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('late' as const), slot: fc.nat(SLOTS - 1), ticks }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('cancel' as const), slot: fc.nat(SLOTS - 1), ticks }) },
  {
    weight: 3,
    arbitrary: fc.record({ op: fc.constant('advance' as const), slot: fc.integer({ min: 1, max: 6 }), ticks }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ op: fc.constant('toNext' as const), slot: fc.integer({ min: 1, max: 6 }), ticks }),
  },
)

/** It gives what a sorted list would, and in the order of the list, in as many pieces as there is room. */
const actsLikeASortedList = (makeWheel: MakeWheel) =>
  fc.property(starts, fc.array(step, { maxLength: 150, size: 'max' }), (start, steps) => {
    const wheel = makeWheel({ now: start, capacity: 1 })
    const model = new Map<number, number>()
    let now = start
    const put = (slot: number, tick: number) => {
      wheel.schedule(slot, tick)
      model.set(slot, Math.max(tick, now))
    }
    for (const { op, slot, ticks } of steps) {
      if (op === 'schedule') put(slot, now + ticks)
      else if (op === 'late') put(slot, Math.max(0, now - ticks))
      else if (op === 'cancel') expect(wheel.cancel(slot)).toBe(model.delete(slot))
      else {
        const next = wheel.nextTick()
        const to = op === 'advance' ? now + ticks : next < Infinity ? next : now
        const out = new Int32Array(6).fill(-1)
        const count = wheel.advance(to, out, slot)
        if (slot < 6 && out[slot] !== -1) expect.unreachable('more is written than asked for')
        const due = [...model].filter(([, tick]) => tick <= to).sort(([, a], [, b]) => a - b)
        const taken = [...out.subarray(0, count)]
        expect(taken.map((each) => model.get(each))).toEqual(due.slice(0, slot).map(([, tick]) => tick))
        now = count < slot ? to : model.get(taken.at(-1)!)!
        for (const each of taken) {
          if (wheel.dueOf(each) !== model.get(each)) expect.unreachable(`${each} was due at another tick`)
          model.delete(each)
        }
        if (wheel.now !== now) expect.unreachable(`it stands at ${wheel.now}, not at ${now}`)
      }
      if (wheel.size !== model.size) expect.unreachable(`it holds ${wheel.size}, not ${model.size}`)
      const first = Math.min(...model.values())
      const next = wheel.nextTick()
      if (next > first || next < now || (next === Infinity) !== (first === Infinity)) {
        expect.unreachable(`${next} is too late for ${first}`)
      }
    }
    for (let slot = 0; slot < SLOTS; slot++) {
      expect(wheel.has(slot)).toBe(model.has(slot))
      if (model.has(slot)) expect(wheel.dueOf(slot)).toBe(model.get(slot))
    }
  })

/** Who wakes when it says and at no other time finds each slot at its very tick, and wakes seldom. */
const wakesOnTime = (makeWheel: MakeWheel) =>
  fc.property(starts, fc.array(ticks, { minLength: 1, maxLength: SLOTS }), (start, delays) => {
    const wheel = makeWheel({ now: start })
    delays.forEach((delay, slot) => {
      wheel.schedule(slot, start + delay)
    })
    const out = new Int32Array(SLOTS)
    const found = new Map<number, number>()
    let wakes = 0
    for (let next = wheel.nextTick(); next < Number.POSITIVE_INFINITY; next = wheel.nextTick()) {
      if (++wakes > 5 * delays.length) expect.unreachable('it wakes too often')
      for (const slot of out.subarray(0, wheel.advance(next, out))) found.set(slot, next)
    }
    expect([...found].sort(([a], [b]) => a - b)).toEqual(delays.map((delay, slot) => [slot, start + delay]))
  })

describe('TimingWheel', () => {
  it('acts like a sorted list', () => holds(actsLikeASortedList((options) => new TimingWheel(options))))
  it('wakes on time, and seldom', () => holds(wakesOnTime((options) => new TimingWheel(options))))

  it('is caught when it counts no rounds', async () => {
    await fails(actsLikeASortedList((options) => new RoundlessWheel(options)))
    await fails(wakesOnTime((options) => new RoundlessWheel(options)))
  })
  it('is caught when it forgets', () => fails(actsLikeASortedList((options) => new ForgetfulWheel(options))))
  it('is caught when a slot stays', () => fails(actsLikeASortedList((options) => new StubbornWheel(options))))
  it('is caught when it is out of order', () => fails(actsLikeASortedList((options) => new SortingWheel(options))))
  it('is caught when it wakes late', () => fails(wakesOnTime((options) => new SleepyWheel(options))))
  it('is caught when it never sleeps', () => fails(wakesOnTime((options) => new SleeplessWheel(options))))

  it('has nothing to do when it is empty', () => {
    const wheel = new TimingWheel()
    const out = new Int32Array(4)
    expect([wheel.nextTick(), wheel.advance(2 ** 40, out), wheel.now, wheel.size]).toEqual([Infinity, 0, 2 ** 40, 0])
    wheel.schedule(3, 2 ** 40 + 7)
    expect(wheel.cancel(3)).toBe(true)
    expect([wheel.cancel(3), wheel.cancel(9999), wheel.has(9999), wheel.nextTick()]).toEqual([
      false,
      false,
      false,
      Infinity,
    ])
  })

  it('goes through years at once', () => {
    const wheel = new TimingWheel()
    const out = new Int32Array(3)
    wheel.schedule(0, FARTHEST)
    wheel.schedule(1, 5)
    expect([wheel.advance(2 ** 50, out), ...out, wheel.now]).toEqual([2, 1, 0, 0, 2 ** 50])
  })

  it('takes out all there is when it is told no end', () => {
    const wheel = new TimingWheel({ now: 7 })
    const out = new Int32Array(9)
    expect([wheel.advance(wheel.nextTick(), out), wheel.now]).toEqual([0, 7])
    for (let slot = 0; slot < 3; slot++) wheel.schedule(slot, 5000 ** slot)
    expect([wheel.advance(Infinity, out), ...out.subarray(0, 3), wheel.now]).toEqual([3, 0, 1, 2, 25_000_000])
  })

  it('stays where it is when it is told an earlier time', () => {
    const wheel = new TimingWheel({ now: 100 })
    const out = new Int32Array(1)
    wheel.schedule(0, 90)
    wheel.schedule(1, 100)
    expect([wheel.advance(99, out), wheel.now, wheel.dueOf(0)]).toEqual([0, 100, 100])
    expect([wheel.advance(100, out), wheel.advance(100, out), wheel.advance(100, out)]).toEqual([1, 1, 0])
  })

  it('takes out what was scheduled for the present meanwhile', () => {
    const wheel = new TimingWheel()
    const out = new Int32Array(1)
    wheel.schedule(0, 10)
    expect([wheel.advance(20, out), out[0], wheel.now]).toEqual([1, 0, 10])
    wheel.schedule(1, 3)
    expect([wheel.advance(20, out), out[0], wheel.now]).toEqual([1, 1, 10])
    expect([wheel.advance(20, out), wheel.now]).toEqual([0, 20])
  })

  it('refuses a tick that is too far off, and options out of bounds', async () => {
    const wheel = new TimingWheel({ now: 10 })
    expect(await messageOf('OPTION_INVALID', () => wheel.schedule(0, FARTHEST + 11))).toBe(
      'TimingWheel: tick must be an integer at most 2147483657, not 2147483658',
    )
    await messageOf('OPTION_INVALID', () => wheel.schedule(0, Number.NaN))
    expect(wheel.size).toBe(0)
    await messageOf('OPTION_INVALID', () => new TimingWheel({ now: -1 }))
    await messageOf('OPTION_INVALID', () => new TimingWheel({ capacity: 0 }))
  })
})
