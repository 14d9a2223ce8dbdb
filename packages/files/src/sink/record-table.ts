import type { ResultRow } from './sink.ts'

/** What a column holds: `json` is text that is JSON. Any may be null but those of `path` and `hash`. */
export type ColumnType = 'text' | 'integer' | 'double' | 'json'

export interface RecordColumn {
  readonly name: string
  readonly type: ColumnType
  /** The record's key; undefined for what the other columns leave over. */
  readonly key: string | undefined
}

/**
 * Results as a table, a row a file: what every record of the built-in processors has stands in columns of its own, lists as JSON. What another
 * processor says more stands in `rest`, an object.
 */
export const RECORD_COLUMNS: readonly RecordColumn[] = [
  { name: 'path', type: 'text', key: 'path' },
  { name: 'hash', type: 'text', key: 'hash' },
  { name: 'language', type: 'text', key: 'language' },
  { name: 'dialect', type: 'text', key: 'dialect' },
  { name: 'lines', type: 'integer', key: 'lines' },
  { name: 'bytes', type: 'integer', key: 'bytes' },
  { name: 'nodes', type: 'integer', key: 'nodes' },
  { name: 'depth', type: 'integer', key: 'depth' },
  { name: 'complexity', type: 'integer', key: 'complexity' },
  { name: 'comment_ratio', type: 'double', key: 'commentRatio' },
  { name: 'imports', type: 'json', key: 'imports' },
  { name: 'exports', type: 'json', key: 'exports' },
  { name: 'declarations', type: 'json', key: 'declarations' },
  { name: 'functions', type: 'json', key: 'functions' },
  { name: 'diagnostics', type: 'json', key: 'diagnostics' },
  { name: 'rest', type: 'json', key: undefined },
]

export type ColumnValue = string | number | null

const KEYS = new Set(RECORD_COLUMNS.map(({ key }) => key))

/** A result as a row of {@link RECORD_COLUMNS}. A value that is not of its column's type, as another processor's may be, stands in `rest`. */
export function tableRow({ record }: ResultRow): ColumnValue[] {
  const parsed = JSON.parse(record) as Record<string, unknown>
  const rest: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(parsed)) if (!KEYS.has(key)) rest[key] = value
  const values = RECORD_COLUMNS.map(({ key, type }): ColumnValue => {
    if (key === undefined) return null
    const value = parsed[key]
    if (value === undefined || value === null) return null
    const fits = fitting(value, type)
    if (fits === undefined) rest[key] = value
    return fits ?? null
  })
  values[values.length - 1] = Object.keys(rest).length === 0 ? null : JSON.stringify(rest)
  return values
}

function fitting(value: unknown, type: ColumnType): ColumnValue | undefined {
  switch (type) {
    case 'text':
      return typeof value === 'string' ? value : undefined
    case 'integer':
      return Number.isSafeInteger(value) ? (value as number) : undefined
    case 'double':
      return typeof value === 'number' ? value : undefined
    case 'json':
      return typeof value === 'object' ? JSON.stringify(value) : undefined
  }
}
