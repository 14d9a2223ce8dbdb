import type { ColumnType } from '../../../intent/target.ts'
import { quoteName, quoteText } from './identifier.ts'

/** Types whose values a number of JavaScript's cannot hold: they are returned as texts, as `pg` does. */
const EXACT_TYPE = /^(int8|bigint|numeric|decimal)/i

/** Whether values of a type are returned as texts. */
export function isExactType(type: ColumnType): boolean {
  return EXACT_TYPE.test(type)
}

/** Columns of a changed row `t`, as one object of JSONB. */
export function returnedColumns(returning: readonly string[], columns: Readonly<Record<string, ColumnType>>): string {
  const parts = returning.map((name) => {
    const value = `t.${quoteName(name)}`
    return `${quoteText(name)}, ${isExactType(columns[name] ?? '') ? `${value}::text` : value}`
  })
  return `jsonb_build_object(${parts.join(', ')})`
}
