import { fails, holds, messageOf, randomFrom } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MaintenanceWindow } from '../../src/monitors/monitor.ts'
import { Maintenance, type MaintenanceState } from '../../src/schedule/maintenance.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const BERLIN = 'Europe/Berlin'

type At = (windows: readonly MaintenanceWindow[], time: number) => MaintenanceState
const real: At = (windows, time) => new Maintenance(windows).at(time)

const at = (text: string) => Date.parse(text)
const window = (cron: string, minutes: number, timezone = 'UTC'): MaintenanceWindow => ({
  cron,
  durationMs: minutes * MINUTE,
  timezone,
})

interface Opening {
  readonly start: number
  readonly end: number
}

/** What holds at `time`, of all openings about it; and how many of them the change is the end of. */
function stateOf(openings: readonly Opening[], time: number): MaintenanceState & { joined: number } {
  let end = time
  let joined = 0
  for (const opening of openings.toSorted((a, b) => a.start - b.start)) {
    if (opening.start <= end && opening.end > end) {
      end = opening.end
      joined++
    }
  }
  if (end > time) return { isInside: true, changesAt: end, joined }
  const next = Math.min(...openings.map(({ start }) => start).filter((start) => start > time))
  return { isInside: false, changesAt: next, joined }
}

const daily = fc.record({
  minute: fc.nat(59),
  hour: fc.nat(23),
  minutes: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 1500 })),
  weekday: fc.option(fc.nat(6), { nil: undefined }),
})
const monday = at('2026-11-23T00:00:00Z')

/** It is what the openings of every day, laid out, say. */
const isTheUnion = (state: At) =>
  fc.property(fc.array(daily, { maxLength: 4 }), fc.integer({ min: 0, max: 7 * DAY }), (dailies, offset) => {
    const time = monday + offset
    const openings = dailies.flatMap(({ minute, hour, minutes, weekday }) =>
      Array.from({ length: 45 }, (_, day) => monday + (day - 15) * DAY)
        .filter((midnight) => weekday === undefined || new Date(midnight).getUTCDay() === weekday)
        .map((midnight) => midnight + hour * HOUR + minute * MINUTE)
        .map((start) => ({ start, end: start + minutes * MINUTE })),
    )
    const windows = dailies.map(({ minute, hour, minutes, weekday }) =>
      window(`${minute} ${hour} * * ${weekday ?? '*'}`, minutes),
    )
    const { isInside, changesAt, joined } = stateOf(openings, time)
    const found = state(windows, time)
    expect(found.isInside).toBe(isInside)
    if (joined <= 20) expect(found.changesAt).toBe(changesAt)
    else expect(found.changesAt).toBeGreaterThan(time + 5 * DAY)
  })

const localTime = new Intl.DateTimeFormat('en-GB', {
  timeZone: BERLIN,
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
})
/** Each minute about the two nights in which the clocks of Berlin are changed, and what they show. */
const nights = ['2026-03-28T12:00:00Z', '2026-10-24T12:00:00Z'].map((start) =>
  Array.from({ length: 40 * 60 }, (_, minute) => {
    const time = at(start) + minute * MINUTE
    const [, day = '', clock = ''] = /^(\d+)\D+(.*)$/.exec(localTime.format(time)) ?? []
    return { time, day, clock }
  }),
)

/** A time of day is when the clocks show it first; or, where they never do, when they are put forward past it. */
const isByTheClocks = (state: At) =>
  fc.property(
    fc.nat(1),
    fc.nat(23),
    fc.constantFrom(0, 1, 30, 59),
    fc.integer({ min: 1, max: 200 }),
    fc.integer({ min: 4 * 60, max: 36 * 60 }),
    (night, hour, minute, minutes, lookAt) => {
      const shown = nights[night]!
      const clock = `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`
      const openings: Opening[] = []
      for (const day of new Set(shown.map((each) => each.day))) {
        const ofDay = shown.filter((each) => each.day === day)
        const first = ofDay.find((each) => each.clock >= clock)
        if (first === undefined || (first === shown[0] && first.clock !== clock)) continue
        openings.push({ start: first.time, end: first.time + minutes * MINUTE })
      }
      const { time } = shown[lookAt]!
      const expected = stateOf(openings, time)
      const found = state([window(`${minute} ${hour} * * *`, minutes, BERLIN)], time)
      expect(found.isInside).toBe(expected.isInside)
      if (expected.changesAt < Infinity) expect(found.changesAt).toBe(expected.changesAt)
    },
  )

describe('Maintenance', () => {
  it('is the union of its windows', () => holds(isTheUnion(real), 100))
  it('goes by the clocks of its timezone', () => holds(isByTheClocks(real), 150))

  it('is caught when only the first window counts', () =>
    fails(isTheUnion((windows, time) => real(windows.slice(0, 1), time))))
  it('is caught when windows are not joined', () =>
    fails(
      isTheUnion((windows, time) => {
        const states = windows.map((each) => real([each], time))
        const inside = states.filter(({ isInside }) => isInside)
        const ends = (inside.length > 0 ? inside : states).map(({ changesAt }) => changesAt)
        return { isInside: inside.length > 0, changesAt: Math.min(...ends) }
      }),
    ))
  it('is caught when an end counts as inside', () =>
    fails(
      isTheUnion((windows, time) =>
        real(
          windows.map((each) => ({ ...each, durationMs: each.durationMs + 1 })),
          time,
        ),
      ),
    ))
  it('is caught when it goes by the offset of the winter', () =>
    fails(
      isByTheClocks((windows, time) =>
        real(
          windows.map((each) => ({ ...each, timezone: 'Etc/GMT-1' })),
          time,
        ),
      ),
    ))

  it('is from its first millisecond to the last before its end', () => {
    const maintenance = new Maintenance([window('0 2 * * *', 30)])
    const opens = at('2026-11-22T02:00:00Z')
    const ends = at('2026-11-22T02:30:00Z')
    expect(maintenance.at(opens - 0.5)).toEqual({ isInside: false, changesAt: opens })
    expect(maintenance.at(opens)).toEqual({ isInside: true, changesAt: ends })
    expect(maintenance.at(ends - 0.5)).toEqual({ isInside: true, changesAt: ends })
    expect(maintenance.at(ends)).toEqual({ isInside: false, changesAt: opens + DAY })
  })

  it('opens once in the night that has an hour twice, and not in vain where one is missing', () => {
    const maintenance = new Maintenance([window('30 2 * * *', 45, BERLIN)])
    expect(maintenance.at(at('2026-10-25T00:40:00Z'))).toEqual({
      isInside: true,
      changesAt: at('2026-10-25T01:15:00Z'),
    })
    expect(maintenance.at(at('2026-10-25T01:40:00Z')).isInside).toBe(false)
    expect(maintenance.at(at('2026-03-29T00:40:00Z'))).toEqual({
      isInside: false,
      changesAt: at('2026-03-29T01:00:00Z'),
    })
    expect(maintenance.at(at('2026-03-29T01:40:00Z'))).toEqual({
      isInside: true,
      changesAt: at('2026-03-29T01:45:00Z'),
    })
  })

  it('takes seconds, and goes on where windows never end', () => {
    expect(new Maintenance([{ cron: '15 0 2 * * *', durationMs: 500, timezone: 'UTC' }]).at(0)).toEqual({
      isInside: false,
      changesAt: 2 * HOUR + 15_000,
    })
    const always = new Maintenance([window('* * * * *', 1)])
    const { isInside, changesAt } = always.at(monday)
    expect([isInside, changesAt - monday]).toEqual([true, 24 * MINUTE])
    expect(always.at(changesAt).isInside).toBe(true)
  })

  it('is the same whatever it was asked before', () => {
    const windows = [window('0 2 * * *', 30), window('0 */5 * * *', 45)]
    const maintenance = new Maintenance(windows)
    const random = randomFrom(7)
    let time = monday
    for (let asked = 0; asked < 300; asked++) {
      time += random() < 0.2 ? (random() - 0.6) * DAY : random() * 10 * MINUTE
      const found = maintenance.at(time)
      if (found.changesAt <= time) expect.unreachable('it has changed')
      // Found anew, but not each time: it takes a while.
      if (asked % 5 === 0) expect(found).toEqual(new Maintenance(windows).at(time))
    }
  })

  it('is never without windows', () => {
    expect(new Maintenance([]).at(monday)).toEqual({ isInside: false, changesAt: Infinity })
  })

  it('refuses what is no window', async () => {
    const wrong = [
      window('0 2 * *', 30),
      window('0 0 2 * * * 2026', 30),
      window('2026-01-01T00:00:00', 30),
      window('0 25 * * *', 30),
      window('0 0 30 2 *', 30),
      window('0 2 * * *', 30, 'Mars/Olympus'),
      window('0 2 * * *', 0),
    ]
    const messages: string[] = []
    for (const each of wrong) messages.push(await messageOf('OPTION_INVALID', () => new Maintenance([each])))
    expect(messages[0]).toBe(
      'Maintenance: cron must be five or six fields that name a time, and timezone an IANA name, not "0 2 * *" in "UTC"',
    )
    expect(messages[6]).toBe('Maintenance: durationMs must be an integer of at least 1, not 0')
  })
})
