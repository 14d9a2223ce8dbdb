import { once } from 'node:events'
import { setImmediate as turn } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { BatchController, type BatchControllerOptions, BatchType, createJobRing, receiveJobs } from '@millrace/frame'
import { expect, it } from 'vitest'
import type { SenderThreadData } from './sender-thread.ts'

const jobs = process.env.MILLRACE_SLOW === undefined ? 5000 : 50_000
const SYSTEMS = 2

/** A controller that notes each sender's jobs, by system, in the order in which they run; and whether each was whole. */
function noting(options: BatchControllerOptions) {
  const controller = new BatchController({ lookAhead: 1, ...options })
  const ran = new Map<string, number[]>()
  const torn: Int32Array[] = []
  const types = [BatchType.Transform, BatchType.AI]
  const systems = Array.from({ length: SYSTEMS }, (_, system) =>
    controller.register<Int32Array>({
      type: types[system]!,
      cost: 0.001,
      recurring: false,
      decode: (bytes) => new Int32Array(bytes.buffer),
      run: (_, words) => {
        const [sender, job = -1] = words
        if (words.length !== 2 + (job % 5) || !words.subarray(1).every((word) => word === job)) torn.push(words)
        const line = `sender ${sender}, system ${system}`
        const before = ran.get(line)
        if (before === undefined) ran.set(line, [job])
        else before.push(job)
      },
    }),
  )
  const count = () => [...ran.values()].reduce((sum, line) => sum + line.length, 0)
  return { controller, systems: systems.map(({ index }) => index), ran, torn, count }
}

/** Starts a thread that sends jobs, and tells how it ends. */
function startSender(data: Omit<SenderThreadData, 'accepted'>) {
  const accepted = new SharedArrayBuffer(4)
  const workerData: SenderThreadData = { ...data, accepted }
  const thread = new Worker(new URL('./sender-thread.ts', import.meta.url), { workerData })
  const ended = once(thread, 'exit').then(([code]) => code as number)
  return { thread, ended, accepted: () => Atomics.load(new Int32Array(accepted), 0) }
}

/** The jobs of a sender that a system has, of all from `from` to `to`. */
function lineOf(system: number, from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, job) => from + job).filter((job) => job % SYSTEMS === system)
}

it.each([
  { capacityBytes: 65_536, maxQueuedJobs: 16_384 },
  { capacityBytes: 256, maxQueuedJobs: 16_384 },
  { capacityBytes: 4096, maxQueuedJobs: 8 },
])(
  'runs thousands of jobs from two threads once, in each sender’s order: %j',
  async ({ capacityBytes, maxQueuedJobs }) => {
    const { controller, systems, ran, torn, count } = noting({ maxQueuedJobs })
    const rings = [0, 1].map(() => createJobRing({ capacityBytes }))
    const inbox = receiveJobs(controller, rings)
    const senders = rings.map((ring, sender) => startSender({ ring, systems, sender, from: 0, to: jobs }))
    let running = senders.length
    for (const { ended } of senders) void ended.then(() => running--)
    // A frame may receive nothing though there is something: the gate was full, or a debt is being paid.
    let idle = 0
    while (idle < 1000 && (running > 0 || count() < 2 * jobs)) {
      const before = inbox.received
      controller.runFrame()
      await turn()
      idle = running > 0 || inbox.received > before || count() < inbox.received ? 0 : idle + 1
    }

    expect(await Promise.all(senders.map(({ ended }) => ended))).toEqual([0, 0])
    expect(torn).toEqual([])
    expect(inbox).toMatchObject({ received: 2 * jobs, refused: 0 })
    expect(controller.stats).toMatchObject({ jobsProcessed: 2 * jobs, jobsDropped: 0, failures: 0 })
    for (const sender of [0, 1]) {
      for (const system of [0, 1]) {
        expect(ran.get(`sender ${sender}, system ${system}`)).toEqual(lineOf(system, 0, jobs))
      }
    }
  },
  120_000,
)

it('loses of a sender that dies only what it had not published, and goes on with the next', async () => {
  const { controller, systems, ran, torn, count } = noting({})
  const ring = createJobRing({ capacityBytes: 1024 })
  const inbox = receiveJobs(controller, ring)
  const first = startSender({ ring, systems, sender: 0, from: 0, to: Number.MAX_SAFE_INTEGER })
  while (count() < 500) {
    controller.runFrame()
    await turn()
  }
  await first.thread.terminate()
  const accepted = first.accepted()
  for (let frames = 0; frames < 100; frames++) controller.runFrame()
  const received = inbox.received

  expect(received).toBeGreaterThanOrEqual(accepted)
  expect(received).toBeLessThanOrEqual(accepted + 1)
  const next = startSender({ ring, systems, sender: 0, from: received, to: received + 100 })
  let ended = false
  void next.ended.then(() => {
    ended = true
  })
  while (!ended || count() < inbox.received) {
    controller.runFrame()
    await turn()
  }
  for (let frames = 0; frames < 100; frames++) controller.runFrame()

  expect(torn).toEqual([])
  for (const system of [0, 1]) {
    expect(ran.get(`sender 0, system ${system}`)).toEqual(lineOf(system, 0, received + 100))
  }
})
