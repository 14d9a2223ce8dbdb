import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Reorder, type ReorderOptions } from '../../src/deliver/reorder.ts'
import { BoundlessReorder } from '../mutants/boundless-reorder.ts'
import { HoleyReorder } from '../mutants/holey-reorder.ts'
import { fails, holds, messageOf, type Shape } from '../property.ts'
import { aliveOf } from '../references.ts'

interface Arrival {
  readonly sequence: number
  readonly skipped: boolean
}

/** A number each, in any order; some have no item. */
const arrivals = (first: number) =>
  fc.array(fc.boolean(), { maxLength: 60, size: 'max' }).chain((skips) =>
    fc.shuffledSubarray(
      skips.map((skipped, index): Arrival => ({ sequence: first + index, skipped })),
      { minLength: skips.length },
    ),
  )

/**
 * What leaves is what sorting gives; what was refused as too far ahead comes again later; no more is held than the
 * window.
 */
const sorts = (makeReorder: (options: ReorderOptions) => Shape<Reorder<string>>) =>
  fc.property(
    fc.constantFrom(0, 1, 2 ** 31 - 20, 2 ** 32 - 20).chain((first) => fc.tuple(fc.constant(first), arrivals(first))),
    fc.integer({ min: 1, max: 20 }),
    ([first, all], window) => {
      const reorder = makeReorder({ window, first })
      const out: string[] = []
      let waiting = all
      while (waiting.length > 0) {
        const refused: Arrival[] = []
        for (const arrival of waiting) {
          const { sequence, skipped } = arrival
          const accepted = sequence < reorder.next + window
          expect(reorder.accepts(sequence)).toBe(accepted)
          expect(skipped ? reorder.skip(sequence) : reorder.put(sequence, `item ${sequence}`)).toBe(accepted)
          if (!accepted) refused.push(arrival)
          expect(reorder.size).toBeLessThanOrEqual(window)
          while (reorder.ready) out.push(reorder.shift()!)
          expect(reorder.shift()).toBeUndefined()
        }
        // The next one due is among them, or something was lost.
        expect(refused.length).toBeLessThan(waiting.length)
        waiting = refused
      }
      const sorted = all.toSorted((a, b) => a.sequence - b.sequence)
      expect(out).toEqual(sorted.filter(({ skipped }) => !skipped).map(({ sequence }) => `item ${sequence}`))
      expect([reorder.next, reorder.size]).toEqual([first + all.length, 0])
    },
  )

describe('Reorder', () => {
  it('gives what sorting gives', () => holds(sorts((options) => new Reorder(options))))
  it('is caught leaving a hole', () => fails(sorts((options) => new HoleyReorder(options))))
  it('is caught beyond its window', () => fails(sorts((options) => new BoundlessReorder(options))))

  it('holds what is ahead until it is taken, and takes each number once', async () => {
    const reorder = new Reorder<string>()
    reorder.put(1, 'b')
    reorder.skip(2)
    expect([reorder.ready, reorder.next, reorder.size]).toEqual([false, 0, 1])
    expect(await messageOf('SEQUENCE_TAKEN', () => reorder.put(1, 'again'))).toBe(
      'Reorder: 1 came before (next due: 0); put or skip each sequence number once',
    )
    await messageOf('SEQUENCE_TAKEN', () => reorder.put(2, 'was skipped'))
    reorder.put(0, 'a')
    expect([reorder.shift(), reorder.shift(), reorder.next]).toEqual(['a', 'b', 3])
    await messageOf('SEQUENCE_TAKEN', () => reorder.skip(0))
    expect([reorder.put(3 + 1024, 'far'), reorder.skip(3 + 1024)]).toEqual([false, false])
  })

  it('lets go of what was given', async () => {
    const reorder = new Reorder<object>()
    const references = Array.from({ length: 10 }, () => new WeakRef({ a: 1 }))
    references.forEach((reference, sequence) => {
      reorder.put(sequence, reference.deref()!)
    })
    for (let count = 0; count < 7; count++) reorder.shift()
    expect(await aliveOf(references)).toBe(3)
    expect(reorder.size).toBe(3)
  })

  it('refuses options and numbers out of bounds', async () => {
    await messageOf('OPTION_INVALID', () => new Reorder({ window: 0 }))
    await messageOf('OPTION_INVALID', () => new Reorder({ first: -1 }))
    const reorder = new Reorder<number>({ window: 2 })
    expect(await messageOf('OPTION_INVALID', () => reorder.put(0.5, 1))).toBe(
      'Reorder: sequence must be an integer of at least 0, not 0.5',
    )
    await messageOf('OPTION_INVALID', () => reorder.skip(Number.NaN))
  })
})
