import { afterAll, expect, test, vi } from 'vitest'
import type { BodyExpectation } from '../../src/checks/check.ts'
import { BodyEvaluator } from '../../src/checks/evaluate-body.ts'

/** The start of its thread takes part of a body's time: on a busy machine, much of it. */
const PATIENT = { deadlineMs: 50_000 }
const bodies = new BodyEvaluator(PATIENT)
afterAll(() => bodies[Symbol.asyncDispose]())

const evaluate = (text: string, expectation: BodyExpectation) => bodies.evaluate(Buffer.from(text), expectation)
const wide = (text: string) => `${' '.repeat(10_000)}${text}`

test.each<[string, BodyExpectation, string | undefined]>([
  ['it is ok', { contains: 'ok' }, undefined],
  ['it is ok', { contains: 'OK' }, 'the body does not contain what it should'],
  ['it is ok', { contains: '' }, undefined],
  ['', { contains: 'ok' }, 'the body does not contain what it should'],
  ['anything', {}, undefined],
  ['grün', { contains: 'grün' }, undefined],
  [wide('ok'), { contains: 'ok' }, undefined],
  [wide('ok'), { contains: 'no' }, 'the body does not contain what it should'],
  ['status: green', { regex: '^status: (green|yellow)$' }, undefined],
  ['status: red', { regex: '^status: (green|yellow)$' }, 'the body does not match the pattern'],
  ['Grüße', { regex: 'gr\\p{L}+e' }, 'the body does not match the pattern'],
  ['Grüße', { regex: '(?i)gr\\p{L}+e' }, undefined],
  ['{"status":"up","load":[1,2]}', { json: { path: '$.status', equals: 'up' } }, undefined],
  ['\ufeff{"status":"up"}', { json: { path: '$.status', equals: 'up' } }, undefined],
  ['{"status":"up"}', { json: { path: '$.status', equals: 'UP' } }, 'the body has something else at the path'],
  ['{"status":"1"}', { json: { path: '$.status', equals: 1 } }, 'the body has something else at the path'],
  ['{"load":[1,2]}', { json: { path: '$.load', equals: [1, 2] } }, undefined],
  ['{"load":[1,2]}', { json: { path: '$.load[*]', equals: 2 } }, undefined],
  ['{"a":null}', { json: { path: '$.a', equals: null } }, undefined],
  ['{"a":null}', { json: { path: '$.a' } }, undefined],
  ['{"a":1}', { json: { path: '$.b' } }, 'the body has nothing at the path'],
  ['{"__proto__":1}', { json: { path: '$.toString' } }, 'the body has nothing at the path'],
  ['<html>', { json: { path: '$.a' } }, 'the body is not JSON'],
  ['', { json: { path: '$.a' } }, 'the body is not JSON'],
  ['{"a":1} ok', { contains: 'ok', regex: '.', json: { path: '$.a' } }, 'the body is not JSON'],
  ['{"a":1}', { contains: 'a', regex: '1', json: { path: '$.a', equals: 1 } }, undefined],
  ['\xff\xfe', { regex: 'a' }, 'the body does not match the pattern'],
])('%.20s: %j', async (text, expectation, expected) => {
  expect(await evaluate(text, expectation)).toBe(expected)
})

test('deep nesting is searched', async () => {
  const body = `${'['.repeat(30_000)}${']'.repeat(30_000)}`
  expect(await evaluate(body, { json: { path: '$..a' } })).toBe('the body has nothing at the path')
})

test('a body that is used again at once is judged as it was', async () => {
  const body = Buffer.from('ok')
  const judged = bodies.evaluate(body, { regex: '^ok$' })
  body.fill(0)
  expect(await judged).toBeUndefined()
})

test('what explodes is ended, and its neighbours are judged', async () => {
  await using strict = new BodyEvaluator({ deadlineMs: 500 })
  // I-Regexp is run by the engine, which tracks back; no regular expression of ours does.
  const path = "$[?search(@, '(a+)+$')]"
  const body = Buffer.from(JSON.stringify([`${'a'.repeat(40)}!`]))
  const neighbour = () => strict.evaluate(body, { regex: 'a' })
  // The thread is there: its start is not what takes the time.
  await vi.waitFor(neighbour, { timeout: 20_000 })
  expect(await strict.evaluate(body, { json: { path } }).catch(({ code }) => code)).toBe('DEADLINE_EXCEEDED')
  expect(await vi.waitFor(neighbour, { timeout: 20_000 })).toBeUndefined()
  await using patient = new BodyEvaluator(PATIENT)
  expect(await patient.evaluate(body, { regex: '(a+)+$' })).toBe('the body does not match the pattern')
})

test('too many bodies are refused, and the others are judged', async () => {
  await using narrow = new BodyEvaluator({ ...PATIENT, maxWaiting: 10 })
  const all = Array.from({ length: 2000 }, () => narrow.evaluate(Buffer.from('ok'), { regex: 'ok' }))
  const settled = await Promise.allSettled(all)
  const refused = settled.filter((one) => one.status === 'rejected')
  expect(refused.length).toBeGreaterThan(0)
  expect(refused.every(({ reason }) => reason.code === 'POOL_FULL')).toBe(true)
  expect(settled.filter((one) => one.status === 'fulfilled' && one.value === undefined).length).toBe(
    2000 - refused.length,
  )
})

test('after the end nothing is judged, and no thread is left', async () => {
  const closed = new BodyEvaluator()
  await closed[Symbol.asyncDispose]()
  await expect(closed.evaluate(Buffer.from('ok'), { regex: 'ok' })).rejects.toMatchObject({ code: 'POOL_CLOSED' })
})
