import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesOf, cutKeyOf, isSameCut } from '../../src/cache/cut-key.ts'
import { checkParams } from '../../src/index.ts'
import { encodeParams } from '../../src/patterns/check-params.ts'

const ring = (numbers: readonly number[]) => ({
  coords: Float64Array.from(numbers),
  ringEnds: Int32Array.of(numbers.length / 2),
})
const square = [0, 0, 1, 0, 1, 1, 0, 1]

describe('cutKeyOf', () => {
  it('is the same for the same, whatever object it came in', () => {
    const one = cutKeyOf(ring(square), encodeParams(checkParams({ fragmentCount: 4 })))
    const other = cutKeyOf(ring(square), encodeParams(checkParams({ fragmentCount: 4, seed: 0 })))
    expect(other.hash).toBe(one.hash)
    expect(isSameCut(one, other)).toBe(true)
    expect(bytesOf(one)).toBeGreaterThan(8 * 8)
  })

  it('tells apart points, rings and parameters', () => {
    const keys = [
      cutKeyOf(ring(square), encodeParams(checkParams())),
      cutKeyOf(ring(square), encodeParams(checkParams({ seed: 1 }))),
      cutKeyOf(ring(square), encodeParams(checkParams({ pattern: 'poisson' }))),
      cutKeyOf(ring([...square, 0, 0.5]), encodeParams(checkParams())),
      cutKeyOf({ coords: Float64Array.from(square), ringEnds: Int32Array.of(3, 4) }, encodeParams(checkParams())),
    ]
    for (const one of keys) for (const other of keys) expect(isSameCut(one, other)).toBe(one === other)
    expect(new Set(keys.map(({ hash }) => hash)).size).toBe(keys.length)
  })

  const spreads = (hashOf: typeof cutKeyOf) =>
    fc.property(fc.array(fc.double({ noNaN: true }), { minLength: 6, maxLength: 6 }), fc.nat(5), (numbers, at) => {
      const changed = numbers.with(at, numbers[at]! + Math.max(1, Math.abs(numbers[at]!)))
      if (!Number.isFinite(changed[at]!)) return
      expect(hashOf(ring(changed), encodeParams(checkParams())).hash).not.toBe(
        hashOf(ring(numbers), encodeParams(checkParams())).hash,
      )
    })

  it('changes its hash with any number', () => holds(spreads(cutKeyOf), 300))
  it('is caught when only the first point counts', () =>
    fails(
      spreads(({ coords }, params) => cutKeyOf({ coords: coords.slice(0, 2), ringEnds: Int32Array.of(1) }, params)),
      300,
    ))
})
