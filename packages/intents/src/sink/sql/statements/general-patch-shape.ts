import type { PatchTarget } from '../../../intent/target.ts'
import { conditionFailed, notANumber, pathNotObject, rowChanged, rowNotFound } from '../../item-errors.ts'
import type { ItemOutcome } from '../../sink.ts'
import { type InputColumn, inputColumn, inputQuery, inputValues } from '../encode/input.ts'
import type { Statement, StatementResult } from '../sql-session.ts'
import { quoteName, quoteTable } from './identifier.ts'
import { createMissing, documentOf, patchValue } from './patch-shape.ts'
import type { LockedRows, Shape, ShapedRow } from './shape.ts'

/** One step of a patch: what is done, where, with what, and for messages the path and the number of the condition. */
type Step = readonly [does: string, path: readonly string[], value: unknown, shownPath: string, condition: number]

/**
 * Patches of any paths, in one statement: paths and values come together, as a list of steps that the statement walks for each row.
 *
 * For batches of so many shapes that a statement for each would cost more: a row takes about five times as long.
 */
export class GeneralPatchShape implements Shape {
  readonly locks: LockedRows
  readonly usersPlan = false
  readonly #target: PatchTarget
  readonly #columns: readonly InputColumn[]
  readonly #create: string | undefined
  readonly #text: string

  constructor(target: PatchTarget) {
    this.#target = target
    const key = inputColumn('k', target.key.type ?? 'text')
    this.#columns = [key, inputColumn('steps', 'jsonb')]
    this.locks = { table: quoteTable(target.table), column: quoteName(target.key.column), type: key.type }
    this.#create = target.create ? createMissing(target, key) : undefined
    const { table, column } = this.locks
    const value = patchValue(target)
    const walked = walk(documentOf(target))
    this.#text = `WITH input AS MATERIALIZED (${inputQuery(this.#columns)}), done AS (
  UPDATE ${table} AS t SET ${quoteName(target.column)} = (SELECT doc FROM (${walked}) AS walked)
  FROM input i WHERE t.${column} = i.k AND (SELECT failed FROM (${walked}) AS walked) IS NULL
  RETURNING i.ord${value === undefined ? '' : `, ${value} AS value`}
) ${value === undefined ? '' : `SELECT ord, NULL::int4, value FROM done UNION ALL `}
SELECT i.ord, CASE WHEN t.${column} IS NULL THEN 0 ELSE coalesce((SELECT failed FROM (${walked}) AS walked), -1) END, NULL::jsonb
FROM input i LEFT JOIN ${table} AS t ON t.${column} = i.k WHERE i.ord NOT IN (SELECT ord FROM done)`
  }

  /** A row of another shape, in this one. */
  rowOf(row: ShapedRow): ShapedRow {
    return { ...row, shape: this, texts: [row.texts[0] ?? null, JSON.stringify(stepsOf(row))] }
  }

  statements(rows: readonly ShapedRow[]): Statement[] {
    const values = inputValues(this.#columns, rows.map(({ texts }) => texts))
    const patch = { text: this.#text, values }
    return this.#create === undefined ? [patch] : [{ text: this.#create, values: values.slice(0, 1) }, patch]
  }

  settle(rows: readonly ShapedRow[], result: StatementResult, tell: (row: ShapedRow, outcome: ItemOutcome) => void): void {
    for (const [ord, code, value] of result.rows) {
      const row = rows[Number(ord) - 1]
      if (row === undefined) continue
      if (code === null) tell(row, { status: 'committed', value: JSON.parse(value ?? 'null') })
      else tell(row, { status: 'failed', error: this.#missed(row, Number(code)) })
    }
  }

  #missed(row: ShapedRow, code: number) {
    const { table } = this.#target
    const key = row.texts[0] ?? ''
    if (code === 0) return rowNotFound(table, key)
    const step = stepsOf(row)[code - 1]
    if (step === undefined) return rowChanged(table, key)
    const [does, , , shownPath, at] = step
    const condition = row.change?.when?.[at]
    if (does === 'through' || does === 'through-array') return pathNotObject(table, key, shownPath)
    if (does === 'number' || condition === undefined) return notANumber(table, key, shownPath)
    return conditionFailed(table, key, condition)
  }
}
