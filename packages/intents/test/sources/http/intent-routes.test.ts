import { VirtualClock } from '@millrace/kernel'
import { describe, expect, it } from 'vitest'
import { createIntentRoutes, type IntentRoutesOptions } from '../../../src/sources/http/index.ts'
import { asAsked, HeldScheduler, until } from '../held-scheduler.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

function setUp(options: IntentRoutesOptions = {}) {
  const scheduler = new HeldScheduler(asAsked)
  const routes = createIntentRoutes(scheduler, options)
  const post = (body: unknown, headers: Record<string, string> = {}) =>
    Promise.resolve(
      routes.request('/intents', {
        method: 'POST',
        headers: { ...JSON_TYPE, ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    )
  return { scheduler, routes, post }
}

const move = { type: 'move', payload: { x: 1 } }

describe('one intent', () => {
  it('is answered with its result when it is committed, not before', async () => {
    const { scheduler, post } = setUp()
    scheduler.hold()
    let isAnswered = false
    const answer = post(move).finally(() => {
      isAnswered = true
    })
    await until(() => scheduler.held === 1)
    expect(isAnswered).toBe(false)
    scheduler.release()
    const response = await answer
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ status: 'committed', value: { x: 1 } })
    expect(scheduler.submitted).toEqual([move])
  })

  it('is answered at once with respond-async', async () => {
    const { scheduler, post } = setUp()
    const response = await post(move, { prefer: 'respond-async' })
    expect(response.status).toBe(202)
    expect(response.headers.get('preference-applied')).toBe('respond-async')
    expect(await response.json()).toEqual({ status: 'accepted' })
    expect([scheduler.submitted, scheduler.enqueued]).toEqual([[], [move]])
  })

  it.each(['wait=5', 'respond-async, wait=5', 'wait="5";strict', 'handling=lenient, Wait = 5'])(
    'is waited for as long as %s says',
    async (prefer) => {
      const clock = new VirtualClock()
      const { scheduler, post } = setUp({ clock })
      scheduler.hold()
      const late = post(move, { prefer })
      await until(() => scheduler.held === 1)
      clock.advance(5000)
      const response = await late
      expect(response.status).toBe(202)
      expect(response.headers.get('preference-applied')).toBe('wait=5')

      const early = post(move, { prefer })
      await until(() => scheduler.held === 2)
      clock.advance(4999)
      scheduler.release()
      expect((await early).status).toBe(200)
      expect(clock.pending).toBe(0)
    },
  )

  it('takes no more of a wait than is allowed, and passes over preferences it does not know', async () => {
    const clock = new VirtualClock()
    const { scheduler, post } = setUp({ clock, maxWaitSeconds: 2 })
    scheduler.hold()
    const answer = post(move, { prefer: 'wait=3600' })
    await until(() => scheduler.held === 1)
    clock.advance(2000)
    expect((await answer).headers.get('preference-applied')).toBe('wait=2')
    scheduler.release()
    const unknown = post(move, { prefer: 'wait=soon, return=minimal' })
    await until(() => scheduler.held === 1)
    scheduler.release()
    expect((await unknown).headers.has('preference-applied')).toBe(false)
  })

  it.each([
    ['QUEUE_FULL', 429],
    ['CIRCUIT_OPEN', 503],
    ['SCHEDULER_STOPPED', 503],
    ['INTENT_EXPIRED', 503],
    ['INTENT_TOO_LARGE', 413],
    ['INTENT_INVALID', 422],
    ['INTENT_TYPE_UNKNOWN', 422],
    ['INTENT_REJECTED', 422],
    ['CONDITION_FAILED', 409],
    ['IDEMPOTENCY_KEY_REUSED', 409],
    ['ROW_EXISTS', 409],
    ['PATH_NOT_OBJECT', 409],
    ['ROW_NOT_FOUND', 404],
    ['OUTCOME_UNKNOWN', 504],
    ['WRITE_FAILED', 500],
  ])('that ends with %s is answered with %i and a problem', async (code, status) => {
    const { post } = setUp()
    for (const prefer of ['', 'respond-async']) {
      const response = await post({ type: 'move', payload: { fail: code } }, { prefer })
      expect(response.status).toBe(status)
      expect(response.headers.get('content-type')).toBe('application/problem+json')
      expect(response.headers.has('retry-after')).toBe(status === 429 || status === 503)
      expect(await response.json()).toMatchObject({ status, code, detail: expect.any(String), facts: { asked: true } })
    }
  })

  it('says nothing of an error that is not of ours', async () => {
    const scheduler = new HeldScheduler(() => {
      throw new TypeError('the password is swordfish')
    })
    const response = await createIntentRoutes(scheduler).request('/intents', {
      method: 'POST',
      headers: JSON_TYPE,
      body: JSON.stringify(move),
    })
    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('swordfish')
  })

  it.each([
    ['"8e03978e"', '8e03978e'],
    ['8e03978e', '8e03978e'],
    ['"a\\"b"', 'a"b'],
  ])('takes the key of the header %s', async (header, idempotencyKey) => {
    const { scheduler, post } = setUp()
    expect((await post(move, { 'idempotency-key': header })).status).toBe(200)
    expect(scheduler.submitted).toEqual([{ ...move, idempotencyKey }])
  })
})

describe('bad input', () => {
  const cases: readonly [
    name: string,
    body: string,
    headers: Record<string, string>,
    status: number,
    code: string,
    path?: string,
  ][] = [
    ['no JSON', '{"type":', {}, 400, 'BODY_INVALID'],
    ['an empty body', '', {}, 400, 'BODY_INVALID'],
    ['a number', '5', {}, 422, 'INTENT_INVALID'],
    ['null', 'null', {}, 422, 'INTENT_INVALID'],
    ['no type', '{"payload":1}', {}, 422, 'INTENT_INVALID', 'type'],
    ['a type that is no string', '{"type":7}', {}, 422, 'INTENT_INVALID', 'type'],
    ['a field that there is not', '{"type":"a","idempotency_key":"b"}', {}, 422, 'INTENT_INVALID', 'idempotency_key'],
    ['a prototype', '{"type":"a","__proto__":{"x":1}}', {}, 422, 'INTENT_INVALID', '__proto__'],
    ['a tenant that is no string', '{"type":"a","tenant":[]}', {}, 422, 'INTENT_INVALID', 'tenant'],
    [
      'two keys',
      '{"type":"a","idempotencyKey":"b"}',
      { 'idempotency-key': 'c' },
      422,
      'INTENT_INVALID',
      'idempotencyKey',
    ],
    ['one key for many', '[]', { 'idempotency-key': 'c' }, 422, 'INTENT_INVALID', 'idempotencyKey'],
    ['more than it may be', JSON.stringify({ type: 'a', payload: 'x'.repeat(10_000_000) }), {}, 413, 'BODY_TOO_LARGE'],
    ['too many in an array', JSON.stringify(new Array(10_001).fill(0)), {}, 413, 'BODY_TOO_LARGE'],
    ['a form', 'type=a', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'CONTENT_TYPE_UNSUPPORTED'],
    ['no type of content', '{}', { 'content-type': '' }, 415, 'CONTENT_TYPE_UNSUPPORTED'],
  ]

  it.each(cases)('%s', async (_, body, headers, status, code, path) => {
    const { scheduler, post } = setUp()
    const response = await post(body, headers)
    expect(response.status).toBe(status)
    const told = (await response.json()) as { code: string; facts?: { issues: { path: string[] }[] } }
    expect(told.code).toBe(code)
    if (path !== undefined) expect(told.facts?.issues[0]?.path).toEqual([path])
    expect(scheduler.submitted).toEqual([])
  })

  it('is told where it is not UTF-8', async () => {
    const { routes } = setUp()
    const body = new Uint8Array([0x22, 0xff, 0x22])
    const response = await routes.request('/intents', { method: 'POST', headers: JSON_TYPE, body })
    expect(await response.json()).toMatchObject({ status: 400, code: 'BODY_INVALID' })
  })

  it('is stopped where a body without a length grows too large', async () => {
    const { routes } = setUp({ maxBodyBytes: 1000 })
    let sent = 0
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent++
        controller.enqueue(new Uint8Array(100).fill(0x20))
      },
    })
    const request = new Request('http://localhost/intents', {
      method: 'POST',
      headers: JSON_TYPE,
      body,
      duplex: 'half',
    })
    const response = await routes.request(request)
    expect(response.status).toBe(413)
    expect(sent).toBeLessThan(20)
  })

  it('on another route or by another method is told what there is', async () => {
    const { routes } = setUp()
    const get = await routes.request('/intents')
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST'])
    expect((await routes.request('/health', { method: 'DELETE' })).status).toBe(405)
    expect(await (await routes.request('/intent')).json()).toMatchObject({ status: 404, code: 'ROUTE_UNKNOWN' })
  })
})

describe('an array', () => {
  it('has an answer for each, in their order, and one that is bad leaves the others be', async () => {
    const { scheduler, post } = setUp()
    const bad = { type: 'move', payload: { fail: 'CONDITION_FAILED' } }
    const response = await post([move, 5, bad, move])
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject([
      { status: 200, result: { status: 'committed' } },
      { status: 422, error: { code: 'INTENT_INVALID' } },
      { status: 409, error: { code: 'CONDITION_FAILED', message: expect.any(String), detail: { asked: true } } },
      { status: 200, result: { status: 'committed' } },
    ])
    expect(scheduler.submitted).toHaveLength(3)
  })

  it('says when to try again where one was refused for want of room', async () => {
    const { post } = setUp()
    const response = await post([move, { type: 'move', payload: { fail: 'QUEUE_FULL' } }])
    expect([response.status, response.headers.get('retry-after')]).toEqual([200, '1'])
  })

  it('is accepted as a whole where it takes longer than its client waits', async () => {
    const clock = new VirtualClock()
    const { scheduler, post } = setUp({ clock })
    scheduler.hold()
    const answer = post([move, 'no', move], { prefer: 'wait=1' })
    await until(() => scheduler.held === 2)
    scheduler.release(1)
    clock.advance(1000)
    const response = await answer
    expect(response.status).toBe(202)
    expect(await response.json()).toMatchObject([{ status: 202 }, { status: 422 }, { status: 202 }])
  })

  it('may be empty', async () => {
    const { post } = setUp()
    const response = await post([])
    expect([response.status, await response.json()]).toEqual([200, []])
  })
})

describe('access', () => {
  const tokens = ['correct-horse', 'battery-staple']

  it.each([
    undefined,
    'Bearer wrong-horse',
    'Basic correct-horse',
    'Bearer',
    'Bearer correct-horse x',
    'Bearer correct-hors',
  ])('is refused to %s', async (authorization) => {
    const { routes, scheduler, post } = setUp({ tokens })
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization }
    const response = await post(move, headers)
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer')
    expect(await response.json()).toMatchObject({ code: 'TOKEN_REJECTED' })
    expect((await routes.request('/health', { headers })).status).toBe(401)
    expect((await routes.request('/health/live', { headers })).status).toBe(200)
    expect(scheduler.submitted).toEqual([])
  })

  it.each(['Bearer correct-horse', 'bearer battery-staple'])('is given to %s', async (authorization) => {
    const { post } = setUp({ tokens })
    expect((await post(move, { authorization })).status).toBe(200)
  })

  it.each([[['short']], [['']], [['with space']], [['fine-token', 'new\nline-token']]])('cannot be by %j', (bad) => {
    expect(() => setUp({ tokens: bad })).toThrow(/tokens\[\d\] must be 8 to 1000 letters/)
  })

  it('is limited by the rate of each client, and arrays count as what they hold', async () => {
    const clock = new VirtualClock()
    const { post } = setUp({ clock, tokens, rateLimit: { perSecond: 10, burst: 2 } })
    const [first, second] = tokens.map((token) => ({ authorization: `Bearer ${token}` }))
    expect((await post(move, first)).status).toBe(200)
    expect((await post([move, move, move, move, move, move], first)).status).toBe(200)
    const refused = await post(move, first)
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
    expect(await refused.json()).toMatchObject({ code: 'RATE_LIMITED', facts: { retryAfterMs: 600 } })
    expect((await post(move, second)).status).toBe(200)
    clock.advance(599)
    expect((await post(move, first)).status).toBe(429)
    clock.advance(1)
    expect((await post(move, first)).status).toBe(200)
    expect((await post(move, first)).status).toBe(429)
  })
})

describe('health', () => {
  it('is told as it is, and to load balancers in a word', async () => {
    const { scheduler, routes } = setUp()
    const statuses = async () =>
      Promise.all(['', '/live', '/ready'].map(async (path) => (await routes.request(`/health${path}`)).status))
    expect(await statuses()).toEqual([200, 200, 200])
    expect(await (await routes.request('/health')).json()).toMatchObject({ isHealthy: true, state: 'running' })
    scheduler.health = { ...scheduler.health, isHealthy: false, circuit: 'open' }
    expect(await statuses()).toEqual([503, 200, 503])
    scheduler.health = { ...scheduler.health, isHealthy: false, circuit: 'closed' }
    expect(await statuses()).toEqual([503, 200, 200])
    scheduler.health = { ...scheduler.health, state: 'stopping' }
    expect(await statuses()).toEqual([503, 200, 503])
  })
})
