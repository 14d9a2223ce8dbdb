import type { InsertTarget, Row } from '../../../intent/target.ts'
import { rowExists, rowInvalid } from '../../item-errors.ts'
import type { ItemOutcome, WriteItem } from '../../sink.ts'
import { textOf } from '../encode/column-value.ts'
import { type InputColumn, inputColumn, inputQuery, inputValues } from '../encode/input.ts'
import type { Statement, StatementResult } from '../sql-session.ts'
import { quoteName, quoteTable } from './identifier.ts'
import { returnedColumns } from './returned-columns.ts'
import type { Shape, ShapedRow, TargetWriter } from './shape.ts'

/**
 * Writes items whose target is an `insert`: all have the same columns, so that they are of one shape.
 *
 * PostgreSQL does not tell of which input a returned row was made. It returns them in the order of the input, so those that were passed over
 * are told as well, and what is left is counted off.
 */
export class InsertShape implements Shape, TargetWriter {
  readonly locks = undefined
  readonly usersPlan = false
  readonly place: string
  readonly #target: InsertTarget
  readonly #names: readonly string[]
  readonly #columns: readonly InputColumn[]
  readonly #keyAt: readonly number[]
  readonly #telling: boolean
  readonly #text: string

  constructor(target: InsertTarget) {
    this.#target = target
    this.place = `1 ${target.table}`
    this.#names = Object.keys(target.columns)
    this.#columns = this.#names.map((name, at) => inputColumn(`c${at}`, target.columns[name] ?? 'text'))
    this.#keyAt = (target.key ?? []).map((name) => this.#names.indexOf(name))
    const { onConflict = 'error' } = target
    const returns = target.returning !== undefined && target.returning.length > 0
    this.#telling = this.#keyAt.length > 0 && (onConflict === 'error' || (onConflict === 'ignore' && returns))
    const value = returns ? returnedColumns(target.returning ?? [], target.columns) : undefined
    this.#text = this.#statement(onConflict, value)
  }

  read(item: WriteItem): ShapedRow {
    const row: unknown = item.definition.toRow(item.payload)
    const { type } = item.definition
    if (typeof row !== 'object' || row === null) throw rowInvalid(type, 'toRow must give a row, an object of columns')
    checkColumns(row as Row, this.#target.columns, type)
    const texts = this.#names.map((name, at) => textOf((row as Row)[name], this.#columns[at]?.family ?? 'other', name))
    for (const at of this.#keyAt)
      if (texts[at] === null) throw rowInvalid(type, `${this.#names[at]} is of its key and must not be null`, { row })
    const rowKey = this.#keyAt.length === 0 ? undefined : this.#keyAt.map((at) => texts[at]).join('\0')
    return { item, shape: this, texts, rowKey, source: row, change: undefined }
  }

  statements(rows: readonly ShapedRow[]): Statement[] {
    return [
      {
        text: this.#text,
        values: inputValues(
          this.#columns,
          rows.map(({ texts }) => texts),
        ),
      },
    ]
  }

  settle(
    rows: readonly ShapedRow[],
    result: StatementResult,
    tell: (row: ShapedRow, outcome: ItemOutcome) => void,
  ): void {
    if (!this.#telling) {
      for (const [at, [value]] of result.rows.entries())
        tell(rows[at]!, { status: 'committed', value: JSON.parse(value ?? 'null') })
      return
    }
    const passedOver = new Set<number>()
    const values: (string | null)[] = []
    for (const [ord, value] of result.rows) {
      if (ord === null) values.push(value ?? null)
      else passedOver.add(Number(ord) - 1)
    }
    let next = 0
    for (const [at, row] of rows.entries()) {
      if (!passedOver.has(at)) {
        if (values.length > 0) tell(row, { status: 'committed', value: JSON.parse(values[next++] ?? 'null') })
      } else if (this.#target.onConflict !== 'ignore') {
        const key = this.#keyAt.map((column) => row.texts[column] ?? null)
        tell(row, { status: 'failed', error: rowExists(this.#target.table, key) })
      }
    }
  }

  #statement(onConflict: 'error' | 'ignore' | 'update', value: string | undefined): string {
    const { table, key = [] } = this.#target
    const inputs = this.#columns.map(({ name, family }) =>
      family === 'json' ? `nullif(${name}, 'null'::jsonb)` : name,
    )
    const insert = `INSERT INTO ${quoteTable(table)} AS t (${this.#names.map(quoteName).join(', ')}) SELECT ${inputs.join(', ')} FROM`
    const conflictKey = key.length === 0 ? '' : ` (${key.map(quoteName).join(', ')})`
    const returning = value === undefined ? '' : ` RETURNING ${value}`
    const input = inputQuery(this.#columns)
    if (!this.#telling) {
      const from = `${insert} (${input}) AS input`
      if (onConflict === 'error') return from + returning
      if (onConflict === 'ignore') return `${from} ON CONFLICT${conflictKey} DO NOTHING${returning}`
      const others = this.#names.filter((name) => !key.includes(name))
      const set = (others.length === 0 ? key : others).map((name) => `${quoteName(name)} = EXCLUDED.${quoteName(name)}`)
      return `${from} ON CONFLICT${conflictKey} DO UPDATE SET ${set.join(', ')}${returning}`
    }
    const inputKey = this.#keyAt.map((at) => this.#columns[at]?.name).join(', ')
    const keyNames = key.map(quoteName).join(', ')
    return `WITH input AS MATERIALIZED (${input}), done AS (
  ${insert} input ON CONFLICT${conflictKey} DO NOTHING RETURNING ${key.map((name) => `t.${quoteName(name)}`).join(', ')}${value === undefined ? '' : `, ${value} AS millrace_value`}
) ${value === undefined ? '' : `SELECT NULL::int8, millrace_value FROM done UNION ALL `}
SELECT ord, NULL::jsonb FROM input WHERE (${inputKey}) NOT IN (SELECT ${keyNames} FROM done)`
  }
}

/** Checks that a row has only columns that are declared. */
export function checkColumns(row: Row, columns: Readonly<Record<string, unknown>>, type: string): void {
  for (const name in row)
    if (!Object.hasOwn(columns, name))
      throw rowInvalid(type, `it has a column ${JSON.stringify(name)}, which its target does not declare`, {
        column: name,
      })
}
