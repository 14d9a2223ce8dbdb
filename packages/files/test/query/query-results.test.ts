import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BatchProcessingEngine, type Ledger, openLedger, queryResults } from '../../src/index.ts'
import { temporaryFolder } from '../ledger/samples.ts'
import { writeTree } from '../tree.ts'

const SOURCES = {
  'a.ts': "import { b } from './b.ts'\nexport function first(x: number) { return x > 0 ? b : 0 }\n",
  'b.ts': 'export const b = 1\nexport function second() { if (b) { if (b > 1) return 1 } return 0 }\n',
  'it’s.js': "const fs = require('node:fs')\n",
  'broken.ast.json': '{',
}
let ledger: Ledger
let jobId: string
const folder = temporaryFolder()
const ask = (sql: string) => queryResults(ledger, jobId, sql)

beforeAll(async () => {
  const root = writeTree(join(folder.path, 'tree'), SOURCES)
  const stateDir = join(folder.path, 'state')
  await using engine = new BatchProcessingEngine({ stateDir, sink: null, workerCount: 1 })
  jobId = (await engine.processRepository(root)).jobId
  ledger = await openLedger(stateDir, { readonly: true })
})
afterAll(async () => {
  await ledger.close()
  folder[Symbol.dispose]()
})

describe('queryResults', () => {
  test('results as a table, with the lists in them as views', async () => {
    expect(await ask('SELECT path, language, lines FROM results ORDER BY path')).toEqual({
      columns: [
        { name: 'path', type: 'VARCHAR' },
        { name: 'language', type: 'VARCHAR' },
        { name: 'lines', type: 'BIGINT' },
      ],
      rows: [
        ['a.ts', 'typescript', 2],
        ['b.ts', 'typescript', 2],
        ['it’s.js', 'javascript', 1],
      ],
    })
    expect((await ask('SELECT path, "from", kind FROM imports ORDER BY path')).rows).toEqual([
      ['a.ts', './b.ts', 'static'],
      ['it’s.js', 'node:fs', 'require'],
    ])
    expect((await ask('SELECT name, complexity FROM functions ORDER BY complexity DESC, name')).rows).toEqual([
      ['second', 3],
      ['first', 2],
    ])
    expect(
      (await ask("SELECT name, end_line FROM declarations WHERE kind = 'variable' AND path = 'b.ts'")).rows,
    ).toEqual([['b', 1]])
    expect((await ask('SELECT path, code FROM quarantine')).rows).toEqual([['broken.ast.json', 'AST_INVALID']])
  })

  test('sums, averages and what is too large for a number', async () => {
    const { rows } = await ask(
      'SELECT count(*), sum(bytes), avg(lines) > 1, 12345678901234567890::HUGEINT, 1.5::DECIMAL(9, 2), [1, 2], NULL FROM results',
    )
    expect(rows).toEqual([[3, expect.any(Number), true, '12345678901234567890', 1.5, [1, 2], null]])
  })

  test.each([
    ['selec 1', /^The query was refused at line 1, near "selec 1": syntax error at or near "selec"\.$/],
    [
      'SELECT path,\n  langage FROM results',
      /at line 2, near "langage FROM results": .* in FROM clause\. Candidate bindings: .*"language".*\.$/,
    ],
    ['SELECT * FROM result', /Did you mean "results"\?$/],
    ['SELECT * FROM nope', /name nope does not exist\. There are results, quarantine, imports, .*diagnostics\.$/],
    ['SELECT 1; SELECT 2', /^There is more than one query in it, and one is answered\./],
    ["SELECT * FROM read_csv('/etc/passwd')", /file system operations are disabled/],
    ["COPY results TO '/tmp/stolen.csv'", /file system operations are disabled/],
    ['SET enable_external_access = true', /configuration has been locked|Cannot/],
    ['DROP TABLE results', /^That is no query: results are only read\. /],
    ['SELECT 1; DELETE FROM results', /^That is no query/],
    ['', /^That is no query/],
    [' ;; -- SELECT 1\n/* -- */', /^That is no query/],
    [`${'-- '.repeat(5000)}\nselec`, /syntax error/],
  ])('%s is refused with what and where', async (sql, message) => {
    await expect(ask(sql)).rejects.toMatchObject({ code: 'SQL_INVALID', message: expect.stringMatching(message) })
  })

  test.each([
    ['CREATE VIEW mine AS SELECT path FROM results; SELECT count(*) AS files FROM mine;', [['files'], [3]]],
    [
      'PIVOT (SELECT language FROM results) ON language USING count(*)',
      [
        ['javascript', 'typescript'],
        [1, 2],
      ],
    ],
    ['FROM results SELECT path LIMIT 1', [['path'], ['a.ts']]],
    [
      'SELECT 1 AS a, 2 AS a',
      [
        ['a', 'a:1'],
        [1, 2],
      ],
    ],
    [
      'DESCRIBE quarantine',
      [['column_name', 'column_type', 'null', 'key', 'default', 'extra'], expect.arrayContaining(['path'])],
    ],
  ])('%s is answered by its last statement', async (sql, [names, first]) => {
    const { columns, rows } = await ask(sql)
    expect([columns.map(({ name }) => name), rows[0]]).toEqual([names, first])
  })

  test('a query that goes on and on is broken off', async () => {
    const end = new AbortController()
    const asked = queryResults(ledger, jobId, 'SELECT count(*) FROM range(100000000000) AS a, range(1000) AS b', {
      signal: end.signal,
    })
    setTimeout(() => end.abort(), 300)
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' })
  })
})
