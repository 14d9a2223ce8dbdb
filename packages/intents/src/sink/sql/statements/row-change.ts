import type { Condition, KeyColumn, RowChange } from '../../../intent/target.ts'
import { rowInvalid } from '../../item-errors.ts'
import type { WriteItem } from '../../sink.ts'
import { type Family, isNumberText } from '../encode/column-value.ts'

/** A key as a text, the same for the same key. */
export function keyTextOf(key: unknown, family: Family, { column, type }: KeyColumn, item: WriteItem): string {
  const numeric = family === 'integer' || family === 'number'
  if (typeof key === 'string' && !key.includes('\0') && (!numeric || isNumberText(key))) {
    if (family === 'integer' && /^[+-]?[0-9]{1,19}$/.test(key)) return String(BigInt(key))
    return type === 'uuid' ? key.toLowerCase() : key
  }
  if (typeof key === 'number' && (family === 'integer' ? Number.isSafeInteger(key) : Number.isFinite(key)))
    return String(key)
  throw rowInvalid(item.definition.type, `its key ${column} is not a text without NUL characters, nor a safe number`, {
    key,
  })
}

/** Checks that what `toRow` gave is a change of a row. */
export function checkChange(row: unknown, item: WriteItem): RowChange {
  if (typeof row !== 'object' || row === null)
    throw rowInvalid(item.definition.type, 'toRow must give a change, { key, set … }')
  return row as RowChange
}

const COMPARISONS = new Set(['=', '!=', '<', '<=', '>', '>='])

/** Checks a condition, and tells whether it compares. */
export function comparesWith(condition: Condition, item: WriteItem): boolean {
  const { path, is, value } = condition
  if (is === 'exists' || is === 'missing') return false
  const kind = typeof value
  if (typeof path === 'string' && COMPARISONS.has(is) && (kind === 'string' || kind === 'number' || kind === 'boolean'))
    return true
  throw rowInvalid(item.definition.type, `its condition on ${path} must compare with a text, a number or a boolean`, {
    condition,
  })
}
