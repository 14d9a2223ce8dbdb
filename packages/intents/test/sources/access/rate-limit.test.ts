import { VirtualClock } from '@millrace/kernel'
import { fails, holds, messageOf, type Shape } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { RateLimit, type RateLimitOptions } from '../../../src/sources/access/rate-limit.ts'

const OPTIONS: RateLimitOptions = { perSecond: 100, burst: 5 }

/** Forgives what is owed as soon as a client is told to wait. */
class Forgiving extends RateLimit {
  #isForgiven = false
  override take(client: string): number {
    const waitMs = super.take(client)
    if (waitMs === 0 || this.#isForgiven) return waitMs
    this.#isForgiven = true
    return 0
  }
}

describe('a rate', () => {
  const keepsTo = (make: (clock: VirtualClock) => Shape<RateLimit>) =>
    fc.property(
      fc.array(fc.oneof(fc.record({ ms: fc.nat(40) }), fc.record({ charge: fc.nat(20) }), fc.constant({})), {
        maxLength: 60,
      }),
      (steps) => {
        const clock = new VirtualClock()
        const limit = make(clock)
        let passed = 0
        for (const step of steps) {
          if ('ms' in step) clock.advance(step.ms)
          else if ('charge' in step) {
            limit.charge('one', step.charge)
            passed += step.charge
          } else {
            // Never more than the burst and what the time has brought, less what came uninvited.
            const mayPass = passed + 1 <= 5 + clock.now() / 10 + 1e-9
            const waitMs = limit.take('one')
            if (waitMs === 0) {
              expect(mayPass).toBe(true)
              passed++
            } else {
              clock.advance(waitMs + 1e-9)
              expect(limit.take('one')).toBe(0)
              passed++
            }
          }
        }
      },
    )

  it('is kept to, whatever comes when, and told truly', () => holds(keepsTo((clock) => new RateLimit(OPTIONS, clock))))
  it('would not be by one that forgives', () => fails(keepsTo((clock) => new Forgiving(OPTIONS, clock))))

  it('is each client of its own, as many as are told apart', () => {
    const limit = new RateLimit({ perSecond: 0.001, burst: 1, maxClients: 2 }, new VirtualClock())
    expect(['a', 'b', 'a', 'b'].map((client) => limit.take(client) === 0)).toEqual([true, true, false, false])
    // The third makes the one forgotten that was silent longest.
    expect(['c', 'b', 'a'].map((client) => limit.take(client) === 0)).toEqual([true, false, true])
  })

  it.each([{ perSecond: 0 }, { perSecond: 1, burst: 0.5 }, { perSecond: 1, maxClients: 0 }])(
    'cannot be %j',
    async (options) => {
      await messageOf('OPTION_INVALID', () => new RateLimit(options, new VirtualClock()))
    },
  )
})
