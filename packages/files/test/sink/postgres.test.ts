import { fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import type { Client as PgClient } from 'pg'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { postgres } from '../../src/sink/postgres/postgres.ts'
import { RECORD_COLUMNS, tableRow } from '../../src/sink/record-table.ts'
import type { ResultRow, SinkWriter } from '../../src/sink/sink.ts'
import { type CutLine, openCutLine } from '../crash/cut-line.ts'
import { temporaryFolder } from '../tree.ts'

const { Client } = pg
/** Against hangs. */
const PATIENT = { timeout: 30_000 }

let server: TestPostgres
let admin: PgClient
let number = 0

beforeAll(async () => {
  server = await startPostgres()
  admin = new Client({ connectionString: server.url })
  await admin.connect()
})
afterAll(async () => {
  await admin?.end()
  await server?.stop()
})
afterEach(() => vi.unstubAllEnvs())

/** The address of a table of a test's own, which has no password. */
function tableAddress({ table = `results_${number++}`, user = 'millrace' } = {}): { out: string; table: string } {
  vi.stubEnv('PGPASSWORD', server.password)
  return { out: `postgres://${user}@127.0.0.1:${server.port}/postgres?table=${table}`, table }
}

function rowAt(index: number, more: object = {}): ResultRow {
  const path = `folder/file ${String(index).padStart(6, '0')}.ts`
  const hash = index.toString(16).padStart(64, '0')
  const record = { path, hash, language: 'typescript', lines: index, commentRatio: index / 7, imports: [], ...more }
  return { path, hash, record: JSON.stringify(record) }
}
const rowsTo = (count: number, more?: object) => Array.from({ length: count }, (_, index) => rowAt(index, more))

function open(out: string, rows: readonly ResultRow[]): SinkWriter | Promise<SinkWriter> {
  return postgres.open({ out, jobId: '20261122-001', rows: rows.length, temporaryName: '.millrace-1.tmp' })
}

async function exportTo(out: string, rows: readonly ResultRow[]): Promise<void> {
  const writer = await open(out, rows)
  for (let from = 0; from < rows.length; from += 1000) await writer.write(rows.slice(from, from + 1000))
  await writer.commit()
}

const count = async (table: string) => Number((await admin.query(`SELECT count(*) FROM ${table}`)).rows[0].count)
const stagingTables = async () =>
  Number((await admin.query("SELECT count(*) FROM pg_class WHERE relname = 'millrace_staging'")).rows[0].count)

/** Ends the sessions of exports, as an administrator does. */
async function endExports(): Promise<number> {
  const { rows } = await admin.query(
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'millrace export'",
  )
  return rows.length
}

describe('the table', () => {
  test('has every column of every record', async () => {
    const { out, table } = tableAddress()
    const odd = [
      rowAt(0),
      rowAt(1, { functions: [{ name: 'tab\tback\\slash\nline\r', line: 1, complexity: 2 }], dialect: '\\N' }),
      rowAt(2, { todos: 5, lines: 'many', imports: [{ from: 'ünïcode 日本 🦀' }] }),
    ]
    await exportTo(out, odd)
    const { rows } = await admin.query({ text: `SELECT * FROM ${table} ORDER BY path`, rowMode: 'array' })
    const read = rows.map((row: unknown[]) =>
      row.map((value, at) => {
        const { type } = RECORD_COLUMNS[at]!
        return value !== null && type === 'integer' ? Number(value) : value
      }),
    )
    const expected = odd.map((row) =>
      tableRow(row).map((value, at) =>
        value !== null && RECORD_COLUMNS[at]!.type === 'json' ? JSON.parse(value as string) : value,
      ),
    )
    expect(read).toEqual(expected)
  })

  test('takes what PostgreSQL has no room for as U+FFFD, and what only looks like it as it is', async () => {
    const { out, table } = tableAddress()
    await exportTo(out, [rowAt(0, { dialect: 'a\0b\ud800', imports: [{ from: '\0virtual \\u0000 \udc00.' }] })])
    const { rows } = await admin.query(`SELECT dialect, imports FROM ${table}`)
    expect(rows).toEqual([{ dialect: 'a\ufffdb\ufffd', imports: [{ from: '\ufffdvirtual \\u0000 \ufffd.' }] }])
  })

  test('is made empty for no rows', async () => {
    const { out, table } = tableAddress()
    await exportTo(out, [])
    expect(await count(table)).toBe(0)
  })

  test('has what the last export says; rows that are the same are not written again, nor locked', async () => {
    const { out, table } = tableAddress()
    await exportTo(out, rowsTo(3000))
    await admin.query(`ALTER TABLE ${table} ADD COLUMN note text; UPDATE ${table} SET note = 'mine'`)
    const versions = async () =>
      new Map(
        (await admin.query(`SELECT path, ctid || ' ' || xmax AS version FROM ${table}`)).rows.map((row) => [
          row.path,
          row.version,
        ]),
      )
    const before = await versions()
    await exportTo(out, [...rowsTo(2990).slice(10), rowAt(2990, { lines: 1 }), rowAt(5000)])
    const after = await versions()
    expect(after.size).toBe(2982)
    const written = [...after].filter(([path, version]) => before.get(path) !== version).map(([path]) => path)
    expect(written.sort()).toEqual([rowAt(2990).path, rowAt(5000).path])
    const { rows } = await admin.query(`SELECT count(*) FILTER (WHERE note = 'mine') AS mine FROM ${table}`)
    expect(Number(rows[0].mine)).toBe(2981)
  })

  test('stands in the schema that is named, under a name with odd signs', async () => {
    await admin.query('CREATE SCHEMA IF NOT EXISTS "Odd ""schema"')
    const { out } = tableAddress({ table: encodeURIComponent('Odd "schema.the table') })
    await postgres.check!(out)
    await exportTo(out, rowsTo(3))
    expect(await count('"Odd ""schema"."the table"')).toBe(3)
  })
})

describe('nothing but all of it', () => {
  test('until it commits the old rows are there, after an abort too, and no staging table', async () => {
    const { out, table } = tableAddress()
    await exportTo(out, rowsTo(5))
    const writer = await open(out, rowsTo(2000))
    await writer.write(rowsTo(2000))
    expect(await count(table)).toBe(5)
    await writer.abort()
    expect(await count(table)).toBe(5)
    await vi.waitFor(async () => expect(await stagingTables()).toBe(0), PATIENT)
  })

  test('whose session is ended in the middle of COPY: the old rows, a sentence, and the next one goes through', async () => {
    const { out, table } = tableAddress()
    await exportTo(out, rowsTo(5))
    const rows = rowsTo(2000)
    const writer = await open(out, rows)
    await writer.write(rows.slice(0, 1000))
    expect(await endExports()).toBe(1)
    const failure = await Promise.resolve()
      .then(() => writer.write(rows.slice(1000)))
      .then(() => writer.commit())
      .catch((error) => error)
    await writer.abort()
    expect(failure).toMatchObject({ code: 'OUT_WRITE_FAILED', message: expect.stringContaining(table) })
    expect(failure.message).not.toContain(server.password)
    expect(await count(table)).toBe(5)
    await exportTo(out, rows)
    expect(await count(table)).toBe(2000)
  })

  /** An export of other rows into a table of five, of which the server ends the session at the hundredth insert: paths that are there then. */
  async function endedInMerge(): Promise<string[]> {
    const { out, table } = tableAddress()
    await exportTo(out, rowsTo(5))
    await admin.query(`CREATE OR REPLACE FUNCTION end_session() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF NEW.lines = 100 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF; RETURN NEW; END $$;
CREATE TRIGGER end_session BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION end_session()`)
    const writer = await open(out, [])
    await writer.write(rowsTo(200).slice(3))
    await expect(async () => writer.commit()).rejects.toMatchObject({ code: 'OUT_WRITE_FAILED' })
    await writer.abort()
    return (await admin.query(`SELECT path FROM ${table} ORDER BY path`)).rows.map(({ path }) => path)
  }

  test('what ends it in the merge takes back all of it', async () => {
    expect(await endedInMerge()).toEqual(rowsTo(5).map(({ path }) => path))
  })

  test('without the transaction it would not', async () => {
    const query = Client.prototype.query as (...args: unknown[]) => unknown
    const mutant = vi.spyOn(Client.prototype, 'query').mockImplementation(function (
      this: PgClient,
      ...args: unknown[]
    ) {
      const isBound = typeof args[0] === 'string' && /^(BEGIN|COMMIT|LOCK)/.test(args[0])
      return query.apply(this, isBound ? ['SELECT 1'] : args) as undefined
    })
    try {
      expect(await endedInMerge()).not.toEqual(rowsTo(5).map(({ path }) => path))
    } finally {
      mutant.mockRestore()
    }
  })

  test('whose process is killed: the old rows, and its staging table is cleared away', async () => {
    const { out, table } = tableAddress()
    await exportTo(out, rowsTo(5))
    const child = fork(fileURLToPath(new URL('./killed-export.ts', import.meta.url)), [out], {
      env: { ...process.env, PGPASSWORD: server.password },
      execArgv: ['--conditions=millrace-source'],
    })
    try {
      await once(child, 'message')
      expect(await stagingTables()).toBe(1)
    } finally {
      child.kill('SIGKILL')
    }
    await vi.waitFor(async () => expect(await stagingTables()).toBe(0), PATIENT)
    expect(await count(table)).toBe(5)
  })

  test('two at once follow one another: the table has all of one, and none of the other', async () => {
    const { out, table } = tableAddress()
    for (let round = 0; round < 5; round++) {
      await Promise.all([
        exportTo(out, rowsTo(1500, { language: 'a' })),
        exportTo(out, rowsTo(1000, { language: 'b' })),
      ])
      const { rows } = await admin.query(`SELECT language, count(*)::int AS count FROM ${table} GROUP BY 1`)
      expect([[{ language: 'a', count: 1500 }], [{ language: 'b', count: 1000 }]]).toContainEqual(rows)
      if (round === 2) await admin.query(`DROP TABLE ${table}`)
    }
  })
})

describe('a server that stalls', () => {
  /** The address by way of a line that can be cut, where a second is long, and not for a busy machine. */
  async function overLine(line: CutLine) {
    const { out, table } = tableAddress()
    await exportTo(out, rowsTo(5))
    return { out: `${out.replace(`:${server.port}/`, `:${line.port}/`)}&timeout=1.2`, table }
  }
  const stalled = {
    code: 'OUT_WRITE_FAILED',
    message: expect.stringMatching(
      /has taken nothing and said nothing for 1\.2 s\)\. The results are safe in the ledger/,
    ),
  }

  test('in the middle of COPY, and at its end: a sentence, the old rows, and nothing is left of it', async () => {
    await using line = await openCutLine(server.port)
    const { out, table } = await overLine(line)
    const writer = await open(out, rowsTo(1000))
    await writer.write(rowsTo(1000))
    line.cut()
    const fill = async () => {
      // Until every buffer on the way is full.
      for (let n = 0; n < 1000; n++) await writer.write(rowsTo(1000, { dialect: 'x'.repeat(1000) }))
    }
    await expect(fill()).rejects.toMatchObject(stalled)
    await writer.abort()
    expect(await count(table)).toBe(5)

    line.mend()
    const ending = await open(out, rowsTo(10))
    await ending.write(rowsTo(10))
    line.cut()
    await expect(async () => ending.commit()).rejects.toMatchObject(stalled)
    await ending.abort()
    expect(await count(table)).toBe(5)
    line.mend()
    await vi.waitFor(async () => expect(await stagingTables()).toBe(0), PATIENT)
    await exportTo(out, rowsTo(7))
    expect(await count(table)).toBe(7)
  })

  test('is not one that is at work, however long; and may stall in that too', async () => {
    await using line = await openCutLine(server.port)
    const { out, table } = await overLine(line)
    const writer = await open(out, rowsTo(10))
    await writer.write(rowsTo(10))
    await admin.query(`BEGIN; LOCK TABLE ${table}`)
    const merging = Promise.resolve(writer.commit())
    merging.catch(() => {})
    await new Promise((resolve) => setTimeout(resolve, 2000))
    await admin.query('COMMIT')
    await merging
    expect(await count(table)).toBe(10)

    const cut = await open(out, rowsTo(20))
    await cut.write(rowsTo(20))
    await admin.query(`BEGIN; LOCK TABLE ${table}`)
    const stuck = Promise.resolve(cut.commit())
    stuck.catch(() => {})
    await vi.waitFor(async () => {
      const { rows } = await admin.query('SELECT FROM pg_locks WHERE NOT granted AND relation = $1::regclass', [table])
      expect(rows).toHaveLength(1)
    }, PATIENT)
    line.cut()
    await expect(stuck).rejects.toMatchObject(stalled)
    await cut.abort()
    await admin.query('COMMIT')
    expect(await count(table)).toBe(10)
  })
})

describe('refused before any work', () => {
  const refusal = (out: string) => Promise.resolve(postgres.check!(out)).catch((error) => error)

  test.each([
    ['nobody is there', () => 'postgres://millrace@127.0.0.1:1/postgres', /ECONNREFUSED.*PGPASSWORD/],
    [
      'there is no such database',
      () => tableAddress().out.replace('/postgres?', '/absent?'),
      /"absent" does not exist/,
    ],
    [
      'there is no such schema',
      () => tableAddress({ table: 'absent.results' }).out,
      /no schema "absent": make it first/,
    ],
  ])('%s', async (_, out, message) => {
    expect(await refusal(out())).toMatchObject({ code: 'OUT_UNWRITABLE', message: expect.stringMatching(message) })
  })

  test('nothing, where the password is in ~/.pgpass', async () => {
    const { out } = tableAddress()
    const file = join(temporaryFolder(), 'pgpass')
    writeFileSync(file, `127.0.0.1:${server.port}:*:millrace:${server.password}\n`, { mode: 0o600 })
    vi.stubEnv('PGPASSWORD', undefined)
    expect(await refusal(out)).toMatchObject({ code: 'OUT_UNWRITABLE' })
    vi.stubEnv('PGPASSFILE', file)
    expect(await refusal(out)).toBeUndefined()
  })

  test('a password that is wrong is not told', async () => {
    const { out } = tableAddress()
    vi.stubEnv('PGPASSWORD', 'wrong-secret')
    const failure = await refusal(out)
    expect(failure).toMatchObject({ code: 'OUT_UNWRITABLE', message: expect.stringMatching(/password/) })
    expect(JSON.stringify(failure) + failure.message).not.toContain('wrong-secret')
  })

  test.each([
    [
      'other columns',
      'CREATE TABLE $ (path text PRIMARY KEY, hash text)',
      'it has other columns: language is not among them',
    ],
    [
      'a column of another type',
      (table: string) => `ALTER TABLE ${table} ALTER lines TYPE int4`,
      'its column lines is integer, not bigint',
    ],
    [
      'no key',
      (table: string) => `ALTER TABLE ${table} DROP CONSTRAINT ${table}_pkey`,
      'its column path is not its key',
    ],
    ['a view', 'CREATE VIEW $ AS SELECT 1', 'it is no table'],
  ])('a table of another shape: %s', async (_, change, fault) => {
    const { out, table } = tableAddress()
    if (typeof change === 'string') await admin.query(change.replace('$', table))
    else {
      await exportTo(out, [])
      await admin.query(change(table))
    }
    const refused = { code: 'OUT_UNWRITABLE', message: expect.stringContaining(fault) }
    expect(await refusal(out)).toMatchObject(refused)
    await expect(async () => open(out, [])).rejects.toMatchObject(refused)
  })

  test('a database that takes no changes, a user who may not', async () => {
    const { out, table } = tableAddress()
    await exportTo(out, [])
    await admin.query(`CREATE USER reader PASSWORD '${server.password}'; GRANT SELECT, INSERT ON ${table} TO reader`)
    expect((await refusal(tableAddress({ table, user: 'reader' }).out)).message).toContain('the user may not write it')
    await admin.query('ALTER USER reader SET default_transaction_read_only = on')
    expect((await refusal(tableAddress({ table, user: 'reader' }).out)).message).toContain(
      'the database takes no changes',
    )
  })

  test.each([
    ['nothing', undefined],
    ['a file', 'results.jsonl'],
    ['standard output', '-'],
    ['three names', 'postgres://host/db?table=a.b.c'],
    ['an empty name', 'postgres://host/db?table=a.'],
    ['no time', 'postgres://host/db?timeout=0'],
    ['a time that is none', 'postgres://host/db?timeout=1e3'],
    ['a password', 'postgres://user:s3cret@host/db'],
    ['a password among the parameters', 'postgres://user@host/db?password=s3cret'],
  ])('as an address: %s', (_, out) => {
    let failure: unknown
    try {
      postgres.target!(out)
    } catch (error) {
      failure = error
    }
    expect(failure).toMatchObject({ code: 'OUT_INVALID' })
    expect(JSON.stringify(failure)).not.toContain('s3cret')
  })
})
