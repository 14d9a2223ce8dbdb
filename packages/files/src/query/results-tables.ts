import { RECORD_COLUMNS } from '../sink/record-table.ts'

const TYPES = { text: 'VARCHAR', json: 'JSON', integer: 'BIGINT', double: 'DOUBLE' } as const

/** Of each list in a record, what an entry of it has. */
const LISTS = {
  imports: { from: 'VARCHAR', kind: 'VARCHAR', names: 'JSON', typeOnly: 'BOOLEAN' },
  exports: { name: 'VARCHAR', kind: 'VARCHAR' },
  declarations: { name: 'VARCHAR', kind: 'VARCHAR', line: 'BIGINT', endLine: 'BIGINT', start: 'BIGINT', end: 'BIGINT' },
  functions: { name: 'VARCHAR', line: 'BIGINT', complexity: 'BIGINT' },
  diagnostics: { message: 'VARCHAR', severity: 'VARCHAR', line: 'BIGINT', start: 'BIGINT' },
} as const

/** The tables and views by name. */
export const RESULTS_NAMES: readonly string[] = ['results', 'quarantine', ...Object.keys(LISTS)]

/** What a query finds: the tables, empty, and the views on the lists. */
export const RESULTS_TABLES = `
  CREATE TABLE results (${RECORD_COLUMNS.map(({ name, type }) => `${name} ${TYPES[type]}`).join(', ')});
  CREATE TABLE quarantine (path VARCHAR, size BIGINT, code VARCHAR, message VARCHAR, attempts BIGINT);
  ${Object.entries(LISTS)
    .map(([list, fields]) => {
      const shape = JSON.stringify([fields])
      const columns = Object.keys(fields).map((field) => `entry."${field}" AS "${snake(field)}"`)
      return `CREATE VIEW ${list} AS SELECT path, ${columns.join(', ')} FROM (SELECT path, unnest(from_json(${list}, '${shape}')) AS entry FROM results);`
    })
    .join('\n  ')}`

/** SQL's way to write a name of several words. */
function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
