import { BesideFile } from './beside-file.ts'
import { checkOut } from './check-out.ts'
import { writing } from './file-sink.ts'
import { RECORD_COLUMNS, tableRow } from './record-table.ts'
import { defineSink, type ResultRow, type SinkWriter } from './sink.ts'
import { targetBesideFiles } from './target.ts'

const TYPES = { text: 'TEXT', json: 'TEXT', integer: 'INTEGER', double: 'REAL' } as const

const TABLE = `
  CREATE TABLE results (
    ${RECORD_COLUMNS.map(({ name, type }) => `${name} ${TYPES[type]}${name === 'path' ? ' PRIMARY KEY' : ''}${name === 'path' || name === 'hash' ? ' NOT NULL' : ''}`).join(',\n    ')}
  ) STRICT, WITHOUT ROWID`

/** What stands as lists in a record, a row each: made of the table, so that they take no room. */
const VIEWS = `
  CREATE VIEW imports AS SELECT results.path, each.key AS number, each.value ->> 'from' AS "from", each.value ->> 'kind' AS kind,
    each.value -> 'names' AS names, coalesce(each.value ->> 'typeOnly', 0) AS type_only FROM results, json_each(results.imports) AS each;
  CREATE VIEW declarations AS SELECT results.path, each.key AS number, each.value ->> 'name' AS name, each.value ->> 'kind' AS kind,
    each.value ->> 'line' AS line, each.value ->> 'endLine' AS end_line, each.value ->> 'start' AS start, each.value ->> 'end' AS "end"
    FROM results, json_each(results.declarations) AS each;
  CREATE VIEW functions AS SELECT results.path, each.key AS number, each.value ->> 'name' AS name, each.value ->> 'line' AS line,
    each.value ->> 'complexity' AS complexity FROM results, json_each(results.functions) AS each;
  CREATE INDEX results_by_language ON results (language);`

/**
 * A SQLite database: the table `results` of {@link RECORD_COLUMNS}, and views `imports`, `declarations` and `functions` with a row for each of these. Written
 * beside the target and renamed over it: who has the old one open keeps it.
 * @throws {MillraceError} `OUT_UNWRITABLE` on opening, `OUT_WRITE_FAILED` while writing.
 */
export const sqlite = defineSink({
  name: 'sqlite',
  extension: '.sqlite',
  target: (out) => targetBesideFiles('sqlite', out, false),
  check: async (out) => void (await checkOut(out)),
  async open(target): Promise<SinkWriter> {
    // Loaded by who needs it: every engine knows this sink.
    const { DatabaseSync } = await import('node:sqlite')
    const beside = await BesideFile.begin(target)
    const database = new DatabaseSync(beside.temporary)
    // Nobody sees the file before it is whole and synced: it needs no journal beside it. OFF is refused to a database that is kept from harm.
    database.exec('PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF')
    database.exec(`${TABLE}; BEGIN`)
    const insert = database.prepare(`INSERT INTO results VALUES (${RECORD_COLUMNS.map(() => '?').join(', ')})`)
    return {
      write: (rows: readonly ResultRow[]) =>
        writing(beside.path, () => {
          for (const row of rows) insert.run(...tableRow(row))
        }),
      commit: () =>
        writing(beside.path, async () => {
          database.exec(`COMMIT; ${VIEWS}`)
          database.close()
          await beside.putInPlace()
        }),
      async abort() {
        if (database.isOpen) database.close()
        await beside.discard()
      },
    }
  },
})
