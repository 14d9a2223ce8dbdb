import { type Clock, systemClock } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import { checkInteger } from '@millrace/kernel/options'
import { type Context, Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { Door, type DoorOptions } from '../access/door.ts'
import type { SourceScheduler } from '../intent-source.ts'
import { keyFromHeader } from './idempotency-key.ts'
import { readPreference } from './preference.ts'
import { problem } from './problem.ts'
import type { HttpLimits, RequestTerms } from './request-terms.ts'
import { takeJson } from './take-json.ts'
import { takeLines } from './take-lines.ts'

/** How intents are taken over HTTP. */
export interface IntentRoutesOptions extends DoorOptions {
  /** Most bytes of a body that is one intent or an array, at least 1. A stream of lines may have any number. @default 8388608 */
  readonly maxBodyBytes?: number
  /** Most bytes of one line of a stream, at least 1. @default 1048576 */
  readonly maxLineBytes?: number
  /** Most intents in an array, at least 1. @default 10000 */
  readonly maxIntents?: number
  /** Lines of one stream whose answers have not been sent, at least 1; beyond, nothing more is read. @default 1024 */
  readonly maxUnanswered?: number
  /** What `Prefer: wait=N` can ask for at most, in seconds, at least 0. @default 60 */
  readonly maxWaitSeconds?: number
  /** Where a request comes from: what the rate is kept by without tokens. @default the socket's address, as `@hono/node-server` tells it */
  readonly addressOf?: (context: Context) => string | undefined
  readonly clock?: Clock
}

/**
 * Routes by which intents come over HTTP, for any host of a Hono app: `POST /intents` with one intent, an array of them or a stream of lines;
 * `GET /health`, `/health/live`, `/health/ready`. It opens no port.
 *
 * It answers when the intents are committed, or as `Prefer` says. Each intent of an array or a stream ends by itself. A client that goes away
 * withdraws nothing: what it sent is written. Errors are problem details (RFC 9457) with the error's code.
 * @throws {MillraceError} `OPTION_INVALID`.
 */
export function createIntentRoutes(scheduler: SourceScheduler, options: IntentRoutesOptions = {}): Hono {
  const { clock = systemClock, addressOf = socketAddress } = options
  const door = new Door(options, clock)
  const limits = limitsOf(options)
  const maxWaitSeconds = checkInteger(OWNER, 'maxWaitSeconds', options.maxWaitSeconds ?? 60, { min: 0 })

  const clientOf = (context: Context) =>
    door.clientOf({ authorization: context.req.header('authorization'), address: addressOf(context) })
  const termsOf = (context: Context): RequestTerms => ({
    ...{ scheduler, door, clock, limits },
    client: clientOf(context),
    preference: readPreference(context.req.header('prefer'), maxWaitSeconds),
    idempotencyKey: keyFromHeader(context.req.header('idempotency-key')),
  })

  const app = new Hono()
  // A host may add routes, and their middleware has answers of its own.
  app.onError((error, context) => (error instanceof HTTPException ? error.getResponse() : problem(context, error)))
  app.notFound((context) => problem(context, noRoute(context)))
  app.post('/intents', (context) => {
    const terms = termsOf(context)
    return isLines(context) ? takeLines(context, terms) : takeJson(context, terms)
  })
  app.get('/health/live', (context) => context.json({ live: true }))
  app.get('/health/ready', (context) => {
    const { state, circuit } = scheduler.health
    const ready = state === 'running' && circuit !== 'open'
    return context.json({ ready, state, circuit }, ready ? 200 : 503)
  })
  app.get('/health', (context) => {
    clientOf(context)
    return context.json(scheduler.health, scheduler.health.isHealthy ? 200 : 503)
  })
  app.all('/intents', (context) => problem(context, noRoute(context), { allow: 'POST' }))
  app.all('/health/*', (context) => problem(context, noRoute(context), { allow: 'GET, HEAD' }))
  return app
}

const OWNER = 'createIntentRoutes'

function limitsOf(options: IntentRoutesOptions): HttpLimits {
  const { maxBodyBytes = 8_388_608, maxLineBytes = 1_048_576, maxIntents = 10_000, maxUnanswered = 1024 } = options
  const limits: HttpLimits = { maxBodyBytes, maxLineBytes, maxIntents, maxUnanswered }
  for (const [name, value] of Object.entries(limits)) checkInteger(OWNER, name, value, { min: 1 })
  return limits
}

function isLines(context: Context): boolean {
  const type = context.req.header('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
  switch (type) {
    case 'application/json':
      return false
    case 'application/x-ndjson':
    case 'application/ndjson':
    case 'application/jsonl':
      return true
    default:
      throw new MillraceError(
        'CONTENT_TYPE_UNSUPPORTED',
        'Send one intent or an array as Content-Type: application/json, or one a line as application/x-ndjson.',
      )
  }
}

function noRoute({ req: { method, path } }: Context): MillraceError {
  return new MillraceError(
    'ROUTE_UNKNOWN',
    `There is no ${method} ${path.slice(0, 200)} here. There is: POST /intents, GET /health, /health/live, /health/ready.`,
  )
}

function socketAddress({ env }: Context): string | undefined {
  const { incoming } = (env ?? {}) as { incoming?: { readonly socket?: { readonly remoteAddress?: string } } }
  return incoming?.socket?.remoteAddress
}
