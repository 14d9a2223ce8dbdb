import type { MillraceError } from '@millrace/kernel/errors'
import { rowChanged, rowNotFound } from '../../item-errors.ts'
import type { ItemOutcome } from '../../sink.ts'
import type { StatementResult } from '../sql-session.ts'
import type { ShapedRow } from './shape.ts'

/** Something that must hold of a row for its change to be made. */
export interface Requirement {
  /** In SQL, about the row `t` and the input `i`; never NULL. */
  readonly holds: string
  /** What its item ends with otherwise. */
  readonly failure: (row: ShapedRow) => MillraceError
}

export interface KeyedUpdate {
  /** As SQL has them. */
  readonly table: string
  readonly key: string
  /** Selects the input: the key as `k`, values, and `ord`. */
  readonly input: string
  readonly assignments: string
  readonly requirements: readonly Requirement[]
  /** What is returned of a changed row, as JSONB; undefined for nothing. */
  readonly value: string | undefined
}

/**
 * Changes rows by key, and tells in the same statement of each that was not changed why.
 *
 * Of rows that were changed it returns only what has a value: most batches come back empty. The input is walked in its order, by nested loops
 * over the key's index, which is what the session's planner settings leave: rows are locked in the order of their keys.
 */
export function keyedUpdate({ table, key, input, assignments, requirements, value }: KeyedUpdate): string {
  const holds = requirements.map(({ holds }) => ` AND ${holds}`).join('')
  const cases = requirements.map(({ holds }, at) => ` WHEN NOT ${holds} THEN ${at + 1}`).join('')
  const done = value === undefined ? '' : `SELECT ord, NULL::int4, value FROM done UNION ALL `
  return `WITH input AS MATERIALIZED (${input}), done AS (
  UPDATE ${table} AS t SET ${assignments} FROM input i WHERE t.${key} = i.k${holds}
  RETURNING i.ord${value === undefined ? '' : `, ${value} AS value`}
) ${done}SELECT i.ord, CASE WHEN t.${key} IS NULL THEN 0${cases} ELSE -1 END, NULL::jsonb
FROM input i LEFT JOIN ${table} AS t ON t.${key} = i.k WHERE i.ord NOT IN (SELECT ord FROM done)`
}

/** Tells what came of a {@link keyedUpdate}. */
export function settleUpdate(
  table: string,
  requirements: readonly Requirement[],
  rows: readonly ShapedRow[],
  { rows: returned }: StatementResult,
  tell: (row: ShapedRow, outcome: ItemOutcome) => void,
): void {
  for (const [ord, code, value] of returned) {
    const row = rows[Number(ord) - 1]
    if (row === undefined) continue
    if (code === null) tell(row, { status: 'committed', value: JSON.parse(value ?? 'null') })
    else tell(row, { status: 'failed', error: missed(table, requirements, row, Number(code)) })
  }
}

function missed(table: string, requirements: readonly Requirement[], row: ShapedRow, code: number): MillraceError {
  const key = row.texts[0] ?? ''
  if (code === 0) return rowNotFound(table, key)
  return requirements[code - 1]?.failure(row) ?? rowChanged(table, key)
}
