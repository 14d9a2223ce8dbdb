import { describe, expect, it } from 'vitest'
import { MillraceError } from '../src/errors.ts'
import { checkInteger, checkNumber, checkObject, checkOneOf, show } from '../src/options.ts'
import { messageOf } from './property.ts'

describe('checkNumber', () => {
  it('returns a number in range, bounds included', () => {
    expect(checkNumber('Part', 'share', 0.5, { above: 0, below: 1 })).toBe(0.5)
    expect(checkNumber('Part', 'share', 0, { min: 0, max: 1 })).toBe(0)
    expect(checkNumber('Part', 'share', 1, { min: 0, max: 1 })).toBe(1)
    expect(checkNumber('Part', 'offset', -12.5)).toBe(-12.5)
    expect(checkNumber('Part', 'maxBytes', Number.POSITIVE_INFINITY, { max: Number.POSITIVE_INFINITY })).toBe(
      Number.POSITIVE_INFINITY,
    )
  })

  it.each([
    [Number.NaN, {}, 'Part: share must be a finite number, not NaN'],
    [Number.POSITIVE_INFINITY, { min: 1 }, 'Part: share must be a finite number of at least 1, not Infinity'],
    [-1, { min: 0, max: Number.POSITIVE_INFINITY }, 'Part: share must be a number of at least 0, not -1'],
    [0, { above: 0, below: 1 }, 'Part: share must be a finite number above 0 and below 1, not 0'],
    [1, { above: 0, below: 1 }, 'Part: share must be a finite number above 0 and below 1, not 1'],
    [2, { min: 0, max: 1 }, 'Part: share must be a finite number of at least 0 and at most 1, not 2'],
    ['8', {}, 'Part: share must be a finite number, not "8"'],
    [[], {}, 'Part: share must be a finite number, not an array'],
    [{}, {}, 'Part: share must be a finite number, not an object'],
    [() => 1, {}, 'Part: share must be a finite number, not a function'],
    [null, {}, 'Part: share must be a finite number, not null'],
    [8n, {}, 'Part: share must be a finite number, not 8'],
  ])('refuses %s', async (value, range, message) => {
    expect(await messageOf('OPTION_INVALID', () => checkNumber('Part', 'share', value, range))).toBe(message)
  })
})

describe('checkInteger', () => {
  it('returns a safe integer in range', () => {
    expect(checkInteger('Part', 'workers', 8, { min: 1, max: 8 })).toBe(8)
  })

  it.each([
    [1.5, 'Part: workers must be an integer of at least 1 and at most 8, not 1.5'],
    [0, 'Part: workers must be an integer of at least 1 and at most 8, not 0'],
    [9, 'Part: workers must be an integer of at least 1 and at most 8, not 9'],
    [undefined, 'Part: workers must be an integer of at least 1 and at most 8, not undefined'],
  ])('refuses %s', async (value, message) => {
    const check = () => checkInteger('Part', 'workers', value, { min: 1, max: 8 })
    expect(await messageOf('OPTION_INVALID', check)).toBe(message)
  })
})

describe('checkOneOf', () => {
  it('returns the one it is', () => {
    const mode: 'reject' | 'wait' = checkOneOf('Gate', 'whenFull', 'wait', ['reject', 'wait'])
    expect(mode).toBe('wait')
  })

  it('refuses others, with the facts in the detail', () => {
    const check = () => checkOneOf('Gate', 'whenFull', 'drop', ['reject', 'wait'])
    expect(check).toThrow(
      new MillraceError('OPTION_INVALID', 'Gate: whenFull must be one of "reject", "wait", not "drop"', {
        detail: { owner: 'Gate', option: 'whenFull', value: 'drop' },
      }),
    )
  })
})

describe('checkObject', () => {
  it('returns the object it is', () => {
    const options = { workers: 8 }
    expect(checkObject('Part', 'options', options)).toBe(options)
  })

  it.each<[unknown, string]>([
    [null, 'null'],
    [undefined, 'undefined'],
    [16, '16'],
    [5n, '5'],
    ['16', '"16"'],
    [Symbol('16'), 'Symbol(16)'],
    [() => 16, 'a function'],
  ])('refuses %s', async (value, shown) => {
    const message = await messageOf('OPTION_INVALID', () => checkObject('Part', 'options', value as object))
    expect(message).toBe(`Part: options must be an object, not ${shown}`)
  })
})

describe('show', () => {
  it('names a value, and does not ask it', () => {
    const trap = new Proxy({}, { get: () => expect.unreachable(), has: () => expect.unreachable() })
    expect([trap, Object.create(null), [1, 2], 0.5, Number.NaN].map(show)).toEqual([
      'an object',
      'an object',
      'an array',
      '0.5',
      'NaN',
    ])
  })
})
