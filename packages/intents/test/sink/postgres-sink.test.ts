import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import { messageOf } from '@millrace/kernel/test/property'
import { VirtualClock } from '@millrace/kernel/virtual-clock'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { defineIntent, type IntentDefinition } from '../../src/intent/define-intent.ts'
import type { Target } from '../../src/intent/target.ts'
import { createPostgresSink } from '../../src/sink/postgres/index.ts'
import { DEFINITIONS, insert, item, patch, patchCreate, sinkConformance, TABLES, write } from './conformance.ts'

let server: TestPostgres
let client: Client

beforeAll(async () => {
  server = await startPostgres({ settings: { deadlock_timeout: '50ms' } })
  client = new Client(server.url)
  await client.connect()
  for (const table of TABLES) await client.query(table)
})
afterAll(async () => {
  await client?.end()
  await server?.stop()
})

async function opened(options = {}) {
  const sink = createPostgresSink({ url: server.url, ...options })
  await sink.open(DEFINITIONS)
  return sink
}

describe('a sink on PostgreSQL', () => {
  sinkConformance(async () => {
    const sink = createPostgresSink({ url: server.url, connections: 3 })
    const rows = async (table: string) =>
      (await client.query(`SELECT to_jsonb(t) AS row FROM ${table} t`)).rows.map(({ row }) => row)
    return { sink, rows, end: () => sink.close() }
  })

  test('writes nothing of a batch with data that the database refuses', async () => {
    await using sink = await opened()
    for (const [bad, state] of [
      [item(insert, { id: 'refused', kind: 'longer than it may be' }), '22001'],
      [item(insert, { id: 'refused', serial: 2 ** 40 }), '22003'],
      [item(patchCreate, { key: 'refused', set: { text: 'a\0b' } }), '22P05'],
    ] as const) {
      const failing = write(sink, [[item(patchCreate, { key: `beside ${state}`, set: { a: 1 } })], [bad]])
      expect(await messageOf('DATABASE_REFUSED', () => failing)).toContain(state)
      expect(sink.failureOf(await failing.catch((error: unknown) => error))).toBe('data')
      expect((await client.query('SELECT FROM players WHERE id = $1', [`beside ${state}`])).rowCount).toBe(0)
    }
    expect(await write(sink, [[item(insert, { id: 'accepted' })]])).toEqual(['committed'])
  })

  test('keeps no key of a batch that failed', async () => {
    await using sink = await opened()
    const keyed = item(patchCreate, { key: 'keyed', add: { hp: 1 } }, 'key of a failed batch')
    await expect(write(sink, [[keyed, item(insert, { id: 'refused', serial: 2 ** 40 })]])).rejects.toThrow()
    expect(await write(sink, [[keyed]])).toEqual(['committed'])
    expect(await write(sink, [[keyed]])).toEqual(['duplicate'])
  })

  test('tells data, passing and lasting failures apart', async () => {
    await client.query(`CREATE TABLE failing (id text PRIMARY KEY, n int4 CHECK (n < 10), state text)`)
    await client.query(`CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF new.state IS NOT NULL THEN RAISE EXCEPTION 'as asked' USING ERRCODE = new.state; END IF; RETURN new; END $$`)
    await client.query(`CREATE TRIGGER fail BEFORE INSERT ON failing FOR EACH ROW EXECUTE FUNCTION fail()`)
    const failing = defineIntent({
      type: 'failing',
      target: { kind: 'insert', table: 'failing', columns: { id: 'text', n: 'int4', state: 'text' } },
      toRow: (row: Record<string, unknown>) => row,
    })
    await using sink = createPostgresSink({ url: server.url })
    await sink.open([failing as unknown as IntentDefinition])
    const failureOf = async (row: Record<string, unknown>) =>
      sink.failureOf(await write(sink, [[item(failing, { id: 'a', ...row })]]).catch((error: unknown) => error))
    expect(await failureOf({ n: 11 })).toBe('data')
    const expected = {
      data: ['22012', '23503', '23505', 'P0001', '21000', '54000'],
      transient: ['40001', '40P01', '53100', '53300', '55P03', '57014', '57P03', '25006', '08006', '58030', 'XX000'],
      unknown: ['40003', '08007'],
      permanent: ['42501', '42P01', '3F000', '28000', '3D000', '0A001'],
    }
    for (const [failure, states] of Object.entries(expected))
      for (const state of states) expect([state, await failureOf({ state })]).toEqual([state, failure])
  })

  test('encodes what columns can hold, and leaves what is too long to the database', async () => {
    await client.query(
      `CREATE TABLE kinds (id uuid PRIMARY KEY, at timestamptz, day date, raw bytea, big int8, exact numeric(20, 3), tags text[], yes bool, json json, code char(3))`,
    )
    const columns = {
      id: 'uuid',
      at: 'timestamptz',
      day: 'date',
      raw: 'bytea',
      big: 'int8',
      exact: 'numeric(20, 3)',
      tags: 'text[]',
      yes: 'bool',
      json: 'json',
      code: 'char(3)',
    }
    const kinds = defineIntent({
      type: 'kinds',
      target: { kind: 'insert', table: 'kinds', columns, key: ['id'], returning: Object.keys(columns) },
      toRow: (row: Record<string, unknown>) => row,
    })
    await using sink = createPostgresSink({ url: server.url })
    await sink.open([kinds as unknown as IntentDefinition])
    const id = (n: number) => `00000000-0000-4000-8000-00000000000${n}`
    const row = {
      id: id(1),
      at: new Date(0),
      day: '2026-02-28',
      raw: Buffer.from([0, 255]),
      big: 2n ** 60n,
      exact: '12345678901234567.891',
      tags: ['a,b', '"', null, '{}'],
      yes: true,
      json: { a: [1] },
      code: 'abc',
    }
    const outcomes = await write(sink, [
      [
        item(kinds, row),
        item(kinds, { id: id(2), at: new Date(Number.NaN) }),
        item(kinds, { id: id(3), big: 2 ** 60 }),
        item(kinds, { id: id(4), raw: 1 }),
        item(kinds, { id: id(5), tags: 'a' }),
        item(kinds, { id: id(6), yes: {} }),
      ],
    ])
    const { rows } = await client.query('SELECT to_jsonb(kinds) AS row FROM kinds')
    expect(outcomes).toEqual([
      {
        committed: {
          ...row,
          at: '1970-01-01T00:00:00+00:00',
          raw: '\\x00ff',
          big: '1152921504606846976',
          exact: '12345678901234567.891',
        },
      },
      ...Array(5).fill('VALUE_UNSUPPORTED'),
    ])
    expect(rows).toHaveLength(1)
    await messageOf('DATABASE_REFUSED', () => write(sink, [[item(kinds, { id: id(7), code: 'abcd' })]]))
  })

  test('runs statements of the user with the intents as `input`', async () => {
    const columns = { id: 'text', amount: 'int4' }
    const transfer = `moved AS (UPDATE players p SET data = jsonb_set(p.data, '{gold}', to_jsonb((p.data ->> 'gold')::int - input.amount))
      FROM input WHERE p.id = input.id AND (p.data ->> 'gold')::int >= input.amount RETURNING input.ord, p.data)
      SELECT ord, data, 1.5::float8 AS half, true AS yes, now() IS NULL AS no FROM moved`
    const definitions = [`WITH ${transfer}`, ` with\nrecursive ${transfer}`].map((text, at) =>
      defineIntent({
        type: `pay-${at}`,
        target: { kind: 'sql', text, columns },
        toRow: (row: Record<string, unknown>) => row,
      }),
    )
    await using sink = createPostgresSink({ url: server.url })
    await sink.open([patchCreate, patch, ...definitions] as unknown as IntentDefinition[])
    for (const [at, pay] of definitions.entries()) {
      const id = `payer ${at}`
      await write(sink, [[item(patchCreate, { key: id, set: { gold: 10 } })]])
      expect(await write(sink, [[item(pay, { id, amount: 4 }, `pay ${at}`), item(pay, { id, amount: 40 })]])).toEqual([
        { committed: { data: { gold: 6 }, half: 1.5, yes: true, no: false } },
        'CONDITION_FAILED',
      ])
      expect(
        await write(sink, [[item(patch, { key: id, add: { gold: 1 } })], [item(pay, { id, amount: 4 }, `pay ${at}`)]]),
      ).toEqual(['committed', { duplicate: { data: { gold: 6 }, half: 1.5, yes: true, no: false } }])
    }
  })

  test('plans statements of the user as the server is set, and only those', async () => {
    const look = defineIntent({
      type: 'look',
      target: {
        kind: 'sql',
        text: `SELECT ord, current_setting('enable_hashjoin') AS hash, current_setting('plan_cache_mode') AS cache FROM input`,
        columns: { id: 'text' },
      },
      toRow: () => ({}),
    })
    await using sink = createPostgresSink({ url: server.url, connections: 1 })
    await sink.open([patchCreate, look] as unknown as IntentDefinition[])
    const made = item(patchCreate, { key: 'planned', set: { n: 1 } })
    const seen = { committed: { hash: 'on', cache: 'auto' } }
    for (let round = 0; round < 2; round++)
      expect(await write(sink, [[item(look, {}), made], [item(look, {})]])).toEqual([seen, 'committed', seen])
    const { rows } = await client.query(`SELECT count(*)::int AS n FROM players WHERE id = 'planned'`)
    expect(rows).toEqual([{ n: 1 }])
  })

  test('checks targets against the database when it is opened', async () => {
    const at = (target: Target, code: string) => {
      const definition = defineIntent({ type: 'wrong', target, toRow: () => ({ key: '' }) as never })
      const sink = createPostgresSink({ url: server.url })
      return messageOf(code, () => sink.open([definition as unknown as IntentDefinition])).finally(() => sink.close())
    }
    const target = { kind: 'patch', table: 'players', key: { column: 'id' }, column: 'data' } as const
    expect(await at({ ...target, table: 'player' }, 'TARGET_UNSUPPORTED')).toContain('there is no table player')
    expect(await at({ ...target, table: 'public.players', column: 'doc' }, 'TARGET_UNSUPPORTED')).toContain(
      'it has id, data',
    )
    expect(await at({ ...target, column: 'id' }, 'TARGET_UNSUPPORTED')).toContain('needs jsonb')
    expect(
      await at({ ...target, table: 'events', key: { column: 'kind' }, column: 'doc' }, 'TARGET_UNSUPPORTED'),
    ).toContain('no unique index on kind')
    expect(await at({ ...target, table: 'a.b.c' }, 'OPTION_INVALID')).toContain('schema.table')
    expect(await at({ ...target, key: { column: 'id', type: 'text; DROP' } }, 'OPTION_INVALID')).toContain(
      '"text; DROP"',
    )
    expect(
      await at({ kind: 'insert', table: 'events', columns: { id: 'text' }, onConflict: 'update' }, 'OPTION_INVALID'),
    ).toContain('needs a `key`')
  })

  test('says where it could not go, and never a password', async () => {
    const port = server.port
    const nowhere = createPostgresSink({ url: `postgres://me:secret-word@127.0.0.1:1/db` })
    const message = await messageOf('SINK_UNREACHABLE', () => nowhere.open([]))
    expect(message).toContain('127.0.0.1:1')
    expect(message).not.toContain('secret-word')
    expect(nowhere.failureOf(await nowhere.open([]).catch((error: unknown) => error))).toBe('transient')
    const stranger = createPostgresSink({
      connection: { host: '127.0.0.1', port, user: 'stranger', password: 'secret-word', database: 'postgres' },
    })
    const refused = await stranger.open([]).catch((error: unknown) => error)
    expect(stranger.failureOf(refused)).toBe('permanent')
    expect(JSON.stringify(refused)).not.toContain('secret-word')
    await messageOf('OPTION_INVALID', () => createPostgresSink({}))
    expect(
      await messageOf('OPTION_INVALID', () => createPostgresSink({ url: 'mysql://me:secret-word@x/' })),
    ).not.toContain('secret-word')
    await messageOf('OPTION_INVALID', () => createPostgresSink({ url: server.url, connections: 0 }))
  })

  test('sets up the tables of its user once, however many begin at the same moment', async () => {
    const setUp = [
      'CREATE TABLE IF NOT EXISTS own (id text PRIMARY KEY)',
      'CREATE INDEX IF NOT EXISTS own_id ON own (id)',
    ]
    const sinks = await Promise.all(Array.from({ length: 6 }, () => opened({ setUp })))
    await Promise.all(sinks.map((sink) => sink.close()))
    expect((await client.query('SELECT * FROM own')).rows).toEqual([])
  })

  test('makes its tables once, however many begin at the same moment', async () => {
    const sinks = await Promise.all(Array.from({ length: 6 }, () => opened({ schema: 'fresh "schema"' })))
    await Promise.all(sinks.map((sink) => sink.close()))
    await client.query(`UPDATE "fresh ""schema""".schema_version SET version = 99`)
    expect(await messageOf('SCHEMA_NEWER', () => opened({ schema: 'fresh "schema"' }))).toContain('99')
  })

  test('locks rows in the order of their keys: sinks that write the same ones crosswise never deadlock', async () => {
    await using one = await opened({ connections: 1 })
    await using two = await opened({ connections: 1 })
    const ids = Array.from({ length: 500 }, (_, at) => `crossed ${at}`)
    await write(one, [ids.map((id) => item(patchCreate, { key: id, set: { n: 0 } }))])
    // Of one shape, and of two, so that one batch locks its rows by more than one statement.
    const batch = (from: readonly string[], odd: number) => [
      from.map((key, at) =>
        item(patch, at % 2 === odd ? { key, add: { n: 1 }, set: { seen: true } } : { key, add: { n: 1 } }),
      ),
    ]
    const rounds = process.env.MILLRACE_SLOW === undefined ? 12 : 200
    for (let round = 0; round < rounds; round++)
      await Promise.all(
        round % 2 === 0
          ? [write(one, batch(ids, -1)), write(two, batch(ids.toReversed(), -1))]
          : [write(one, batch(ids, 0)), write(two, batch(ids.toReversed(), 1))],
      )
    const { rows } = await client.query(`SELECT DISTINCT data ->> 'n' AS n FROM players WHERE id LIKE 'crossed %'`)
    expect(rows).toEqual([{ n: String(2 * rounds) }])
  })

  test('makes rows in that order, too', async () => {
    await using one = await opened({ connections: 1 })
    await using two = await opened({ connections: 1 })
    for (let round = 0; round < 10; round++) {
      const ids = Array.from({ length: 100 }, (_, at) => `made ${round} ${at}`)
      const batch = (from: readonly string[], odd: number) => [
        from.map((key, at) =>
          item(patchCreate, at % 2 === odd ? { key, add: { n: 1 } } : { key, add: { n: 1 }, set: { seen: true } }),
        ),
      ]
      await Promise.all([write(one, batch(ids, 0)), write(two, batch(ids.toReversed(), 1))])
    }
    expect((await client.query(`SELECT DISTINCT data ->> 'n' AS n FROM players WHERE id LIKE 'made %'`)).rows).toEqual([
      { n: '2' },
    ])
  })

  test('without that order, the same rows do deadlock', async () => {
    await client.query(`INSERT INTO players SELECT 'unordered ' || at, '{}' FROM generate_series(1, 500) AS at`)
    const other = new Client(server.url)
    await other.connect()
    const ids = Array.from({ length: 500 }, (_, at) => `unordered ${at + 1}`)
    const update = (from: Client, given: readonly string[]) =>
      from.query(
        `BEGIN; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_seqscan = off;
UPDATE players SET data = '{"n": 1}' FROM unnest('{${given.join(',')}}'::text[]) AS i(id) WHERE players.id = i.id; COMMIT`,
      )
    const codes = new Set<unknown>()
    while (!codes.has('40P01')) {
      const ended = await Promise.allSettled([update(client, ids), update(other, ids.toReversed())])
      for (const one of ended) codes.add(one.status === 'rejected' ? one.reason.code : 'committed')
      await Promise.all([client.query('ROLLBACK'), other.query('ROLLBACK')])
    }
    await other.end()
  })

  test('waits its turn where there are more batches than connections', async () => {
    await using sink = await opened({ connections: 1 })
    const outcomes = await Promise.all(
      Array.from({ length: 5 }, () => write(sink, [[item(patchCreate, { key: 'turns', add: { n: 1 } })]])),
    )
    expect(outcomes.flat()).toEqual(Array(5).fill('committed'))
    expect((await client.query(`SELECT data FROM players WHERE id = 'turns'`)).rows).toEqual([{ data: { n: 5 } }])
  })

  test('has a row that is locked by others cancelled, with nothing written', async () => {
    await using sink = await opened()
    await write(sink, [[item(patchCreate, { key: 'held', set: { n: 0 } })]])
    await client.query(`BEGIN; UPDATE players SET data = '{"n": 1}' WHERE id = 'held'`)
    const abort = new AbortController()
    const writing = write(sink, [[item(patch, { key: 'held', set: { n: 2 } })]], abort.signal).catch(
      (error: unknown) => error,
    )
    await blocked()
    abort.abort()
    expect(sink.failureOf(await writing)).toBe('transient')
    await client.query('COMMIT')
    expect(await write(sink, [[item(patch, { key: 'held', add: { n: 1 } })]])).toEqual(['committed'])
    expect((await client.query(`SELECT data FROM players WHERE id = 'held'`)).rows).toEqual([{ data: { n: 2 } }])
  })

  test('a duplicate waits for the first: if that is rolled back, it takes effect itself', async () => {
    await using sink = await opened()
    await client.query(`BEGIN; INSERT INTO millrace.intent_keys (key, payload_hash) VALUES ('waited for', 1)`)
    const writing = write(sink, [[item(patchCreate, { key: 'waiting', set: { n: 1 } }, 'waited for')]])
    await blocked()
    await client.query('ROLLBACK')
    expect(await writing).toEqual(['committed'])
  })

  test('a condition on what somebody else changes meanwhile is looked at again', async () => {
    await using sink = await opened()
    await write(sink, [[item(patchCreate, { key: 'raced', set: { n: 1 } })]])
    await client.query(`BEGIN; UPDATE players SET data = '{"n": 2}' WHERE id = 'raced'`)
    const writing = write(sink, [
      [item(patch, { key: 'raced', set: { n: 9 }, when: [{ path: 'n', is: '=', value: 1 }] })],
    ])
    await blocked()
    await client.query('COMMIT')
    expect(await writing).toEqual(['CONDITION_FAILED'])
  })

  test('tells how long batches waited for locks of others, and asks only while they take long', async () => {
    const clock = new VirtualClock()
    const sink = await opened({ clock })
    const looks = async () =>
      (await client.query(`SELECT FROM pg_stat_activity WHERE application_name = 'millrace: lock waits'`)).rowCount
    await write(sink, [[item(patchCreate, { key: 'locked', set: { n: 0 } })]])
    clock.advance(10_000)
    expect([sink.stats, await looks(), clock.pending]).toEqual([{ lockWaitMs: 0 }, 0, 1])
    await client.query(`BEGIN; UPDATE players SET data = '{}' WHERE id = 'locked'`)
    const writing = write(sink, [[item(patch, { key: 'locked', set: { n: 1 } })]])
    await blocked()
    for (const lockWaitMs of [100, 200, 300]) {
      clock.advance(100)
      while (sink.stats?.lockWaitMs !== lockWaitMs) await client.query('SELECT 1')
    }
    expect(await looks()).toBe(1)
    await client.query('COMMIT')
    expect(await writing).toEqual(['committed'])
    clock.advance(100)
    expect(sink.stats).toEqual({ lockWaitMs: 300 })
    // It is there for a while, and ends with the sink: what is set is nothing, and the server is rid of it.
    expect(await looks()).toBe(1)
    await sink.close()
    expect(clock.pending).toBe(0)
    while ((await looks()) !== 0);
  })

  test('writes on where it cannot be seen what it waits for', async () => {
    const clock = new VirtualClock()
    await using sink = await opened({ clock })
    await write(sink, [[item(patchCreate, { key: 'unseen', set: { n: 0 } })]])
    await client.query(`BEGIN; UPDATE players SET data = '{}' WHERE id = 'unseen'`)
    const writing = write(sink, [[item(patch, { key: 'unseen', set: { n: 1 } })]])
    await blocked()
    clock.advance(100)
    while (sink.stats?.lockWaitMs !== 100) await client.query('SELECT 1')
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'millrace: lock waits'`,
    )
    clock.advance(100)
    // It failed, is tried again five seconds later, and then the gap counts too.
    while (clock.pending < 2) await client.query('SELECT 1')
    for (let step = 0; sink.stats?.lockWaitMs === 100; step++) {
      clock.advance(100)
      await client.query('SELECT 1')
      expect(step).toBeLessThan(10_000)
    }
    expect(sink.stats?.lockWaitMs).toBeGreaterThanOrEqual(5000)
    await client.query('COMMIT')
    expect(await writing).toEqual(['committed'])
  })

  test('keeps old keys no longer than it is told, and deletes them a few at a time', async () => {
    const clock = new VirtualClock()
    await using sink = await opened({ schema: 'pruned', keepKeysMs: 1000, clock })
    await write(sink, [[item(patch, { key: 'nobody' }, 'old'), item(patch, { key: 'nobody' }, 'new')]])
    await client.query(`UPDATE pruned.intent_keys SET at = now() - interval '1 hour' WHERE key = 'old'`)
    const left = async () =>
      (await client.query('SELECT key FROM pruned.intent_keys JOIN pruned.intent_outcomes USING (key)')).rows
    clock.advance(60_000)
    while ((await left()).length > 1);
    expect(await left()).toEqual([{ key: 'new' }])
  })
})

/** Resolves when a session of the sink waits for a lock. */
async function blocked(): Promise<void> {
  const look = new Client(server.url)
  await look.connect()
  for (;;) {
    const { rowCount } = await look.query(
      `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'millrace'`,
    )
    if (rowCount === 1) break
  }
  await look.end()
}
