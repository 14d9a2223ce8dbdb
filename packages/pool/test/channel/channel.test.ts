import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, it } from 'vitest'
import { hostChannel } from '../../src/channel/host-channel.ts'
import { openChannel } from '../../src/channel/open-channel.ts'
import type { WorkerChannel, WorkerEnd, WorkerLike } from '../../src/channel/worker-channel.ts'
import { type FromWorker, MARK } from '../../src/protocol.ts'
import { serve } from '../../src/task/serve.ts'

const opened: WorkerChannel[] = []

afterEach(async () => {
  await Promise.all(opened.splice(0).map((channel) => channel.terminate()))
})

interface Heard {
  readonly channel: WorkerChannel
  readonly messages: FromWorker[]
  readonly ends: WorkerEnd[]
  until(isSo: () => boolean): Promise<void>
}

function listen(worker: WorkerLike): Heard {
  const messages: FromWorker[] = []
  const ends: WorkerEnd[] = []
  let changed = () => {}
  const channel = openChannel(worker, {
    onMessage: (message) => {
      messages.push(message)
      changed()
    },
    onEnd: (end) => {
      ends.push(end)
      changed()
    },
  })
  opened.push(channel)
  const until = async (isSo: () => boolean) => {
    while (!isSo()) {
      await new Promise<void>((resolve) => {
        changed = resolve
      })
    }
  }
  return { channel, messages, ends, until }
}

const entry = (name: string) => new URL(`./entries/${name}.ts`, import.meta.url)
const startWorker = (name: string) => new Worker(entry(name), { stderr: true })
const open = (name: string) => listen(startWorker(name))

/** The worker as if it were in a browser. */
const openAsInBrowser = (file: URL) =>
  listen(new Worker(entry('as-in-a-browser'), { workerData: file.href, stderr: true }))

describe.each([
  { host: 'Node', open },
  { host: 'a browser', open: (name: string) => openAsInBrowser(entry(name)) },
])('a worker in $host', ({ open }) => {
  it('says what it serves, starts and answers', async () => {
    const { channel, messages, until } = open('serves-late')
    await until(() => messages.length === 1)
    expect(messages).toEqual([[MARK, 'serving', [['echo', { input: undefined, output: undefined, retryable: false }]]]])
    channel.post([MARK, 'start', 0, null])
    channel.post([MARK, 'tasks', [[7, 0, { some: 'value' }]]])
    await until(() => messages.length === 3)
    expect(messages.slice(1)).toEqual([
      [MARK, 'started', 7, 1],
      [MARK, 'results', [[7, true, { some: 'value' }]]],
    ])
    channel.post([MARK, 'end'])
  })

  it('hears what was posted before it listened', async () => {
    const { channel, messages, until } = open('serves-late')
    channel.post([MARK, 'start', 0, null])
    channel.post([MARK, 'tasks', [[7, 0, 1]]])
    await until(() => messages.length === 3)
    expect(messages.map(([, kind]) => kind)).toEqual(['serving', 'started', 'results'])
  })

  it.each([
    { name: 'serves-nothing', message: /^serve: give it tasks by name/ },
    { name: 'serves-nonsense', message: /^serve: the task "cut" has no function run/ },
  ])('says why it is unable: $name', async ({ name, message }) => {
    const { messages, ends, until } = open(name)
    await until(() => ends.length > 0)
    expect(messages).toEqual([
      [MARK, 'unable', expect.objectContaining({ code: 'TASK_INVALID', message: expect.stringMatching(message) })],
    ])
    expect(ends).toEqual([{ reason: 'error', told: expect.stringMatching(/^MillraceError: serve: /) }])
  })

  it('may serve once', async () => {
    const { ends, until } = open('serves-twice')
    await until(() => ends.length > 0)
    expect(ends).toEqual([{ reason: 'error', told: expect.stringContaining('serves already') }])
  })
})

describe('openChannel', () => {
  it.each([
    { name: 'not-there', told: /Cannot find module/ },
    { name: 'throws', told: /^TypeError: at import$/ },
  ])('tells why a worker did not load: $name', async ({ name, told }) => {
    const { ends, until } = open(name)
    await until(() => ends.length > 0)
    expect(ends).toEqual([{ reason: 'error', told: expect.stringMatching(told) }])
  })

  it('hears all that a worker sent before it ended', async () => {
    const { messages, ends, until } = open('sends-last')
    await until(() => ends.length > 0)
    expect(messages.length).toBe(1000)
    expect(ends).toEqual([{ reason: 'error', told: 'RangeError: gone' }])
  })

  it('lets other conversations alone', async () => {
    const worker = startWorker('talks')
    const others: unknown[] = []
    worker.on('message', (message) => others.push(message))
    const { messages, until } = listen(worker)
    worker.postMessage('how are you')
    await until(() => messages.length > 0)
    while (!others.includes('fine')) await new Promise((resolve) => setImmediate(resolve))
    expect(messages.map(([, kind]) => kind)).toEqual(['serving'])
  })

  it('hears what a worker had sent before it was terminated, and not of its end', async () => {
    const { channel, messages, ends, until } = open('sends-and-hangs')
    await until(() => messages.length > 0)
    const sent = new Int32Array((messages[0] as readonly unknown[])[2] as SharedArrayBuffer)
    while (Atomics.load(sent, 0) === 0);
    await channel.terminate()
    expect(messages.length).toBe(1001)
    expect(ends).toEqual([])
  })

  it('refuses what is no worker', () => {
    for (const worker of [undefined, null, 3, {}, { postMessage() {}, terminate() {} }, Promise.resolve()]) {
      expect(() => listen(worker as never)).toThrow(expect.objectContaining({ code: 'WORKER_INVALID' }))
    }
  })
})

/** A worker of a browser, whose events come by hand. */
function webWorker() {
  const listeners = new Map<string, (event: object) => void>()
  const posted: unknown[][] = []
  return {
    posted,
    fire: (type: string, event: object) => listeners.get(type)?.(event),
    postMessage: (...args: unknown[]) => posted.push(args),
    terminate: () => {},
    addEventListener: (type: string, listener: (event: object) => void) => listeners.set(type, listener),
  }
}

describe('openChannel of a worker of a browser', () => {
  it('hears and posts', () => {
    const worker = webWorker()
    const { channel, messages } = listen(worker)
    worker.fire('message', { data: [MARK, 'progress', 1, 0.5] })
    worker.fire('message', { data: 'of somebody else' })
    expect(messages).toEqual([[MARK, 'progress', 1, 0.5]])
    channel.post([MARK, 'end'])
    expect(worker.posted).toEqual([[[MARK, 'end'], []]])
    channel.ref()
    channel.unref()
  })

  it.each([
    {
      type: 'error',
      event: { message: 'Uncaught Error: no', filename: 'worker.js', lineno: 3 },
      end: { reason: 'error', told: 'Uncaught Error: no (worker.js:3)' },
    },
    { type: 'error', event: {}, end: { reason: 'error', told: expect.stringContaining('did not load') } },
    { type: 'messageerror', event: {}, end: { reason: 'unreadable', told: expect.any(String) } },
  ])('tells once that it is as good as ended: $type', ({ type, event, end }) => {
    const worker = webWorker()
    const { messages, ends } = listen(worker)
    worker.fire(type, event)
    worker.fire('error', {})
    worker.fire('message', { data: [MARK, 'progress', 1, 0.5] })
    expect(ends).toEqual([end])
    expect(messages).toEqual([])
  })
})

describe('openChannel of a worker that holds a lock while it lives', () => {
  /** The worker, as far as it has told of its lock, and its end. */
  async function living() {
    const lock = `test ${Math.random()}`
    const { promise: alive, resolve: die } = Promise.withResolvers<void>()
    const worker = webWorker()
    const heard = listen(worker)
    worker.fire('message', { data: [MARK, 'serving', []] })
    expect(heard.messages).toEqual([])
    await new Promise<void>((resolve) => {
      navigator.locks.request(lock, () => {
        resolve()
        return alive
      })
    })
    worker.fire('message', { data: [MARK, 'alive', lock] })
    return { ...heard, worker, die }
  }

  it('hears of what it serves when it is known how its end is told', async () => {
    const { messages, die } = await living()
    expect(messages).toEqual([[MARK, 'serving', []]])
    die()
  })

  it('tells that it closed itself', async () => {
    const { ends, until, die } = await living()
    die()
    await until(() => ends.length > 0)
    expect(ends).toEqual([{ reason: 'exit', told: 'it closed itself' }])
  })

  it('takes it for gone when it is, and hears it until then', async () => {
    const { channel, worker, messages, ends, die } = await living()
    let isGone = false
    const terminated = channel.terminate().then(() => {
      isGone = true
    })
    for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve))
    worker.fire('message', { data: [MARK, 'progress', 1, 0.5] })
    expect(isGone).toBe(false)
    die()
    await terminated
    worker.fire('message', { data: [MARK, 'progress', 2, 0.5] })
    expect(messages.slice(1)).toEqual([[MARK, 'progress', 1, 0.5]])
    expect(ends).toEqual([])
  })

  it('goes without where there are no locks', async () => {
    const worker = webWorker()
    const { channel, messages } = listen(worker)
    worker.fire('message', { data: [MARK, 'alive', null] })
    worker.fire('message', { data: [MARK, 'serving', []] })
    expect(messages).toEqual([[MARK, 'serving', []]])
    await channel.terminate()
  })
})

describe('outside a worker', () => {
  it('nothing is served', () => {
    expect(() => hostChannel()).toThrow(expect.objectContaining({ code: 'SERVE_OUTSIDE_WORKER' }))
    expect(() => serve({ echo: () => 1 })).toThrow(expect.objectContaining({ code: 'SERVE_OUTSIDE_WORKER' }))
  })
})
