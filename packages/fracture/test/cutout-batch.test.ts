import { VirtualClock } from '@millrace/kernel'
import { messageOf } from '@millrace/kernel/test/property'
import { describe, expect, it } from 'vitest'
import { CutoutBatch, CutoutBatchAutoload, type FractureAdapter, type FractureResult } from '../src/index.ts'
import { FakePool, turn } from './fake-pool.ts'
import { codeOf, idOf, polygon } from './open-processor.ts'

interface Crate {
  readonly id: number
  fragments: FractureResult | undefined
}

const crate = (id: number): Crate => ({ id, fragments: undefined })

const adapter: FractureAdapter<Crate> = {
  polygonOf({ id }) {
    if (id === 13) throw new Error('no such crate')
    return polygon(id)
  },
  apply(thing, result) {
    if (thing.id === 7) throw new Error('jammed')
    thing.fragments = result
  },
}

function open() {
  const pool = new FakePool(4)
  const autoload = new CutoutBatchAutoload()
  autoload.configure({ pool, adapter, frames: 'manual', clock: new VirtualClock(), clockTickMs: 0 })
  const frame = async () => {
    await turn()
    pool.finishAll()
    await turn()
    autoload.process()
    await turn()
  }
  return { pool, autoload, frame }
}

describe('CutoutBatch', () => {
  it('fractures an object, and resolves once its fragments are in its place', async () => {
    const { autoload, frame } = open()
    const object = crate(1)
    const result = autoload.fractureObject(object, { seed: 2 })
    await turn()
    expect(object.fragments).toBe(undefined)
    await frame()
    expect(object.fragments).toBe(await result)
    expect(idOf(await result)).toBe(1)
  })

  it('keeps several batches apart', async () => {
    const { autoload, frame } = open()
    const [one, other] = [autoload.create(), autoload.create()]
    const crates = [1, 2, 3, 4].map(crate)
    one.addFracture(crates[0]!).addFracture(crates[1]!)
    other.addFracture(crates[2]!)
    expect([one.size, other.size]).toEqual([2, 1])
    const first = one.execute()
    one.addFracture(crates[3]!)
    const second = other.execute()
    await frame()
    expect((await first).map(idOf)).toEqual([1, 2])
    expect((await second).map(idOf)).toEqual([3])
    expect(crates[3]!.fragments).toBe(undefined)
    const third = one.execute()
    await frame()
    expect((await third).map(idOf)).toEqual([4])
    expect(await one.execute()).toEqual([])
  })

  it('applies all others when some fail, and says which have', async () => {
    const { autoload, frame } = open()
    const failed: string[] = []
    autoload.jobFailed.subscribe(({ error }) => failed.push(codeOf(error)))
    const crates = [1, 7, 13, 4].map(crate)
    const batch = autoload.create()
    for (const each of crates) batch.addFracture(each)
    const done = batch.execute()
    const message = messageOf('BATCH_FAILED', () => done)
    await frame()
    expect(await message).toBe(
      'FractureBatch: 2 of 4 objects could not be fractured, all others are; the first, number 1: jammed',
    )
    await expect(done).rejects.toMatchObject({ detail: { failures: [1, 2] } })
    expect(crates.map(({ fragments }) => fragments !== undefined)).toEqual([true, false, false, true])
    expect(failed).toEqual(['Error: jammed'])
    expect(autoload.stats).toMatchObject({ accepted: 3, completed: 2, failed: 1 })
  })

  it('never applies what was cancelled', async () => {
    const { autoload, frame } = open()
    const object = crate(1)
    const control = new AbortController()
    const result = autoload.fractureObject(object, {}, { signal: control.signal })
    const ended = messageOf('JOB_CANCELLED', () => result)
    await turn()
    autoload.cancelJob(1)
    await frame()
    await ended
    expect(object.fragments).toBe(undefined)
  })

  it('asks for what its adapter needs', async () => {
    const { autoload, pool, frame } = open()
    const batch = autoload.create({ ...adapter, needs: { mesh: true } })
    batch.addFracture(crate(1)).addFracture(crate(1), { mesh: false })
    autoload.submitFracture(polygon(1))
    void batch.execute()
    await frame()
    expect(pool.begun).toEqual([1, 1])
  })

  it('passes on all else to one processor', async () => {
    const { autoload, frame } = open()
    const told: string[] = []
    autoload.jobCompleted.subscribe(({ jobId }) => told.push(`${jobId} completed`))
    autoload.jobCancelled.subscribe(({ jobId }) => told.push(`${jobId} cancelled`))
    autoload.batchCompleted.subscribe(({ batchId }) => told.push(`batch ${batchId}`))
    autoload.submitFracture(polygon(1))
    autoload.submitBatch([polygon(2)])
    autoload.cancelJob(autoload.submitFracture(polygon(3)))
    const one = autoload.fracture(polygon(4))
    const many = autoload.processBatchParallel([polygon(5)])
    const streamed = autoload.processBatchStreaming([polygon(6)]).next()
    const ahead = autoload.prefracture(polygon(7))
    const stream = autoload.createStream()
    await frame()
    await frame()
    await ahead
    expect(idOf(await one)).toBe(4)
    expect((await many).map(idOf)).toEqual([5])
    expect((await streamed).value?.map(idOf)).toEqual([6])
    expect(told.slice(0, 4)).toEqual(['4 cancelled', '1 completed', '3 completed', '5 completed'])
    expect(told).toContain('batch 2')
    expect(autoload.jobProgress.size).toBe(0)
    expect(autoload.learned.chunkSize).toBeGreaterThan(0)
    await stream[Symbol.asyncDispose]()
    await autoload.drain()
  })

  it('is configured once, before it is used', async () => {
    const { autoload } = open()
    expect(await messageOf('PROCESSOR_IN_USE', () => autoload.configure({}))).toMatch('before anything else')
    await autoload.close()
    autoload.configure({ frames: 'manual', clockTickMs: 0 })
    expect(await messageOf('ADAPTER_MISSING', () => autoload.fractureObject(crate(1)))).toMatch('configure')
    await messageOf('ADAPTER_MISSING', () => autoload.create())
    await autoload.close()
  })

  it('works as it comes, on the caller', async () => {
    const square = [0, 0, 100, 0, 100, 100, 0, 100]
    const result = await CutoutBatch.fracture(square, { fragmentCount: 5 })
    expect(result.fragments.reduce((sum, { area }) => sum + area, 0)).toBeCloseTo(10_000, 6)
    await CutoutBatch.close()
    await CutoutBatch.close()
    await CutoutBatch.drain()
  })
})
