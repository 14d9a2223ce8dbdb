import { STATUS_CODES } from 'node:http'
import { MillraceError } from '@millrace/kernel/errors'
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

const STATUS: Readonly<Record<string, ContentfulStatusCode>> = {
  BODY_INVALID: 400,
  QUERY_INVALID: 400,
  TOKEN_REJECTED: 401,
  MONITOR_UNKNOWN: 404,
  ROUTE_UNKNOWN: 404,
  DEAD_LETTER_UNKNOWN: 404,
  CHECK_NOT_BEGUN: 409,
  DEAD_LETTER_LEFT: 409,
  HEARTBEAT_UNEXPECTED: 409,
  BODY_TOO_LARGE: 413,
  STORE_CLOSED: 503,
  STORE_FAILED: 503,
}

/** Answers with an error: problem details (RFC 9457), with the error's code. Of what is no error of ours it says nothing: that may tell what is nobody's business. */
export function problem(context: Context, error: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  const { code, message } =
    error instanceof MillraceError ? error : { code: 'INTERNAL', message: 'The server failed; its log says why.' }
  const status = headers.allow === undefined ? (Object.hasOwn(STATUS, code) ? (STATUS[code] ?? 500) : 500) : 405
  return context.body(JSON.stringify({ title: STATUS_CODES[status], status, detail: message, code }), status, {
    'content-type': 'application/problem+json',
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
    ...headers,
  })
}
