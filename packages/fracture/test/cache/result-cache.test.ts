import { describe, expect, it } from 'vitest'
import { cutKeyOf } from '../../src/cache/cut-key.ts'
import { ResultCache } from '../../src/cache/result-cache.ts'
import { checkParams, fracturePolygon, type PackedFragments } from '../../src/index.ts'
import { encodeParams } from '../../src/patterns/check-params.ts'

const key = (seed: number) =>
  cutKeyOf(
    { coords: Float64Array.of(0, 0, 1, 0, 0, 1), ringEnds: Int32Array.of(3) },
    encodeParams(checkParams({ seed })),
  )

/** The same, as it comes from a worker: in a large piece of memory, of which others are views too. */
function inArena({ numbers, layout, positions, uvs, indices }: PackedFragments, bytes = 262_144): PackedFragments {
  const arena = new ArrayBuffer(bytes)
  const own = new Float64Array(arena, 64, numbers.length)
  own.set(numbers)
  return { numbers: own, layout, positions, uvs, indices }
}

describe('ResultCache', () => {
  const packed = fracturePolygon([0, 0, 9, 0, 0, 9], { seed: 1 }).packed

  it('keeps results as they come', () => {
    const cache = new ResultCache(2 ** 20)
    cache.keep(key(1), packed)
    expect(cache.find(key(1))).toBe(packed)
    expect(cache.find(key(2))).toBe(undefined)
    expect(cache.stats).toMatchObject({ hits: 1, entries: 1 })
  })

  it('takes those that are asked for again out of memory that others keep', () => {
    const cache = new ResultCache(2 ** 20)
    const meshed = { ...packed, positions: Float32Array.of(1, 2), uvs: Float32Array.of(3), indices: Uint32Array.of(4) }
    cache.keep(key(1), inArena(meshed))
    const found = cache.find(key(1))!
    expect(found).toEqual(inArena(meshed))
    const buffers = Object.values(found).map(({ buffer }: { readonly buffer: ArrayBufferLike }) => buffer)
    expect(new Set(buffers).size).toBe(1)
    expect(found.numbers.buffer.byteLength).toBeLessThan(cache.stats.bytes)
    expect(cache.find(key(1))).toBe(found)
  })

  it('does not hold more than twice its bytes, whatever is asked for again', () => {
    const cache = new ResultCache(2 ** 17)
    const hot: number[] = []
    for (let seed = 0; seed < 800; seed++) {
      cache.keep(key(seed), inArena(packed, 16_384))
      if (seed % 40 === 0) hot.push(seed)
      for (const each of hot) cache.find(key(each))
    }
    const held = hot.map((each) => cache.find(key(each))!.numbers.buffer.byteLength)
    expect(held).toHaveLength(20)
    expect(held.reduce((sum, bytes) => sum + bytes)).toBeLessThan(cache.stats.bytes)
  })
})
