import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { coalesce } from '../../src/batch/coalesce.ts'
import { firstFit, mergeRegardless, oneByOne } from '../mutants/coalescers.ts'
import { fails, holds } from '../property.ts'

interface Change {
  readonly key: string | undefined
  readonly ids: readonly (string | undefined)[]
  /** The numbers of all the changes that this one stands for. */
  readonly parts: readonly number[]
  readonly isMergeable: boolean
}

const options = {
  keyOf: (change: Change) => change.key,
  idOf: (change: Change) => change.ids.at(-1),
  merge: (earlier: Change, later: Change) =>
    earlier.isMergeable && later.isMergeable
      ? { ...earlier, ids: [...earlier.ids, ...later.ids], parts: [...earlier.parts, ...later.parts] }
      : undefined,
}

const changes = fc
  .array(
    fc.record({
      key: fc.option(fc.constantFrom('a', 'b', 'c'), { nil: undefined }),
      id: fc.option(fc.constantFrom('1', '2', '3', '4'), { nil: undefined, freq: 2 }),
      isMergeable: fc.boolean(),
    }),
    { maxLength: 20 },
  )
  .map((drawn) =>
    drawn.map(({ key, id, isMergeable }, index): Change => ({ key, ids: [id], parts: [index], isMergeable })),
  )

/** The wave of each change, by its number. */
function wavesOf(laidOut: readonly (readonly Change[])[], count: number): number[] {
  const waves = new Array<number>(count).fill(-1)
  laidOut.forEach((wave, number) => {
    for (const { parts } of wave) for (const part of parts) waves[part] = number
  })
  return waves
}

/** Every change is there once; of one name, once a wave and in order; and none is later than its names make it. */
const laysOut = (layOut: typeof coalesce<Change>, merges: boolean) =>
  fc.property(changes, fc.nat({ max: 3 }), (items, surplus) => {
    const given = merges ? options : { keyOf: options.keyOf, idOf: options.idOf }
    const count = Math.max(0, items.length - surplus)
    const laidOut = layOut(items, count, given)
    const waves = wavesOf(laidOut, count)
    const all = laidOut.flat().flatMap(({ parts }) => parts)
    expect(all.toSorted((one, other) => one - other)).toEqual(Array.from({ length: count }, (_, index) => index))

    for (const wave of laidOut) {
      const keys = wave.map(({ key }) => key).filter((key) => key !== undefined)
      const ids = wave.flatMap((change) => change.ids).filter((id) => id !== undefined)
      expect(new Set(keys).size).toBe(keys.length)
      expect(new Set(ids).size).toBe(ids.length)
      const firsts = wave.map(({ parts }) => parts[0]!)
      expect(firsts).toEqual(firsts.toSorted((one, other) => one - other))
    }
    const isMerged = (number: number) => !laidOut.flat().some(({ parts }) => parts[0] === number)
    for (let number = 0; number < count; number++) {
      let earliest = 0
      for (let before = 0; before < number; before++) {
        const sameKey = items[before]!.key !== undefined && items[before]!.key === items[number]!.key
        const sameId = items[before]!.ids[0] !== undefined && items[before]!.ids[0] === items[number]!.ids[0]
        if (sameKey || sameId) earliest = Math.max(earliest, waves[before]! + (isMerged(number) && sameKey ? 0 : 1))
      }
      expect(waves[number]).toBe(earliest)
    }
    for (const { parts } of laidOut.flat()) expect(parts).toEqual(parts.toSorted((one, other) => one - other))
  })

describe('coalesce', () => {
  it('lays out in waves', () => holds(laysOut(coalesce, false), 500))

  it('merges what may be merged', () => holds(laysOut(coalesce, true), 500))

  it('is caught overtaking', () => fails(laysOut(firstFit, false)))

  it('is caught merging what has one id', () => fails(laysOut(mergeRegardless, true)))

  it('is caught taking more waves than needed', () => fails(laysOut(oneByOne, false)))

  it('knows the commonest case: nothing twice, one wave, in order', () => {
    expect(coalesce(['a', 'b', 'c', undefined], 3, { keyOf: (item) => item })).toEqual([['a', 'b', 'c']])
    expect(coalesce([1, 1, 1], 3, { keyOf: () => undefined })).toEqual([[1, 1, 1]])
    expect(coalesce<string>([], 0, { keyOf: (item) => item })).toEqual([])
  })

  it('merges into the latest of a key, and keeps what is between apart', () => {
    const merge = (earlier: string, later: string) => (earlier[1] === later[1] ? earlier + later[2] : undefined)
    const keyOf = (item: string) => item[0]
    expect(coalesce(['x+1', 'y+1', 'x+2', 'x-3', 'x+4', 'x+5'], 6, { keyOf, merge })).toEqual([
      ['x+12', 'y+1'],
      ['x-3'],
      ['x+45'],
    ])
  })
})
