import { MillraceError } from '@millrace/kernel/errors'
import type { Context } from 'hono'
import type { Intent } from '../../intent/intent.ts'
import { intentFrom } from '../wire/intent-from.ts'
import { retryAfterSeconds } from '../wire/status-of.ts'
import { refuseKeyOfSeveral, withKey } from './idempotency-key.ts'
import { preferenceHeaders } from './preference.ts'
import { itemAnswer, problem } from './problem.ts'
import { readJson } from './read-json.ts'
import type { RequestTerms } from './request-terms.ts'
import { type Ending, isAccepted, submitAll, submitOne } from './submit-as-preferred.ts'

/** Takes one intent, or an array of them. */
export async function takeJson(context: Context, terms: RequestTerms): Promise<Response> {
  const { door, client, limits, preference } = terms
  // Before it is read: who sends too much shall not be listened to.
  door.pass(client)
  const value = await readJson(context.req.raw, limits.maxBodyBytes)
  if (Array.isArray(value)) return takeArray(context, value, terms)
  const ending = await submitOne(withKey(intentFrom(value), terms.idempotencyKey), terms)
  if (ending.result === undefined) return problem(context, ending.error)
  return context.json(ending.result, isAccepted(ending) ? 202 : 200, preferenceHeaders(preference))
}

/** Each ends by itself: the answer has one for each, in their order. */
async function takeArray(context: Context, values: readonly unknown[], terms: RequestTerms): Promise<Response> {
  const { door, client, limits, preference } = terms
  refuseKeyOfSeveral(terms.idempotencyKey)
  if (values.length > limits.maxIntents) {
    throw new MillraceError(
      'BODY_TOO_LARGE',
      `An array may have ${limits.maxIntents} intents, and this has ${values.length}. Send several, or lines as application/x-ndjson.`,
      { detail: { intents: values.length, maxIntents: limits.maxIntents } },
    )
  }
  door.charge(client, values.length - 1)
  const endings = await submitValues(values, terms)
  const retryAfter = endings.reduce((most, { error }) => Math.max(most, retryAfterSeconds(error) ?? 0), 0)
  return context.json(endings.map(itemAnswer), endings.some(isAccepted) ? 202 : 200, {
    ...preferenceHeaders(preference),
    ...(retryAfter > 0 && { 'retry-after': String(retryAfter) }),
  })
}

/** What is no intent ends with its error, and the others go on. */
async function submitValues(values: readonly unknown[], terms: RequestTerms): Promise<readonly Ending[]> {
  const intents: Intent[] = []
  const endings = values.map((value): Ending | undefined => {
    try {
      intents.push(intentFrom(value))
      return undefined
    } catch (error) {
      return { error }
    }
  })
  const submitted = (await submitAll(intents, terms)).values()
  return endings.map((ending) => ending ?? submitted.next().value ?? { error: undefined })
}
