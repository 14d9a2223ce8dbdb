import {
  BatchController,
  type BatchControllerOptions,
  BatchType,
  type JobRefusal,
  type RingDamage,
} from '@millrace/frame'
import { VirtualClock } from '@millrace/kernel'
import { messageOf } from '@millrace/kernel/test/property'
import { describe, expect, it } from 'vitest'
import { JobInbox } from '../../src/remote/job-inbox.ts'
import { createJobRing } from '../../src/remote/job-ring.ts'
import { JobSender } from '../../src/remote/job-sender.ts'
import { receiveJobs } from '../../src/remote/receive-jobs.ts'

/** A controller whose one system notes the first byte of what it is sent; to decode, and to run, takes time. */
function noting(options: BatchControllerOptions & { readonly decodeMs?: number; readonly runMs?: number } = {}) {
  const clock = new VirtualClock()
  const controller = new BatchController({ clock, clockTickMs: 0, ...options })
  const ran: number[] = []
  const system = controller.register<number>({
    type: BatchType.AI,
    cost: 0.001,
    recurring: false,
    run: (_, input) => {
      clock.advance(options.runMs ?? 0)
      ran.push(input)
    },
    decode: ([first = -1]) => {
      clock.advance(options.decodeMs ?? 0)
      return first
    },
  })
  return { clock, controller, system, ran }
}

function sendAll(sender: JobSender, systemIndex: number, values: readonly number[]): boolean[] {
  return values.map((value) => sender.submit(systemIndex, Uint8Array.of(value)))
}

const upTo = (count: number) => Array.from({ length: count }, (_, value) => value)

describe('jobs through a ring', () => {
  it('are run in the frame at whose beginning they are received, first sent, first run', () => {
    const { controller, system, ran } = noting()
    const ring = createJobRing()
    const inbox = receiveJobs(controller, ring)
    sendAll(new JobSender(ring), system.index, [3, 1, 2])

    expect(controller.runFrame().jobsProcessed).toBe(3)

    expect(ran).toEqual([3, 1, 2])
    expect(inbox).toMatchObject({ received: 3, refused: 0 })
  })

  it('are decoded from a copy that may be kept', () => {
    const kept: Uint8Array[] = []
    const controller = new BatchController()
    const system = controller.register<Uint8Array>({
      type: BatchType.AI,
      cost: 0,
      recurring: false,
      decode: (bytes) => bytes,
      run: (_, bytes) => kept.push(bytes),
    })
    const ring = createJobRing({ capacityBytes: 64 })
    receiveJobs(controller, ring)
    const sender = new JobSender(ring)
    for (let job = 0; job < 20; job++) {
      sender.submit(system.index, Uint8Array.of(job, job))
      controller.runFrame()
    }

    expect(kept.map((bytes) => [...bytes])).toEqual(upTo(20).map((job) => [job, job]))
    expect(kept[0]!.buffer).toBeInstanceOf(ArrayBuffer)
  })

  it('have no input when their system decodes none', () => {
    const inputs: unknown[] = []
    const controller = new BatchController()
    const run = (_: unknown, input: unknown) => inputs.push(input)
    const system = controller.register<unknown>({ type: BatchType.AI, cost: 0, recurring: false, run })
    const ring = createJobRing()
    receiveJobs(controller, ring)
    new JobSender(ring).submit(system.index)
    controller.runFrame()

    expect(inputs).toEqual([undefined])
  })

  it.each(['reject', 'drop-oldest', 'drop-lowest'] as const)(
    'wait in the ring while the queue is full: %s',
    (whenFull) => {
      const { controller, system, ran } = noting({ maxQueuedJobs: 2, runMs: 20, whenFull })
      const ring = createJobRing({ capacityBytes: 64 })
      receiveJobs(controller, ring)
      const sender = new JobSender(ring)

      expect(sendAll(sender, system.index, upTo(5))).toEqual([true, true, true, true, false])
      controller.runFrame()
      expect(ran).toEqual([0])
      expect(controller.totalQueuedJobs).toBe(1)
      controller.runFrame()
      expect(sendAll(sender, system.index, [4])).toEqual([true])
      for (let frame = 0; frame < 20; frame++) controller.runFrame()

      expect(ran).toEqual(upTo(5))
      expect(controller.stats).toMatchObject({ jobsDropped: 0, jobsProcessed: 5 })
    },
  )

  it('stay in the ring when the controller closes, for the next one', async () => {
    const { controller, system } = noting()
    const ring = createJobRing()
    const inbox = receiveJobs(controller, ring)
    sendAll(new JobSender(ring), system.index, [7, 8])
    await controller.close()
    controller.runFrame()
    inbox[Symbol.dispose]()
    inbox[Symbol.dispose]()
    const next = noting()
    receiveJobs(next.controller, ring)
    next.controller.runFrame()

    expect(inbox).toMatchObject({ received: 0, refused: 0 })
    expect(next.ran).toEqual([7, 8])
  })

  it('are received once, whoever reads next', () => {
    const { controller, system, ran } = noting({ maxQueuedJobs: 3, runMs: 2 })
    const ring = createJobRing()
    sendAll(new JobSender(ring), system.index, upTo(30))
    for (let frame = 0; frame < 200; frame++) {
      using _ = receiveJobs(controller, ring, { maxJobs: 2 })
      controller.runFrame()
    }

    expect(ran).toEqual(upTo(30))
  })
})

describe('what a frame takes', () => {
  it('is bounded by a count', () => {
    const { controller, system } = noting()
    const ring = createJobRing()
    const inbox = receiveJobs(controller, ring, { maxJobs: 10 })
    sendAll(new JobSender(ring), system.index, upTo(25))
    const received = upTo(4).map(() => {
      controller.runFrame()
      return inbox.received
    })

    expect(received).toEqual([10, 20, 25, 25])
  })

  it('keeps to its share of the budget, and is paid from it', () => {
    const { controller, system } = noting({ decodeMs: 0.1 })
    const ring = createJobRing()
    const inbox = receiveJobs(controller, ring, { budgetShare: 0.2 })
    sendAll(new JobSender(ring), system.index, upTo(200))
    const report = controller.runFrame()

    expect(inbox.received).toBeGreaterThanOrEqual(4)
    expect(inbox.received).toBeLessThanOrEqual(5)
    expect(report.usedMs).toBeCloseTo(0.1 * inbox.received, 6)
  })

  it('is one job at least, and no more while a debt is paid', () => {
    const { clock, controller, system } = noting({ decodeMs: 0.01 })
    const ring = createJobRing()
    const inbox = receiveJobs(controller, ring)
    const slow = controller.register({ type: BatchType.AI, cost: 0, recurring: false, run: () => clock.advance(20) })
    controller.submit(slow)
    controller.runFrame()
    sendAll(new JobSender(ring), system.index, upTo(20))

    expect(controller.runFrame().allowedMs).toBeLessThan(0)
    expect(inbox.received).toBe(1)
  })

  it('costs few reads of the clock, and none when the rings are empty', () => {
    const { controller, system } = noting()
    const ring = createJobRing()
    const inbox = receiveJobs(controller, ring)
    let reads = 0
    const frame = {
      allowedMs: 2.5,
      get remainingMs() {
        reads++
        return 2.5
      },
    }
    controller.frameBegins.emit(frame)
    expect(reads).toBe(0)
    sendAll(new JobSender(ring), system.index, upTo(1000))
    controller.frameBegins.emit(frame)

    expect(inbox.received).toBe(1000)
    expect(reads).toBeLessThan(25)
  })

  it('gives rings equal turns while the queue is full', () => {
    const { controller, system, ran } = noting({ maxQueuedJobs: 3, runMs: 2 })
    const rings = upTo(3).map(() => createJobRing({ capacityBytes: 128 }))
    receiveJobs(controller, rings)
    const senders = rings.map((ring) => new JobSender(ring))
    for (let frame = 0; frame < 90; frame++) {
      for (const [sender, each] of senders.entries()) while (each.submit(system.index, Uint8Array.of(sender)));
      controller.runFrame()
    }

    for (const sender of upTo(3))
      expect(ran.filter((value) => value === sender).length).toBeGreaterThanOrEqual(ran.length / 3 - 1)
  })

  it('follows the rings that come and go', () => {
    const { controller, system, ran } = noting()
    const [first, second] = [createJobRing(), createJobRing()]
    const inbox = receiveJobs(controller, first)
    inbox.add(second)
    sendAll(new JobSender(first), system.index, [1])
    sendAll(new JobSender(second), system.index, [2])
    expect(inbox.remove(first)).toBe(true)
    expect(inbox.remove(first)).toBe(false)
    controller.runFrame()
    expect(ran).toEqual([2])
    inbox.add(first)
    controller.runFrame()

    expect(ran).toEqual([2, 1])
  })
})

describe('what cannot be queued', () => {
  it('is told, counted, and holds up nothing', () => {
    const { controller, system, ran } = noting()
    const ring = createJobRing()
    const inbox = receiveJobs(controller, ring)
    const refusals: JobRefusal[] = []
    inbox.jobRefused.subscribe((refusal) => refusals.push(refusal))
    const gone = controller.register({ type: BatchType.AI, cost: 0, recurring: false, run: () => {} })
    const recurring = controller.register({ type: BatchType.AI, cost: 0, run: () => {} })
    const broken = controller.register({
      type: BatchType.AI,
      cost: 0,
      recurring: false,
      decode: () => {
        throw new RangeError('no such creature')
      },
      run: () => {},
    })
    controller.unregister(gone)
    const sender = new JobSender(ring)
    for (const index of [99, gone.index, recurring.index, broken.index]) sender.submit(index)
    sendAll(sender, system.index, [5])
    controller.runFrame()

    expect(ran).toEqual([5])
    expect(inbox).toMatchObject({ received: 1, refused: 4 })
    expect(refusals.map(({ systemIndex }) => systemIndex)).toEqual([99, gone.index, recurring.index, broken.index])
    expect(refusals.map(({ error }) => (error as { code?: string }).code)).toEqual([
      'SYSTEM_UNKNOWN',
      'SYSTEM_UNKNOWN',
      'SYSTEM_RECURRING',
      undefined,
    ])
    expect(refusals[3]).toMatchObject({ ring, error: { message: 'no such creature' } })
  })

  it('includes a job whose system goes while it is decoded', () => {
    const controller = new BatchController()
    const system = controller.register<void>({
      type: BatchType.AI,
      cost: 0,
      recurring: false,
      decode: () => controller.unregister(system),
      run: () => {},
    })
    const ring = createJobRing()
    const inbox = receiveJobs(controller, ring)
    new JobSender(ring).submit(system.index)
    controller.runFrame()

    expect(inbox).toMatchObject({ received: 0, refused: 1 })
    expect(controller.totalQueuedJobs).toBe(0)
  })

  it('is received later when its decoding has filled the queue', () => {
    const { controller, system, ran } = noting({ maxQueuedJobs: 1 })
    let decoded = 0
    const greedy = controller.register<number>({
      type: BatchType.AI,
      cost: 0,
      recurring: false,
      decode: () => {
        if (decoded++ === 0) controller.submit(system, 1)
        return 2
      },
      run: (_, value) => ran.push(value),
    })
    const ring = createJobRing()
    receiveJobs(controller, ring)
    new JobSender(ring).submit(greedy.index)
    controller.runFrame()
    controller.runFrame()

    expect(ran).toEqual([1, 2])
    expect(decoded).toBe(2)
  })

  it('may be a whole ring: a damaged one is told of, and read no more', () => {
    const { controller, system, ran } = noting()
    const rings = upTo(3).map(() => createJobRing())
    const inbox = receiveJobs(controller, rings)
    const damages: RingDamage[] = []
    inbox.ringDamaged.subscribe((damage) => damages.push(damage))
    rings.forEach((ring, sender) => {
      sendAll(new JobSender(ring), system.index, [sender])
    })
    new Int32Array(rings[1]!)[0] = 4
    controller.runFrame()
    controller.runFrame()

    expect(ran).toEqual([0, 2])
    expect(damages).toMatchObject([{ ring: rings[1], error: { code: 'RING_CORRUPT' } }])
    expect(inbox.remove(rings[1]!)).toBe(false)
  })

  it('may throw in a listener without harm to the frame', async () => {
    const { controller, system, ran } = noting()
    const ring = createJobRing()
    const inbox = receiveJobs(controller, ring)
    let told = 0
    const uncaught: unknown[] = []
    const listeners = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    process.once('uncaughtException', (error) => uncaught.push(error))
    inbox.jobRefused.subscribe(() => {
      told++
      throw new Error('of the listener')
    })
    const sender = new JobSender(ring)
    sender.submit(99)
    sendAll(sender, system.index, [1])
    controller.runFrame()
    await new Promise(setImmediate)
    for (const listener of listeners) process.on('uncaughtException', listener)

    expect(ran).toEqual([1])
    expect(told).toBe(1)
    expect(uncaught).toMatchObject([{ code: 'LISTENER_FAILED' }])
  })
})

describe('bad input', () => {
  it('has a code', async () => {
    const { controller } = noting()
    const ring = createJobRing()

    await messageOf('OPTION_INVALID', () => receiveJobs(controller, [ring, ring]))
    await messageOf('OPTION_INVALID', () => receiveJobs(controller, new SharedArrayBuffer(100)))
    const notShared: unknown = new ArrayBuffer(256 + 64)
    await messageOf('OPTION_INVALID', () => receiveJobs(controller, notShared as SharedArrayBuffer))
    await messageOf('OPTION_INVALID', () => new JobInbox(controller, [ring], { maxJobs: 0 }))
    await messageOf('OPTION_INVALID', () => new JobInbox(controller, [ring], { budgetShare: 0 }))
    await messageOf('OPTION_INVALID', () => new JobInbox(controller, [ring], { budgetShare: 1.1 }))
    new Int32Array(ring)[0] = 4
    await messageOf('RING_CORRUPT', () => receiveJobs(controller, ring))
    expect(controller.frameBegins.size).toBe(0)
  })

  it('cannot begin a frame in a frame', () => {
    const controller = new BatchController()
    let code: unknown
    controller.frameBegins.subscribe(() => {
      try {
        controller.runFrame()
      } catch (error) {
        code = (error as { code?: string }).code
      }
    })
    controller.runFrame()

    expect(code).toBe('FRAME_REENTERED')
  })
})
