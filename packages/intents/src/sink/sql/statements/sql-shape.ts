import type { Row, SqlTarget } from '../../../intent/target.ts'
import { notApplied, rowInvalid } from '../../item-errors.ts'
import type { ItemOutcome, WriteItem } from '../../sink.ts'
import { textOf } from '../encode/column-value.ts'
import { type InputColumn, inputColumn, inputQuery, inputValues } from '../encode/input.ts'
import type { Statement, StatementResult } from '../sql-session.ts'
import { quoteName } from './identifier.ts'
import { checkColumns } from './insert-shape.ts'
import type { Shape, ShapedRow, TargetWriter } from './shape.ts'

/** Writes items by a statement of the user's, to which the relation `input` is prepended. */
export class SqlShape implements Shape, TargetWriter {
  readonly locks = undefined
  readonly usersPlan = true
  readonly place = '2'
  readonly #target: SqlTarget
  readonly #names: readonly string[]
  readonly #columns: readonly InputColumn[]
  readonly #text: string

  constructor(target: SqlTarget) {
    this.#target = target
    this.#names = Object.keys(target.columns)
    this.#columns = this.#names.map((name, at) => inputColumn(`c${at}`, target.columns[name] ?? 'text'))
    const renamed = this.#names.map((name, at) => {
      const column = this.#columns[at]?.family === 'json' ? `nullif(c${at}, 'null'::jsonb)` : `c${at}`
      return `${column} AS ${quoteName(name)}`
    })
    const input = `input AS MATERIALIZED (SELECT ${['ord::int4 AS ord', ...renamed].join(', ')} FROM (${inputQuery(this.#columns)}) AS given)`
    const own = /^\s*WITH(\s+RECURSIVE)?\s/i.exec(target.text)
    this.#text =
      own === null
        ? `WITH ${input} ${target.text}`
        : `WITH${own[1] ?? ''} ${input}, ${target.text.slice(own[0].length)}`
  }

  read(item: WriteItem): ShapedRow {
    const row: unknown = item.definition.toRow(item.payload)
    const { type } = item.definition
    if (typeof row !== 'object' || row === null) throw rowInvalid(type, 'toRow must give a row, an object of columns')
    checkColumns(row as Row, this.#target.columns, type)
    const texts = this.#names.map((name, at) => textOf((row as Row)[name], this.#columns[at]?.family ?? 'other', name))
    return { item, shape: this, texts, rowKey: undefined, source: row, change: undefined }
  }

  statements(rows: readonly ShapedRow[]): Statement[] {
    return [
      {
        text: this.#text,
        values: inputValues(
          this.#columns,
          rows.map(({ texts }) => texts),
        ),
        described: true,
      },
    ]
  }

  settle(
    rows: readonly ShapedRow[],
    result: StatementResult,
    tell: (row: ShapedRow, outcome: ItemOutcome) => void,
  ): void {
    const ordAt = result.fields.findIndex(({ name }) => name === 'ord')
    const applied = new Set<ShapedRow>()
    for (const values of result.rows) {
      const row = rows[Number(values[ordAt]) - 1]
      if (row === undefined) continue
      applied.add(row)
      if (result.fields.length === 1) continue
      const value: Record<string, unknown> = {}
      for (const [at, { name, typeId }] of result.fields.entries())
        if (at !== ordAt) value[name] = parsed(values[at] ?? null, typeId)
      tell(row, { status: 'committed', value })
    }
    for (const row of rows)
      if (!applied.has(row)) tell(row, { status: 'failed', error: notApplied(row.item.definition.type) })
  }
}

/** A returned text as JSON would have it; what JSON has no exact form of stays a text. */
function parsed(text: string | null, typeId: number): unknown {
  if (text === null) return null
  switch (typeId) {
    case 16:
      return text === 't'
    case 21:
    case 23:
    case 26:
    case 700:
    case 701: {
      const number = Number(text)
      return Number.isFinite(number) ? number : text
    }
    case 114:
    case 3802:
      return JSON.parse(text)
    default:
      return text
  }
}
