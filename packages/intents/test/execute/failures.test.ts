import { describe, expect, it } from 'vitest'
import { Rig } from '../scheduler/rig.ts'
import type { Script } from '../scheduler/scripted-sink.ts'
import { settled } from '../scheduler/step-clock.ts'

const fixed = { adaptiveBatching: false } as const

/** The first writes end as listed, all others commit. */
function first(...endings: ReturnType<Script>[]): Script {
  return ({ count }) => endings[count - 1] ?? 'commit'
}

async function drained(rig: Rig, withinMs?: number) {
  return rig.clock.until(rig.scheduler.stop(withinMs === undefined ? {} : { withinMs }))
}

describe('what is wrong with an intent', () => {
  it.each([0, 1, 428, 500, 855, 856])('costs it alone, in at most 25 writes, as number %i of 857', async (poison) => {
    const rig = await new Rig(fixed).start()
    const ids = rig.submitMany(857, (index) => ({ isPoison: index === poison }))
    await settled()
    await rig.clock.advance(0)
    expect(rig.tally).toEqual({ committed: 856, INTENT_REJECTED: 1 })
    expect(rig.how(ids[poison]!)).toBe('INTENT_REJECTED')
    expect(rig.sink.writes.length).toBeLessThanOrEqual(25)
    expect(rig.sink.ids).toEqual(ids.toSpliced(poison, 1))
  })

  it('costs each of several alone', async () => {
    const rig = await new Rig(fixed).start()
    const poisons = new Set([3, 4, 200, 640, 800])
    rig.submitMany(857, (index) => ({ isPoison: poisons.has(index), key: `${index % 100}` }))
    await drained(rig)
    expect(rig.tally).toEqual({ committed: 852, INTENT_REJECTED: 5 })
    expect(rig.sink.writes.length).toBeLessThanOrEqual(1 + 5 * 20)
    expect(rig.sink.breaches).toEqual([])
  })

  it('says what the database said', async () => {
    const rig = await new Rig(fixed).start()
    const id = rig.submit({ isPoison: true })
    await drained(rig)
    expect(rig.ended.get(id)?.error).toMatchObject({
      code: 'INTENT_REJECTED',
      message: 'plain: refused by the database: the script says data',
      detail: { type: 'plain' },
    })
  })

  it('costs of what was merged only itself', async () => {
    const rig = await new Rig(fixed).start()
    const ids = rig.submitMany(9, (index) => ({ type: 'mergeable', key: 'a', isPoison: index === 4 }))
    await drained(rig)
    expect(rig.sizes.slice(0, 2)).toEqual([1, 4])
    expect(rig.how(ids[4]!)).toBe('INTENT_REJECTED')
    expect(rig.sink.ids).toEqual(ids.toSpliced(4, 1))
  })

  it("costs all of its batch with atomicity: 'batch'", async () => {
    const rig = await new Rig({ ...fixed, atomicity: 'batch' }).start()
    rig.submitMany(9, (index) => ({ isPoison: index === 4 }))
    await rig.clock.advance(10)
    rig.submitMany(3)
    await rig.clock.advance(10)
    rig.submitMany(5, (index) => ({ type: 'mergeable', key: 'a', isPoison: index === 4 }))
    await drained(rig)
    expect(rig.tally).toEqual({ BATCH_FAILED: 9, committed: 3, INTENT_REJECTED: 5 })
    expect(rig.sizes).toEqual([9, 3, 1])
  })

  it('is no reason to be unhealthy', async () => {
    const rig = await new Rig({
      ...fixed,
      script: ({ count }) => ({ afterMs: 1, ending: count > 8 ? 'hang' : 'commit' }),
    }).start()
    rig.submitMany(857, (index) => ({ isPoison: index === 0 }))
    await rig.clock.advance(100)
    expect(rig.sink.writes.length).toBe(9)
    expect(rig.scheduler.health).toMatchObject({ isHealthy: true, alerts: [] })
  })
})

describe('a passing failure', () => {
  it('has all of the batch written again, never a part, each time after a longer wait', async () => {
    for (const [random, share] of [
      [() => 0, 0.5],
      [() => 0.999_999, 1],
    ] as const) {
      const script = first('transient', 'transient', 'transient', 'transient')
      const rig = await new Rig({ ...fixed, script, random }).start()
      rig.submitMany(100)
      await drained(rig)
      expect(rig.sizes).toEqual([100, 100, 100, 100, 100])
      const waits = rig.sink.writes.map(({ at }, index) => at - (rig.sink.writes[index - 1]?.at ?? at)).slice(1)
      for (const [attempt, wait] of waits.entries()) expect(wait).toBeCloseTo(50 * 2 ** attempt * share, 2)
      expect(rig.tally).toEqual({ committed: 100 })
      expect(rig.scheduler.metrics.retries).toBe(4)
    }
  })

  it('never waits longer than capMs', async () => {
    const script: Script = ({ count }) => (count < 9 ? 'transient' : 'commit')
    const retry = { attempts: 9, baseMs: 100, capMs: 300 }
    const circuitBreaker = { failureThreshold: 100 }
    const rig = await new Rig({ ...fixed, script, retry, circuitBreaker, random: () => 1 }).start()
    rig.submit()
    await drained(rig)
    const { writes } = rig.sink
    expect(writes.map(({ at }, index) => at - (writes[index - 1]?.at ?? at)).slice(1)).toEqual([
      100, 200, 300, 300, 300, 300, 300, 300,
    ])
  })

  it('becomes WRITE_FAILED when the attempts are used up', async () => {
    const rig = await new Rig({ ...fixed, script: () => 'transient', retry: { attempts: 3 } }).start()
    const id = rig.submit()
    rig.submit({ idempotencyKey: 'once' })
    await rig.clock.advance(1000)
    expect(rig.tally).toEqual({ WRITE_FAILED: 2 })
    expect(rig.sizes).toEqual([2, 2, 2])
    expect(rig.ended.get(id)?.error).toMatchObject({ detail: { attempts: 3, type: 'plain' } })
  })

  it('within a search has that part written again', async () => {
    const script: Script = ({ count }) => (count === 2 ? 'transient' : 'commit')
    const rig = await new Rig({ ...fixed, script }).start()
    rig.submitMany(8, (index) => ({ isPoison: index === 7 }))
    await drained(rig)
    expect(rig.sizes).toEqual([8, 4, 4, 2, 1, 1])
    expect(rig.tally).toEqual({ committed: 7, INTENT_REJECTED: 1 })
  })
})

describe('a lost answer', () => {
  it('is settled by writing again what has a key, and is told of what has none', async () => {
    for (const ending of ['lose', 'unknown'] as const) {
      const rig = await new Rig({ ...fixed, script: first(ending) }).start()
      const keyed = rig.submit({ idempotencyKey: 'once' })
      const unkeyed = rig.submit()
      await drained(rig)
      expect(rig.how(keyed)).toBe(ending === 'lose' ? 'duplicate' : 'committed')
      expect(rig.how(unkeyed)).toBe('OUTCOME_UNKNOWN')
      expect(rig.sizes).toEqual([2, 1])
      expect(rig.sink.ids).toEqual(ending === 'lose' ? [keyed, unkeyed] : [keyed])
    }
  })

  it("is not settled by a part of the batch with atomicity: 'batch'", async () => {
    const rig = await new Rig({ ...fixed, atomicity: 'batch', script: first('unknown') }).start()
    rig.submit({ idempotencyKey: 'once' })
    rig.submit()
    await rig.clock.advance(1000)
    expect(rig.tally).toEqual({ OUTCOME_UNKNOWN: 2 })
    rig.submitMany(2, (index) => ({ idempotencyKey: `twice ${index}` }))
    rig.sink.script = ({ count }) => (count === 2 ? 'lose' : 'commit')
    await drained(rig)
    expect(rig.tally).toEqual({ OUTCOME_UNKNOWN: 2, duplicate: 2 })
  })

  it('is all that is known when no later attempt succeeds', async () => {
    const rig = await new Rig({ ...fixed, script: first('lose', 'transient', 'permanent') }).start()
    const id = rig.submit({ idempotencyKey: 'once' })
    await drained(rig)
    expect(rig.ended.get(id)?.error).toMatchObject({ code: 'OUTCOME_UNKNOWN', detail: { idempotencyKey: 'once' } })
  })

  it('is all that is known of several types, too', async () => {
    const rig = await new Rig({ ...fixed, script: ({ count }) => (count === 1 ? 'lose' : 'permanent') }).start()
    rig.submit({ idempotencyKey: 'one' })
    rig.submit({ idempotencyKey: 'two', type: 'mergeable' })
    await drained(rig)
    expect(rig.tally).toEqual({ OUTCOME_UNKNOWN: 2 })
  })

  it('is what an error means that the sink knows nothing of, or fails to judge', async () => {
    const rig = await new Rig(fixed).start()
    rig.sink.write = () => {
      throw new Error('the sink is broken')
    }
    rig.sink.failureOf = () => {
      throw new Error('the sink is broken altogether')
    }
    rig.submit()
    await rig.clock.advance(100)
    expect(rig.tally).toEqual({ OUTCOME_UNKNOWN: 1 })
  })
})

describe('a failure for good', () => {
  it('fails only intents of the type at fault, in the order of each key', async () => {
    const script: Script = ({ items }) =>
      items.some(({ definition }) => definition.type === 'mergeable') ? 'permanent' : 'commit'
    const rig = await new Rig({ ...fixed, script }).start()
    const ids = rig.submitMany(30, (index) => ({ key: `${index % 3}`, type: index % 4 === 1 ? 'mergeable' : 'plain' }))
    await drained(rig)
    for (const [index, id] of ids.entries()) expect(rig.how(id)).toBe(index % 4 === 1 ? 'WRITE_FAILED' : 'committed')
    expect(rig.sink.breaches).toEqual([])
  })

  it('lets no type overtake another of its key', async () => {
    const rig = await new Rig({ ...fixed, script: first('permanent') }).start()
    const ids = rig.submitMany(9, (index) => ({ key: 'a', type: ['plain', 'mergeable', 'slow'][index % 3]! }))
    await rig.clock.advance(100)
    expect(rig.tally).toEqual({ committed: 9 })
    // Those of the slow schema come last.
    const order = [...ids.filter((_, index) => index % 3 < 2), ...ids.filter((_, index) => index % 3 === 2)]
    expect(rig.sink.ids).toEqual(order)
  })
})

describe('a sink that hangs', () => {
  it('is given up after writeTimeoutMs and a second', async () => {
    const rig = await new Rig({ ...fixed, script: () => 'hang', writeTimeoutMs: 500 }).start()
    const id = rig.submit()
    await rig.clock.advance(10 + 500)
    expect(rig.sink.writes[0]?.signal.aborted).toBe(true)
    expect(rig.how(id)).toBeUndefined()
    await rig.clock.advance(1000)
    expect(rig.ended.get(id)).toMatchObject({ code: 'OUTCOME_UNKNOWN', at: 1510 })
    expect(rig.ended.get(id)).toMatchObject({
      error: { message: expect.stringContaining('not written within 500 ms') },
    })
  })

  it('is not believed later', async () => {
    const rig = await new Rig({ ...fixed, script: first('late'), writeTimeoutMs: 500 }).start()
    const unkeyed = rig.submit({ key: 'a' })
    const keyed = rig.submit({ key: 'b', idempotencyKey: 'once' })
    await rig.clock.advance(20_000)
    expect([rig.how(unkeyed), rig.how(keyed)]).toEqual(['OUTCOME_UNKNOWN', 'committed'])
    expect(rig.sink.ids.toSorted()).toEqual([unkeyed, keyed])
  })

  it('is believed when it says that it gave up', async () => {
    const rig = await new Rig({ ...fixed, script: first('heed'), writeTimeoutMs: 500 }).start()
    rig.submitMany(3)
    await rig.clock.advance(600)
    expect(rig.tally).toEqual({ committed: 3 })
  })

  it('makes batches smaller', async () => {
    const rig = await new Rig({ script: first('hang', 'hang'), writeTimeoutMs: 500, maxConcurrentBatches: 1 }).start()
    rig.submitMany(600, (index) => ({ idempotencyKey: `${index}` }))
    await drained(rig)
    expect(rig.sizes[0]).toBe(250)
    expect(rig.sizes.at(-1)).toBeLessThanOrEqual(125)
  })
})

describe('the clock on the wall', () => {
  it('may jump without consequence', async () => {
    const lives = []
    for (const jump of [0, -3_600_000, 86_400_000]) {
      const script: Script = ({ count }) => (count < 7 ? 'transient' : { afterMs: 3, ending: 'commit' })
      const rig = await new Rig({ ...fixed, script }).start()
      rig.submitMany(5)
      for (let step = 0; step < 40; step++) {
        rig.clock.wallJumpMs = step % 2 === 0 ? jump : 0
        await rig.clock.advance(1000)
      }
      lives.push([rig.sink.writes.map(({ at }) => at), rig.tally, rig.clock.pending])
    }
    expect(lives[1]).toEqual(lives[0])
    expect(lives[2]).toEqual(lives[0])
  })
})
