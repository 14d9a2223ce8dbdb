import { once } from 'node:events'
import { createServer } from 'node:net'
import { MillraceError } from '@millrace/kernel/errors'
import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPulseApi, type PulseApiOptions } from '../../src/api/index.ts'
import {
  createKinds,
  createMemoryStore,
  createPulse,
  type Pulse,
  type PulseStore,
  readManifest,
} from '../../src/index.ts'
import { Receiver } from '../alerts/receiver.ts'
import { storedAlert } from '../alerts/samples.ts'
import { changes } from '../store/samples.ts'

const TOKEN = 'correct-horse-battery'
const BEAT_TOKEN = 'only-a-heart-beats'
const ODD_NAMES = ['a/b/pause', 'größe 100 %', 'a%2Fb', '?x=1#y', 'run', '日本', '..a', 'a//b/']

function monitor(name: string, check: object, more: object = {}): object {
  return { name, pulse_check: { interval: '1h', timeout: '1m', unhealthy_threshold: 1, ...check }, ...more }
}

async function* bytesOf(manifest: object): AsyncGenerator<Uint8Array> {
  yield Buffer.from(JSON.stringify(manifest))
}

const LETTER = storedAlert({ monitor: 'ill', code: 'red', attempts: 10 })
const kinds = createKinds()
const store: PulseStore = createMemoryStore()
let pulse: Pulse
let call: (method: string, path: string, options?: { token?: string | null; body?: string }) => Promise<Response>

function load(monitors: readonly object[]) {
  const options = {
    kinds,
    format: 'json' as const,
  }
  const endpoints = { nowhere: { type: 'webhook', config: { url: 'http://127.0.0.1:1/hidden-path' } } }
  return pulse.load(readManifest(bytesOf({ endpoints, monitors }), options))
}

beforeAll(async () => {
  const target = createServer((socket) => socket.on('error', () => {}).destroy())
  target.listen(0, '127.0.0.1')
  await once(target, 'listening')
  const { port } = target.address() as { port: number }
  const tcp = (to: number) => ({ type: 'tcp', config: { host: '127.0.0.1', port: to } })
  pulse = createPulse({ kinds, store })
  const http = {
    type: 'http',
    config: { url: 'http://127.0.0.1:1/health?key=hidden-key', headers: { authorization: 'hidden-header' } },
  }
  await load([
    monitor('well', tcp(port), { tags: ['prod', 'eu'] }),
    monitor('ill', tcp(1), { tags: ['prod'], codes: { red: { notify: 'log', config: { file: '/dev/null' } } } }),
    monitor('web', http),
    monitor('heart', { type: 'heartbeat', config: { grace: '1h' } }),
    monitor('off', tcp(port), { enabled: false }),
    ...ODD_NAMES.map((name) => monitor(name, tcp(port), { tags: ['odd'] })),
  ])
  await pulse.start()
  const app = createPulseApi({
    pulse,
    store,
    tokens: [TOKEN],
    heartbeatTokens: [BEAT_TOKEN],
    metrics: { contentType: 'text/plain', text: async () => 'up 1\n' },
  })
  call = async (method, path, { token = TOKEN, body } = {}) =>
    app.request(`http://127.0.0.1${path}`, {
      method,
      ...(token !== null && { headers: { authorization: `Bearer ${token}` } }),
      ...(body !== undefined && { body }),
    })
  return () => target.close()
})
afterAll(() => pulse.stop({ withinMs: 0 }))

/** Settles once a monitor is in a state. */
function reaches(name: string, state: string): Promise<void> {
  return new Promise((resolve) => {
    if (pulse.find(name)?.state === state) return resolve()
    const end = pulse.onChange((event) => {
      if (event.monitor !== name || event.to !== state) return
      end()
      resolve()
    })
  })
}

async function told(answer: Response | Promise<Response>): Promise<[number, unknown]> {
  const { status, ...response } = { status: (await answer).status, json: await (await answer).json() }
  return [status, response.json]
}

function neverFails(ask: (method: string, path: string) => Promise<Response>) {
  const part = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('monitors', 'health', '%', '%zz', '%ff', '..'))
  const path = fc.array(part, { maxLength: 4 }).map((parts) => `/${parts.join('/')}`)
  return fc.asyncProperty(fc.constantFrom('GET', 'POST', 'PUT', 'DELETE'), path, async (method, where) => {
    const { status } = await ask(method, where)
    expect(status).toBeLessThan(500)
  })
}

describe('the API of a pulse', () => {
  it('runs a check when it is asked to, and shows what it found', async () => {
    const down = reaches('ill', 'down')
    const up = reaches('well', 'up')
    expect((await call('POST', '/monitors/ill/run')).status).toBe(200)
    expect((await call('POST', '/monitors/well/run')).status).toBe(200)
    await Promise.all([down, up])
    expect(await told(call('GET', '/monitors/ill'))).toMatchObject([
      200,
      {
        name: 'ill',
        type: 'tcp',
        state: 'down',
        reason: expect.stringMatching(/refuse/),
        intervalMs: 3_600_000,
        unhealthyThreshold: 1,
        codes: { red: ['log'] },
        incidentSince: expect.any(Number),
        lastCheckAt: expect.any(Number),
      },
    ])
    expect(await told(call('GET', '/monitors/well'))).toMatchObject([200, { state: 'up', reason: null }])
  })

  it('refuses to check what is not to be checked', async () => {
    expect(await told(call('POST', '/monitors/off/run'))).toMatchObject([
      409,
      { code: 'CHECK_NOT_BEGUN', detail: expect.stringMatching(/"off" is disabled.*resume it first/) },
    ])
  })

  it('lists by state, tag and name, page by page', async () => {
    const names = async (query: string) => {
      const { monitors, next } = (await (await call('GET', `/monitors${query}`)).json()) as {
        monitors: { name: string }[]
        next: string | null
      }
      return [monitors.map(({ name }) => name), next]
    }
    expect(await names('?tag=prod,eu')).toEqual([['well'], null])
    expect(await names('?tag=prod&tag=eu')).toEqual([['well'], null])
    expect(await names('?state=disabled')).toEqual([['off'], null])
    expect(await names('?name=EL')).toEqual([['well'], null])
    expect(await names('?limit=2')).toEqual([['well', 'ill'], 'ill'])
    expect(await names('?limit=2&after=ill')).toEqual([['web', 'heart'], 'heart'])
    expect(await names(`?tag=odd&limit=${ODD_NAMES.length}`)).toEqual([ODD_NAMES, null])
  })

  it('pauses and resumes', async () => {
    expect(await told(call('POST', '/monitors/web/pause'))).toMatchObject([200, { isPaused: true, state: 'disabled' }])
    expect(await told(call('POST', '/monitors/web/resume'))).toMatchObject([200, { isPaused: false, state: 'unknown' }])
  })

  it('acknowledges and silences an incident', async () => {
    await call('POST', '/monitors/ill/run')
    await reaches('ill', 'down')
    expect(await told(call('POST', '/monitors/ill/acknowledge'))).toMatchObject([200, { isAcknowledged: true }])
    const [status, { silencedUntil }] = (await told(
      call('POST', '/monitors/ill/silence', { body: '{"for":"1h30m"}' }),
    )) as [number, { silencedUntil: number }]
    expect(status).toBe(200)
    expect(silencedUntil - Date.now()).toBeGreaterThan(5_300_000)
    expect(silencedUntil - Date.now()).toBeLessThanOrEqual(5_400_000)
  })

  it.each([
    ['', 'no body'],
    ['{', 'no JSON'],
    ['{"for":"long"}', 'no duration'],
    ['{"for":-1}', 'a negative one'],
    ['{"for":"400d"}', 'more than a year'],
    ['{"for":"1h","to":"x"}', 'another field'],
    ['[1]', 'a list'],
    ['null', 'nothing'],
  ])('refuses to be silent for %s (%s)', async (body) => {
    expect(await told(call('POST', '/monitors/ill/silence', { body }))).toMatchObject([
      400,
      { code: 'BODY_INVALID', detail: expect.stringContaining('{"for": "30m"}') },
    ])
  })

  it('refuses a body that is too large', async () => {
    const answer = call('POST', '/monitors/ill/silence', { body: `{"for":"1h"}${' '.repeat(5000)}` })
    expect(await told(answer)).toMatchObject([413, { code: 'BODY_TOO_LARGE' }])
  })

  it('takes heartbeats of those that are waited for, with their own token too', async () => {
    expect((await call('POST', '/heartbeats/heart', { token: BEAT_TOKEN })).status).toBe(204)
    expect((await call('POST', '/heartbeats/heart')).status).toBe(204)
    expect(await told(call('POST', '/heartbeats/well'))).toMatchObject([409, { code: 'HEARTBEAT_UNEXPECTED' }])
    expect(await told(call('POST', '/heartbeats/nobody'))).toMatchObject([404, { code: 'MONITOR_UNKNOWN' }])
    const beat = reaches('heart', 'up')
    await call('POST', '/monitors/heart/run')
    await beat
  })

  it('tells of health: to anybody whether it lives, to those with a token why not', async () => {
    expect(await told(call('GET', '/health/live', { token: null }))).toEqual([200, { live: true }])
    expect(await told(call('GET', '/health/ready', { token: null }))).toEqual([200, { ready: true }])
    expect(await told(call('GET', '/health'))).toMatchObject([
      200,
      { isHealthy: true, reasons: [], monitors: 5 + ODD_NAMES.length, byState: { disabled: 1 } },
    ])
  })

  it('gives metrics, and dead letters', async () => {
    expect(await (await call('GET', '/metrics')).text()).toBe('up 1\n')
    await store.commit(changes({ dead: [{ alert: LETTER, error: 'nobody answers' }] }))
    expect(await told(call('GET', '/dead-letters'))).toMatchObject([
      200,
      {
        deadLetters: [
          { id: 1, monitor: 'ill', code: 'red', channel: 'ops', state: 'down', error: 'nobody answers', attempts: 10 },
        ],
      },
    ])
  })

  it('redrives dead letters, one or those of a monitor', async () => {
    expect(await told(call('POST', '/dead-letters/99/redrive'))).toMatchObject([404, { code: 'DEAD_LETTER_UNKNOWN' }])
    // Its route is none of the monitor's.
    const refused = await told(call('POST', '/dead-letters/1/redrive'))
    expect(refused).toMatchObject([409, { code: 'DEAD_LETTER_LEFT' }])
    expect(JSON.stringify(refused)).toContain('its route is not in the manifest any more')
    expect(await told(call('POST', '/dead-letters/redrive?monitor=well'))).toEqual([200, { redriven: 0, left: [] }])
    const why = 'its route is not in the manifest any more'
    expect(await told(call('POST', '/dead-letters/redrive'))).toEqual([200, { redriven: 0, left: [{ id: 1, why }] }])
    expect(await told(call('POST', '/dead-letters/redrive?monitors=well'))).toMatchObject([
      400,
      { code: 'QUERY_INVALID' },
    ])
    expect((await call('POST', '/dead-letters/redrive', { token: null })).status).toBe(401)
    expect((await call('POST', '/dead-letters/redrive', { token: BEAT_TOKEN })).status).toBe(401)
    expect((await call('GET', '/dead-letters/redrive')).status).toBe(405)
    expect(await told(call('POST', '/dead-letters/all/redrive'))).toMatchObject([404, { code: 'ROUTE_UNKNOWN' }])
  })

  it('has a dead letter go out again, once the reason is mended', async () => {
    await using receiver = await Receiver.listen()
    await using letters = createMemoryStore()
    await using engine = createPulse({ kinds, store: letters })
    const codes = { red: { notify: 'webhook', config: { url: receiver.url } } }
    const ill = monitor('ill', { type: 'tcp', config: { host: '127.0.0.1', port: 1 } }, { codes })
    await engine.load(readManifest(bytesOf({ monitors: [ill] }), { kinds, format: 'json' }))
    await engine.start()
    const app = createPulseApi({ pulse: engine, store: letters, tokens: [TOKEN] })
    const ask = async (method: string, path: string) =>
      told(await app.request(`http://127.0.0.1${path}`, { method, headers: { authorization: `Bearer ${TOKEN}` } }))

    receiver.answer = (response) => void response.writeHead(403).end()
    const refused = receiver.next()
    expect(await ask('POST', '/monitors/ill/run')).toMatchObject([200, {}])
    await refused
    // The answer is on its way to the engine, and the letter to its store.
    const letter = expect.poll(() => ask('GET', '/dead-letters'))
    await letter.toMatchObject([200, { deadLetters: [{ monitor: 'ill' }] }])
    const [, { deadLetters }] = (await ask('GET', '/dead-letters')) as [number, { deadLetters: { id: number }[] }]

    receiver.answer = (response) => void response.end()
    const again = receiver.next()
    expect(await ask('POST', `/dead-letters/${deadLetters[0]!.id}/redrive`)).toEqual([200, { redriven: 1, left: [] }])
    await again
    const [first, second] = receiver.received.map(({ body }) => JSON.parse(body) as { id: string; code: string })
    expect(second).toEqual(first)
    expect(second).toMatchObject({ monitor: 'ill', code: 'red' })
    expect(await ask('GET', '/dead-letters')).toEqual([200, { deadLetters: [] }])
  })

  it('takes any name, percent-encoded', async () => {
    for (const name of ODD_NAMES) {
      const path = `/monitors/${encodeURIComponent(name)}`
      expect(await told(call('GET', path))).toMatchObject([200, { name }])
      expect(await told(call('POST', `${path}/pause`))).toMatchObject([200, { name, isPaused: true }])
    }
    expect(await told(call('GET', '/monitors/a/b/pause'))).toMatchObject([200, { name: 'a/b/pause' }])
  })

  it('answers whatever is asked, and never with a failure of its own', async () => {
    await holds(neverFails((method, path) => call(method, path)))
  })

  it('would be caught failing', async () => {
    const find = () => {
      throw new Error('a fault of its own')
    }
    const app = createPulseApi({ pulse: { ...pulse, find } as unknown as Pulse, tokens: [TOKEN] })
    const headers = { authorization: `Bearer ${TOKEN}` }
    await fails(neverFails(async (method, path) => app.request(`http://127.0.0.1${path}`, { method, headers })))
  })

  it.each<[string, string, number, string]>([
    ['GET', '/monitors?state=dwon', 400, 'QUERY_INVALID'],
    ['GET', '/monitors?limit=0', 400, 'QUERY_INVALID'],
    ['GET', '/monitors?limit=1e3', 400, 'QUERY_INVALID'],
    ['GET', '/monitors?limit=1001', 400, 'QUERY_INVALID'],
    ['GET', '/monitors?limit=1&limit=2', 400, 'QUERY_INVALID'],
    ['GET', '/monitors?sate=down', 400, 'QUERY_INVALID'],
    ['GET', '/monitors?__proto__=1', 400, 'QUERY_INVALID'],
    ['GET', '/monitors?after=nobody', 400, 'QUERY_INVALID'],
    ['GET', '/dead-letters?limit=-1', 400, 'QUERY_INVALID'],
    ['GET', '/monitors/nobody', 404, 'MONITOR_UNKNOWN'],
    ['POST', '/monitors/nobody/pause', 404, 'MONITOR_UNKNOWN'],
    ['POST', '/monitors/nobody/run', 404, 'MONITOR_UNKNOWN'],
    ['POST', '/monitors/well/explode', 404, 'ROUTE_UNKNOWN'],
    ['GET', '/elsewhere', 404, 'ROUTE_UNKNOWN'],
    ['DELETE', '/monitors/well', 405, 'ROUTE_UNKNOWN'],
    ['POST', '/monitors', 405, 'ROUTE_UNKNOWN'],
    ['GET', '/heartbeats/heart', 405, 'ROUTE_UNKNOWN'],
    ['POST', '/health', 405, 'ROUTE_UNKNOWN'],
  ])('answers %s %s with %i %s', async (method, path, status, code) => {
    const answer = await call(method, path)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(await told(answer)).toMatchObject([status, { status, code, detail: expect.stringMatching(/\.$/) }])
  })

  it.each([
    ['GET', '/monitors', null],
    ['GET', '/monitors', 'wrong-horse-battery'],
    ['GET', '/monitors', BEAT_TOKEN],
    ['GET', '/monitors', 'not a token'],
    ['POST', '/monitors/well/pause', null],
    ['POST', '/heartbeats/heart', null],
    ['GET', '/metrics', null],
    ['GET', '/dead-letters', null],
    ['GET', '/health', null],
  ])('lets nobody in without a token: %s %s %s', async (method, path, token) => {
    const answer = await call(method, path, { token })
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
    expect(await told(answer)).toMatchObject([401, { code: 'TOKEN_REJECTED' }])
  })

  it('never shows what may be secret', async () => {
    const text = await (await call('GET', '/monitors?limit=1000')).text()
    expect(text).toContain('http://127.0.0.1:1/health?…')
    expect(text).not.toContain('hidden')
  })

  it.each<[string, Partial<PulseApiOptions>]>([
    ['no token', { tokens: [] }],
    ['a short one', { tokens: ['short'] }],
    ['one that no header has', { tokens: ['with blanks in it'] }],
    ['a short one for heartbeats', { tokens: [TOKEN], heartbeatTokens: ['x'] }],
  ])('is not made with %s', (_, options) => {
    expect(() => createPulseApi({ pulse, tokens: [], ...options })).toThrow(MillraceError)
  })
})
