import { MillraceError } from '@millrace/kernel/errors'
import type { ContentfulStatusCode } from 'hono/utils/http-status'

const STATUS: Readonly<Record<string, ContentfulStatusCode>> = {
  BODY_INVALID: 400,
  TOKEN_REJECTED: 401,
  ROUTE_UNKNOWN: 404,
  ROW_NOT_FOUND: 404,
  CONDITION_FAILED: 409,
  IDEMPOTENCY_KEY_REUSED: 409,
  NOT_A_NUMBER: 409,
  PATH_NOT_OBJECT: 409,
  ROW_EXISTS: 409,
  BODY_TOO_LARGE: 413,
  INTENT_TOO_LARGE: 413,
  CONTENT_TYPE_UNSUPPORTED: 415,
  INTENT_INVALID: 422,
  INTENT_REJECTED: 422,
  INTENT_TYPE_UNKNOWN: 422,
  ROW_INVALID: 422,
  VALUE_UNSUPPORTED: 422,
  QUEUE_FULL: 429,
  RATE_LIMITED: 429,
  BATCH_FAILED: 503,
  CIRCUIT_OPEN: 503,
  INTENT_DROPPED: 503,
  INTENT_EXPIRED: 503,
  SCHEDULER_STOPPED: 503,
  OUTCOME_UNKNOWN: 504,
}

/** The HTTP status of an error's code: 500 where it says nothing to a client. */
export function statusOf(code: string): ContentfulStatusCode {
  return Object.hasOwn(STATUS, code) ? (STATUS[code] ?? 500) : 500
}

/** Seconds after which it is worth trying again, where it is: what the error knows of it, otherwise `least`. */
export function retryAfterSeconds(error: unknown, least = 1): number | undefined {
  if (!(error instanceof MillraceError)) return undefined
  const status = statusOf(error.code)
  if (status !== 429 && status !== 503) return undefined
  const { retryAfterMs } = error.detail
  return typeof retryAfterMs === 'number' ? Math.max(least, Math.ceil(retryAfterMs / 1000)) : least
}
