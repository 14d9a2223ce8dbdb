import { EventEmitter } from 'node:events'
import { fails, holds, randomFrom } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createBatchScheduler } from '../../src/create-batch-scheduler.ts'
import type { BatchSchedulerOptions } from '../../src/scheduler-options.ts'
import { type IntentBatch, SystemEvent } from '../../src/sources/event-bus.ts'
import { debounces, jitters, takesOneMore } from '../mutants/schedulers.ts'
import { type CreateScheduler, Rig } from './rig.ts'
import type { Effect, Script } from './scripted-sink.ts'
import { settled } from './step-clock.ts'

/** What a payload of these tests takes. */
const BYTES = 20

/** When batches left, what was in them, and why. */
function heardFrom(eventBus: EventEmitter, now: () => number) {
  const batches: { id: number; at: number; ids: number[]; trigger: string }[] = []
  eventBus.on(SystemEvent.INTENT_BATCH, ({ id, intents, trigger }: IntentBatch) => {
    const ids = intents.flatMap(({ payload }) => (payload as Effect).ids)
    batches.push({ id, at: now(), ids, trigger })
  })
  return batches
}

/** Times between submissions: of one moment, or some ms apart. */
const gaps = fc.array(fc.constantFrom(0, 0, 0, 1, 3, 9, 10, 11, 30), { minLength: 1, maxLength: 60, size: 'max' })

/** The dual condition, told plainly. */
function byDualCondition(times: readonly number[], windowMs: number, size: number) {
  const batches: { id: number; at: number; ids: number[]; trigger: string }[] = []
  for (let at = 0; at < times.length; ) {
    const end = times[at]! + windowMs
    const ids: number[] = []
    let last = 0
    // What comes at the very end of a window is in the next batch: the timer was first.
    while (at < times.length && ids.length < size && (times[at]! < end || ids.length === 0)) {
      last = times[at]!
      ids.push(++at)
    }
    const isFull = ids.length === size
    batches.push({ id: batches.length + 1, at: isFull ? last : end, ids, trigger: isFull ? 'size' : 'time' })
  }
  return batches
}

const keepsDualCondition = (create: CreateScheduler) =>
  fc.asyncProperty(
    gaps,
    fc.constantFrom(1, 10, 25),
    fc.integer({ min: 1, max: 9 }),
    async (log, timeWindowMs, maxBatchSize) => {
      const eventBus = new EventEmitter()
      const rig = new Rig({
        create,
        eventBus,
        adaptiveBatching: false,
        timeWindowMs,
        maxBatchSize,
        maxConcurrentBatches: 64,
      })
      const batches = heardFrom(eventBus, () => rig.clock.now())
      await rig.start()
      const times: number[] = []
      for (const gap of log) {
        if (gap > 0) await rig.clock.advance(gap)
        times.push(rig.clock.now())
        rig.submit()
      }
      await rig.clock.advance(100)
      expect(batches).toEqual(byDualCondition(times, timeWindowMs, maxBatchSize))
      const { timeTriggered, sizeTriggered } = rig.scheduler.metrics.flushTriggerRatio
      expect([timeTriggered, sizeTriggered]).toEqual(
        ['time', 'size'].map((trigger) => batches.filter((batch) => batch.trigger === trigger).length),
      )
      await rig.scheduler.stop()
    },
  )

/** One life by a log: with a slow sink that fails now and then. */
async function replay(
  create: CreateScheduler,
  log: readonly number[],
  seed: number,
  options: Partial<BatchSchedulerOptions>,
) {
  const random = randomFrom(seed)
  const script: Script = () => ({
    afterMs: 1 + Math.floor(random() * 20),
    ending: random() < 0.2 ? 'transient' : 'commit',
  })
  const eventBus = new EventEmitter()
  const rig = new Rig({ create, script, eventBus, random: randomFrom(seed), ...options })
  const batches = heardFrom(eventBus, () => rig.clock.now())
  await rig.start()
  for (const [at, gap] of log.entries()) {
    if (gap > 0) await rig.clock.advance(gap)
    rig.submit({ tenant: `${at % 3}`, ...(at % 2 === 0 && { key: `${at % 5}` }) })
  }
  await rig.clock.until(rig.scheduler.stop())
  return { batches, ended: [...rig.ended], applied: rig.sink.applied }
}

const replaysAlike = (create: CreateScheduler) =>
  fc.asyncProperty(gaps, fc.integer(), fc.boolean(), async (log, seed, adaptiveBatching) => {
    const options = { adaptiveBatching, maxBatchSize: 7 }
    const first = await replay(create, log, seed, options)
    expect(await replay(create, log, seed, options)).toEqual(first)
  })

describe('fixed batching', () => {
  const fixed = { adaptiveBatching: false } as const

  it('is the dual condition', () => holds(keepsDualCondition(createBatchScheduler), 60))

  it.each([
    ['begins the window anew', debounces],
    ['takes one more', takesOneMore],
  ])('is caught where it %s', async (_, mutant) => fails(keepsDualCondition(await mutant()), 100))

  it('lets the 857th leave at once, and what is less within 10 ms of the first', async () => {
    const rig = await new Rig(fixed).start()
    rig.submitMany(856)
    await rig.clock.advance(9)
    expect(rig.sizes).toEqual([])
    rig.submitMany(2)
    await settled()
    expect(rig.sizes).toEqual([857])
    await rig.clock.advance(9)
    rig.submit()
    expect(rig.sizes).toEqual([857])
    await rig.clock.advance(1)
    expect(rig.sizes).toEqual([857, 2])
    expect(rig.clock.now()).toBe(19)
    expect(rig.scheduler.metrics.flushTriggerRatio).toEqual({
      timeTriggered: 1,
      sizeTriggered: 1,
      bytesTriggered: 0,
      idleTriggered: 0,
      stopTriggered: 0,
    })
  })

  it('lets a batch leave at once that is full by bytes, exactly or with more than fits', async () => {
    const exact = await new Rig({ ...fixed, maxBatchBytes: 2 * BYTES }).start()
    exact.submitMany(2)
    expect(exact.scheduler.metrics.held.bytes).toBe(2 * BYTES)
    await settled()
    const [first] = exact.sink.writes
    expect(first?.batch.size).toBe(2)
    expect(first?.at).toBe(0)

    const over = await new Rig({ ...fixed, maxBatchBytes: 3 * BYTES - 1 }).start()
    over.submitMany(3, () => ({ key: 'a' }))
    await settled()
    expect(over.sizes).toEqual([2])
    expect(over.scheduler.metrics.flushTriggerRatio.bytesTriggered).toBe(1)
  })

  it('keeps to a window that becomes shorter while a batch waits', async () => {
    const rig = await new Rig({ ...fixed, timeWindowMs: 1000 }).start()
    rig.submit()
    await rig.clock.advance(5)
    rig.scheduler.configure({ timeWindowMs: 20 })
    await rig.clock.advance(14)
    expect(rig.sizes).toEqual([])
    await rig.clock.advance(1)
    expect(rig.sizes).toEqual([1])
  })

  it('changes to adaptive and back while it runs', async () => {
    const rig = await new Rig({ ...fixed, timeWindowMs: 1000 }).start()
    rig.submit()
    rig.scheduler.configure({ adaptiveBatching: true })
    await settled()
    expect(rig.sizes).toEqual([1])
    rig.scheduler.configure({ adaptiveBatching: false, maxBatchSize: 2 })
    await settled()
    rig.submit()
    await settled()
    expect(rig.sizes).toEqual([1])
    rig.submit()
    await settled()
    expect(rig.sizes).toEqual([1, 2])
    await expect(async () => rig.scheduler.configure({ maxBatchSize: 0 })).rejects.toMatchObject({
      code: 'OPTION_INVALID',
    })
    rig.scheduler.configure(JSON.parse('{}'))
    expect(rig.scheduler.health.currentBatchSize).toBe(2)
  })
})

describe('adaptive batching', () => {
  it('lets an idle slot take at once what a turn brought', async () => {
    const rig = await new Rig().start()
    rig.submitMany(5)
    expect(rig.sizes).toEqual([])
    await settled()
    expect(rig.sizes).toEqual([5])
    expect(rig.clock.now()).toBe(0)
    expect(rig.scheduler.metrics.flushTriggerRatio.idleTriggered).toBe(1)
  })

  it('lets batches grow while every slot is busy', async () => {
    const script: Script = () => ({ afterMs: 20, ending: 'commit' })
    const rig = await new Rig({ script, maxConcurrentBatches: 1 }).start()
    for (let ms = 0; ms < 100; ms++) {
      rig.submitMany(3)
      await rig.clock.advance(1)
    }
    await rig.clock.until(rig.scheduler.stop())
    expect(rig.sizes[0]).toBe(3)
    expect(Math.min(...rig.sizes.slice(1, -1))).toBeGreaterThanOrEqual(57)
    expect(rig.tally).toEqual({ committed: 300 })
  })

  it('learns a size within its objective, and tells what it learned', async () => {
    const script: Script = ({ batch }) => ({ afterMs: 2 + batch.size * 0.5, ending: 'commit' })
    const adaptiveBatching = { initialBatchSize: 400, performanceThresholds: { latencyThreshold: 50 } }
    const rig = await new Rig({ script, adaptiveBatching, maxConcurrentBatches: 1 }).start()
    rig.submitMany(4000)
    await rig.clock.until(rig.scheduler.stop())
    const late = rig.sink.writes.slice(-8, -1).map(({ batch }) => batch.size)
    expect(Math.max(...late)).toBeLessThanOrEqual(100)
    expect(rig.scheduler.metrics.learned.perIntentMs).toBeCloseTo(0.5, 1)
  })

  it('does not blame a batch for what was withdrawn while it was written', async () => {
    const script: Script = () => ({ afterMs: 20, ending: 'commit' })
    const adaptiveBatching = { initialBatchSize: 100, minBatchSize: 10 }
    const rig = await new Rig({ script, adaptiveBatching, maxConcurrentBatches: 1 }).start()
    for (let round = 0; round < 5; round++) {
      rig.submitMany(100)
      const abort = new AbortController()
      for (let count = 0; count < 50; count++) rig.submit({}, abort.signal)
      await rig.clock.advance(5)
      abort.abort('withdrawn')
      await rig.clock.advance(100)
    }
    expect(rig.scheduler.health.currentBatchSize).toBeGreaterThanOrEqual(100)
  })
})

describe('replay', () => {
  it('makes the same batches of the same log', () => holds(replaysAlike(createBatchScheduler), 25))
  it('is caught where chance has a part', async () => fails(replaysAlike(await jitters()), 40))
})
