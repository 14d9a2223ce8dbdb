import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkParams, decodeParams, encodeParams } from '../../src/patterns/check-params.ts'
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
