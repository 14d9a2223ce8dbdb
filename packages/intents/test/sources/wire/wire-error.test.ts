import { MillraceError } from '@millrace/kernel'
import { expect, it } from 'vitest'
import { retryAfterSeconds, statusOf } from '../../../src/sources/wire/status-of.ts'
import { wireError } from '../../../src/sources/wire/wire-error.ts'

it('leaves out what JSON cannot say, and what is the business of nobody else', () => {
  const circle: Record<string, unknown> = {}
  circle.self = circle
  expect(wireError(new MillraceError('A', 'a', { detail: circle }))).toEqual({ code: 'A', message: 'a' })
  expect(wireError(new MillraceError('A', 'a', { detail: { n: 1n } }))).toEqual({ code: 'A', message: 'a' })
  expect(wireError(new MillraceError('A', 'a', { cause: new Error('secret') }))).toEqual({ code: 'A', message: 'a' })
  for (const thrown of [new Error('secret'), 'secret', null, undefined]) {
    expect(wireError(thrown).code).toBe('INTERNAL')
    expect(JSON.stringify(wireError(thrown))).not.toContain('secret')
  }
})

it('has a status for what it does not know, and a time for what may pass', () => {
  expect(['toString', '__proto__', 'NEW_CODE'].map(statusOf)).toEqual([500, 500, 500])
  const full = (retryAfterMs: unknown) => new MillraceError('QUEUE_FULL', 'full', { detail: { retryAfterMs } })
  expect([undefined, 0, 1, 1001, 'soon'].map((ms) => retryAfterSeconds(full(ms)))).toEqual([1, 1, 1, 2, 1])
  expect(retryAfterSeconds(new MillraceError('INTENT_INVALID', 'no'))).toBeUndefined()
})
