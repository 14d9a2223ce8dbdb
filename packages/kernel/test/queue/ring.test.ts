import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Ring } from '../../src/queue/ring.ts'
import { StraightRing } from '../mutants/straight-ring.ts'
import { fails, holds, type Shape } from '../property.ts'
import { aliveOf } from '../references.ts'

/** Whatever is done to it, a ring holds and gives what an array would. */
const actsLikeAnArray = (makeRing: () => Shape<Ring<number>>) =>
  fc.property(
    fc.array(fc.constantFrom('push', 'push', 'push', 'unshift', 'unshift', 'shift', 'shift', 'pop', 'clear'), {
      maxLength: 400,
      size: 'max',
    }),
    (steps) => {
      const ring = makeRing()
      const model: number[] = []
      steps.forEach((step, item) => {
        if (step === 'push') {
          ring.push(item)
          model.push(item)
        } else if (step === 'unshift') {
          ring.unshift(item)
          model.unshift(item)
        } else if (step === 'shift') expect(ring.shift()).toBe(model.shift())
        else if (step === 'pop') expect(ring.pop()).toBe(model.pop())
        // Rarely, or no ring would ever be large.
        else if (item % 50 === 0) {
          ring.clear()
          model.length = 0
        }
        if (ring.size !== model.length || ring.peek() !== model[0] || ring.at(-1) !== model.at(-1)) {
          expect.unreachable(`differs after step ${item}`)
        }
      })
      expect([...ring]).toEqual(model)
      for (let index = -model.length - 1; index <= model.length; index++) expect(ring.at(index)).toBe(model.at(index))
    },
  )

describe('Ring', () => {
  it('acts like an array', () => holds(actsLikeAnArray(() => new Ring())))

  it('is caught when it grows without unwrapping', () => fails(actsLikeAnArray(() => new StraightRing())))

  it('tells an undefined item from emptiness by its size', () => {
    const ring = new Ring<undefined>()
    ring.push(undefined)
    expect([ring.size, ring.shift(), ring.size, ring.shift(), ring.pop()]).toEqual([
      1,
      undefined,
      0,
      undefined,
      undefined,
    ])
  })

  it('lets go of what left', async () => {
    const ring = new Ring<object>()
    const references = Array.from({ length: 40 }, () => new WeakRef({ a: 1 }))
    for (const reference of references) ring.push(reference.deref()!)
    for (let taken = 0; taken < 15; taken++) {
      ring.shift()
      ring.pop()
    }
    expect(await aliveOf(references)).toBe(10)
    ring.clear()
    expect(await aliveOf(references)).toBe(0)
  })
})
