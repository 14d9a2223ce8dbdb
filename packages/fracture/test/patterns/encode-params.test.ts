import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkParams, cutParamsOf, decodeParams, encodeParams, wholeParams } from '../../src/patterns/check-params.ts'
import { anyParams } from './params.ts'

type Encode = typeof encodeParams

/** Numbers are the parameters, and equal if and only if the parameters are. */
const travels = (encode: Encode) =>
  fc.property(anyParams, anyParams, (params, others) => {
    const checked = checkParams(params)
    const decoded = decodeParams(encode(checked).slice())
    expect(decoded).toEqual(checked)
    expect(checkParams(decoded)).toBe(decoded)
    expect(encode(checkParams({ ...params }))).toEqual(encode(checked))
    const other = checkParams(others)
    const same = JSON.stringify(other) === JSON.stringify(checked)
    expect(encode(other).toString() === encode(checked).toString()).toBe(same)
  })

type CutParamsOf = typeof cutParamsOf

/** What is ordered is what was given, whatever was ordered before it. */
const isOrdered = (order: CutParamsOf) =>
  fc.property(anyParams, fc.array(fc.integer({ min: -5, max: 5 }), { maxLength: 5 }), (params, seeds) => {
    const given = [params, ...seeds.map((seed) => ({ ...params, seed })), params]
    for (const each of given) {
      const ordered = order(each)
      expect(ordered.numbers).toEqual(encodeParams(checkParams({ ...each })))
      expect(wholeParams(ordered)).toEqual(checkParams({ ...each }))
      expect({ ...ordered.common, seed: 0 }).toEqual({ ...checkParams({ ...each }), seed: 0 })
    }
  })

describe('cutParamsOf', () => {
  it('is the parameters, with the seed', () => holds(isOrdered(cutParamsOf), 300))

  it('would be caught if it forgot the seed', () =>
    fails(isOrdered((params) => ({ ...cutParamsOf(params), numbers: cutParamsOf({ ...params, seed: 1 }).numbers }))))

  it('makes no copy where the seed alone differs', () => {
    const [first, second] = [1, 2].map((seed) => cutParamsOf({ pattern: 'radial', seed }))
    expect(second!.common).toBe(first!.common)
  })
})

describe('encodeParams', () => {
  it('is all of the parameters', () => holds(travels(encodeParams), 500))

  it('would be caught if it lost the last number', () => fails(travels((params) => encodeParams(params).with(-1, 0))))

  it('is made once', () => {
    const params = checkParams({ pattern: 'grid' })
    expect(encodeParams(params)).toBe(encodeParams(params))
    expect(encodeParams(decodeParams(encodeParams(params)))).toEqual(encodeParams(params))
  })

  it('knows no -0', () => {
    const [zero, other] = [0, -0].map((angle) => encodeParams(checkParams({ pattern: 'parallel-slices', angle })))
    expect(new Uint8Array(other!.buffer)).toEqual(new Uint8Array(zero!.buffer))
  })
})
