import { EventEmitter } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { IntentOutcome } from '../../src/intent/intent.ts'
import type { Logger } from '../../src/scheduler-options.ts'
import { type IntentBatch, SystemEvent } from '../../src/sources/event-bus.ts'
import { Rig } from './rig.ts'
import type { Script } from './scripted-sink.ts'
import { settled } from './step-clock.ts'

const slowly: Script = () => ({ afterMs: 10, ending: 'commit' })
const intent = (id: number, more: object = {}) => ({ type: 'plain', payload: { ids: [id], ...more } })

const unheard: unknown[] = []
const hear = (reason: unknown) => unheard.push(reason)
beforeEach(() => void process.on('unhandledRejection', hear))
afterEach(async () => {
  await settled()
  process.off('unhandledRejection', hear)
  expect(unheard.splice(0), 'rejections that nobody handled').toEqual([])
})

class Lines implements Logger {
  readonly all: string[] = []
  info(_: object, message: string): void {
    this.all.push(`info: ${message}`)
  }
  warn(_: object, message: string): void {
    this.all.push(`warn: ${message}`)
  }
  error(_: object, message: string): void {
    this.all.push(`error: ${message}`)
  }
}

describe('submit', () => {
  it('gives each its own result or error', async () => {
    const rig = await new Rig().start()
    const ids = [rig.submit(), rig.submit({ isRefused: true }), rig.submit({ type: 'nothing' })]
    await rig.clock.advance(0)
    expect(ids.map((id) => rig.how(id))).toEqual(['committed', 'CONDITION_FAILED', 'INTENT_TYPE_UNKNOWN'])
    expect(rig.ended.get(1)?.result).toEqual({ status: 'committed', value: undefined })
    expect(rig.scheduler.metrics.books).toMatchObject({ submitted: 3, committed: 1, failed: 1, refused: 1 })
  })

  it('gives the value that the database gave', async () => {
    const rig = await new Rig().start()
    rig.sink.write = async ({ waves }) => new Map(waves.flat().map((item) => [item, { status: 'committed', value: 5 }]))
    const given = rig.scheduler.submit(intent(1))
    expect(await rig.clock.until(given)).toEqual({ status: 'committed', value: 5 })
  })

  it('settles at the commit, not before', async () => {
    const rig = await new Rig({ script: slowly }).start()
    const id = rig.submit()
    await rig.clock.advance(9)
    expect([rig.how(id), rig.sink.ids]).toEqual([undefined, []])
    await rig.clock.advance(1)
    expect([rig.how(id), rig.sink.ids]).toEqual(['committed', [id]])
  })
})

describe('a signal', () => {
  const options = { script: slowly, adaptiveBatching: false, maxBatchSize: 2, maxConcurrentBatches: 1 } as const

  it('withdraws what waits, in whatever state, and not what is being written', async () => {
    const rig = await new Rig({ ...options, maxItems: 8, whenFull: 'wait' }).start()
    const abort = new AbortController()
    const fields = [{ key: 'a' }, {}, {}, {}, {}, {}, {}, { key: 'a' }, {}, { type: 'slow' }]
    // Two are being written, two in the batch at hand, three in the queue, one in the chain, one at the gate, and one with its schema.
    const ids = fields.map((each) => rig.submit(each, abort.signal))
    expect(rig.scheduler.metrics.books).toMatchObject({ writing: 2, waiting: 8 })
    abort.abort('withdrawn')
    await settled()
    expect(ids.map((id) => rig.how(id))).toEqual([undefined, undefined, ...Array(8).fill('withdrawn')])
    rig.submit({ key: 'a' }, abort.signal)
    await rig.clock.advance(30)
    expect(rig.tally).toEqual({ committed: 2, withdrawn: 9 })
    expect(rig.sizes).toEqual([2])
    expect(rig.scheduler.metrics.books).toMatchObject({ failed: 6, refused: 3, waiting: 0 })
  })

  it('is heard at whatever moment it comes', async () => {
    for (let turns = 0; turns < 20; turns++) {
      const rig = await new Rig({
        script: slowly,
        maxItems: 1,
        whenFull: 'wait',
        maxWaitMs: turns % 2 === 0 ? 1e6 : 1e7,
      }).start()
      rig.submit()
      await settled()
      const abort = new AbortController()
      const last = rig.submit({}, abort.signal)
      const withdraw = async () => {
        for (let turn = 0; turn < turns; turn++) await Promise.resolve()
        abort.abort('withdrawn')
      }
      rig.clock.after(10, () => void withdraw())
      await rig.clock.advance(100)
      expect(rig.how(last)).toMatch(/committed|withdrawn/)
      expect(rig.sink.ids.includes(last)).toBe(rig.how(last) === 'committed')
    }
  })

  it('is no longer listened to when the intent has ended', async () => {
    const rig = await new Rig().start()
    let listeners = 0
    const { signal } = new AbortController()
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)]
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners++
      add(...args)
    }
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners--
      remove(...args)
    }
    for (let count = 0; count < 3; count++) rig.submit({ isPoison: count === 1 }, signal)
    expect(listeners).toBe(3)
    await rig.clock.advance(0)
    await rig.clock.advance(0)
    expect([rig.ended.size, listeners]).toEqual([3, 0])
  })
})

describe('submitMany', () => {
  it('tells in their order how they ended', async () => {
    const rig = await new Rig().start()
    const given = rig.scheduler.submitMany([
      intent(1),
      intent(2, { isPoison: true }),
      { type: 'no', payload: 1 },
      intent(3),
    ])
    const outcomes = await rig.clock.until(given)
    const how = ({ result, error }: IntentOutcome) => result?.status ?? (error as { code?: string }).code
    expect(outcomes.map(how)).toEqual(['committed', 'INTENT_REJECTED', 'INTENT_TYPE_UNKNOWN', 'committed'])
    expect(await rig.scheduler.submitMany([])).toEqual([])
  })
})

describe('enqueue', () => {
  it('costs no promise, throws what is wrong at once, and has the log hear of the rest', async () => {
    const logger = new Lines()
    const rig = await new Rig({ logger }).start()
    rig.scheduler.enqueue(intent(1))
    rig.scheduler.enqueue(intent(2, { isPoison: true }))
    rig.scheduler.enqueue({ type: 'slow', payload: { ids: [3] } })
    expect(() => rig.scheduler.enqueue({ type: 'no', payload: 1 })).toThrow('No intents of the type')
    expect(() => rig.scheduler.enqueue(intent(4, { nul: '\0' }))).toThrow('payload.nul: has a NUL character')
    for (let turn = 0; turn < 4; turn++) await rig.clock.advance(0)
    expect(rig.sink.ids.toSorted()).toEqual([1, 3])
    expect(logger.all).toEqual(['warn: an intent failed for which nobody waits'])
    const { submitted, committed, failed, refused } = rig.scheduler.metrics.books
    expect([submitted, committed, failed, refused]).toEqual([5, 2, 1, 2])
  })

  it('refuses late what a slow schema accepted too late', async () => {
    const logger = new Lines()
    const rig = await new Rig({ logger, maxItems: 1, script: slowly }).start()
    rig.scheduler.enqueue({ type: 'slow', payload: { ids: [1] } })
    expect(rig.scheduler.metrics.books.waiting).toBe(1)
    rig.scheduler.enqueue(intent(2))
    await settled()
    expect(logger.all).toEqual(['warn: an intent was refused for which nobody waits'])
    rig.scheduler.enqueue({ type: 'slow', payload: { ids: [3] } })
    await rig.clock.until(rig.scheduler.stop())
    await settled()
    expect(logger.all.length).toBe(2)
    expect(rig.scheduler.metrics.books).toMatchObject({ submitted: 3, committed: 1, refused: 2, waiting: 0 })
  })
})

describe('the event bus', () => {
  it('brings intents, one or many, and is told of batches', async () => {
    const eventBus = new EventEmitter()
    const batches: IntentBatch[] = []
    eventBus.on(SystemEvent.INTENT_BATCH, (batch: IntentBatch) => batches.push(batch))
    const rig = await new Rig({ eventBus }).start()
    eventBus.emit(SystemEvent.INTENT, intent(1))
    eventBus.emit(SystemEvent.INTENT, [intent(2), intent(3)])
    await rig.clock.advance(0)
    expect(batches).toEqual([{ id: 1, intents: [intent(1), intent(2), intent(3)], trigger: 'idle' }])
    expect(rig.sink.ids).toEqual([1, 2, 3])
    await rig.clock.until(rig.scheduler.stop())
    eventBus.emit(SystemEvent.INTENT, intent(4))
    expect([eventBus.listenerCount(SystemEvent.INTENT), rig.scheduler.metrics.books.submitted]).toEqual([0, 3])
  })

  it('bears bad intents and listeners that throw', async () => {
    const eventBus = new EventEmitter()
    eventBus.on(SystemEvent.INTENT_BATCH, () => {
      throw new Error('a listener')
    })
    const logger = new Lines()
    const rig = await new Rig({ eventBus, logger }).start()
    for (const bad of [null, 5, undefined, {}, [null, intent(1)], { type: 'plain', payload: '\0' }])
      eventBus.emit(SystemEvent.INTENT, bad)
    await rig.clock.advance(0)
    expect(rig.sink.ids).toEqual([1])
    expect(rig.scheduler.metrics.books).toMatchObject({ submitted: 7, committed: 1, refused: 6 })
    expect(logger.all.filter((line) => line.includes('refused')).length).toBe(6)
    expect(logger.all).toContain('error: a listener of the event bus threw')
  })
})
