import { VirtualClock } from '@millrace/kernel'
import { expect, it } from 'vitest'
import { createIntentRoutes, type IntentRoutesOptions } from '../../../src/sources/http/index.ts'
import { asAsked, HeldScheduler, until } from '../held-scheduler.ts'

/** A request whose body the test writes, and whose answers it reads, as it goes. */
function exchange(options: IntentRoutesOptions = {}, headers: Record<string, string> = {}) {
  const scheduler = new HeldScheduler(asAsked)
  const encoder = new TextEncoder()
  let writer: ReadableStreamDefaultController<Uint8Array> | undefined
  let isCancelled = false
  const body = new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        writer = controller
      },
      cancel: () => {
        isCancelled = true
      },
    },
    { highWaterMark: 0 },
  )
  const response = Promise.resolve(
    createIntentRoutes(scheduler, options).request(
      new Request('http://localhost/intents', {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson', ...headers },
        body,
        duplex: 'half',
      }),
    ),
  )
  return {
    scheduler,
    response,
    write: (text: string | Uint8Array) => writer?.enqueue(typeof text === 'string' ? encoder.encode(text) : text),
    end: () => writer?.close(),
    fail: () => writer?.error(new Error('the peer is gone')),
    isCancelled: () => isCancelled,
  }
}

const line = (payload: unknown) => `${JSON.stringify({ type: 'move', payload })}\n`

async function answersOf(response: Promise<Response>): Promise<Record<string, unknown>[]> {
  const text = await (await response).text()
  return text
    .split('\n')
    .filter((answer) => answer !== '')
    .map((answer) => JSON.parse(answer))
}

/** Long enough for whatever would read on without being asked to. */
async function aWhile(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}

it('answers each line, in their order, and goes on after one that is bad', async () => {
  const { response, write, end, scheduler } = exchange({ maxLineBytes: 1000 })
  write(line(1))
  write('{"type":"move",\n\n  \r\n')
  write(line('x'.repeat(2000)))
  write('[1]\n')
  write(line({ fail: 'CONDITION_FAILED' }))
  write(new Uint8Array([0x22, 0xff, 0x22, 0x0a]))
  write(line('ü').slice(0, -3))
  write('"}\r\n')
  write('{"type":"move"}')
  end()
  expect((await response).headers.get('content-type')).toBe('application/x-ndjson')
  expect(await answersOf(response)).toMatchObject([
    { line: 1, status: 200, result: { status: 'committed', value: 1 } },
    { line: 2, status: 400, error: { code: 'BODY_INVALID', detail: { line: 2 } } },
    { line: 5, status: 413, error: { code: 'BODY_TOO_LARGE', detail: { line: 5 } } },
    { line: 6, status: 422, error: { code: 'INTENT_INVALID' } },
    { line: 7, status: 409, error: { code: 'CONDITION_FAILED' } },
    { line: 8, status: 400, error: { code: 'BODY_INVALID' } },
    { line: 9, status: 200, result: { value: 'ü' } },
    { line: 10, status: 200 },
  ])
  expect(scheduler.submitted).toHaveLength(4)
})

it('answers a line before the next one is sent', async () => {
  const { response, write, end } = exchange()
  const reader = (await response).body?.getReader()
  for (const payload of [1, 2, 3]) {
    write(line(payload))
    const { value } = (await reader?.read()) ?? {}
    expect(JSON.parse(new TextDecoder().decode(value))).toMatchObject({ line: payload, result: { value: payload } })
  }
  end()
  expect((await reader?.read())?.done).toBe(true)
})

it('keeps the order of lines where commits come in another', async () => {
  const { response, write, end, scheduler } = exchange()
  scheduler.hold()
  write(`${line(1)}${line(2)}{}\n`)
  end()
  await until(() => scheduler.held === 2)
  const answers = answersOf(response)
  scheduler.release(1)
  await aWhile()
  scheduler.release()
  expect((await answers).map((answer) => answer.line)).toEqual([1, 2, 3])
})

it('reads no further while as many as are allowed wait for their commit', async () => {
  const { response, write, end, scheduler } = exchange({ maxUnanswered: 4 })
  scheduler.hold()
  for (let payload = 0; payload < 100; payload++) write(line(payload))
  end()
  const answers = answersOf(response)
  await until(() => scheduler.held === 4)
  await aWhile()
  expect(scheduler.held).toBe(4)
  for (let done = 4; done <= 100; done++) {
    scheduler.release(1)
    await until(() => scheduler.submitted.length === Math.min(100, done + 1))
    expect(scheduler.held).toBeLessThanOrEqual(4)
  }
  scheduler.release()
  expect((await answers).map((answer) => answer.line)).toEqual(Array.from({ length: 100 }, (_, at) => at + 1))
})

it('reads no further while its client does not read the answers', async () => {
  const { response, write, end, scheduler } = exchange({ maxUnanswered: 4 })
  await response
  for (let payload = 0; payload < 100; payload++) write(line(payload))
  end()
  await aWhile()
  expect(scheduler.submitted).toHaveLength(4)
  expect(await answersOf(response)).toHaveLength(100)
})

it('reads no faster than the rate of its client, and refuses nothing', async () => {
  const clock = new VirtualClock()
  const { response, write, end, scheduler } = exchange({ clock, rateLimit: { perSecond: 100, burst: 5 } })
  for (let payload = 0; payload < 25; payload++) write(line(payload))
  end()
  const answers = answersOf(response)
  await until(() => scheduler.submitted.length === 5)
  for (let ms = 0; ms < 200; ms += 10) {
    await until(() => clock.pending === 1)
    clock.advance(10)
  }
  expect(await answers).toHaveLength(25)
  expect(clock.now()).toBe(200)
})

it('stops reading when its client is gone, and withdraws nothing', async () => {
  const { response, write, scheduler, isCancelled } = exchange()
  scheduler.hold()
  write(line(1))
  await until(() => scheduler.held === 1)
  await (await response).body?.cancel()
  await until(isCancelled)
  expect(scheduler.held).toBe(1)
  scheduler.release()
})

it('ends where the body breaks off, with the answers of what came before', async () => {
  const { response, write, fail } = exchange()
  write(`${line(1)}{"type":`)
  await response
  await aWhile()
  fail()
  expect(await answersOf(response)).toMatchObject([{ line: 1, status: 200 }])
})

it('ends with the scheduler', async () => {
  const { response, write, isCancelled } = exchange()
  write(line(1))
  write(line({ fail: 'SCHEDULER_STOPPED' }))
  expect((await answersOf(response)).map((answer) => answer.status)).toEqual([200, 503])
  expect(isCancelled()).toBe(true)
})

it('accepts lines at once with respond-async', async () => {
  const { response, write, end, scheduler } = exchange({}, { prefer: 'respond-async' })
  write(line(1) + line({ fail: 'QUEUE_FULL' }))
  end()
  expect(await answersOf(response)).toMatchObject([
    { line: 1, status: 202, result: { status: 'accepted' } },
    { line: 2, status: 429, error: { code: 'QUEUE_FULL' } },
  ])
  expect(scheduler.enqueued).toHaveLength(1)
})
