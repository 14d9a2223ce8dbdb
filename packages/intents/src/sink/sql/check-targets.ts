import { MillraceError } from '@millrace/kernel/errors'
import type { IntentDefinition } from '../../intent/define-intent.ts'
import type { Target } from '../../intent/target.ts'
import { plain, type SqlSession, type Statement } from './sql-session.ts'
import { quoteTable, quoteText, typeForCast } from './statements/identifier.ts'

/**
 * Checks what definitions say of a database against the database: that tables, columns and unique indexes are there.
 * @throws {MillraceError} `OPTION_INVALID` for a target that cannot be, `TARGET_UNSUPPORTED` for one this database has not.
 */
export async function checkTargets(session: SqlSession, definitions: readonly IntentDefinition[]): Promise<void> {
  for (const { type, target } of definitions) checkTargetOptions(type, target)
  const tables = new Map<string, TableFacts>()
  for (const { target } of definitions)
    if (target.kind !== 'sql' && !tables.has(target.table))
      tables.set(target.table, await factsOf(session, target.table))
  for (const { type, target } of definitions) {
    if (target.kind === 'sql') continue
    const facts = tables.get(target.table)!
    checkTable(type, target, facts)
  }
}

interface TableFacts {
  readonly exists: boolean
  /** Types by column, as PostgreSQL names them. */
  readonly columns: ReadonlyMap<string, string>
  /** The columns of each unique index, sorted. */
  readonly unique: readonly (readonly string[])[]
}

async function factsOf(session: SqlSession, table: string): Promise<TableFacts> {
  const name = `to_regclass(${quoteText(quoteTable(table))})`
  const statements: Statement[] = [
    plain(`SELECT ${name} IS NOT NULL`),
    plain(
      `SELECT attname, format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = ${name} AND attnum > 0 AND NOT attisdropped`,
    ),
    plain(
      `SELECT array_to_json(ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = x.indrelid AND attnum = ANY (x.indkey::int2[]) ORDER BY attname COLLATE "C"))
FROM pg_index x WHERE x.indrelid = ${name} AND x.indisunique AND x.indpred IS NULL AND x.indexprs IS NULL AND x.indisvalid AND x.indnkeyatts = x.indnatts`,
    ),
  ]
  const [exists, columns, unique] = await session.run(statements)
  return {
    exists: exists?.rows[0]?.[0] === 't',
    columns: new Map(columns?.rows.map(([column, type]) => [column ?? '', type ?? ''])),
    unique: unique?.rows.map(([names]) => JSON.parse(names ?? '[]') as string[]) ?? [],
  }
}

/**
 * Checks what a target says by itself.
 * @throws {MillraceError} `OPTION_INVALID`.
 */
export function checkTargetOptions(type: string, target: Target): void {
  const invalid = (problem: string): never => {
    throw new MillraceError('OPTION_INVALID', `The target of ${type}: ${problem}`, { detail: { type, target } })
  }
  if (target.kind === 'sql') {
    if (typeof target.text !== 'string' || target.text.trim() === '') invalid('`text` must be a statement')
  } else if (typeof target.table !== 'string' || !/^[^.\0]+(\.[^.\0]+)?$/.test(target.table)) {
    invalid('`table` must be the name of a table, or schema.table')
  }
  if (target.kind !== 'patch') {
    const types = Object.values(target.columns ?? {})
    if (types.length === 0 && target.kind !== 'update') invalid('`columns` must name at least one column and its type')
    for (const columnType of types) typeForCast(columnType)
  }
  if (target.kind === 'update' || target.kind === 'patch') {
    if (typeof target.key?.column !== 'string') invalid('`key` must be { column }')
    typeForCast(target.key.type ?? 'text')
  }
  if (target.kind === 'insert') {
    for (const column of target.key ?? [])
      if (!Object.hasOwn(target.columns, column)) invalid(`its key ${column} must be one of its \`columns\``)
    const { onConflict = 'error', key = [], returning = [] } = target
    if (!['error', 'ignore', 'update'].includes(onConflict)) invalid('`onConflict` must be error, ignore or update')
    if (key.length === 0 && (onConflict === 'update' || (onConflict === 'ignore' && returning.length > 0)))
      invalid(
        `with \`onConflict\` ${onConflict}${onConflict === 'ignore' ? ' and `returning`' : ''} it needs a \`key\``,
      )
  }
}

function checkTable(
  type: string,
  target: Exclude<Target, { kind: 'sql' }>,
  { exists, columns, unique }: TableFacts,
): void {
  const { table } = target
  const unsupported = (problem: string): never => {
    throw new MillraceError('TARGET_UNSUPPORTED', `The target of ${type} cannot be written: ${problem}`, {
      detail: { type, table },
    })
  }
  if (!exists) unsupported(`there is no table ${table}; create it, or name it with its schema`)
  const key = target.kind === 'insert' ? (target.key ?? []) : [target.key.column]
  const returning = target.kind === 'patch' ? [] : (target.returning ?? [])
  const named = target.kind === 'patch' ? [target.column] : Object.keys(target.columns)
  for (const column of new Set([...key, ...named, ...returning]))
    if (!columns.has(column))
      unsupported(`${table} has no column ${column}; it has ${[...columns.keys()].join(', ') || 'none'}`)
  if (target.kind === 'patch' && columns.get(target.column) !== 'jsonb')
    unsupported(`${table}.${target.column} is of the type ${columns.get(target.column)}; a patch needs jsonb`)
  const sorted = [...key].sort().join('\0')
  if (key.length > 0 && !unique.some((names) => names.join('\0') === sorted))
    unsupported(`${table} has no unique index on ${key.join(', ')}; create one, so that a key finds one row`)
}
