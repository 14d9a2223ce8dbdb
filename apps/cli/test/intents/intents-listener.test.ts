import { once } from 'node:events'
import { request } from 'node:http'
import { type AddressInfo, connect, createServer } from 'node:net'
import { type BatchSchedulerOptions, createBatchScheduler } from '@millrace/intents'
import { messageOf } from '@millrace/kernel/test/property'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { type ListenerSettings, listenForIntents } from '../../src/intents/serve/intents-listener.ts'
import { CommittingSink, move } from './committing-sink.ts'

/** Against hangs. */
const BOUND_MS = 240_000
const local: ListenerSettings = { host: '127.0.0.1', port: 0, tokens: [], origins: [], rateLimit: undefined }

async function setUp(settings: Partial<ListenerSettings> = {}, options: Partial<BatchSchedulerOptions> = {}) {
  const sink = new CommittingSink()
  const scheduler = createBatchScheduler({ ...options, sink, intents: [move] })
  await scheduler.start()
  const listener = await listenForIntents(scheduler, { ...local, ...settings })
  onTestFinished(async () => {
    sink.release()
    listener.quiesce()
    await scheduler.stop()
    await listener.close(100)
  })
  const post = (body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${listener.url}/intents`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    })
  return { sink, scheduler, listener, post, port: Number(new URL(listener.url).port) }
}

const intent = (id: number, more: object = {}) => ({ type: 'move', payload: { id, ...more } })

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 1))
}

/** Sends bytes as they are, and gives what comes back until the server ends. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  let answer = ''
  socket.setEncoding('utf8').on('data', (more: string) => {
    answer += more
  })
  socket.on('error', () => {})
  socket.write(text)
  await once(socket, 'close')
  return answer
}

describe('over HTTP', { timeout: BOUND_MS }, () => {
  it('intents are written, and answered', async () => {
    const { post, sink } = await setUp()
    const single = await post(intent(1))
    expect([single.status, await single.json()]).toEqual([200, { status: 'committed' }])
    const several = await post([intent(2), intent(3, { fail: 'CONDITION_FAILED' }), { type: 'fly' }])
    expect(((await several.json()) as { status: number }[]).map(({ status }) => status)).toEqual([200, 409, 422])
    expect(sink.written).toHaveLength(3)
  })

  it('bad input is answered in time, and harms nobody', async () => {
    const { post, sink } = await setUp()
    const nul = { type: 'move', payload: { id: 'a\0b' } }
    const prototype = '{"type":"move","payload":{"id":1,"__proto__":{"x":1}}}'
    const deep = `{"type":"move","payload":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    const huge = intent(1, { text: 'x'.repeat(10_000_000) })
    const large = intent(1, { text: 'x'.repeat(300_000) })
    const answers = await Promise.all([nul, prototype, deep, huge, large, '{', intent(7)].map((body) => post(body)))
    expect(answers.map(({ status }) => status)).toEqual([422, 422, 422, 413, 413, 400, 200])
    expect(sink.written).toHaveLength(1)
  })

  it('lines are answered while they are sent', async () => {
    const { listener } = await setUp()
    const sent = request(`${listener.url}/intents`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
    })
    sent.write(`${JSON.stringify(intent(1))}\n`)
    const [response] = await once(sent, 'response')
    const answers: string[] = []
    response.setEncoding('utf8').on('data', (text: string) => answers.push(...text.trim().split('\n')))
    await until(() => answers.length === 1)
    sent.write('no JSON\n')
    await until(() => answers.length === 2)
    sent.end(JSON.stringify(intent(2)))
    await once(response, 'end')
    expect(answers.map((answer) => JSON.parse(answer).status)).toEqual([200, 400, 200])
  })

  it('a sender of lines is slowed down while nothing is committed, and none is lost', async () => {
    const { listener, sink, scheduler } = await setUp({}, { maxItems: 100_000 })
    sink.hold()
    const sent = request(`${listener.url}/intents`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
    })
    const total = 2500
    let written = 0
    // What is not read is more than a system holds of it on its way.
    const text = 'x'.repeat(30_000)
    void (async () => {
      for (; written < total; written++) {
        const line = intent(written, written < 1024 ? {} : { text })
        if (!sent.write(`${JSON.stringify(line)}\n`)) await once(sent, 'drain')
      }
      sent.end()
    })()
    const [response] = await once(sent, 'response')
    await until(() => scheduler.metrics.books.submitted === 1024)
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(scheduler.metrics.books.submitted).toBe(1024)
    expect(written).toBeLessThan(total)
    sink.release()
    let answers = ''
    for await (const more of response.setEncoding('utf8')) answers += more
    const lines = answers
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.map(({ line }) => line)).toEqual(Array.from({ length: total }, (_, at) => at + 1))
    expect(lines.every(({ status }) => status === 200)).toBe(true)
  })

  it('a client that crashes among its lines harms nobody, and what it sent is written', async () => {
    const { port, sink, post, scheduler } = await setUp()
    sink.hold()
    const socket = connect(port, '127.0.0.1')
    const line = `${JSON.stringify(intent(1))}\n`
    socket.write(
      `POST /intents HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n${line.length.toString(16)}\r\n${line}\r\n`,
    )
    await until(() => scheduler.metrics.held.items === 1)
    socket.resetAndDestroy()
    const other = post(intent(2))
    await until(() => scheduler.metrics.held.items === 2)
    sink.release()
    expect((await other).status).toBe(200)
    await until(() => sink.written.length === 2)
  })

  it('a full queue is 429, and says when to come again', async () => {
    const { post, sink, scheduler } = await setUp({}, { maxItems: 2 })
    sink.hold()
    const held = [post(intent(1)), post(intent(2))]
    await until(() => scheduler.metrics.held.items === 2)
    for (const prefer of ['respond-async', 'wait=1']) {
      const full = await post(intent(3), { prefer })
      expect([full.status, full.headers.get('retry-after')]).toEqual([429, '1'])
    }
    sink.release()
    expect((await Promise.all(held)).map(({ status }) => status)).toEqual([200, 200])
  })

  it('what is no HTTP is answered, or ended', async () => {
    const { port, post } = await setUp()
    expect(await raw(port, 'hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400/)
    expect(
      await raw(
        port,
        'GET /elsewhere HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n',
      ),
    ).toMatch(/^HTTP\/1\.1 404/)
    expect((await post(intent(1))).status).toBe(200)
  })

  it('a page that has its name resolve to this machine is refused', async () => {
    const { port } = await setUp()
    const head = (host: string) => `GET /health/live HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`
    for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1.evil.example', '10.0.0.1'])
      expect(await raw(port, head(host))).toMatch(/^HTTP\/1\.1 421/)
    for (const host of ['localhost', `127.0.0.1:${port}`, '[::1]'])
      expect(await raw(port, head(host))).toMatch(/^HTTP\/1\.1 200/)
  })

  it('metrics and health are there, for those who may', async () => {
    const { listener, post } = await setUp({ tokens: ['correct-horse'] })
    const headers = { authorization: 'Bearer correct-horse' }
    await post(intent(1), headers)
    const statuses = async (given: Record<string, string>) =>
      Promise.all(
        ['/metrics', '/health', '/health/ready'].map(
          async (path) => (await fetch(listener.url + path, { headers: given })).status,
        ),
      )
    expect(await statuses({})).toEqual([401, 401, 200])
    expect(await statuses(headers)).toEqual([200, 200, 200])
    const metrics = await (await fetch(`${listener.url}/metrics`, { headers })).text()
    expect(metrics).toContain('millrace_intents_committed_total 1\n')
  })
})

describe('over WebSocket', { timeout: BOUND_MS }, () => {
  it('intents are written, and answered by their ids', async () => {
    const { listener, sink } = await setUp()
    const socket = new WebSocket(`${listener.url.replace('http', 'ws')}/intents`)
    await once(socket, 'open')
    socket.send(JSON.stringify({ id: 1, intent: intent(1) }))
    const [answer] = await once(socket, 'message')
    expect(JSON.parse(String(answer))).toEqual({ id: 1, result: { status: 'committed' } })
    expect(sink.written).toHaveLength(1)
    socket.terminate()
  })
})

describe('the port', { timeout: BOUND_MS }, () => {
  it('that is in use is told, and what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    onTestFinished(() => void other.close())
    const { port } = other.address() as AddressInfo
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
    const before = timers()
    const message = await messageOf('PORT_UNAVAILABLE', () => setUp({ port }))
    expect(message).toContain(`Port ${port} of 127.0.0.1 cannot be listened on: it is in use`)
    // Those of others come and go; one that was left would stay.
    await until(() => timers() <= before)
  })

  it('is given up when it stops, with the answers that are owed', async () => {
    const { listener, sink, scheduler, post } = await setUp()
    sink.hold()
    const owed = post(intent(1))
    const socket = new WebSocket(`${listener.url.replace('http', 'ws')}/intents`)
    await once(socket, 'open')
    const closed = once(socket, 'close')
    await until(() => scheduler.metrics.held.items === 1)
    listener.quiesce()
    const stopped = scheduler.stop()
    sink.release()
    expect(await stopped).toEqual({ unwritten: [], unknown: [] })
    expect((await owed).status).toBe(200)
    expect((await closed)[0]).toBe(1001)
    await listener.close(1000)
    await expect(post(intent(2))).rejects.toThrow()
  })

  it('does not wait for a client that does not go', async () => {
    const { listener, port } = await setUp()
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    const closed = once(socket.resume(), 'close')
    socket.write(
      'POST /intents HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n',
    )
    await new Promise((resolve) => setTimeout(resolve, 50))
    listener.quiesce()
    await listener.close(100)
    await closed
  })
})
