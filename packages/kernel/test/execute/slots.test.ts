import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Slots } from '../../src/execute/slots.ts'
import { GreedySlots } from '../mutants/greedy-slots.ts'
import { fails, holds, messageOf, type Shape } from '../property.ts'

/** Nothing starts at or above the limit, everything starts below it, and a surplus only shrinks. */
const keepsTheLimit = (makeSlots: (max: number) => Shape<Slots>) =>
  fc.property(
    fc.array(fc.oneof(fc.constant('acquire'), fc.constant('release'), fc.integer({ min: 1, max: 8 })), {
      maxLength: 100,
      size: 'max',
    }),
    (steps) => {
      const slots = makeSlots(4)
      let max = 4
      let inFlight = 0
      for (const step of steps) {
        if (step === 'acquire') {
          expect(slots.tryAcquire()).toBe(inFlight < max)
          if (inFlight < max) inFlight++
        } else if (step === 'release') {
          if (inFlight === 0) continue
          slots.release()
          inFlight--
        } else if (typeof step === 'number') {
          slots.resize(step)
          max = step
        }
        expect([slots.inFlight, slots.max, slots.free]).toEqual([inFlight, max, Math.max(0, max - inFlight)])
      }
    },
  )

describe('Slots', () => {
  it('keeps the limit, also a changing one', () => holds(keepsTheLimit((max) => new Slots({ max }))))

  it('is caught when a resize drops what is in flight', () => fails(keepsTheLimit((max) => new GreedySlots({ max }))))

  it('refuses to release what nobody took', async () => {
    const message = await messageOf('SLOTS_NOT_HELD', () => new Slots({ max: 1 }).release())
    expect(message).toBe('Slots: release() with nothing in flight; release once per tryAcquire()')
  })

  it('refuses a limit below 1', async () => {
    expect(await messageOf('OPTION_INVALID', () => new Slots({ max: 0 }))).toContain('not 0')
    expect(await messageOf('OPTION_INVALID', () => new Slots({ max: 1 }).resize(1.5))).toContain('not 1.5')
  })
})
