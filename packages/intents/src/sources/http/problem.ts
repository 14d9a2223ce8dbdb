import { STATUS_CODES } from 'node:http'
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { retryAfterSeconds, statusOf } from '../wire/status-of.ts'
import { wireError } from '../wire/wire-error.ts'
import type { Ending } from './submit-as-preferred.ts'

/** Answers a request with an error: problem details (RFC 9457), with the code of the error and its facts beside. */
export function problem(context: Context, error: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  const { code, message, detail: facts } = wireError(error)
  const status = headers.allow === undefined ? statusOf(code) : 405
  const retryAfter = retryAfterSeconds(error)
  return context.body(
    JSON.stringify({
      title: STATUS_CODES[status],
      status,
      detail: message,
      code,
      ...(facts !== undefined && { facts }),
    }),
    status,
    {
      'content-type': 'application/problem+json',
      ...(retryAfter !== undefined && { 'retry-after': String(retryAfter) }),
      ...(status === 401 && { 'www-authenticate': 'Bearer' }),
      ...headers,
    },
  )
}

/** How one of several intents ended: as if it had been sent alone, with that answer's status. */
export interface ItemAnswer {
  readonly status: ContentfulStatusCode
  readonly result?: unknown
  readonly error?: unknown
}

/** The answer to one of several. */
export function itemAnswer({ result, error }: Ending): ItemAnswer {
  if (result !== undefined) return { status: result.status === 'accepted' ? 202 : 200, result }
  const told = wireError(error)
  return { status: statusOf(told.code), error: told }
}
