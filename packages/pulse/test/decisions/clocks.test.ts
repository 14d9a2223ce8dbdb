import type { Clock } from '@millrace/kernel/clock'
import { expect, test } from 'vitest'
import type { Alert } from '../../src/alerts/channel.ts'
import { createPulse } from '../../src/create-pulse.ts'
import { Numbering } from '../../src/monitors/numbering.ts'
import { SimulatedClock } from '../../src/simulate/simulated-clock.ts'
import { createRig, fail, pass, type Rig, START } from '../rig/create-rig.ts'
import { namesByTime } from '../simulate/mutants/engines.ts'

const HOUR = 3_600_000
const accepted = { status: 'accepted' } as const
const api = { name: 'api' }

test.each([
  ['ahead', -365 * 24 * HOUR],
  ['behind', 24 * HOUR],
])('a silence that was asked for while the wall clock was %s lasts as long as was asked', async (_, putRight) => {
  const rig = await createRig([api])
  await rig.advance(10_000)
  rig.pulse.silence('api', 60_000)
  rig.answer = () => fail
  await rig.advance(5000)
  rig.clock.jump(putRight)
  await rig.advance(50_000)
  expect(rig.told('api')).toEqual([])
  const { silencedUntil } = rig.pulse.find('api')!
  expect(silencedUntil! - rig.clock.wallNow()).toBe(5000)
  await rig.advance(25_000)
  expect(rig.told('api')).toEqual(['red'])
})

test.each(['stop', 'crash'] as const)(
  'a silence is no longer for a clock that was put right before a %s, or while nothing ran',
  async (ends) => {
    for (const isRightBefore of [true, false]) {
      const rig = await createRig([api])
      await rig.advance(10_000)
      rig.pulse.silence('api', 60_000)
      await rig.advance(20_000)
      if (isRightBefore) {
        rig.clock.jump(-HOUR)
        await rig.advance(20_000)
      }
      if (ends === 'stop') await rig.until(rig.pulse.stop())
      else await rig.crash()
      if (!isRightBefore) rig.clock.jump(-HOUR)
      const next = await createRig([api], { answer: () => fail, store: rig.store, clock: rig.clock })
      const left = next.pulse.find('api')!.silencedUntil! - next.clock.wallNow()
      expect(left).toBeGreaterThan(0)
      // From when it was kept last, if nobody saw that it was put right.
      expect(left).toBeLessThanOrEqual(isRightBefore ? 20_100 : 60_000)
      await next.crash()
      // What was guessed is kept: another start does not begin it anew.
      const third = await createRig([api], { answer: () => fail, store: rig.store, clock: rig.clock })
      expect(third.pulse.find('api')!.silencedUntil! - third.clock.wallNow()).toBeLessThanOrEqual(left)
      await third.advance(90_000)
      expect(third.told('api')).toEqual(['red'])
    }
  },
)

test.each([-24 * HOUR, 24 * HOUR])(
  'a cool-down of repairs and one of alerts are as long where the clock is set by %i ms',
  async (jump) => {
    const rig = await createRig([{ name: 'api', intervention: { coolDownMs: 600_000 } }], {
      answer: () => fail,
      alertCoolDownMs: 120_000,
    })
    await rig.advance(30_100)
    expect(rig.repairs).toHaveLength(1)
    rig.clock.jump(jump)
    rig.repairs[0]!.end(accepted)
    await rig.advance(40_000)
    // Neither cyan nor red, so soon after yellow.
    expect(rig.told('api')).toEqual(['yellow'])
    await rig.advance(90_000)
    expect(rig.told('api')).toEqual(['yellow', 'red'])
    rig.answer = () => pass
    await rig.advance(30_000)
    rig.answer = () => fail
    await rig.advance(300_000)
    expect(rig.repairs).toHaveLength(1)
    await rig.advance(200_000)
    expect(rig.repairs).toHaveLength(2)
  },
)

test('maintenance is a time of day: a clock that is set ends it, or begins it, within a minute', async () => {
  const maintenance = [{ cron: '0 2 * * *', durationMs: HOUR, timezone: 'UTC' }]
  const rig = await createRig([{ ...api, maintenance }])
  await rig.advance(20_000)
  expect(rig.pulse.find('api')!.state).toBe('up')
  rig.clock.jump(2.5 * HOUR)
  await rig.advance(60_100)
  expect(rig.pulse.find('api')!.state).toBe('maintenance')
  rig.clock.jump(-365 * 24 * HOUR - 2.25 * HOUR)
  await rig.advance(60_100)
  expect(rig.path('api')).toEqual(['up', 'maintenance', 'unknown', 'up'])
})

test('a clock that jumps a day ahead makes no alert too old to be tried', async () => {
  const rig = await createRig([api], { answer: () => fail })
  rig.deliver = () => Promise.reject(new Error('nobody answers'))
  await rig.advance(15_000)
  rig.clock.jump(48 * HOUR)
  rig.answer = () => undefined
  await rig.advance(60_000)
  expect(rig.pulse.metrics.alerts).toMatchObject({ dead: 0, waiting: 1 })
  rig.deliver = async () => {}
  await rig.advance(600_000)
  expect(rig.told('api')).toEqual(['yellow'])
})

/** The first alert of an incident, and that of another, at the same time by the wall clock. */
async function alertsOfOneTime(create = createPulse) {
  const rig = await createRig([api], { answer: () => fail, create })
  const first = await firstAlert(rig)
  rig.answer = () => pass
  await rig.advance(40_000)
  rig.answer = () => fail
  await rig.until(rig.pulse.stop())
  // As it was then, but for the slot: the same check is made at the same time once more.
  rig.clock.jump(START - rig.clock.wallNow())
  const next = await createRig([api], { clock: rig.clock, store: rig.store, answer: () => fail, create })
  const again = await firstAlert(next)
  expect(again.at).toBe(first.at)
  return { first, again }
}

test('two alerts never have one name, though the clock shows the same time twice', async () => {
  const { first, again } = await alertsOfOneTime()
  expect(again.incident).not.toBe(first.incident)
  expect(again.id).not.toBe(first.id)
})

test('named by the time, they would', async () => {
  const { first, again } = await alertsOfOneTime(await namesByTime())
  expect(again.id).toBe(first.id)
})

async function firstAlert(rig: Rig): Promise<Alert> {
  for (let ms = 0; ms < 20_000 && rig.alerts.length === 0; ms++) await rig.advance(1)
  return rig.alerts[0]!
}

test('numbers go up whatever the clock does, also in the next process; those of one that goes by time alone do not', () => {
  const of = (Numbers: typeof Numbering) => {
    const clock = new SimulatedClock(START)
    const numbers: number[] = []
    let numbering = new Numbers(clock)
    for (const jump of [0, 1, -HOUR, 0, 0, 2 * HOUR, -1, -24 * HOUR]) {
      clock.jump(jump)
      numbers.push(numbering.next(), numbering.next())
      const next = new Numbers(clock)
      next.goOnAfter(numbering.last)
      numbering = next
    }
    return numbers
  }
  const isRising = (numbers: readonly number[]) => numbers.every((number, at) => at === 0 || number > numbers[at - 1]!)
  expect(isRising(of(Numbering))).toBe(true)
  class ByTime extends Numbering {
    readonly #wall: Clock
    constructor(clock: Clock) {
      super(clock)
      this.#wall = clock
    }
    override next(): number {
      return this.#wall.wallNow()
    }
  }
  expect(isRising(of(ByTime))).toBe(false)
})
