import { MillraceError } from '@millrace/kernel/errors'
import type { Condition } from '../intent/target.ts'

// What can be wrong with one item, in the same words wherever it is written.

export function rowNotFound(table: string, key: string): MillraceError {
  return new MillraceError(
    'ROW_NOT_FOUND',
    `There is no row ${key} in ${table}; insert it first, or let a patch \`create\` it`,
    {
      detail: { table, key },
    },
  )
}

export function rowExists(table: string, key: readonly (string | null)[]): MillraceError {
  return new MillraceError(
    'ROW_EXISTS',
    `The row ${key.join(', ')} is in ${table} already; choose another key, or an \`onConflict\``,
    {
      detail: { table, key },
    },
  )
}

export function conditionFailed(table: string, key: string, condition: Condition): MillraceError {
  const { path, is, value } = condition
  const wanted = value === undefined ? is : `${is} ${JSON.stringify(value)}`
  return new MillraceError(
    'CONDITION_FAILED',
    `The row ${key} in ${table} was left as it is: ${path} is not ${wanted}`,
    {
      detail: { table, key, path, condition },
    },
  )
}

/** Something about the row changed between two looks at it. */
export function rowChanged(table: string, key: string): MillraceError {
  return new MillraceError(
    'CONDITION_FAILED',
    `The row ${key} in ${table} was left as it is: somebody else changed it at the same moment; submit the intent again`,
    { detail: { table, key } },
  )
}

export function pathNotObject(table: string, key: string, path: string): MillraceError {
  return new MillraceError(
    'PATH_NOT_OBJECT',
    `The row ${key} in ${table} was left as it is: what ${path} leads through is no object, and no array with such an index`,
    { detail: { table, key, path } },
  )
}

export function notANumber(table: string, key: string, path: string): MillraceError {
  return new MillraceError(
    'NOT_A_NUMBER',
    `The row ${key} in ${table} was left as it is: ${path} is no number to add to`,
    {
      detail: { table, key, path },
    },
  )
}

/** A user's statement did not return the item's `ord`. */
export function notApplied(type: string): MillraceError {
  return new MillraceError(
    'CONDITION_FAILED',
    `The statement of ${type} did not return this intent's ord: it was not applied`,
    {
      detail: { type },
    },
  )
}

export function keyReused(idempotencyKey: string): MillraceError {
  return new MillraceError(
    'IDEMPOTENCY_KEY_REUSED',
    `Another intent was written under the idempotency key ${JSON.stringify(idempotencyKey)}; use a new key for a new intent`,
    { detail: { idempotencyKey } },
  )
}

export function rowInvalid(
  type: string,
  problem: string,
  detail: Record<string, unknown> = {},
  cause?: unknown,
): MillraceError {
  return new MillraceError('ROW_INVALID', `The row of an intent ${type} cannot be written: ${problem}`, {
    detail: { type, ...detail },
    ...(cause === undefined ? {} : { cause }),
  })
}
