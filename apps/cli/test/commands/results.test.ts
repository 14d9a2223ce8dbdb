import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { startPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import pg from 'pg'
import { expect, test } from 'vitest'
import { BIN, Folder, jsonLines, runMillrace } from '../run-millrace.ts'
import { askFiles } from './run-many.ts'

const TIME_BOUND = { timeout: 240_000 }
const tree = {
  'tree/a.js': "import { b } from './b.ts'\nexport function a(x) { return x ? b : 2 }\n",
  'tree/b.ts': 'export const b: number = 2\n',
}

test('results go to standard output for a pipe, all else to standard error', TIME_BOUND, async () => {
  await using folder = await Folder.with(tree)
  const run = await runMillrace(folder.path, ['files', 'run', 'tree', '--workers', '1', '--out', '-'])
  expect(run.code).toBe(0)
  expect(jsonLines(run.stdout).map(({ path }) => path)).toEqual(['a.js', 'b.ts'])
  expect(run.stderr).toMatch(/✓ Done {2}tree/)
  expect(existsSync(folder.at('-'))).toBe(false)

  // What stands in the ledger is written again: a pipe keeps nothing.
  const again = await runMillrace(folder.path, ['files', 'run', 'tree', '--workers', '1', '--out', '-', '--quiet'])
  expect([again.stdout, again.stderr, again.code]).toEqual([run.stdout, '', 0])

  const [both, table] = await askFiles(
    folder.path,
    ['run', 'tree', '--out', '-', '--json'],
    ['run', 'tree', '--out', '-', '--sink', 'sqlite'],
  )
  expect(both.stderr).toMatch(/--out must be a file where --json has standard output.*\(FLAG_INVALID\)\n$/)
  expect(table.stderr).toMatch(/standard output, where the sink sqlite cannot write.*\(OUT_INVALID\)\n$/)
  expect([both.code, table.code]).toEqual([1, 1])
})

test('a reader that has seen enough is no failure', TIME_BOUND, async () => {
  const files = Object.fromEntries(
    Array.from({ length: 300 }, (_, at) => [`tree/f${at}.js`, 'f(1, 2, 3)\n'.repeat(200)]),
  )
  await using folder = await Folder.with(files)
  const shell = `"$0" "$1" files run tree --workers 1 --processor ast-json --processor syntax --out - | head -n 1; echo "\${PIPESTATUS[@]}"`
  const child = spawn('bash', ['-c', shell, process.execPath, BIN], {
    cwd: folder.path,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: folder.path,
      NODE_OPTIONS: '--conditions=millrace-source --max-semi-space-size=16',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (text) => (stdout += text))
  child.stderr.on('data', (text) => (stderr += text))
  await new Promise((resolve) => child.on('close', resolve))
  const [record, codes] = stdout.trim().split('\n')
  expect(JSON.parse(record!)).toMatchObject({ path: 'f0.js' })
  expect(codes).toBe('0 0')
  expect(stderr).toContain('✓ Done')
})

test('results go to a table; a password is not taken there, and is in no ledger', TIME_BOUND, async () => {
  await using server = await startPostgres()
  await using folder = await Folder.with(tree)
  const out = `postgres://millrace@127.0.0.1:${server.port}/postgres?table=mine`
  const env = { PGPASSWORD: server.password }
  const args = ['files', 'run', 'tree', '--workers', '1', '--sink', 'postgres', '--out']
  const refused = await runMillrace(folder.path, [...args, server.url], env)
  expect(refused.stderr).toMatch(/has a password.*PGPASSWORD.*\(OUT_INVALID\)\n$/)
  expect(refused.stderr).not.toContain(server.password)
  expect(refused.code).toBe(1)

  const run = await runMillrace(folder.path, [...args, out], env)
  expect(run.code).toBe(0)
  expect(run.stdout).toContain(`Results  ${out} (2 records)`)
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  expect((await client.query('SELECT path FROM mine ORDER BY path')).rows).toEqual([{ path: 'a.js' }, { path: 'b.ts' }])
  await client.end()
  expect(readFileSync(folder.at('.millrace/ledger.db')).includes(server.password)).toBe(false)

  const closed = await runMillrace(folder.path, [...args, out.replace(/:\d+\//, ':1/')], env)
  expect(closed.stderr).toMatch(
    /Results cannot go to the table mine in 127\.0\.0\.1:1\/postgres .*\(OUT_UNWRITABLE\)\n$/,
  )
  expect(closed.code).toBe(1)
})

test('SQL and a page over the results', TIME_BOUND, async () => {
  await using folder = await Folder.with(tree)
  const [none] = await askFiles(folder.path, ['query', 'select 1'])
  expect([none!.code, none!.stderr]).toEqual([1, expect.stringMatching(/\(LEDGER_MISSING\)\n$/)])
  await runMillrace(folder.path, ['files', 'run', 'tree', '--workers', '1'])
  const sql = 'select path, language, lines from results order by path'
  const [table, json, csv, wrong, change, page, piped, both, unwritable, duplicates] = await askFiles(
    folder.path,
    ['query', sql],
    ['query', sql, '--json'],
    ['query', sql, '--format', 'csv'],
    ['query', 'selec'],
    ['query', 'drop table results'],
    ['report', '--out', 'page.html'],
    ['report', '--out', '-'],
    ['report', '--out', '-', '--json'],
    ['report', '--out', 'tree'],
    ['duplicates'],
  )
  expect(table!.stdout).toMatch(/^path +language +lines\n *a\.js +javascript +2\n *b\.ts +typescript +1\n2 rows\n$/)
  expect(jsonLines(json!.stdout)).toEqual([
    { path: 'a.js', language: 'javascript', lines: 2 },
    { path: 'b.ts', language: 'typescript', lines: 1 },
  ])
  expect(csv!.stdout).toBe('path,language,lines\r\na.js,javascript,2\r\nb.ts,typescript,1\r\n')
  expect([wrong!.code, wrong!.stderr]).toEqual([1, expect.stringMatching(/^millrace: .*\(SQL_INVALID\)\n$/)])
  expect([change!.code, change!.stderr]).toEqual([
    1,
    expect.stringMatching(/^millrace: That is no query.*\(SQL_INVALID\)\n$/),
  ])
  expect(page!.stdout).toMatch(/^Report {2}page\.html \(\d+.*\): open it in a browser\.\n$/)
  expect(readFileSync(folder.at('page.html'), 'utf8')).toMatch(/^<!doctype html>/)
  expect(piped!.stdout).toBe(readFileSync(folder.at('page.html'), 'utf8'))
  expect([both!.code, both!.stderr]).toEqual([1, expect.stringMatching(/\(FLAG_INVALID\)\n$/)])
  expect([unwritable!.code, unwritable!.stderr]).toEqual([1, expect.stringMatching(/\(OUT_UNWRITABLE\)\n$/)])
  expect([duplicates!.code, duplicates!.stderr]).toEqual([
    1,
    expect.stringMatching(/--processor duplicates \(JOB_UNKNOWN\)\n$/),
  ])
})

test('what was written twice', TIME_BOUND, async () => {
  const twice = Array.from({ length: 30 }, (_, at) => `export function f${at}(a, b) { return a * ${at} + b }\n`).join(
    '',
  )
  await using folder = await Folder.with({ 'tree/one.js': twice, 'tree/two.js': twice, 'tree/other.js': 'let x = 1\n' })
  await runMillrace(folder.path, ['files', 'run', 'tree', '--workers', '1', '--processor', 'duplicates'])
  const [table, json] = await askFiles(folder.path, ['duplicates'], ['duplicates', '--json'])
  expect(table!.stdout).toMatch(/one\.js[\s\S]*two\.js/)
  expect(jsonLines(json!.stdout)).toHaveLength(2)
  expect([table!.code, json!.code]).toEqual([0, 0])
})
