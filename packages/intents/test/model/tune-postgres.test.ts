import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import { messageOf } from '@millrace/kernel/test/property'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tunePostgres } from '../../src/model/tune-postgres.ts'
import { batchesOver } from '../../src/model/tune-table.ts'

let postgres: TestPostgres

beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres.stop())

async function query(text: string): Promise<unknown[]> {
  const client = new Client(postgres.url)
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

const schemas = () => query(`SELECT nspname FROM pg_namespace WHERE nspname LIKE 'millrace%'`)
const short = { seconds: 0.3, rounds: 1, sizes: [1, 50] }

describe('tunePostgres', () => {
  test('measures sizes on a real server, and leaves nothing there', async () => {
    const visits: number[] = []
    const result = await tunePostgres({ ...short, url: postgres.url, onVisit: ({ size }) => visits.push(size) })
    expect(visits).toEqual([1, 50])
    expect(result).toMatchObject({ server: expect.stringMatching(/^PostgreSQL \d+/), isComplete: true, connections: 2 })
    expect(result.points.map(({ size }) => size)).toEqual([1, 50])
    expect(result.time.perIntentMs).toBeGreaterThanOrEqual(0)
    expect(await schemas()).toEqual([])
  })

  test('ends early when told, and leaves nothing there either', async () => {
    const controller = new AbortController()
    const { signal } = controller
    const { points, isComplete } = await tunePostgres({
      ...short,
      url: postgres.url,
      signal,
      onVisit: () => controller.abort(),
    })
    expect([points.length, isComplete]).toEqual([1, false])
    expect(await schemas()).toEqual([])
  })

  test('takes over from a tune that could not drop its schema, and from nobody else', async () => {
    await query(
      `CREATE SCHEMA millrace_tune; COMMENT ON SCHEMA millrace_tune IS 'Made by millrace tune, which drops it'`,
    )
    await tunePostgres({ ...short, url: postgres.url, sizes: [1] })
    expect(await schemas()).toEqual([])
    await query('CREATE SCHEMA millrace_tune; CREATE TABLE millrace_tune.mine (id int)')
    expect(await messageOf('TUNE_REFUSED', () => tunePostgres({ ...short, url: postgres.url }))).toMatch(/rename it/)
    expect(await query('SELECT * FROM millrace_tune.mine')).toEqual([])
    await query('DROP SCHEMA millrace_tune CASCADE')
  })

  test('goes one at a time', async () => {
    const holder = new Client(postgres.url)
    await holder.connect()
    await holder.query(`SELECT pg_advisory_lock(hashtextextended('millrace_tune', 0))`)
    expect(await messageOf('TUNE_REFUSED', () => tunePostgres({ ...short, url: postgres.url }))).toMatch(/Another tune/)
    await holder.end()
  })

  test('says what to do where it may not, or cannot', async () => {
    await query(`CREATE ROLE guest LOGIN PASSWORD 'a secret'`)
    const url = new URL(postgres.url)
    url.username = 'guest'
    url.password = 'a secret'
    expect(await messageOf('TUNE_REFUSED', () => tunePostgres({ url: url.href }))).toMatch(/GRANT CREATE/)
    url.password = 'no secret'
    const refused = await messageOf('SINK_UNREACHABLE', () => tunePostgres({ url: url.href }))
    expect(refused).toMatch(/guest/)
    expect(refused).not.toMatch(/secret/)
    const readOnly = `${postgres.url}?options=-c%20default_transaction_read_only%3Don`
    expect(await messageOf('TUNE_REFUSED', () => tunePostgres({ url: readOnly }))).toMatch(/read-only/)
    expect(await messageOf('OPTION_INVALID', () => tunePostgres({ url: postgres.url, sizes: [0] }))).toMatch(/sizes/)
  })
})

test('batches under way share no row, and have no row twice', () => {
  for (const [rows, writers, size] of [
    [2000, 2, 500],
    [1600, 4, 49],
    [10, 1, 5],
  ] as const) {
    const batchesOf = batchesOver(rows, writers)
    const keys = Array.from({ length: writers }, (_, writer) =>
      batchesOf(size, writer).map(({ waves }) => waves[0]!.map(({ key }) => key!)),
    )
    for (const batches of keys) {
      for (const batch of batches) {
        expect(new Set(batch).size).toBe(size)
        expect(batch).toEqual(batch.toSorted())
      }
    }
    const own = keys.map((batches) => new Set(batches.flat()))
    const together = own.reduce((count, { size }) => count + size, 0)
    expect(new Set(keys.flat(2)).size).toBe(together)
  }
})
