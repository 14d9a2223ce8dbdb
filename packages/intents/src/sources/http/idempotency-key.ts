import { MillraceError } from '@millrace/kernel/errors'
import type { Intent } from '../../intent/intent.ts'

/** The key in a header `Idempotency-Key`: as a string of a structured field, in quotes, or as it is. */
export function keyFromHeader(header: string | undefined): string | undefined {
  if (header === undefined || header === '') return undefined
  return /^"(?:[^"\\]|\\.)*"$/.test(header) ? header.slice(1, -1).replace(/\\(.)/g, '$1') : header
}

/**
 * An intent under the key of its header.
 * @throws {MillraceError} `INTENT_INVALID` where it has another one itself.
 */
export function withKey(intent: Intent, key: string | undefined): Intent {
  if (key === undefined) return intent
  if (intent.idempotencyKey !== undefined && intent.idempotencyKey !== key)
    refuseKey('The header Idempotency-Key and the field idempotencyKey differ: send one of them.')
  return { ...intent, idempotencyKey: key }
}

/** @throws {MillraceError} `INTENT_INVALID` where there is a key of the header, for several intents. */
export function refuseKeyOfSeveral(key: string | undefined): void {
  if (key !== undefined)
    refuseKey('The header Idempotency-Key is for one intent: give each of several an idempotencyKey of its own.')
}

function refuseKey(message: string): never {
  throw new MillraceError('INTENT_INVALID', message, { detail: { issues: [{ path: ['idempotencyKey'], message }] } })
}
