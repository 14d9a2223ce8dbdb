import type { Condition, UpdateTarget } from '../../../intent/target.ts'
import { conditionFailed } from '../../item-errors.ts'
import type { ItemOutcome } from '../../sink.ts'
import { type InputColumn, inputColumn, inputValues } from '../encode/input.ts'
import type { Statement, StatementResult } from '../sql-session.ts'
import { quoteName, quoteTable } from './identifier.ts'
import { keyedUpdate, settleUpdate } from './keyed-update.ts'
import { allHold, firstMissed, missed, type Requirement } from './requirement.ts'
import { returnedColumns } from './returned-columns.ts'
import type { LockedRows, Shape, ShapedRow } from './shape.ts'

/** What updates of one shape have in common: all but the values. */
export interface UpdateColumns {
  readonly set: readonly string[]
  readonly add: readonly string[]
  readonly when: readonly Pick<Condition, 'path' | 'is'>[]
}

/** Updates of the same columns, in one statement. A row's texts are its key, and values in the order of {@link UpdateColumns}. */
export class UpdateShape implements Shape {
  readonly locks: LockedRows
  readonly usersPlan = false
  readonly place = '0'
  readonly #table: string
  readonly #columns: readonly InputColumn[]
  readonly #requirements: readonly Requirement[]
  readonly #text: string

  constructor(target: UpdateTarget, { set, add, when }: UpdateColumns) {
    this.#table = target.table
    this.locks = {
      table: quoteTable(target.table),
      column: quoteName(target.key.column),
      type: target.key.type ?? 'text',
      create: undefined,
    }
    const typeOf = (column: string) =>
      target.columns[column] ?? (column === target.key.column ? (target.key.type ?? 'text') : 'text')
    const compared = when.flatMap(({ path, is }, at) =>
      is === 'exists' || is === 'missing' ? [] : [inputColumn(`c${at}`, typeOf(path))],
    )
    const sets = set.map((column, at) => inputColumn(`s${at}`, typeOf(column)))
    const adds = add.map((column, at) => inputColumn(`a${at}`, typeOf(column)))
    this.#columns = [inputColumn('k', this.locks.type), ...sets, ...adds, ...compared]
    this.#requirements = when.map(({ path, is }, at) => ({
      holds: conditionOf(`t.${quoteName(path)}`, is, `i.c${at}`),
      failure: (row) => conditionFailed(target.table, row.texts[0] ?? '', row.change?.when?.[at] ?? { path, is }),
    }))
    const assignments = [
      ...set.map((column, at) => {
        const value = sets[at]?.family === 'json' ? `nullif(i.s${at}, 'null'::jsonb)` : `i.s${at}`
        return `${quoteName(column)} = ${value}`
      }),
      ...add.map((column, at) => `${quoteName(column)} = coalesce(t.${quoteName(column)}, 0) + i.a${at}`),
    ]
    const { returning = [] } = target
    this.#text = keyedUpdate({
      table: this.locks.table,
      key: this.locks.column,
      input: this.#columns,
      assignments: assignments.join(', ') || `${this.locks.column} = t.${this.locks.column}`,
      holds: allHold(this.#requirements),
      why: firstMissed(this.#requirements),
      value: returning.length === 0 ? undefined : returnedColumns(returning, target.columns),
    })
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
    settleUpdate(rows, result, (row, why) => missed(this.#table, this.#requirements, row, why), tell)
  }
}

function conditionOf(column: string, is: Condition['is'], compared: string): string {
  if (is === 'exists') return `(${column} IS NOT NULL)`
  if (is === 'missing') return `(${column} IS NULL)`
  if (is === '!=') return `(${column} IS DISTINCT FROM ${compared})`
  return `coalesce(${column} ${is} ${compared}, false)`
}
