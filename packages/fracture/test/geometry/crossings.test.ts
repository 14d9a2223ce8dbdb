import { fails, holds, type Shape } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { test } from 'vitest'
import { Crossings } from '../../src/geometry/crossings.ts'

const SEGMENTS = 3
const adds = fc.array(fc.tuple(fc.nat(SEGMENTS - 1), fc.double({ min: 0, max: 1, noNaN: true })), {
  maxLength: 200,
  size: 'max',
})

/** Each segment has what was added to it, in the order of the places; once it is cleared, nothing. */
const keepsOrder = (make: () => Shape<Crossings>) =>
  fc.property(fc.array(adds, { maxLength: 3 }), (rounds) => {
    const crossings = make()
    for (const round of rounds) {
      crossings.clear(SEGMENTS)
      round.forEach(([segment, place], vertex) => {
        crossings.add(segment, vertex, place)
      })
      crossings.sort(SEGMENTS)
      for (let segment = 0; segment < SEGMENTS; segment++) {
        const found: number[] = []
        for (let node = crossings.first(segment); node >= 0; node = crossings.next(node)) {
          found.push(crossings.vertexAt(node))
        }
        const wanted = round.flatMap(([of], vertex) => (of === segment ? [vertex] : []))
        if (found.toSorted((a, b) => a - b).join() !== wanted.join()) return false
        if (found.some((vertex, i) => i > 0 && round[found[i - 1]!]![1] > round[vertex]![1])) return false
      }
    }
    return true
  })

test('vertices are in the order of their places, on each segment', () => holds(keepsOrder(() => new Crossings())))

class Unsorted extends Crossings {
  override sort(): void {}
}

class Remembering extends Crossings {
  #isUsed = false

  override clear(segments: number): void {
    if (!this.#isUsed) super.clear(segments)
    this.#isUsed = true
  }
}

test('lists that are never sorted, or never cleared, are found out', async () => {
  await fails(keepsOrder(() => new Unsorted()))
  await fails(keepsOrder(() => new Remembering()))
})
