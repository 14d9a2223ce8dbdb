import { describe, expect, it } from 'vitest'
import { MillraceError } from '../src/errors.ts'

describe('MillraceError', () => {
  it('carries code, message, detail and cause', () => {
    const cause = new RangeError('too far')
    const error = new MillraceError('GATE_CLOSED', 'Gate: closed', { detail: { items: 3 }, cause })
    expect(error).toBeInstanceOf(Error)
    expect(error.name).toBe('MillraceError')
    expect(String(error)).toBe('MillraceError: Gate: closed')
    expect(error).toMatchObject({ code: 'GATE_CLOSED', message: 'Gate: closed', detail: { items: 3 }, cause })
  })

  it('has an empty detail and no cause by default', () => {
    const error = new MillraceError('GATE_CLOSED', 'Gate: closed')
    expect(error.detail).toEqual({})
    expect('cause' in error).toBe(false)
  })

  it('goes through JSON, with its causes', () => {
    const json = (cause: unknown) =>
      JSON.parse(JSON.stringify(new MillraceError('OUTER', 'outer', { detail: { at: 1 }, cause })))
    const outer = { name: 'MillraceError', code: 'OUTER', message: 'outer', detail: { at: 1 } }
    expect(json(undefined)).toEqual(outer)
    expect(json(new RangeError('too far'))).toEqual({ ...outer, cause: { name: 'RangeError', message: 'too far' } })
    expect(json('a string')).toEqual({ ...outer, cause: 'a string' })
    expect(json(new MillraceError('INNER', 'inner', { cause: 7 }))).toEqual({
      ...outer,
      cause: { name: 'MillraceError', code: 'INNER', message: 'inner', detail: {}, cause: 7 },
    })
  })
})
