import { describe, expect, it } from 'vitest'
import { Rig } from '../scheduler/rig.ts'
import type { Script } from '../scheduler/scripted-sink.ts'

const retry = { attempts: 2, baseMs: 100, capMs: 100 }
const fixed = {
  adaptiveBatching: false,
  maxBatchSize: 1,
  maxConcurrentBatches: 4,
  timeWindowMs: 1,
  retry,
  random: () => 1,
} as const

/** The database is away for so many writes. */
const away =
  (writes: number): Script =>
  ({ count }) =>
    count <= writes ? 'transient' : 'commit'

describe('the circuit', () => {
  it('opens after five outages in a row, not before, and what is wrong with an intent is none', async () => {
    const script: Script = ({ count }) => (count === 5 ? 'data' : count <= 10 ? 'transient' : 'commit')
    const rig = await new Rig({ ...fixed, script, maxConcurrentBatches: 1, retry: { ...retry, attempts: 1 } }).start()
    for (let count = 1; count <= 9; count++) {
      rig.submit()
      await rig.clock.advance(1)
      expect(rig.sink.writes.length).toBe(count)
      expect(rig.scheduler.health.circuit).toBe('closed')
    }
    rig.submit()
    await rig.clock.advance(1)
    expect(rig.scheduler.health).toMatchObject({ circuit: 'open', isHealthy: false })
    expect(rig.tally).toEqual({ WRITE_FAILED: 8, INTENT_REJECTED: 1 })
    await rig.clock.advance(30_000)
    // One test of three.
    expect(rig.scheduler.health).toMatchObject({ circuit: 'half-open', isHealthy: true })
    expect(rig.tally).toEqual({ WRITE_FAILED: 8, INTENT_REJECTED: 1, committed: 1 })
  })

  it("holds what there is for 30 s, and closes with three tests: 'hold'", async () => {
    const rig = await new Rig({
      ...fixed,
      script: away(5),
      maxConcurrentBatches: 1,
      retry: { ...retry, attempts: 9 },
    }).start()
    rig.submitMany(8)
    await rig.clock.advance(1000)
    expect(rig.scheduler.health.circuit).toBe('open')
    expect(rig.sink.writes.length).toBe(5)
    await rig.clock.advance(rig.sink.writes.at(-1)!.at + 30_000 - rig.clock.now() - 1)
    expect(rig.sink.writes.length).toBe(5)
    await rig.clock.advance(1)
    expect(rig.scheduler.health.circuit).toBe('closed')
    expect(rig.tally).toEqual({ committed: 8 })
    expect(rig.sizes.length).toBe(13)
  })

  it('lets three through when half-open, and opens again with the first that fails', async () => {
    const script: Script = ({ count }) => ({ afterMs: 50, ending: count <= 9 ? 'transient' : 'commit' })
    const rig = await new Rig({ ...fixed, script, maxConcurrentBatches: 8 }).start()
    rig.submitMany(8)
    await rig.clock.advance(50)
    expect([rig.scheduler.health.circuit, rig.sink.writes.length]).toEqual(['open', 8])
    await rig.clock.advance(30_000)
    expect([rig.scheduler.health.circuit, rig.sink.writes.length]).toEqual(['half-open', 11])
    await rig.clock.advance(50)
    expect([rig.scheduler.health.circuit, rig.sink.writes.length]).toEqual(['open', 11])
    expect(rig.tally).toEqual({ committed: 2 })
    await rig.clock.advance(30_000)
    expect([rig.scheduler.health.circuit, rig.sink.writes.length]).toEqual(['half-open', 14])
    await rig.clock.advance(50)
    expect(rig.scheduler.health.circuit).toBe('closed')
    await rig.clock.advance(50)
    expect(rig.tally).toEqual({ committed: 8 })
  })

  it('opens again and again, and loses nothing', async () => {
    const rig = await new Rig({ ...fixed, script: away(12) }).start()
    rig.submitMany(20)
    await rig.clock.advance(30_000 * 12)
    expect(rig.tally).toEqual({ committed: 20 })
    expect(rig.sink.ids.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
  })

  it("refuses what comes, and what is there, while it is open: 'fail'", async () => {
    const rig = await new Rig({
      ...fixed,
      whenOpen: 'fail',
      maxConcurrentBatches: 1,
      retry: { ...retry, attempts: 9 },
      script: away(5),
    }).start()
    rig.submitMany(8)
    await rig.clock.advance(1000)
    expect(rig.tally).toEqual({ CIRCUIT_OPEN: 8 })
    rig.submit()
    await rig.clock.advance(0)
    expect(rig.tally).toEqual({ CIRCUIT_OPEN: 9 })
    await rig.clock.advance(30_000)
    rig.submitMany(3)
    await rig.clock.advance(10)
    expect(rig.tally).toEqual({ CIRCUIT_OPEN: 9, committed: 3 })
    expect(rig.scheduler.health.circuit).toBe('closed')
  })

  it("writes one by one, at the pace of retries, and goes on at once when one succeeds: 'degrade'", async () => {
    const options = { ...fixed, maxBatchSize: 4, maxConcurrentBatches: 1, whenOpen: 'degrade' } as const
    const rig = await new Rig({ ...options, retry: { ...retry, attempts: 20 }, script: away(7) }).start()
    rig.submitMany(12)
    await rig.clock.advance(10_000)
    expect(rig.tally).toEqual({ committed: 12 })
    expect(rig.scheduler.health.circuit).toBe('closed')
    expect(rig.clock.now()).toBeLessThan(30_000)
    expect(rig.sink.ids).toEqual(Array.from({ length: 12 }, (_, index) => index + 1))
  })

  it("divides no batch that is one: 'degrade' with atomicity: 'batch'", async () => {
    const options = {
      ...fixed,
      maxBatchSize: 4,
      maxConcurrentBatches: 1,
      whenOpen: 'degrade',
      atomicity: 'batch',
    } as const
    const rig = await new Rig({ ...options, retry: { ...retry, attempts: 20 }, script: away(7) }).start()
    rig.submitMany(12)
    await rig.clock.advance(10_000)
    expect(rig.tally).toEqual({ committed: 12 })
    expect(new Set(rig.sizes)).toEqual(new Set([4]))
  })
})
