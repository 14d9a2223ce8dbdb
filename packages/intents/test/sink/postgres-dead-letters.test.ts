import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPostgresDeadLetters } from '../../src/sink/postgres/index.ts'

describe('dead letters in PostgreSQL', () => {
  let server: TestPostgres
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server?.stop())

  test('are kept as they were, the oldest first, until they are removed', async () => {
    const letters = ['a', 'lone \ud800 and NUL \0', '"\\'].map((text, at) => ({
      intent: { type: 'say', payload: { text }, key: `k${at}`, idempotencyKey: text },
      code: 'INTENT_REJECTED',
      reason: `because of ${text.replace('\ud800', '')}`,
      attempts: at + 1,
      failedAt: 1_800_000_000_123 + at,
    }))
    await using one = createPostgresDeadLetters({ url: server.url })
    await one.add(letters.slice(0, 2))
    await one.add(letters.slice(2))
    await one.add([])
    await using other = createPostgresDeadLetters({ url: server.url })
    const kept = await other.list(10)
    const reasons = letters.map((letter) => ({ ...letter, reason: letter.reason.replace('\0', '\\0') }))
    expect(kept.map(({ id, ...letter }) => letter)).toEqual(reasons)
    await other.remove([kept[0]!.id, 'what?', '999'])
    await other.remove([])
    expect((await one.list(1)).map(({ id }) => id)).toEqual([kept[1]!.id])
  })
})
