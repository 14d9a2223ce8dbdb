import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type BatchScheduler, createBatchScheduler, defineIntent, type Intent } from '../../src/index.ts'
import { createPostgresSink } from '../../src/sink/postgres/index.ts'

const SIZE = 857
/** A bound against hangs: of a batch and its search. */
const WITHIN_MS = 240_000

const payload = z.object({ id: z.string(), gold: z.number(), note: z.unknown().optional() })
const give = defineIntent({
  type: 'give',
  schema: payload,
  target: { kind: 'patch', table: 'purses', key: { column: 'id' }, column: 'data', create: true },
  toRow: ({ id, gold, note }) => ({ key: id, add: { gold }, set: { note } }),
  maxPayloadBytes: 100_000,
})
const nest = defineIntent({
  type: 'nest',
  target: { kind: 'patch', table: 'purses', key: { column: 'id' }, column: 'data', create: true },
  toRow: ({ id, path }: { id: string; path: string }) => ({ key: id, set: { [path]: 1 } }),
})
const event = defineIntent({
  type: 'event',
  target: {
    kind: 'sql',
    text: 'INSERT INTO events (id) SELECT id FROM input RETURNING id AS ord',
    columns: { id: 'int4' },
  },
  toRow: (row: { id: number }) => row,
})

let postgres: TestPostgres
let scheduler: BatchScheduler

beforeAll(async () => {
  postgres = await startPostgres()
  const sink = createPostgresSink({
    url: postgres.url,
    setUp: [
      'CREATE TABLE IF NOT EXISTS purses (id text PRIMARY KEY, data jsonb NOT NULL)',
      'CREATE TABLE IF NOT EXISTS events (id int4 PRIMARY KEY CHECK (id < 1000))',
    ],
  })
  scheduler = createBatchScheduler({ sink, intents: [give, nest, event], adaptiveBatching: false, timeWindowMs: 50 })
  await scheduler.start()
})
afterAll(async () => {
  await scheduler.stop()
  await postgres.stop()
})

const cyclic: Record<string, unknown> = {}
cyclic.self = cyclic
const bad: Readonly<Record<string, { readonly intent: unknown; readonly code: string }>> = {
  'an unknown type': { intent: { type: 'gift', payload: {} }, code: 'INTENT_TYPE_UNKNOWN' },
  'no object at all': { intent: 7, code: 'INTENT_INVALID' },
  'a payload that its schema refuses': {
    intent: { type: 'give', payload: { id: 'a', gold: 'much' } },
    code: 'INTENT_INVALID',
  },
  'a payload of 10 MB': {
    intent: { type: 'give', payload: { id: 'a', gold: 1, note: 'x'.repeat(10_000_000) } },
    code: 'INTENT_TOO_LARGE',
  },
  'an object that contains itself': {
    intent: { type: 'give', payload: { id: 'a', gold: 1, note: cyclic } },
    code: 'INTENT_INVALID',
  },
  'a key that reaches a prototype': {
    intent: { type: 'give', payload: { id: 'a', gold: 1, note: JSON.parse('{"__proto__":{"isAdmin":true}}') } },
    code: 'INTENT_INVALID',
  },
  'a NUL byte': { intent: { type: 'give', payload: { id: 'a\0b', gold: 1 } }, code: 'INTENT_INVALID' },
  'a path into a scalar': {
    intent: { type: 'nest', payload: { id: 'n', path: 'gold.of.fools' } },
    code: 'PATH_NOT_OBJECT',
  },
  'a row that the database refuses': { intent: { type: 'event', payload: { id: 5000 } }, code: 'INTENT_REJECTED' },
  'a value that its column has no room for': {
    intent: { type: 'event', payload: { id: 2 ** 40 } },
    code: 'INTENT_REJECTED',
  },
}

describe('one bad intent among 857', () => {
  let round = 0
  it.each(Object.entries(bad))(
    '%s: it fails alone, and the others commit',
    { timeout: WITHIN_MS },
    async (_, { intent, code }) => {
      const prefix = `r${round++}`
      const intents: Intent[] = Array.from({ length: SIZE }, (_, n) => ({
        type: 'give',
        payload: { id: `${prefix}-${n}`, gold: 1 },
      }))
      intents[400] = intent as Intent
      if (code === 'PATH_NOT_OBJECT') await scheduler.submit({ type: 'give', payload: { id: 'n', gold: 1 } })
      // Nothing more comes: what was refused at once leaves 856, which the window lets go.
      const outcomes = await scheduler.submitMany(intents)
      const failed = outcomes.flatMap(({ error }) => (error === undefined ? [] : [error]))
      expect(failed.map((error) => 'code' in error && error.code)).toEqual([code])
      expect(outcomes.filter(({ result }) => result?.status === 'committed')).toHaveLength(SIZE - 1)
    },
  )

  it('the same idempotency key with another payload', { timeout: WITHIN_MS }, async () => {
    const first = { type: 'give', payload: { id: 'key-holder', gold: 1 }, idempotencyKey: 'order 1' }
    await scheduler.submit(first)
    const intents: Intent[] = Array.from({ length: SIZE }, (_, n) => ({
      type: 'give',
      payload: { id: `k-${n}`, gold: 1 },
    }))
    intents[400] = { ...first, payload: { id: 'key-holder', gold: 2 } }
    const outcomes = await scheduler.submitMany(intents)
    expect(outcomes[400]!.error).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' })
    expect(outcomes.filter(({ result }) => result?.status === 'committed')).toHaveLength(SIZE - 1)
  })

  it('leaves the prototype of objects as it was', () => {
    expect('isAdmin' in {}).toBe(false)
  })
})
