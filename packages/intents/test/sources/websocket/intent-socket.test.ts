import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { VirtualClock } from '@millrace/kernel'
import { afterEach, describe, expect, it } from 'vitest'
import { type ClientOptions, WebSocket, WebSocketServer } from 'ws'
import { attachIntentSocket, type IntentSocketOptions } from '../../../src/sources/websocket/index.ts'
import { asAsked, HeldScheduler, until } from '../held-scheduler.ts'

const servers = new Set<WebSocketServer>()

afterEach(() => {
  for (const server of servers) {
    for (const socket of server.clients) socket.terminate()
    server.close()
  }
  servers.clear()
})

interface Answer {
  readonly id: string | number | null
  readonly result?: unknown
  readonly error?: { readonly code: string }
}

/** A peer, and what it was answered. */
class Peer {
  readonly socket: WebSocket
  readonly answers: Answer[] = []
  readonly messages: unknown[] = []
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>

  constructor(socket: WebSocket) {
    this.socket = socket
    socket.on('error', () => {})
    socket.on('message', (data) => {
      const message: Answer | Answer[] = JSON.parse(String(data))
      this.messages.push(message)
      this.answers.push(...(Array.isArray(message) ? message : [message]))
    })
    this.closed = once(socket, 'close').then(([code, reason]) => ({ code, reason: String(reason) }))
  }

  send(message: unknown): void {
    this.socket.send(JSON.stringify(message))
  }

  get ids(): unknown[] {
    return this.answers.map(({ id }) => id)
  }
}

async function setUp(options: IntentSocketOptions = {}, maxPayload?: number) {
  const scheduler = new HeldScheduler(asAsked)
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', ...(maxPayload !== undefined && { maxPayload }) })
  servers.add(server)
  const intents = attachIntentSocket(server, scheduler, options)
  await once(server, 'listening')
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}`
  const open = (protocols: string[] = [], client: ClientOptions = {}) => new Peer(new WebSocket(url, protocols, client))
  const connect = async (protocols?: string[], client?: ClientOptions) => {
    const peer = open(protocols, client)
    await once(peer.socket, 'open')
    return peer
  }
  return { scheduler, server, intents, open, connect, url }
}

const intent = (payload: unknown = null) => ({ type: 'move', payload })
const message = (id: unknown, payload: unknown = id) => ({ id, intent: intent(payload) })

/** Long enough for what would be read on without being asked to, over a real socket. */
async function aWhile(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 30))
}

describe('messages', () => {
  it('are answered by their ids, when they are committed', async () => {
    const { scheduler, connect } = await setUp()
    const peer = await connect()
    scheduler.hold()
    peer.send(message('a'))
    peer.send(message(2))
    await until(() => scheduler.held === 2)
    await aWhile()
    expect(peer.answers).toEqual([])
    scheduler.release()
    await until(() => peer.answers.length === 2)
    expect(peer.answers).toEqual([
      { id: 'a', result: { status: 'committed', value: 'a' } },
      { id: 2, result: { status: 'committed', value: 2 } },
    ])
  })

  it('may be arrays, and answers that come together are one', async () => {
    const { scheduler, connect } = await setUp()
    const peer = await connect()
    scheduler.hold()
    peer.send([message(1), message(2), message(3)])
    await until(() => scheduler.held === 3)
    scheduler.release()
    await until(() => peer.answers.length === 3)
    expect(peer.messages).toHaveLength(1)
    expect(peer.ids).toEqual([1, 2, 3])
  })

  it('that are bad are answered with what is wrong, and the others go on', async () => {
    const { scheduler, connect } = await setUp()
    const peer = await connect()
    const bad: readonly [text: string, id: unknown, code: string][] = [
      ['{"id":', null, 'BODY_INVALID'],
      ['', null, 'BODY_INVALID'],
      ['5', null, 'INTENT_INVALID'],
      ['[[]]', null, 'INTENT_INVALID'],
      ['{"intent":{"type":"move"}}', null, 'INTENT_INVALID'],
      [`{"id":"${'x'.repeat(201)}","intent":{"type":"move"}}`, null, 'INTENT_INVALID'],
      ['{"id":{},"intent":{"type":"move"}}', null, 'INTENT_INVALID'],
      ['{"id":1}', 1, 'INTENT_INVALID'],
      ['{"id":2,"intent":null}', 2, 'INTENT_INVALID'],
      ['{"id":3,"intent":{"payload":1}}', 3, 'INTENT_INVALID'],
      ['{"id":4,"intent":{"type":"move"},"wait":1}', 4, 'INTENT_INVALID'],
      ['{"id":5,"__proto__":{"intent":{"type":"move"}}}', 5, 'INTENT_INVALID'],
      ['{"id":6,"intent":{"type":"move","payload":{"fail":"CONDITION_FAILED"}}}', 6, 'CONDITION_FAILED'],
    ]
    for (const [text] of bad) peer.socket.send(text)
    peer.socket.send(Buffer.from([0xff]))
    peer.send(message('good'))
    await until(() => peer.answers.length === bad.length + 2)
    const told = peer.answers.map(({ id, error }) => [id, error?.code])
    const expected = [...bad.map(([, id, code]) => [id, code]), [null, 'BODY_INVALID'], ['good', undefined]]
    expect(told.map((answer) => JSON.stringify(answer)).sort()).toEqual(
      expected.map((answer) => JSON.stringify(answer)).sort(),
    )
    expect(scheduler.submitted).toHaveLength(2)
  })

  it.each([undefined, 1000])(
    'that are too large end the connection, where the server reads %s bytes',
    async (maxPayload) => {
      const { connect } = await setUp({ maxMessageBytes: 1000 }, maxPayload)
      const peer = await connect()
      peer.send(message(1, 'x'.repeat(2000)))
      expect((await peer.closed).code).toBe(1009)
    },
  )
})

describe('backpressure', () => {
  it('reads no further while as many as are allowed wait, and the sender feels it', async () => {
    const { scheduler, connect, server } = await setUp({ maxUnanswered: 32 })
    const peer = await connect()
    scheduler.hold()
    const big = 'x'.repeat(20_000)
    for (let id = 0; id < 600; id++) peer.send({ id, intent: { ...intent(big), key: String(id) } })
    await until(() => scheduler.held === 32)
    await aWhile()
    expect(scheduler.submitted).toHaveLength(32)
    expect([...server.clients][0]?.isPaused).toBe(true)
    expect(peer.socket.bufferedAmount).toBeGreaterThan(1_000_000)
    while (peer.answers.length < 600) {
      expect(scheduler.held).toBeLessThanOrEqual(32)
      scheduler.release()
      await new Promise((resolve) => setImmediate(resolve))
    }
    expect(peer.ids).toEqual(Array.from({ length: 600 }, (_, id) => id))
  })

  it('counts what a peer does not take', async () => {
    const { scheduler, connect } = await setUp({ maxUnanswered: 10 })
    const peer = await connect()
    peer.socket.pause()
    const big = 'x'.repeat(200_000)
    for (let id = 0; id < 120; id++) peer.send(message(id, big))
    let before = -1
    while (before !== scheduler.submitted.length) {
      before = scheduler.submitted.length
      await aWhile()
    }
    expect(scheduler.submitted.length).toBeLessThan(90)
    peer.socket.resume()
    await until(() => peer.answers.length === 120)
  })

  it('holds a client to its rate, and refuses nothing', async () => {
    const clock = new VirtualClock()
    const { scheduler, connect } = await setUp({ clock, rateLimit: { perSecond: 100, burst: 5 } })
    const peer = await connect()
    peer.send(Array.from({ length: 15 }, (_, id) => message(id)))
    await until(() => scheduler.submitted.length === 5)
    // Besides the heartbeat.
    for (let ms = 0; ms < 100; ms += 10) {
      await until(() => clock.pending === 2)
      clock.advance(10)
    }
    await until(() => peer.answers.length === 15)
    expect(clock.now()).toBe(100)
  })
})

describe('access', () => {
  const tokens = ['correct-horse']

  it('needs a token where there are any', async () => {
    const { open, intents } = await setUp({ tokens })
    for (const headers of [undefined, { authorization: 'Bearer wrong-horse' }]) {
      const peer = open([], headers && { headers })
      expect(await peer.closed).toEqual({ code: 1008, reason: 'TOKEN_REJECTED: a bearer token is needed' })
    }
    expect(await open(['millrace', 'bearer.wrong-horse']).closed).toMatchObject({ code: 1008 })
    expect(intents.connections).toBe(0)
  })

  it.each([
    [[], { headers: { authorization: 'Bearer correct-horse' } }],
    [['millrace', 'bearer.correct-horse'], {}],
  ])('is given by header or subprotocol', async (protocols, client) => {
    const { connect } = await setUp({ tokens })
    const peer = await connect(protocols, client)
    peer.send(message(1))
    await until(() => peer.answers.length === 1)
    expect(peer.socket.protocol).toBe(protocols[0] ?? '')
  })

  it('is not given to pages of other origins', async () => {
    const { open, connect, url } = await setUp({ origins: ['https://game.example'] })
    expect((await open([], { origin: 'https://evil.example' }).closed).code).toBe(1008)
    expect((await open([], { origin: 'null' }).closed).code).toBe(1008)
    for (const origin of ['https://game.example', url.replace('ws', 'http')]) {
      const peer = await connect([], { origin })
      peer.send(message(1))
      await until(() => peer.answers.length === 1)
    }
  })

  it('is given to so many and no more', async () => {
    const { open, connect } = await setUp({ maxConnections: 1 })
    await connect()
    expect((await open().closed).code).toBe(1013)
  })
})

describe('a peer', () => {
  it('that gives no sign of life is ended, and one that does is not', async () => {
    const clock = new VirtualClock()
    const { connect, server, intents } = await setUp({ clock, heartbeatMs: 1000 })
    const live = await connect()
    const dead = await connect([], { autoPong: false })
    clock.advance(1000)
    await once(live.socket, 'ping')
    await until(() => [...server.clients].length === 2)
    await aWhile()
    clock.advance(1000)
    expect((await dead.closed).code).toBe(1006)
    expect(live.socket.readyState).toBe(WebSocket.OPEN)
    await until(() => intents.connections === 1)
  })

  it('that is not read from is not taken for dead', async () => {
    const clock = new VirtualClock()
    const { connect, scheduler, server } = await setUp({ clock, heartbeatMs: 1000, maxUnanswered: 1 })
    const peer = await connect()
    scheduler.hold()
    peer.send([message(1), message(2)])
    await until(() => [...server.clients][0]?.isPaused === true)
    for (let beats = 0; beats < 5; beats++) clock.advance(1000)
    scheduler.release()
    await until(() => scheduler.held === 1)
    scheduler.release()
    await until(() => peer.answers.length === 2)
  })

  it('that does not read is ended', async () => {
    const clock = new VirtualClock()
    const { connect, scheduler, server, intents } = await setUp({ clock, heartbeatMs: 1000, maxUnanswered: 4 })
    const peer = await connect()
    peer.socket.pause()
    for (let id = 0; id < 40; id++) peer.send(message(id, 'x'.repeat(900_000)))
    await until(() => ([...server.clients][0]?.bufferedAmount ?? 0) > 0 && [...server.clients][0]?.isPaused === true)
    await aWhile()
    clock.advance(1000)
    clock.advance(1000)
    await until(() => intents.connections === 0)
    expect(scheduler.submitted.length).toBeGreaterThan(0)
  })

  it('that crashes withdraws nothing, and disturbs nobody', async () => {
    const { connect, scheduler, intents } = await setUp()
    const crashing = await connect()
    const other = await connect()
    scheduler.hold()
    crashing.send([message(1), message(2)])
    await until(() => scheduler.held === 2)
    crashing.socket.terminate()
    await until(() => intents.connections === 1)
    expect(scheduler.held).toBe(2)
    other.send(message('other'))
    await until(() => scheduler.held === 3)
    scheduler.release()
    await until(() => other.answers.length === 1)
    expect(other.ids).toEqual(['other'])
  })
})

describe('stop', () => {
  it('gives the answers it owes, refuses the rest, and closes', async () => {
    const { connect, open, scheduler, intents } = await setUp({ maxUnanswered: 2 })
    const peer = await connect()
    scheduler.hold()
    peer.send([message(1), message(2), message(3)])
    await until(() => scheduler.held === 2)
    let isStopped = false
    const stopped = intents.stop().then(() => {
      isStopped = true
    })
    expect((await open().closed).code).toBe(1001)
    expect(isStopped).toBe(false)
    scheduler.release()
    expect(await peer.closed).toEqual({ code: 1001, reason: 'The server stops' })
    await stopped
    expect(peer.answers.map(({ id, error }) => [id, error?.code])).toEqual([
      [1, undefined],
      [2, undefined],
      [3, 'SCHEDULER_STOPPED'],
    ])
    await intents.stop()
  })

  it('does not wait for what the rate holds back, nor for a peer that has gone', async () => {
    const clock = new VirtualClock()
    const { connect, scheduler, intents } = await setUp({ clock, rateLimit: { perSecond: 0.001, burst: 1 } })
    const peer = await connect()
    const gone = await connect()
    peer.send([message(1), message(2)])
    await until(() => peer.answers.length === 1)
    scheduler.hold()
    gone.socket.terminate()
    await intents.stop()
    expect(peer.answers.at(-1)?.error?.code).toBe('SCHEDULER_STOPPED')
  })
})
