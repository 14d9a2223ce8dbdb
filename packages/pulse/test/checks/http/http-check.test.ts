import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { found, type Probing } from '../probing.ts'
import { FakeTarget, okWith } from './fake-target.ts'
import { httpProbing } from './http-probing.ts'

/** Short enough to be waited for, and so long that a busy machine does not stand still for half of it. */
const SHORT_MS = 500
const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'

let target: FakeTarget
let probing: Probing

beforeAll(async () => {
  target = await FakeTarget.start()
  probing = httpProbing()
})

afterAll(async () => {
  expect(probing.underWay).toBe(0)
  await probing[Symbol.asyncDispose]()
  await target[Symbol.asyncDispose]()
})

/** What a check of a path that answers so finds. */
function answerOf(path: string, answer: Parameters<FakeTarget['on']>[1], config: object = {}, timeoutMs?: number) {
  target.on(path, answer)
  return found(probing.probe({ url: target.url(path), ...config }, timeoutMs))
}

const WANTS_BODY = { body_contains: 'fine' }

describe('what passes', () => {
  test.each<[string, string, object]>([
    ['a status alone', 'HTTP/1.1 200 OK\r\n\r\n', {}],
    ['a status without a reason', 'HTTP/1.1 200\r\n\r\n', {}],
    ['HTTP/1.0', 'HTTP/1.0 200 OK\r\n\r\n', {}],
    ['lines that end in a line feed only', 'HTTP/1.1 200 OK\nA: b\n\n', {}],
    ['a status in a list', 'HTTP/1.1 418 Teapot\r\n\r\n', { expected_status: [200, 418] }],
    ['a status of a hundred', 'HTTP/1.1 299 Odd\r\n\r\n', { expected_status: ['2xx'] }],
    ['a status from one to another', 'HTTP/1.1 301 Moved\r\nLocation: /\r\n\r\n', { expected_status: ['200-301'] }],
    ['100 Continue before 200', 'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n', {}],
    ['103 Early Hints before 200', 'HTTP/1.1 103 Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n\r\n', {}],
    ['204', 'HTTP/1.1 204 No Content\r\n\r\n', { expected_status: [204] }],
    ['304', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n', { expected_status: [304] }],
    ['HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n', { method: 'HEAD' }],
    ['a body of known length', okWith('all is fine'), WANTS_BODY],
    ['chunks', `${CHUNKED}4;x=y\r\nfi\r\n\r\n2\r\nne\r\n0\r\nTrailer: x\r\n\r\n`, { body_contains: 'fi\r\nne' }],
    ['an endless body that nobody wants', `${CHUNKED}zzz`, {}],
    ['a long body that nobody wants', 'HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n', {}],
  ])('%s', async (name, answer, config) => {
    expect(await answerOf(`/passes/${encodeURIComponent(name)}`, answer, config)).toBe('PASS')
  })

  test('a body until the end of the connection', async () => {
    const mood = (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nall is fine')
    expect(await answerOf('/until-close', mood, WANTS_BODY)).toBe('PASS')
  })

  test('a compressed body that was not asked for', async () => {
    const body = gzipSync('all is fine')
    const head = `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`
    expect(await answerOf('/gzip', head + body.toString('latin1'), WANTS_BODY)).toBe('PASS')
    expect(await answerOf('/bomb', head + body.toString('latin1'), { ...WANTS_BODY, max_body: 64 })).toBe('PASS')
  })
})

describe('what fails', () => {
  test.each<[string, string, object, string]>([
    ['another status', 'HTTP/1.1 503 Busy\r\n\r\n', {}, 'answered 503'],
    ['a body that is another', okWith('broken'), WANTS_BODY, 'its body is another'],
    [
      'a body that is too long',
      okWith('x'.repeat(101)),
      { ...WANTS_BODY, max_body: 100 },
      'its body is longer than 100 bytes',
    ],
    [
      'chunks that are too long',
      `${CHUNKED}65\r\n`,
      { ...WANTS_BODY, max_body: 100 },
      'its body is longer than 100 bytes',
    ],
    ['chunks without a size', `${CHUNKED}zz\r\n`, WANTS_BODY, 'its body is garbled: its chunks are none'],
    ['chunks that do not end', `${CHUNKED}2\r\nfinexx\r\n`, WANTS_BODY, 'its body is garbled: its chunks are none'],
    [
      'a chunk with an endless line',
      `${CHUNKED}2;${'x'.repeat(2000)}`,
      WANTS_BODY,
      'its body is garbled: its chunks are none',
    ],
    [
      'two lengths',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      {},
      'its head does not say clearly how long its body is',
    ],
    [
      'a head without an end',
      `HTTP/1.1 200 OK\r\n${'X-Filler: y\r\n'.repeat(2000)}`,
      {},
      'its head is longer than 16384 bytes',
    ],
    ['one line without an end', `HTTP/1.1 200 ${'x'.repeat(20_000)}`, {}, 'its head is longer than 16384 bytes'],
    ['1xx without an end', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(1000), {}, 'its head is longer than 16384 bytes'],
    ['a header that is none', 'HTTP/1.1 200 OK\r\nwhat is this\r\n\r\n', {}, 'its head is garbled'],
    ['garbage', '\x16\x03\x01\x00\xff', {}, 'does not speak HTTP/1'],
    ['HTTP/0.9', '<html>fine</html>', {}, 'does not speak HTTP/1'],
    ['HTTP/2', '\x00\x00\x12\x04\x00\x00\x00\x00\x00', {}, 'does not speak HTTP/1'],
    ['a status of letters', 'HTTP/1.1 2OO OK\r\n\r\n', {}, 'does not speak HTTP/1'],
    [
      'a compression nobody knows',
      'HTTP/1.1 200 OK\r\nContent-Encoding: lzma\r\nContent-Length: 0\r\n\r\n',
      WANTS_BODY,
      'its body is compressed in a way unknown here',
    ],
    [
      'a body that cannot be decompressed',
      'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nfine',
      WANTS_BODY,
      'its body is garbled: it cannot be decompressed',
    ],
  ])('%s', async (name, answer, config, reason) => {
    expect(await answerOf(`/fails/${encodeURIComponent(name)}`, answer, config)).toBe(`FAIL: ${reason}`)
  })

  test('a compressed body that is a bomb', async () => {
    const body = gzipSync('0'.repeat(1_000_000))
    const head = `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${body.length}\r\n\r\n`
    const answer = await answerOf('/bomb', head + body.toString('latin1'), WANTS_BODY)
    expect(answer).toBe('FAIL: its body is longer than 65536 bytes')
  })

  test('who refuses', async () => {
    const gone = await FakeTarget.start()
    const url = gone.url('/')
    await gone[Symbol.asyncDispose]()
    expect(await found(probing.probe({ url }))).toBe('FAIL: refuses connections')
  })

  test.each([
    ['before it answers', '', 'hung up before it answered'],
    ['within its head', 'HTTP/1.1 200 OK\r\nContent', 'hung up in the midst of its head'],
    ['within its body', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfi', 'hung up in the midst of its body'],
  ])('who hangs up %s, in order or not', async (name, answer, reason) => {
    const path = `/hangs-up/${encodeURIComponent(name)}`
    expect(await answerOf(path, (socket) => socket.end(answer), WANTS_BODY)).toBe(`FAIL: ${reason}`)
    const reset = (socket: Socket) => socket.write(answer, () => setImmediate(() => socket.resetAndDestroy()))
    expect(await answerOf(path, reset, WANTS_BODY)).toBe(`FAIL: ${reason}`)
  })
})

describe('what ends by its deadline', () => {
  test('many that never end, each once and in time, and their neighbours pass', async () => {
    const drip = (text: string) => (socket: Socket) => {
      const timer = setInterval(() => socket.write(text), 5)
      socket.on('close', () => clearInterval(timer))
    }
    target.on('/silent', () => {})
    target.on('/slow-loris', (socket) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      drip('X')(socket)
    })
    target.on('/endless-body', (socket) => {
      socket.write(CHUNKED)
      drip('1\r\nx\r\n')(socket)
    })
    target.on('/well', okWith('all is fine'))
    const probeAll = async () => {
      const bad = ['/silent', '/slow-loris', '/endless-body'].flatMap((path) =>
        Array.from({ length: 20 }, () => probing.probe({ url: target.url(path), ...WANTS_BODY }, SHORT_MS)),
      )
      const good = Array.from({ length: 60 }, () => probing.probe({ url: target.url('/well'), ...WANTS_BODY }))
      for (const each of good) expect(await found(each)).toBe('PASS')
      return Promise.all(bad)
    }
    let ends = await probeAll()
    // On a busy machine this process may stand still itself.
    while (ends.some(({ reason }) => reason === 'this process stood still')) ends = await probeAll()
    expect(new Set(ends.map(({ reason }) => reason))).toEqual(
      new Set(['no answer in time', 'its body did not come in time']),
    )
    for (const { verdict, latencyMs } of ends) {
      expect(verdict).toBe('FAIL')
      expect(latencyMs).toBeGreaterThanOrEqual(SHORT_MS - 1)
    }
  })

  test('a body that is evaluated too slowly, which is no fault of the target', async () => {
    target.on('/well', okWith('all is fine'))
    await using slow = httpProbing({}, () => new Promise(() => {}))
    expect(await found(slow.probe({ url: target.url('/well'), ...WANTS_BODY }, SHORT_MS))).toBe(
      'FAULT: its body was not evaluated here in time',
    )
    await using broken = httpProbing({}, () => Promise.reject(new Error('no thread')))
    expect(await found(broken.probe({ url: target.url('/well'), ...WANTS_BODY }))).toBe(
      'FAULT: its body could not be evaluated here',
    )
  })

  test('a process that stood still knows nothing of the target', async () => {
    target.on('/silent', () => {})
    const probed = found(probing.probe({ url: target.url('/silent') }, SHORT_MS))
    await new Promise((resolve) => setImmediate(resolve))
    for (const until = performance.now() + 1.2 * SHORT_MS; performance.now() < until; );
    expect(await probed).toBe('FAULT: this process stood still')
  })

  test('an answer that is slower than max_latency', async () => {
    const slow = (socket: Socket) => void setTimeout(() => socket.write(okWith('fine')), 350)
    let answer = ''
    // On a busy machine this process may stand still itself.
    do answer = await answerOf('/slow', slow, { max_latency: '300ms' })
    while (answer === 'FAULT: this process stood still')
    expect(answer).toBe('FAIL: took longer than 300 ms')
    expect(await answerOf('/slow', slow, { max_latency: '4s' })).toBe('PASS')
  })
})

describe('what is asked', () => {
  test('headers, body and method as they are given', async () => {
    target.on('/asked', okWith('fine'))
    const config = { url: target.url('/asked'), method: 'POST', headers: { Host: 'api', 'X-A': 'ü' }, body: 'grün' }
    expect(await found(probing.probe(config))).toBe('PASS')
    const request = target.requests.at(-1)!
    expect(request).toContain('POST /asked HTTP/1.1\r\n')
    expect(request.match(/^host:/gim)).toHaveLength(1)
    expect(request).toContain('Host: api\r\n')
    expect(request).toContain('X-A: ü\r\n')
    expect(request).toContain('Content-Length: 5\r\n')
    expect(Buffer.from(request.split('\r\n\r\n')[1]!, 'latin1').toString()).toBe('grün')
    expect(request).toContain('Connection: close\r\n')
  })

  test('a connection is reset when it is not needed any more, so that no port is held', async () => {
    const closed = new Promise<unknown>((resolve) => {
      target.on('/reset', (socket) => {
        socket.on('error', resolve)
        socket.write('HTTP/1.1 200 OK\r\n\r\n')
      })
    })
    expect(await found(probing.probe({ url: target.url('/reset') }))).toBe('PASS')
    expect(await closed).toMatchObject({ code: 'ECONNRESET' })
  })
})

test('whoever is closed ends what is under way, and begins nothing', async () => {
  target.on('/silent', () => {})
  const closing = httpProbing()
  const probed = Array.from({ length: 10 }, () => found(closing.probe({ url: target.url('/silent') })))
  await new Promise((resolve) => setImmediate(resolve))
  await closing[Symbol.asyncDispose]()
  for (const each of probed) expect(await each).toBe('FAULT: the checks were stopped')
  expect(await found(closing.probe({ url: target.url('/silent') }))).toBe('FAULT: the checks were stopped')
})
