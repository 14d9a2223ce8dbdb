import { holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createBatchScheduler } from '../../src/create-batch-scheduler.ts'
import { dropsTheNewest } from '../mutants/schedulers.ts'
import { type CreateScheduler, Rig } from './rig.ts'
import type { Script } from './scripted-sink.ts'
import { settled } from './step-clock.ts'

const BYTES = 20
const slowly: Script = () => ({ afterMs: 10, ending: 'commit' })
const hanging = { script: (() => 'hang') satisfies Script, maxConcurrentBatches: 1, writeTimeoutMs: 1e9 } as const

describe('a full scheduler', () => {
  it('refuses', async () => {
    const rig = await new Rig({ ...hanging, maxItems: 3 }).start()
    const ids = rig.submitMany(5)
    await settled()
    expect(rig.tally).toEqual({ QUEUE_FULL: 2 })
    expect(rig.ended.get(ids[4]!)?.error).toMatchObject({ detail: { items: 3, maxItems: 3 } })
    expect(() => rig.scheduler.enqueue({ type: 'plain', payload: { ids: [9] } })).toThrow('Not accepted: 3 intents')
    expect(rig.scheduler.metrics.books).toMatchObject({ submitted: 6, refused: 3, writing: 3 })
    await rig.clock.until(rig.scheduler.stop({ withinMs: 0 }))
  })

  it('refuses what does not fit by bytes, and for good what never will', async () => {
    const rig = await new Rig({ ...hanging, maxBytes: 3 * BYTES - 1 }).start()
    const ids = rig.submitMany(3)
    await settled()
    expect(rig.how(ids[2]!)).toBe('QUEUE_FULL')
    const large = rig.scheduler.submit({ type: 'plain', payload: { ids: [1, 2, 3, 4, 5, 6, 7] } })
    await expect(large).rejects.toMatchObject({ code: 'INTENT_TOO_LARGE', detail: { maxBytes: 59 } })
    await rig.clock.until(rig.scheduler.stop({ withinMs: 0 }))
  })

  it('has others wait, first come, first served, also in the moment between having room and hearing of it', async () => {
    for (let turns = 0; turns < 16; turns++) {
      const rig = await new Rig({ script: slowly, maxItems: 4, maxConcurrentBatches: 1, whenFull: 'wait' }).start()
      const { scheduler, sink } = rig
      const key = 'a'
      rig.submitMany(5, () => ({ key }))
      await settled()
      expect(scheduler.metrics.books).toMatchObject({ submitted: 5, writing: 4, waiting: 1 })
      expect(() => scheduler.enqueue({ type: 'plain', payload: { ids: [0] } })).toThrow('Not accepted')
      const late = async () => {
        for (let turn = 0; turn < turns; turn++) await Promise.resolve()
        rig.submit({ key })
      }
      // Comes so many steps after the answer of the database.
      rig.clock.after(10, () => void late())
      await rig.clock.advance(1000)
      expect(sink.ids).toEqual([1, 2, 3, 4, 5, 6])
    }
  })

  it('drops the oldest that waits, never one that is being written', async () => {
    const rig = await new Rig({ ...hanging, maxItems: 4, whenFull: 'drop-oldest' }).start()
    const [written] = rig.submitMany(1)
    await settled()
    const ids = rig.submitMany(6)
    await settled()
    expect(ids.map((id) => rig.how(id))).toEqual([...Array(3).fill('INTENT_DROPPED'), ...Array(3).fill(undefined)])
    expect(rig.how(written!)).toBeUndefined()
    expect(rig.scheduler.metrics.held.items).toBe(4)
    await rig.clock.until(rig.scheduler.stop({ withinMs: 0 }))
  })

  it('drops as many as are needed, and none in vain', async () => {
    const rig = await new Rig({ ...hanging, maxBytes: 5 * BYTES, whenFull: 'drop-oldest' }).start()
    rig.submitMany(2)
    await settled()
    const ids = rig.submitMany(3)
    const large = (count: number) => {
      const payload = { ids: [1, 1], text: 'x'.repeat((count - 2) * BYTES - 5) }
      rig.scheduler.submit({ type: 'plain', payload }).catch((error) => refused.push(error.code))
    }
    const refused: string[] = []
    large(4)
    await settled()
    expect([refused, rig.tally]).toEqual([['QUEUE_FULL'], {}])
    large(3)
    await settled()
    expect([refused, rig.tally]).toEqual([['QUEUE_FULL'], { INTENT_DROPPED: 3 }])
    expect(ids.map((id) => rig.how(id))).toEqual(Array(3).fill('INTENT_DROPPED'))
    await rig.clock.until(rig.scheduler.stop({ withinMs: 0 }))
  })

  const dropsInOrder = (create: CreateScheduler) =>
    fc.asyncProperty(fc.array(fc.constantFrom(undefined, 'a', 'b'), { minLength: 6, maxLength: 30 }), async (keys) => {
      const rig = await new Rig({ ...hanging, create, maxItems: 5, whenFull: 'drop-oldest' }).start()
      const ids = keys.map((key) => rig.submit(key === undefined ? {} : { key }))
      await settled()
      const dropped = ids.filter((id) => rig.how(id) === 'INTENT_DROPPED')
      expect(dropped).toEqual(ids.slice(0, ids.length - 5))
      await rig.clock.until(rig.scheduler.stop({ withinMs: 0 }))
    })

  it('drops in the order of coming', () => holds(dropsInOrder(createBatchScheduler), 40))
  it('is caught where it drops the newest', async () =>
    expect(fc.check(dropsInOrder(await dropsTheNewest()), { numRuns: 20 })).resolves.toMatchObject({ failed: true }))
})

describe('maxWaitMs', () => {
  it('ends what has waited longer, wherever it waits, to the millisecond', async () => {
    const options = {
      ...hanging,
      maxItems: 4,
      whenFull: 'wait',
      maxWaitMs: 100,
      maxBatchSize: 2,
      adaptiveBatching: false,
    } as const
    const rig = await new Rig(options).start()
    const written = rig.submitMany(2, () => ({ key: 'a' }))
    await rig.clock.advance(40)
    const waiting = [rig.submit({ key: 'a' }), rig.submit({ key: 'b' }), rig.submit()]
    await rig.clock.advance(99)
    expect(rig.ended.size).toBe(0)
    await rig.clock.advance(1)
    expect(waiting.map((id) => rig.how(id))).toEqual(Array(3).fill('INTENT_EXPIRED'))
    expect(rig.ended.get(waiting[2]!)?.error).toMatchObject({ detail: { type: 'plain', maxWaitMs: 100 } })
    expect(written.map((id) => rig.how(id))).toEqual([undefined, undefined])
    await rig.clock.until(rig.scheduler.stop({ withinMs: 0 }))
    expect(rig.scheduler.metrics.books).toMatchObject({ failed: 4, refused: 1, waiting: 0 })
  })
})

describe('batches under way', () => {
  it('are never more than there are slots, also while parts of one are written', async () => {
    for (const [maxConcurrentBatches, poison] of [
      [1, 1],
      [1, 2],
      [2, 3],
    ] as const) {
      const rig = await new Rig({ script: slowly, maxConcurrentBatches, maxBatchSize: 4, timeWindowMs: 1 }).start()
      // All of one key are one item, which is refused for one of them, and then written one by one, beside a batch that is full.
      for (let round = 0; round < 6; round++) {
        for (let at = 0; at < 4; at++)
          rig.submit({ type: 'mergeable', key: `${round}`, ...(at === poison && { isPoison: true }) })
        rig.submitMany(4)
      }
      await rig.clock.until(rig.scheduler.stop())
      expect(rig.tally).toEqual({ committed: 42, INTENT_REJECTED: 6 })
      expect(rig.sink.mostUnderWay).toBe(maxConcurrentBatches)
    }
  })
})
