import { MillraceError } from '@millrace/kernel/errors'
import { show } from '@millrace/kernel/options'
import type { Intent, IntentResult } from '../../intent/intent.ts'
import { intentFrom } from '../wire/intent-from.ts'
import { wireError } from '../wire/wire-error.ts'

/** What a client calls an intent, to know its answer by: it gets it back as it is. Null in the answer to what had none. */
export type MessageId = string | number | null

const MAX_ID_LENGTH = 200

/** The name of what a client sent, as far as it has one that can be sent back. */
export function messageIdOf(value: unknown): MessageId {
  const id =
    typeof value === 'object' && value !== null && Object.hasOwn(value, 'id') ? (value as { id: unknown }).id : null
  return (typeof id === 'string' && id.length <= MAX_ID_LENGTH) || typeof id === 'number' ? id : null
}

/**
 * The intent of a message `{id, intent}`.
 * @throws {MillraceError} `INTENT_INVALID`, with the field at fault.
 */
export function intentOfMessage(value: unknown): Intent {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    refuse([], `A message must be an object {"id": …, "intent": …} or an array of them, not ${show(value)}.`)
  for (const field of Object.keys(value)) {
    if (field !== 'id' && field !== 'intent')
      refuse([field.slice(0, 100)], `A message has no field ${show(field.slice(0, 100))}; it has id and intent.`)
  }
  if (messageIdOf(value) === null)
    refuse(['id'], `id must be a number or a string of at most ${MAX_ID_LENGTH} characters: the answer is known by it.`)
  return intentFrom((value as { readonly intent?: unknown }).intent)
}

/** The answer to a message whose intent was committed. */
export function resultMessage(id: MessageId, { status, value }: IntentResult): string {
  return JSON.stringify({ id, result: { status, value } })
}

/** The answer to a message whose intent was not, or to what is no message. */
export function errorMessage(id: MessageId, error: unknown): string {
  return JSON.stringify({ id, error: wireError(error) })
}

function refuse(path: readonly string[], message: string): never {
  throw new MillraceError('INTENT_INVALID', message, { detail: { issues: [{ path, message }] } })
}
