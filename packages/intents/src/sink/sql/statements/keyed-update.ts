import type { MillraceError } from '@millrace/kernel/errors'
import type { ItemOutcome } from '../../sink.ts'
import { type InputColumn, inputCount, inputQuery } from '../encode/input.ts'
import type { StatementResult } from '../sql-session.ts'
import type { ShapedRow } from './shape.ts'

export interface KeyedUpdate {
  /** As SQL has them. */
  readonly table: string
  readonly key: string
  /** The key, which is `k`, and values. */
  readonly input: readonly InputColumn[]
  readonly assignments: string
  /** What must hold for a change to be made, of the row `t` and the input `i`. */
  readonly holds: string
  /** A number that tells why it was not made; never NULL. */
  readonly why: string
  /** What is returned of a changed row, as JSONB; undefined for nothing. */
  readonly value: string | undefined
}

/**
 * Changes rows by key, and tells in the same statement of each that was not changed why: 0 where there is no such row.
 *
 * Of rows that were changed it returns only what has a value: most batches come back empty. The input is walked in its order, by nested loops
 * over the key's index, which is what the session's planner settings leave: rows are locked in the order of their keys.
 */
export function keyedUpdate({ table, key, input, assignments, holds, why, value }: KeyedUpdate): string {
  const done = value === undefined ? '' : `SELECT ord, NULL::int4, value FROM done UNION ALL `
  // PERF: to count those that are done is cheap, and mostly they are all: then nobody looks for the others; bench/intents/throughput.bench.ts.
  return `WITH input AS MATERIALIZED (${inputQuery(input)}), done AS (
  UPDATE ${table} AS t SET ${assignments} FROM input i WHERE t.${key} = i.k AND ${holds}
  RETURNING i.ord${value === undefined ? '' : `, ${value} AS value`}
) ${done}SELECT i.ord, CASE WHEN t.${key} IS NULL THEN 0 ELSE ${why} END, NULL::jsonb
FROM input i LEFT JOIN ${table} AS t ON t.${key} = i.k
WHERE (SELECT count(*) FROM done) < ${inputCount(input)} AND i.ord NOT IN (SELECT ord FROM done)`
}

/** Tells what came of a {@link keyedUpdate}. */
export function settleUpdate(
  rows: readonly ShapedRow[],
  { rows: returned }: StatementResult,
  failure: (row: ShapedRow, why: number) => MillraceError,
  tell: (row: ShapedRow, outcome: ItemOutcome) => void,
): void {
  for (const [ord, why, value] of returned) {
    const row = rows[Number(ord) - 1]
    if (row === undefined) continue
    if (why === null) tell(row, { status: 'committed', value: JSON.parse(value ?? 'null') })
    else tell(row, { status: 'failed', error: failure(row, Number(why)) })
  }
}
