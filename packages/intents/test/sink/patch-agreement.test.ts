import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import fc from 'fast-check'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RowChange } from '../../src/intent/target.ts'
import { createMemorySink } from '../../src/sink/memory-sink.ts'
import { createPostgresSink } from '../../src/sink/postgres/index.ts'
import type { Sink } from '../../src/sink/sink.ts'
import { DEFINITIONS, item, patchBack, patchCreate, TABLES, write } from './conformance.ts'

/** Names that meet often: of fields, of indexes, and of what is no field of an object's own. */
const name = fc.constantFrom('hp', 'position', 'x', '0', '1', '12', 'a"\\b', '__proto__', 'é')
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((names) => names.join('.'))
const number = fc.integer({ min: -99, max: 99 })
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    number,
    fc.constantFrom(null, true, false, '', 'text', '"\\'),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(
      name.filter((one) => one !== '__proto__'),
      tie('value'),
      { maxKeys: 4 },
    ),
  ),
}))
const condition = fc.record({
  path,
  is: fc.constantFrom('=', '!=', '<', '<=', '>', '>=', 'exists', 'missing' as const),
  value: fc.constantFrom(0, 5, 'text', true),
})
const change = fc.record(
  {
    set: fc.dictionary(
      path.filter((one) => !one.includes('__proto__')),
      value,
      { maxKeys: 2 },
    ),
    add: fc.dictionary(
      path.filter((one) => !one.includes('__proto__')),
      number,
      { maxKeys: 1 },
    ),
    remove: fc.array(path, { maxLength: 1 }),
    when: fc.array(condition, { maxLength: 1 }),
  },
  { requiredKeys: [] },
)
const cases = fc.sample(fc.tuple(fc.dictionary(fc.constantFrom('hp', 'position', '0'), value), change), {
  seed: 20_240_229,
  numRuns: process.env.MILLRACE_SLOW === undefined ? 300 : 3000,
})

describe('patches in memory and in PostgreSQL', () => {
  let server: TestPostgres
  let client: Client
  beforeAll(async () => {
    server = await startPostgres()
    client = new Client(server.url)
    await client.connect()
    for (const table of TABLES) await client.query(table)
  })
  afterAll(async () => {
    await client?.end()
    await server?.stop()
  })

  /** What became of each case: its outcome, and its document. */
  async function outcomes(
    sink: Sink,
    atOnce: number,
    docs: (name: string) => Promise<Map<string, unknown>>,
    changed = (of: object) => of,
  ) {
    const name = `of ${atOnce}, `
    await write(sink, [
      cases.map(([doc], at) => item(patchCreate, { key: name + at, set: doc as RowChange['set'] & object })),
    ])
    const ended: unknown[] = []
    for (let from = 0; from < cases.length; from += atOnce)
      ended.push(
        ...(await write(sink, [
          cases
            .slice(from, from + atOnce)
            .map(([, one], at) => item(patchBack, { ...changed(one), key: name + (from + at) })),
        ])),
      )
    const after = await docs(name)
    return cases.map(([before, of], at) => ({ before, of, outcome: ended[at], after: after.get(name + at) }))
  }

  const byId = (rows: readonly Record<string, unknown>[]) => new Map(rows.map(({ id, data }) => [id as string, data]))
  const inPostgres = async () => byId((await client.query('SELECT id, data FROM players')).rows)

  async function inMemory(atOnce: number, changed?: (of: object) => object) {
    const sink = createMemorySink()
    await sink.open(DEFINITIONS)
    return outcomes(sink, atOnce, async () => byId(sink.rows('players')), changed)
  }

  // A statement for each shape, and one for all.
  for (const atOnce of [12, 300])
    test(`come to the same, ${atOnce} in a batch`, async () => {
      await using sink = createPostgresSink({ url: server.url })
      await sink.open(DEFINITIONS)
      const real = await outcomes(sink, atOnce, inPostgres)
      expect(real).toEqual(await inMemory(atOnce))
      const ends = new Set(real.map(({ outcome }) => (typeof outcome === 'string' ? outcome : 'committed')))
      expect([...ends].sort()).toEqual([
        'CONDITION_FAILED',
        'NOT_A_NUMBER',
        'PATH_NOT_OBJECT',
        'ROW_INVALID',
        'committed',
      ])
      const mutant = await inMemory(atOnce, ({ ...of }: { remove?: unknown }) => ({ ...of, remove: [] }))
      expect(real, 'the mutant survived').not.toEqual(mutant)
    })
})
