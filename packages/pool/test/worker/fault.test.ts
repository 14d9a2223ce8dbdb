import { MillraceError } from '@millrace/kernel'
import { expect, it } from 'vitest'
import { faultOf } from '../../src/worker/fault.ts'

it('tells an error as plain data', () => {
  const error = new RangeError('too far')
  expect(faultOf(error)).toEqual({
    name: 'RangeError',
    message: 'too far',
    stack: error.stack,
    code: undefined,
    detail: undefined,
  })
})

it('keeps code and detail of our own errors, and leaves out a detail that cannot be cloned', () => {
  expect(faultOf(new MillraceError('SOME_CODE', 'told', { detail: { size: 3 } }))).toMatchObject({
    name: 'MillraceError',
    code: 'SOME_CODE',
    detail: { size: 3 },
  })
  expect(faultOf(new MillraceError('SOME_CODE', 'told', { detail: { at: () => 1 } }))).toMatchObject({
    code: 'SOME_CODE',
    message: 'told',
    detail: undefined,
  })
})

it.each([
  ['a string', 'why', 'why'],
  ['nothing', undefined, 'undefined'],
  ['a symbol', Symbol('why'), 'Symbol(why)'],
  ['an object without a name', Object.create(null), 'what was thrown, object, cannot be told'],
  [
    'an error that throws when looked at',
    Object.defineProperty(new Error(), 'message', {
      get: () => {
        throw new Error('no')
      },
    }),
    'what was thrown, object, cannot be told',
  ],
])('tells of %s that was thrown', (_, thrown, message) => {
  expect(faultOf(thrown)).toEqual({ name: 'Error', message, stack: undefined, code: undefined, detail: undefined })
  structuredClone(faultOf(thrown))
})
