import { VirtualClock } from '@millrace/kernel'
import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CallProber, type CallProberOptions, type Finding } from '../../src/checks/call-prober.ts'
import { type Prober, Verdict } from '../../src/checks/check.ts'
import { HearsLate, TellsWithin, WaitsForEver } from './mutants/call-probers.ts'

type Make = (options: CallProberOptions<number>) => Prober<number>

const NEVER = -1
const AT_ONCE = 0

/** When a check is begun, when the function it calls ends, and how; in ms. */
const probe = fc.record({
  beginsAt: fc.integer({ min: 0, max: 20 }),
  takesMs: fc.oneof(fc.constant(NEVER), fc.constant(AT_ONCE), fc.integer({ min: 1, max: 40 })),
  throws: fc.boolean(),
  timeoutMs: fc.integer({ min: 1, max: 20 }),
  isAsked: fc.boolean(),
})

/** Each check ends once, in time, never within the call that begins it, and as the function did if that was in time; one that is asked for its end, when its time is nearly over, within that call. */
const eachOnce = (make: Make) =>
  fc.asyncProperty(
    fc.array(probe, { minLength: 1, maxLength: 20 }),
    fc.integer({ min: 1, max: 80 }),
    async (probes, closesAt) => {
      const clock = new VirtualClock()
      const ends = probes.map((): { at: number; verdict: Verdict }[] => [])
      let isInCall = false
      const prober = make({
        clock,
        end: (ticket, verdict) => {
          if (isInCall) throw new Error('ended within the call')
          ends[ticket]!.push({ at: clock.now(), verdict })
        },
        check: (_, ticket) => {
          const { takesMs, throws } = probes[ticket]!
          if (takesMs === AT_ONCE && throws) throw new Error('at once')
          if (takesMs === AT_ONCE) return { verdict: Verdict.PASS }
          return new Promise<Finding>((resolve, reject) => {
            if (takesMs === NEVER) return
            clock.after(takesMs, () => (throws ? reject(new Error('later')) : resolve({ verdict: Verdict.PASS })))
          })
        },
      })
      for (let now = 0; now < 90; now++) {
        for (const [ticket, { beginsAt, timeoutMs }] of probes.entries()) {
          if (beginsAt !== now) continue
          isInCall = true
          prober.probe(ticket, '', ticket, timeoutMs)
          isInCall = false
        }
        for (const [ticket, { beginsAt, timeoutMs, isAsked }] of probes.entries()) {
          if (!isAsked || timeoutMs === 1 || now !== beginsAt + timeoutMs - 1) continue
          prober.expire?.(ticket)
          expect(ends[ticket]).toHaveLength(1)
        }
        if (now === closesAt) await prober[Symbol.asyncDispose]()
        for (let turn = 0; turn < 6; turn++) await Promise.resolve()
        clock.advance(1)
      }
      for (const [ticket, { beginsAt, takesMs, throws, timeoutMs, isAsked }] of probes.entries()) {
        const [end, another] = ends[ticket]!
        expect(end).toBeDefined()
        expect(another).toBeUndefined()
        const { at, verdict } = end!
        expect(at).toBeLessThanOrEqual(beginsAt + timeoutMs + 1)
        // Asked in the ms in which it would end, it may not have.
        const mayBeAsked = isAsked && takesMs >= timeoutMs - 1
        const isInTime = takesMs !== NEVER && takesMs < timeoutMs && !mayBeAsked
        if (closesAt <= beginsAt + Math.min(timeoutMs, isInTime ? takesMs : timeoutMs) + 1) continue
        expect(verdict).toBe(
          isInTime && !throws ? Verdict.PASS : takesMs === timeoutMs || mayBeAsked ? verdict : Verdict.FAIL,
        )
      }
    },
  )

test('each check ends once, in time, and as its function did', async () => {
  await holds(eachOnce((options) => new CallProber(options)))
})

test.each<[string, Make]>([
  ['hears what is said too late', (options) => new HearsLate(options)],
  ['waits for ever', (options) => new WaitsForEver(options)],
  ['tells within the call', (options) => new TellsWithin(options)],
])('one that %s is caught', async (_, make) => {
  await fails(eachOnce(make))
})
