import type { MillraceError } from '@millrace/kernel/errors'
import { rowChanged, rowNotFound } from '../../item-errors.ts'
import type { ShapedRow } from './shape.ts'

/** Something that must hold of a row for its change to be made. */
export interface Requirement {
  /** In SQL, about the row `t` and the input `i`; never NULL. */
  readonly holds: string
  /** What its item ends with otherwise. */
  readonly failure: (row: ShapedRow) => MillraceError
}

/** Whether all hold, in SQL. */
export function allHold(requirements: readonly Requirement[]): string {
  return requirements.map(({ holds }) => holds).join(' AND ') || 'true'
}

/** The number of the first that does not hold, counted from 1, in SQL; -1 where all do. */
export function firstMissed(requirements: readonly Requirement[]): string {
  if (requirements.length === 0) return '-1'
  const cases = requirements.map(({ holds }, at) => `WHEN NOT ${holds} THEN ${at + 1}`)
  return `CASE ${cases.join(' ')} ELSE -1 END`
}

/** What an item ends with whose row was not changed, by what {@link firstMissed} gave, or 0 where there is no such row. */
export function missed(
  table: string,
  requirements: readonly Requirement[],
  row: ShapedRow,
  code: number,
): MillraceError {
  const key = row.texts[0] ?? ''
  if (code === 0) return rowNotFound(table, key)
  return requirements[code - 1]?.failure(row) ?? rowChanged(table, key)
}
