import { MillraceError } from '@millrace/kernel/errors'
import { show } from '@millrace/kernel/options'
import type { Intent } from '../../intent/intent.ts'

const FIELDS: readonly string[] = ['type', 'payload', 'key', 'tenant', 'idempotencyKey'] satisfies (keyof Intent)[]

/**
 * The intent that a value from outside is. A field that there is not is refused: a mistyped `idempotencyKey` would silently cost its promise.
 * What the payload holds is for admission to look at.
 * @throws {MillraceError} `INTENT_INVALID`; `detail.issues` has the field at fault.
 */
export function intentFrom(value: unknown): Intent {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    refuse([], `An intent must be an object {"type": …, "payload": …}, not ${show(value)}.`)
  for (const field of Object.keys(value)) {
    if (!FIELDS.includes(field))
      refuse([field.slice(0, 100)], `An intent has no field ${show(field.slice(0, 100))}; it has ${FIELDS.join(', ')}.`)
  }
  const fields = value as Readonly<Record<string, unknown>>
  const type = textIn(fields, 'type')
  if (type === undefined) refuse(['type'], 'An intent must say its type.')
  const key = textIn(fields, 'key')
  const tenant = textIn(fields, 'tenant')
  const idempotencyKey = textIn(fields, 'idempotencyKey')
  return {
    type,
    payload: fields.payload,
    ...(key !== undefined && { key }),
    ...(tenant !== undefined && { tenant }),
    ...(idempotencyKey !== undefined && { idempotencyKey }),
  }
}

function textIn(fields: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = fields[name]
  if (value !== undefined && typeof value !== 'string') refuse([name], `${name} must be a string, not ${show(value)}.`)
  return value
}

function refuse(path: readonly string[], message: string): never {
  throw new MillraceError('INTENT_INVALID', message, { detail: { issues: [{ path, message }] } })
}
