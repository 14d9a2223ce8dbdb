import { VirtualClock } from '@millrace/kernel/virtual-clock'
import { describe, expect, test } from 'vitest'
import { readCron } from '../../src/schedule/cron-schedule.ts'
import { scheduled } from '../../src/schedule/scheduled.ts'

const MINUTE = 60_000
const at = (text: string) => Date.parse(text)

describe('readCron', () => {
  test('gives the moments in its time zone', async () => {
    const { next } = await readCron({ cron: '0 2 * * *', timezone: 'Europe/Berlin' })
    expect(next(at('2026-11-22T00:00:00Z'))).toBe(at('2026-11-22T01:00:00Z'))
    expect(next(at('2026-11-22T01:00:00Z'))).toBe(at('2026-11-23T01:00:00Z'))
    // At two there is no two on the day summer time begins.
    expect(next(at('2026-03-28T12:00:00Z'))).toBe(at('2026-03-29T01:00:00Z'))
  })

  test('a day that never comes', async () => {
    expect((await readCron({ cron: '0 0 30 2 *' })).next(0)).toBeUndefined()
  })

  test.each([
    [{ cron: 'nightly' }, /^"nightly" is no schedule: [^.]*[^.]\. A schedule is five fields/],
    [{ cron: '61 * * * *' }, /^"61 \* \* \* \*" is no schedule/],
    [{ cron: '' }, /^"" is no schedule/],
    [{ cron: '* * * * *', timezone: 'Europe/Nowhere' }, /^There is no time zone "Europe\/Nowhere"/],
  ])('%j is refused', async (options, message) => {
    await expect(readCron(options)).rejects.toMatchObject({
      code: 'SCHEDULE_INVALID',
      message: expect.stringMatching(message),
    })
  })
})

describe('scheduled', () => {
  const start = at('2026-11-22T00:00:30Z')
  async function everyMinutes(minutes: number) {
    const clock = new VirtualClock({ wallNow: start })
    const end = new AbortController()
    const waits: number[] = []
    const schedule = await readCron({ cron: `*/${minutes} * * * *`, timezone: 'UTC' })
    const moments = scheduled({ schedule, clock, signal: end.signal, onWait: (due) => waits.push(due) })
    /** Moves the clock in steps until the next moment has come. */
    const next = async () => {
      let told: IteratorResult<{ dueMs: number; missed: number }, void> | undefined
      void moments.next().then((result) => {
        told = result
      })
      for (let step = 0; told === undefined; step++) {
        await new Promise(setImmediate)
        if (told === undefined) clock.advance(1000)
        if (step > 10_000) throw new Error('it never came')
      }
      return told
    }
    return { clock, end, waits, next }
  }

  test('each when its time has come, and not before', async () => {
    const { clock, next, waits } = await everyMinutes(10)
    expect(await next()).toEqual({ done: false, value: { dueMs: at('2026-11-22T00:10:00Z'), missed: 0 } })
    expect(clock.wallNow()).toBe(at('2026-11-22T00:10:00Z'))
    expect((await next()).value).toEqual({ dueMs: at('2026-11-22T00:20:00Z'), missed: 0 })
    expect(waits).toEqual([at('2026-11-22T00:10:00Z'), at('2026-11-22T00:20:00Z')])
  })

  test('of those that went by only the last comes, and at once', async () => {
    const { clock, next } = await everyMinutes(10)
    await next()
    clock.advance(35 * MINUTE)
    expect((await next()).value).toEqual({ dueMs: at('2026-11-22T00:40:00Z'), missed: 2 })
    expect(clock.wallNow()).toBe(at('2026-11-22T00:45:00Z'))
    expect((await next()).value).toEqual({ dueMs: at('2026-11-22T00:50:00Z'), missed: 0 })
  })

  test('the signal ends the wait', async () => {
    const { end, next } = await everyMinutes(10)
    const waiting = next()
    end.abort()
    expect(await waiting).toEqual({ done: true, value: undefined })
  })
})
