import { type ColumnType, type ColumnValue, RECORD_COLUMNS, tableRow } from '../record-table.ts'
import type { ResultRow } from '../sink.ts'

/** What stands for a character that PostgreSQL cannot hold. */
const REPLACEMENT = '\ufffd'
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' }

/**
 * Results as lines of COPY's text format, in the order of {@link RECORD_COLUMNS}. NUL and halves of surrogate pairs, which PostgreSQL has no
 * room for, become U+FFFD.
 */
export function copyText(rows: readonly ResultRow[]): string {
  let text = ''
  for (const row of rows) {
    const cells = tableRow(row).map((value, at) => cell(value, RECORD_COLUMNS[at]!.type))
    text += `${cells.join('\t')}\n`
  }
  return text
}

function cell(value: ColumnValue, type: ColumnType): string {
  if (value === null) return '\\N'
  if (typeof value === 'number') return String(value)
  const held = type === 'json' ? holdableJson(value) : value.toWellFormed().replaceAll('\0', REPLACEMENT)
  return held.replace(/[\\\t\n\r]/g, (sign) => ESCAPES[sign]!)
}

/** In JSON they stand as escapes, as `JSON.stringify` writes them. Escapes are read one by one: `\\u0000` is a backslash and five signs. */
function holdableJson(json: string): string {
  if (!json.includes('\\u')) return json
  return json.replace(/\\(?:u[0-9a-f]{4}|.)/g, (sign) =>
    sign === '\\u0000' || /^\\ud[89a-f]/.test(sign) ? REPLACEMENT : sign,
  )
}
