import { MillraceError } from '@millrace/kernel'
import { describe, expect, it } from 'vitest'
import { Rig } from './rig.ts'
import type { Script } from './scripted-sink.ts'
import { settled } from './step-clock.ts'

const never = new Promise<void>(() => {})

describe('start', () => {
  it('is when writing begins: what was submitted before waits for it', async () => {
    const rig = new Rig()
    rig.submitMany(3)
    await rig.clock.advance(1000)
    expect(rig.sink.writes).toEqual([])
    expect(rig.scheduler.health).toMatchObject({ state: 'idle', isHealthy: false })
    await Promise.all([rig.scheduler.start(), rig.scheduler.start()])
    await rig.clock.advance(0)
    expect(rig.tally).toEqual({ committed: 3 })
    expect(rig.scheduler.health).toMatchObject({ state: 'running', isHealthy: true })
  })

  it('can be tried again when the sink cannot be reached', async () => {
    const rig = new Rig()
    rig.submit()
    rig.sink.openError = new MillraceError('SINK_UNREACHABLE', 'There is no database at this address')
    await expect(rig.scheduler.start()).rejects.toMatchObject({ code: 'SINK_UNREACHABLE' })
    expect(rig.scheduler.health.state).toBe('idle')
    rig.sink.openError = undefined
    await rig.start()
    await rig.clock.advance(0)
    expect(rig.tally).toEqual({ committed: 1 })
  })

  it('is too late after stop', async () => {
    const rig = new Rig()
    await rig.clock.until(rig.scheduler.stop())
    await expect(rig.scheduler.start()).rejects.toMatchObject({ code: 'SCHEDULER_STOPPED' })
  })

  it('leaves nothing open when it is stopped meanwhile', async () => {
    const rig = new Rig()
    const { promise, resolve } = Promise.withResolvers<void>()
    rig.sink.opening = promise
    const started = rig.scheduler.start()
    rig.submit()
    const stopped = rig.clock.until(rig.scheduler.stop())
    resolve()
    await expect(started).rejects.toMatchObject({ code: 'SCHEDULER_STOPPED' })
    await stopped
    expect(rig.sink.isOpen).toBe(false)
    expect(rig.tally).toEqual({ SCHEDULER_STOPPED: 1 })
  })
})

describe('stop', () => {
  it('writes what it has, refuses what comes, and closes the sink', async () => {
    const script: Script = () => ({ afterMs: 100, ending: 'commit' })
    const rig = await new Rig({
      script,
      adaptiveBatching: false,
      maxBatchSize: 10,
      maxConcurrentBatches: 2,
      timeWindowMs: 1000,
    }).start()
    rig.submitMany(55, (index) => ({ key: `${index % 20}` }))
    const stopped = rig.scheduler.stop()
    rig.submit()
    await settled()
    expect(rig.tally).toEqual({ SCHEDULER_STOPPED: 1 })
    expect(rig.scheduler.health.state).toBe('stopping')
    expect(await rig.clock.until(stopped)).toEqual({ unwritten: [], unknown: [] })
    expect(rig.tally).toEqual({ SCHEDULER_STOPPED: 1, committed: 55 })
    expect(rig.scheduler.metrics.flushTriggerRatio.stopTriggered).toBeGreaterThan(0)
    expect(rig.scheduler.health.state).toBe('stopped')
    expect([rig.sink.isOpen, rig.sink.closed, rig.clock.pending]).toEqual([false, 1, 0])
    expect(() => rig.scheduler.enqueue({ type: 'plain', payload: { ids: [1] } })).toThrow('the scheduler was stopped')
  })

  it('twice is once', async () => {
    const rig = await new Rig().start()
    const stopped = rig.scheduler.stop()
    expect(rig.scheduler.stop()).toBe(stopped)
    await rig.clock.until(stopped)
    await rig.scheduler[Symbol.asyncDispose]()
    expect(rig.sink.closed).toBe(1)
  })

  it('before start ends what waits', async () => {
    const rig = new Rig({ maxItems: 2, whenFull: 'wait' })
    rig.submitMany(3)
    const { unwritten } = await rig.clock.until(rig.scheduler.stop())
    expect(unwritten).toEqual([1, 2].map((id) => ({ type: 'plain', payload: { ids: [id] } })))
    await settled()
    expect(rig.tally).toEqual({ SCHEDULER_STOPPED: 3 })
    expect(rig.scheduler.metrics.books).toMatchObject({ submitted: 3, failed: 2, refused: 1, waiting: 0 })
  })

  it('tells what it could not write within its deadline, and what it does not know of, a second later', async () => {
    const rig = await new Rig({
      script: () => 'hang',
      maxConcurrentBatches: 1,
      adaptiveBatching: false,
      maxBatchSize: 3,
      timeWindowMs: 0,
    }).start()
    const ids = rig.submitMany(8, (index) => ({ key: index < 6 ? 'a' : 'b' }))
    await rig.clock.advance(0)
    rig.submit({ idempotencyKey: 'once' })
    const begun = rig.clock.now()
    const { unwritten, unknown } = await rig.clock.until(rig.scheduler.stop({ withinMs: 500 }), 1500)
    expect(rig.clock.now() - begun).toBe(1500)
    expect(unknown.length).toBe(3)
    expect(unwritten.length).toBe(6)
    expect(rig.tally).toEqual({ OUTCOME_UNKNOWN: 3, SCHEDULER_STOPPED: 6 })
    expect(ids.slice(0, 3).map((id) => rig.how(id))).toEqual(Array(3).fill('OUTCOME_UNKNOWN'))
  })

  it('ends at its deadline what waits for another attempt, or for the circuit', async () => {
    const rig = await new Rig({ script: () => 'transient', adaptiveBatching: false, maxBatchSize: 1 }).start()
    rig.submitMany(12)
    await rig.clock.advance(5000)
    expect(rig.scheduler.health.circuit).toBe('open')
    const { unwritten } = await rig.clock.until(rig.scheduler.stop({ withinMs: 300 }), 300)
    expect(unwritten.length).toBe(12)
    expect(rig.clock.pending).toBe(0)
  })

  it('ends in the midst of a search', async () => {
    const rig = await new Rig({ script: () => ({ afterMs: 10, ending: 'commit' }) }).start()
    rig.submitMany(200, (index) => ({ isPoison: index === 150 }))
    await settled()
    const { unwritten } = await rig.clock.until(rig.scheduler.stop({ withinMs: 45 }))
    const { committed = 0, INTENT_REJECTED = 0, SCHEDULER_STOPPED = 0, OUTCOME_UNKNOWN = 0 } = rig.tally
    expect(committed + INTENT_REJECTED + SCHEDULER_STOPPED + OUTCOME_UNKNOWN).toBe(200)
    expect(unwritten.length).toBe(SCHEDULER_STOPPED)
    expect(rig.sink.ids.length).toBe(committed)
  })

  it('waits for no sink that does not close, and for no dead letters that are not kept', async () => {
    const deadLetters = { add: () => never, list: async () => [], remove: async () => {} }
    const rig = await new Rig({ script: () => 'hang', deadLetters }).start()
    rig.submit()
    await settled()
    await rig.clock.until(rig.scheduler.stop({ withinMs: 100 }), 2100)
    const other = await new Rig().start()
    other.sink.closing = never
    await other.clock.until(other.scheduler.stop(), 1000)
    const failing = await new Rig().start()
    failing.sink.closing = Promise.reject(new Error('the connection is gone'))
    expect(await failing.clock.until(failing.scheduler.stop())).toEqual({ unwritten: [], unknown: [] })
  })

  it('is over at once, whatever moment it comes at', async () => {
    for (let turns = 0; turns < 20; turns++) {
      const script: Script = () => ({ afterMs: 10, ending: 'commit' })
      const rig = await new Rig({ script, maxItems: 1, whenFull: 'wait' }).start()
      rig.submit()
      await settled()
      const last = rig.submit()
      const { promise, resolve } = Promise.withResolvers<unknown>()
      const stop = async () => {
        for (let turn = 0; turn < turns; turn++) await Promise.resolve()
        resolve(rig.scheduler.stop())
      }
      rig.clock.after(10, () => void stop())
      await rig.clock.until(promise, 20)
      await settled()
      expect(rig.sink.ids.includes(last)).toBe(rig.how(last) === 'committed')
      expect(rig.how(last)).toMatch(/committed|SCHEDULER_STOPPED/)
      expect(rig.scheduler.metrics.books).toMatchObject({ submitted: 2, waiting: 0, writing: 0 })
    }
  })

  it('refuses a deadline that cannot be', async () => {
    const rig = new Rig()
    expect(() => rig.scheduler.stop({ withinMs: -1 })).toThrow('withinMs')
    await rig.clock.until(rig.scheduler.stop())
  })
})
