import { EventEmitter } from 'node:events'
import { MillraceError } from '@millrace/kernel'
import { describe, expect, it } from 'vitest'
import { defineIntent } from '../../src/intent/define-intent.ts'
import { type IntentBatch, type Stage, SystemEvent } from '../../src/sources/event-bus.ts'
import { plain, Rig } from '../scheduler/rig.ts'
import type { Effect } from '../scheduler/scripted-sink.ts'

const fixed = { adaptiveBatching: false } as const

async function staged(stage: Stage, count = 4) {
  const rig = await new Rig({ ...fixed, stage }).start()
  const ids = rig.submitMany(count, (index) => ({ key: index < 2 ? 'a' : `${index}` }))
  await rig.clock.advance(11)
  return { rig, hows: ids.map((id) => rig.how(id)) }
}

describe('the stage', () => {
  it('changes what is written', async () => {
    const { rig, hows } = await staged((intents) =>
      intents.map((intent) => ({ ...intent, payload: { ids: (intent.payload as Effect).ids.map((id) => id + 100) } })),
    )
    expect(hows).toEqual(Array(4).fill('committed'))
    expect(rig.sink.ids).toEqual([101, 103, 104, 102])
    expect(rig.sink.breaches).toEqual([])
  })

  it('is heard on the event bus by what it gives', async () => {
    const eventBus = new EventEmitter()
    const batches: IntentBatch[] = []
    eventBus.on(SystemEvent.INTENT_BATCH, (batch: IntentBatch) => batches.push(batch))
    const stage: Stage = (intents) => intents.map((intent) => ({ ...intent, type: 'mergeable', payload: { ids: [7] } }))
    const rig = await new Rig({ ...fixed, stage, eventBus }).start()
    rig.submit({ key: 'a', tenant: 'x' })
    await rig.clock.advance(10)
    expect(batches).toEqual([
      { id: 1, trigger: 'time', intents: [{ type: 'mergeable', payload: { ids: [7] }, key: 'a', tenant: 'x' }] },
    ])
  })

  it('ends with an error what it says', async () => {
    const mine = new MillraceError('CONDITION_FAILED', 'The target is out of reach')
    const { rig, hows } = await staged((intents) => intents.map((intent, index) => (index === 1 ? mine : intent)))
    expect(hows).toEqual(['committed', 'CONDITION_FAILED', 'committed', 'committed'])
    expect(rig.ended.get(2)?.error).toBe(mine)
  })

  it('is checked as a caller is', async () => {
    const { hows } = await staged((intents) => [
      intents[0]!,
      { type: 'no', payload: 1 },
      { type: 'plain', payload: '\0' },
      { type: 'slow', payload: { ids: [] } },
    ])
    expect(hows).toEqual(['committed', 'INTENT_TYPE_UNKNOWN', 'INTENT_INVALID', 'STAGE_FAILED'])
  })

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('a bug')
      },
    ],
    ['gives too few', () => []],
    ['gives nothing', () => undefined],
    ['is asynchronous', async () => []],
  ])('fails all of its batch when it %s', async (_, stage) => {
    const { rig, hows } = await staged(stage as Stage)
    expect(hows).toEqual(Array(4).fill('STAGE_FAILED'))
    expect(rig.sink.writes).toEqual([])
    const { books } = rig.scheduler.metrics
    expect(books).toMatchObject({ failed: 4, writing: 0, waiting: 0 })
    expect(rig.scheduler.metrics.held.items).toBe(0)
  })

  it('is not asked again when a batch is written again', async () => {
    let asked = 0
    const stage: Stage = (intents) => {
      asked++
      return intents
    }
    const rig = await new Rig({ ...fixed, stage, script: ({ count }) => (count < 3 ? 'transient' : 'commit') }).start()
    rig.submitMany(4, (index) => ({ isPoison: index === 2 }))
    await rig.clock.advance(5000)
    expect(rig.tally).toEqual({ committed: 3, INTENT_REJECTED: 1 })
    expect(asked).toBe(1)
  })
})

describe('coalescing', () => {
  it('writes as one what is mergeable, of one key and without idempotency keys, in its order', async () => {
    const rig = await new Rig(fixed).start()
    const type = 'mergeable'
    rig.submitMany(3, () => ({ type, key: 'a' }))
    rig.submit({ type, key: 'b' })
    rig.submit({ type, key: 'a', idempotencyKey: 'once' })
    rig.submit({ type, key: 'a' })
    rig.submit({ type })
    rig.submit({ key: 'b' })
    await rig.clock.advance(10)
    expect(rig.tally).toEqual({ committed: 8 })
    const [write] = rig.sink.writes
    const waves = write?.batch.waves.map((wave) => wave.map(({ payload }) => (payload as Effect).ids))
    expect(waves).toEqual([[[1, 2, 3], [4], [7]], [[5], [8]], [[6]]])
    expect(rig.scheduler.metrics.coalesced).toBe(2)
    expect(rig.sink.breaches).toEqual([])
  })

  it('gives all of what was merged the same outcome', async () => {
    const rig = await new Rig(fixed).start()
    rig.submitMany(3, (index) => ({ type: 'mergeable', key: 'a', isRefused: index === 1 }))
    await rig.clock.advance(10)
    expect(rig.tally).toEqual({ CONDITION_FAILED: 3 })
  })

  it('takes time that grows with their number, not its square', async () => {
    const sum = defineIntent({
      type: 'sum',
      target: plain.target,
      toRow: plain.toRow,
      merge: (earlier: Effect) => earlier,
    })
    const other = await new Rig({ ...fixed, intents: [sum], maxBatchSize: 8000 }).start()
    other.submitMany(8000, () => ({ type: 'sum', key: 'a' }))
    await other.clock.advance(10)
    expect(other.tally).toEqual({ committed: 8000 })
    expect(other.sizes).toEqual([1])
  })

  it('does without where merge() throws', async () => {
    const merge = () => {
      throw new Error('a bug')
    }
    const sum = defineIntent({ type: 'sum', target: plain.target, toRow: plain.toRow, merge })
    const rig = await new Rig({ ...fixed, intents: [sum] }).start()
    rig.submitMany(3, () => ({ type: 'sum', key: 'a' }))
    await rig.clock.advance(10)
    expect(rig.tally).toEqual({ committed: 3 })
    expect(rig.sink.writes[0]?.batch.waves.length).toBe(3)
    expect(rig.sink.ids).toEqual([1, 2, 3])
  })
})
