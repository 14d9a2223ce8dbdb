import { MillraceError } from '@millrace/kernel/errors'
import { type Context, Hono, type MiddlewareHandler } from 'hono'
import { bearerAuth } from 'hono/bearer-auth'
import { bodyLimit } from 'hono/body-limit'
import { HTTPException } from 'hono/http-exception'
import { STATE_NAMES, type StateName } from '../lifecycle/states.ts'
import type { MonitorView, Pulse } from '../pulse.ts'
import type { DeadLetter, PulseStore } from '../store/pulse-store.ts'
import { monitorAnswer } from './monitor-answer.ts'
import { limitQuery, monitorParameter, monitorQuery, refuseQuery } from './monitor-query.ts'
import { problem } from './problem.ts'
import { readSilence } from './silence-body.ts'

export interface PulseApiOptions {
  readonly pulse: Pulse
  /** A client must show one of these as a bearer token: 8 to 1000 letters, digits or `. _ ~ + / = -`. At least one. */
  readonly tokens: readonly string[]
  /** With one of these, services can say that they live, and nothing else. @default none */
  readonly heartbeatTokens?: readonly string[]
  /** Where dead letters are. @default no such route */
  readonly store?: Pick<PulseStore, 'deadLetters'>
  /** What `GET /metrics` answers. @default no such route */
  readonly metrics?: PulseMetricsText
}

/** Metrics in a text format. */
export interface PulseMetricsText {
  readonly contentType: string
  text(): Promise<string>
}

/** What a header can carry. */
const TOKEN = /^(?=.{8,1000}$)[\w.~+/-]+=*$/
const MAX_BODY_BYTES = 4096
/** A name as it is in a path: whatever stands there, slashes too. */
const NAME = ':name{.+}'
const ROUTES =
  'GET /monitors, GET /monitors/NAME, POST /monitors/NAME/pause, …/resume, …/acknowledge, …/silence, …/run, POST /heartbeats/NAME, GET /dead-letters, POST /dead-letters/redrive, POST /dead-letters/ID/redrive, GET /health, GET /metrics'

/**
 * A JSON API of a pulse, for any host of a Hono app. It opens no port.
 *
 * All but `GET /health/live` and `GET /health/ready` need a token. Names stand in paths percent-encoded (`encodeURIComponent`). Errors are problem details
 * (RFC 9457) with the error's code. Nothing it answers has what a manifest says of secrets.
 * @throws {MillraceError} `OPTION_INVALID`.
 */
export function createPulseApi(options: PulseApiOptions): Hono {
  const { pulse, store, metrics } = options
  const tokens = checkTokens('tokens', options.tokens)
  if (tokens.length === 0) refuseTokens('tokens must have one at least, which clients show')
  const heartbeatTokens = checkTokens('heartbeatTokens', options.heartbeatTokens ?? [])
  const known = bearerAuth({ token: tokens })
  const app = new Hono()
  app.onError((error, context) => problem(context, error instanceof HTTPException ? rejected() : error))
  app.notFound((context) => problem(context, noRoute(context)))
  addMonitors(app, pulse, known)
  app.post(`/heartbeats/${NAME}`, bearerAuth({ token: [...tokens, ...heartbeatTokens] }), (context) => {
    takeBeat(pulse, context.req.param('name'))
    return context.body(null, 204)
  })
  addHealth(app, pulse, known)
  if (store !== undefined) addDeadLetters(app, { pulse, store }, known)
  if (metrics !== undefined) {
    app.get('/metrics', known, async (context) =>
      context.body(await metrics.text(), 200, { 'content-type': metrics.contentType }),
    )
  }
  const only = (path: string, allow: string) =>
    app.all(path, known, (context) => problem(context, noRoute(context), { allow }))
  for (const path of ['/monitors', '/dead-letters', '/metrics', '/health', '/health/*']) only(path, 'GET, HEAD')
  app.post('/monitors/*', known, (context) => problem(context, noRoute(context)))
  only('/monitors/*', 'GET, HEAD, POST')
  only('/heartbeats/*', 'POST')
  app.post('/dead-letters/*', known, (context) => problem(context, noRoute(context)))
  only('/dead-letters/*', 'POST')
  return app
}

function addMonitors(app: Hono, pulse: Pulse, known: MiddlewareHandler): void {
  app.get('/monitors', known, (context) => {
    const query = monitorQuery(context.req.queries())
    if (query.after !== undefined && pulse.find(query.after) === undefined)
      refuseQuery('after', 'There is no monitor of the name that after has, or not any more. Begin again without it.')
    // One more tells whether there are more.
    const found = pulse.list({ ...query, limit: query.limit + 1 })
    const page = found.slice(0, query.limit)
    const next = found.length > page.length ? (page.at(-1)?.name ?? null) : null
    return context.json({ monitors: page.map(monitorAnswer), next })
  })
  app.get(`/monitors/${NAME}`, known, (context) => answer(context, pulse, context.req.param('name')))
  const act = (action: string, run: (view: MonitorView, context: Context) => void | Promise<void>) =>
    app.post(`/monitors/${NAME}/${action}`, known, limitedBody, async (context) => {
      const name = context.req.param('name')
      await run(find(pulse, name), context)
      return answer(context, pulse, name)
    })
  act('pause', ({ name }) => pulse.pause(name))
  act('resume', ({ name }) => pulse.resume(name))
  act('acknowledge', ({ name }) => pulse.acknowledge(name))
  act('silence', async ({ name }, context) => pulse.silence(name, readSilence(await context.req.text())))
  act('run', (view) => runNow(pulse, view))
}

function addDeadLetters(
  app: Hono,
  { pulse, store }: { readonly pulse: Pulse; readonly store: Pick<PulseStore, 'deadLetters'> },
  known: MiddlewareHandler,
): void {
  app.get('/dead-letters', known, async (context) => {
    const letters = await store.deadLetters(limitQuery(context.req.queries()))
    return context.json({ deadLetters: letters.map(letterAnswer) })
  })
  app.post('/dead-letters/redrive', known, async (context) => {
    const monitor = monitorParameter(context.req.queries())
    return context.json(await pulse.redrive(monitor === undefined ? {} : { monitor }))
  })
  app.post('/dead-letters/:id{\\d+}/redrive', known, async (context) => {
    const id = Number(context.req.param('id'))
    const { redriven, left } = await pulse.redrive({ id })
    if (redriven + left.length === 0) letterUnknown(id)
    for (const { why } of left) letterLeft(id, why)
    return context.json({ redriven, left })
  })
}

function letterUnknown(id: number): never {
  throw new MillraceError(
    'DEAD_LETTER_UNKNOWN',
    `There is no dead letter ${id}. GET /dead-letters lists those there are.`,
    {
      detail: { id },
    },
  )
}

function letterLeft(id: number, why: string): never {
  throw new MillraceError('DEAD_LETTER_LEFT', `The dead letter ${id} is not delivered again: ${why}.`, {
    detail: { id },
  })
}

function addHealth(app: Hono, pulse: Pulse, known: MiddlewareHandler): void {
  app.get('/health/live', (context) => context.json({ live: true }))
  app.get('/health/ready', (context) => {
    const { isHealthy } = pulse.health
    return context.json({ ready: isHealthy }, isHealthy ? 200 : 503)
  })
  app.get('/health', known, (context) => {
    const { health, metrics } = pulse
    const { monitors, byState } = metrics
    return context.json({ ...health, monitors, byState }, health.isHealthy ? 200 : 503)
  })
}

const NOT_CHECKED: Readonly<Partial<Record<StateName, string>>> = {
  disabled: 'is disabled, or was paused: resume it first',
  maintenance: 'is in maintenance: wait for its end',
  pending: 'has an intervention under way: it is checked after that',
}

const limitedBody = bodyLimit({
  maxSize: MAX_BODY_BYTES,
  onError: () => {
    throw new MillraceError('BODY_TOO_LARGE', `The body is larger than ${MAX_BODY_BYTES} bytes; it needs only a few.`, {
      detail: { maxBytes: MAX_BODY_BYTES },
    })
  },
})

function answer(context: Context, pulse: Pulse, name: string): Response {
  return context.json(monitorAnswer(find(pulse, name)))
}

function find(pulse: Pulse, name: string): MonitorView {
  const view = pulse.find(name)
  if (view !== undefined) return view
  throw new MillraceError(
    'MONITOR_UNKNOWN',
    `There is no monitor named ${JSON.stringify(name.slice(0, 200))}. GET /monitors lists those there are; in a path, a name is percent-encoded.`,
    { detail: { name } },
  )
}

function runNow(pulse: Pulse, { name, state }: MonitorView): void {
  const why = NOT_CHECKED[state]
  if (why !== undefined) notBegun(name, why)
  if (!pulse.runNow(name)) notBegun(name, 'has a check under way or waiting: look at it again in a moment')
}

function notBegun(name: string, why: string): never {
  throw new MillraceError('CHECK_NOT_BEGUN', `No check was begun: ${JSON.stringify(name)} ${why}.`, {
    detail: { name },
  })
}

function takeBeat(pulse: Pulse, name: string): void {
  const { type } = find(pulse, name)
  if (type !== 'heartbeat') {
    throw new MillraceError(
      'HEARTBEAT_UNEXPECTED',
      `Nothing waits for a heartbeat of ${JSON.stringify(name)}: its check is ${type}. Its pulse_check must have type: heartbeat.`,
      { detail: { name, type } },
    )
  }
  pulse.beat(name)
}

function letterAnswer({ id, alert, error, at }: DeadLetter) {
  const { monitor, code, channel, state, reason, since, attempts } = alert
  return {
    id,
    monitor,
    code,
    channel,
    state: STATE_NAMES[state],
    reason,
    since,
    happenedAt: alert.at,
    attempts,
    error,
    givenUpAt: at,
  }
}

function rejected(): MillraceError {
  return new MillraceError(
    'TOKEN_REJECTED',
    'A bearer token is needed: send `Authorization: Bearer TOKEN` with one that is valid here.',
  )
}

function noRoute({ req: { method, path } }: Context): MillraceError {
  return new MillraceError('ROUTE_UNKNOWN', `There is no ${method} ${path.slice(0, 200)} here. There is: ${ROUTES}.`)
}

function checkTokens(option: string, tokens: readonly string[]): string[] {
  for (const [index, token] of tokens.entries()) {
    if (typeof token !== 'string' || !TOKEN.test(token))
      refuseTokens(
        `${option}[${index}] must be 8 to 1000 letters, digits or . _ ~ + / -, with = at the end only, such as \`openssl rand -hex 32\` prints`,
      )
  }
  return [...tokens]
}

function refuseTokens(message: string): never {
  throw new MillraceError('OPTION_INVALID', `createPulseApi: ${message}`, { detail: { owner: 'createPulseApi' } })
}
