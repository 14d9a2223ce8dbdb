import { MillraceError } from '@millrace/kernel/errors'
import { show } from '@millrace/kernel/options'
import type { ColumnType } from '../../../intent/target.ts'

/** How values of a type are written. */
export type Family = 'integer' | 'number' | 'boolean' | 'time' | 'bytes' | 'json' | 'array' | 'text' | 'other'

const FAMILIES: readonly (readonly [Family, RegExp])[] = [
  ['array', /\[\]$/],
  ['integer', /^(int[248]?|integer|bigint|smallint)$/],
  ['number', /^(float[48]?|real|double precision|numeric|decimal)$/],
  ['boolean', /^bool(ean)?$/],
  ['time', /^(timestamptz|timestamp|timestamp with(out)? time zone|date)$/],
  ['bytes', /^bytea$/],
  ['json', /^jsonb?$/],
  ['text', /^(text|varchar|character varying|bpchar|citext|name)$/],
]

/** How values of a type are written, by the type's name without length or precision. */
export function familyOf(type: ColumnType): Family {
  const name = type.toLowerCase().trim()
  return FAMILIES.find(([, pattern]) => pattern.test(name))?.[0] ?? 'other'
}

/**
 * A value as the text that PostgreSQL reads for a type of `family`; null for null and undefined.
 *
 * What could only be written as something else is refused, so that it is this item's failure and not the batch's.
 * @throws {MillraceError} `VALUE_UNSUPPORTED`.
 */
export function textOf(value: unknown, family: Family, column: string): string | null {
  if (value === null || value === undefined) return null
  switch (family) {
    case 'json':
      return jsonTextOf(value, column)
    case 'array':
      if (!Array.isArray(value)) return refuse(value, column, 'an array')
      return jsonTextOf(value, column)
    default:
  }
  switch (typeof value) {
    case 'string':
      if ((family === 'integer' || family === 'number') && !isNumberText(value))
        return refuse(value, column, 'a number')
      if (value.includes('\0')) refuse(value, column, 'a text without NUL characters')
      return value
    case 'number':
      if (family === 'integer' && !Number.isSafeInteger(value))
        return refuse(value, column, 'an integer of at most 2^53 - 1, or a bigint')
      if (family === 'boolean' || family === 'time' || family === 'bytes') break
      return String(value)
    case 'bigint':
      if (family === 'boolean' || family === 'time' || family === 'bytes') break
      return String(value)
    case 'boolean':
      if (family === 'boolean' || family === 'text' || family === 'other') return String(value)
      break
    case 'object':
      if (value instanceof Date && (family === 'time' || family === 'text')) {
        const year = value.getUTCFullYear()
        if (year >= 1 && year <= 9999) return value.toISOString()
        return refuse(value, column, 'a valid date of the years 1 to 9999')
      }
      if (value instanceof Uint8Array && family === 'bytes') return `\\x${Buffer.from(value).toString('hex')}`
      break
    default:
  }
  return refuse(value, column, `a value for a column of its type`)
}

const NUMBER = /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?$/i

/** Whether a text is a number, and nothing but: numbers are put into arrays as they are. */
export function isNumberText(text: string): boolean {
  return NUMBER.test(text) || text === 'NaN' || text === 'Infinity' || text === '-Infinity'
}

/**
 * A value as JSON.
 * @throws {MillraceError} `VALUE_UNSUPPORTED` for what JSON cannot say.
 */
export function jsonTextOf(value: unknown, column: string): string {
  if (typeof value === 'number')
    return Number.isFinite(value) ? String(value) : refuse(value, column, 'a finite number')
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch {
    // A cycle or a bigint.
  }
  return text ?? refuse(value, column, 'a value that JSON can say')
}

function refuse(value: unknown, column: string, allowed: string): never {
  const shown = value instanceof Date ? 'such a date' : show(value).slice(0, 100)
  throw new MillraceError('VALUE_UNSUPPORTED', `${column} must be ${allowed}, not ${shown}`, {
    detail: { column, value },
  })
}
