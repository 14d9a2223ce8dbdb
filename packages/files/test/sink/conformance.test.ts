import { readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { zstdDecompressSync } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import { describe, expect, test } from 'vitest'
import { RECORD_COLUMNS, tableRow } from '../../src/sink/record-table.ts'
import { BUILT_IN_SINKS } from '../../src/sink/resolve-sink.ts'
import type { ResultRow, Sink } from '../../src/sink/sink.ts'
import { randomBelow } from '../ledger/random.ts'
import { temporaryFolder } from '../tree.ts'

const below = randomBelow(5)
const names = ['main', "O'Brien", 'ünïcode 日本', 'tab\tand"quote', '']

/** Records as the built-in processors give them, and one of another's. */
function rowAt(index: number): ResultRow {
  const path = `folder-${index % 7}/file ${String(index).padStart(6, '0')} é.ts`
  const hash = index.toString(16).padStart(64, '0')
  const record =
    index % 10 === 9
      ? { path, hash, todos: index, language: 5, nested: { list: [1, null, 'x'] } }
      : {
          path,
          hash,
          schema: 2,
          language: index % 3 === 0 ? null : 'typescript',
          dialect: 'estree',
          lines: index,
          bytes: 2 ** 40 + index,
          nodes: below(1000),
          depth: 3,
          complexity: index % 4 === 0 ? null : below(100),
          commentRatio: below(10_000) / 10_000,
          imports: [
            { from: './a.ts', kind: 'static', names: ['a', names[below(5)]] },
            { from: 'b', kind: 'require' },
          ],
          exports: [],
          declarations: [{ name: names[index % 5], kind: 'function', start: 0, end: 10, line: 1, endLine: 2 }],
          functions: [{ name: null, line: 1, complexity: 2 }],
          diagnostics: [],
        }
  return { path, hash, record: JSON.stringify(record) }
}
const rows = Array.from({ length: 4321 }, (_, index) => rowAt(index)).sort((a, b) => (a.path < b.path ? -1 : 1))

async function exported(sink: Sink, out: string, given: readonly ResultRow[], pageRows: number): Promise<void> {
  const writer = await sink.open({ out, jobId: '20261122-001', rows: given.length, temporaryName: '.millrace-1.tmp' })
  for (let from = 0; from < given.length; from += pageRows) await writer.write(given.slice(from, from + pageRows))
  await writer.commit()
}

/** All values of the table, however they are kept, as {@link tableRow} has them. */
const readers: Record<string, (path: string) => Promise<unknown[][]> | unknown[][]> = {
  jsonl: (path) => tableOf(readFileSync(path, 'utf8')),
  'jsonl.zst': (path) => tableOf(zstdDecompressSync(readFileSync(path)).toString()),
  async parquet(path) {
    const connection = await (await DuckDBInstance.create(':memory:')).connect()
    const result = await connection.runAndReadAll(`SELECT * FROM read_parquet('${path}')`)
    connection.closeSync()
    return result
      .getRowsJson()
      .map((row) =>
        row.map((value, at) => (value !== null && RECORD_COLUMNS[at]!.type === 'integer' ? Number(value) : value)),
      )
  },
  sqlite(path) {
    using database = new DatabaseSync(path, { readOnly: true })
    return database
      .prepare('SELECT * FROM results ORDER BY path')
      .all()
      .map((row) => Object.values(row))
  },
}

function tableOf(lines: string): unknown[][] {
  return lines
    .split('\n')
    .filter((line) => line !== '')
    .map((record) => tableRow({ path: '', hash: '', record }))
}

/** Those that make a file. */
const FILE_SINKS = BUILT_IN_SINKS.filter(({ name }) => name !== 'postgres')

describe.each(FILE_SINKS.map((sink) => [sink.name, sink] as const))('the sink %s', (name, sink) => {
  const read = readers[name]!

  test('what is read back is what was written', async () => {
    const out = join(temporaryFolder(), `out${sink.extension}`)
    await exported(sink, out, rows, 1000)
    expect(await read(out)).toEqual(rows.map(tableRow))
  })

  test('the same rows give the same bytes, however they come', async () => {
    const folder = temporaryFolder()
    await exported(sink, join(folder, 'one'), rows, 1000)
    await exported(sink, join(folder, 'other'), rows, 77)
    expect(readFileSync(join(folder, 'one')).equals(readFileSync(join(folder, 'other')))).toBe(true)
  })

  test('no rows are an empty table', async () => {
    const out = join(temporaryFolder(), 'out')
    await exported(sink, out, [], 1)
    expect(await read(out)).toEqual([])
  })

  test('before commit the old one is there, and after an abort too, without a trace', async () => {
    const folder = temporaryFolder()
    const out = join(folder, 'out')
    writeFileSync(out, 'old')
    const writer = await sink.open({ out, jobId: '1', rows: rows.length, temporaryName: '.millrace-1.tmp' })
    for (let from = 0; from < rows.length; from += 1000) await writer.write(rows.slice(from, from + 1000))
    expect(readFileSync(out, 'utf8')).toBe('old')
    await writer.abort()
    expect(readdirSync(folder)).toEqual(['out'])
    expect(readFileSync(out, 'utf8')).toBe('old')
  })

  test('what a killed export left is cleared away, and nothing that a link in its place names', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'elsewhere'), 'not to be touched')
    symlinkSync(join(folder, 'elsewhere'), join(folder, '.millrace-1.tmp'))
    await exported(sink, join(folder, 'out'), rows.slice(0, 3), 1)
    expect(readdirSync(folder).sort()).toEqual(['elsewhere', 'out'])
    expect(readFileSync(join(folder, 'elsewhere'), 'utf8')).toBe('not to be touched')
  })

  test('an export that was overtaken by another of its job puts nothing in place, and removes nothing of it', async () => {
    const folder = temporaryFolder()
    const out = join(folder, 'out')
    const target = { out, jobId: '1', rows: rows.length, temporaryName: '.millrace-1.tmp' }
    const [first, second] = [await sink.open(target), await sink.open(target)]
    await second.write(rows)
    const overtaken = async () => {
      await first.write(rows.slice(0, 10))
      await first.commit()
    }
    await expect(overtaken()).rejects.toMatchObject({ code: 'OUT_WRITE_FAILED' })
    await first.abort()
    expect(readdirSync(folder)).toEqual(['.millrace-1.tmp'])
    await second.commit()
    expect(readdirSync(folder)).toEqual(['out'])
    expect(await read(out)).toEqual(rows.map(tableRow))
  })

  test('refuses a folder, before any work', async () => {
    const out = temporaryFolder()
    await expect(async () => sink.check!(out)).rejects.toMatchObject({ code: 'OUT_UNWRITABLE' })
    await expect(exported(sink, out, [], 1)).rejects.toMatchObject({ code: 'OUT_UNWRITABLE' })
  })
})

test('a row of another processor keeps all it says', () => {
  const [path, hash, language, ...others] = tableRow(rowAt(9))
  expect([path, language]).toEqual([rowAt(9).path, null])
  expect(hash).toHaveLength(64)
  expect(JSON.parse(others.at(-1) as string)).toEqual({ todos: 9, language: 5, nested: { list: [1, null, 'x'] } })
})

test('lists are tables of their own in SQLite', async () => {
  const out = join(temporaryFolder(), 'out.sqlite')
  await exported(BUILT_IN_SINKS.find(({ name }) => name === 'sqlite')!, out, rows, 1000)
  using database = new DatabaseSync(out, { readOnly: true })
  const count = (sql: string) => Object.values(database.prepare(sql).get()!)[0]
  const records = rows.map(({ record }) => JSON.parse(record))
  expect(count('SELECT count(*) FROM imports')).toBe(2 * records.filter(({ imports }) => imports).length)
  expect(count("SELECT count(*) FROM declarations WHERE name = 'O''Brien'")).toBe(
    records.filter(({ declarations }) => declarations?.[0].name === "O'Brien").length,
  )
  expect(count('SELECT sum(complexity) FROM functions')).toBe(2 * records.filter(({ functions }) => functions).length)
})
