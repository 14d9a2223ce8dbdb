import { MillraceError } from '@millrace/kernel'
import { messageOf } from '@millrace/kernel/test/property'
import { describe, expect, it, vi } from 'vitest'
import { type FractureOutcome, FractureResult } from '../src/index.ts'
import { turn } from './fake-pool.ts'
import { codeOf, dearPolygon, idOf, openProcessor, polygon } from './open-processor.ts'

describe('submitFracture', () => {
  it('tells of results in the order of submission, whoever is ready first', async () => {
    const { processor, pool, told } = openProcessor({ width: 4 })
    for (const id of [10, 11, 12, 13]) processor.submitFracture(polygon(id))
    await turn()
    pool.finish(3)
    pool.finish(0)
    await turn()
    processor.process()
    expect(told).toEqual(['1 is 10'])
    pool.finishAll()
    await turn()
    processor.process()
    expect(told).toEqual(['1 is 10', '2 is 11', '3 is 12', '4 is 13'])
  })

  it('tells nothing within the call, nor between frames', async () => {
    const { processor, pool, told } = openProcessor()
    processor.submitFracture(polygon(1))
    await turn()
    pool.finishAll()
    await turn()
    // It is there already: and yet not told within the call.
    processor.submitFracture(polygon(1))
    await turn()
    expect(processor.stats.ready).toBe(2)
    expect(told).toEqual([])
    processor.process()
    expect(told).toEqual(['1 is 1', '2 is 1'])
  })

  it('takes the more urgent first, and lets who waits rise', async () => {
    const { processor, pool, clock } = openProcessor({ width: 1, ageMs: 100 })
    for (const id of [1, 2, 3, 4]) processor.submitFracture(polygon(id), {}, { priority: 0 })
    processor.submitFracture(polygon(5), {}, { priority: 10 })
    clock.advance(1001)
    processor.submitFracture(polygon(6), {}, { priority: 10 })
    for (let left = 6; left > 0; left--) {
      await turn()
      pool.finish()
    }
    expect(pool.begun).toEqual([5, 1, 2, 3, 4, 6])
  })

  it('lets the others pass one that is late, after two frames', async () => {
    const { processor, pool, told } = openProcessor({ width: 2 })
    for (const id of [1, 2, 3]) processor.submitFracture(polygon(id))
    await turn()
    pool.finish(1)
    pool.finish(1)
    await turn()
    processor.process()
    processor.process()
    expect(told).toEqual([])
    processor.process()
    expect(told).toEqual(['2 is 2', '3 is 3'])
    // Nobody waits for it any more, nor it for a frame more than it must.
    processor.submitFracture(polygon(4))
    await turn()
    pool.finish(1)
    await turn()
    processor.process()
    pool.finish(0)
    await turn()
    processor.process()
    expect(told.slice(2)).toEqual(['3 is 3', '4 is 4', '1 is 1'].slice(1))
  })

  it('gives each result the place of its object', async () => {
    const { processor, settle } = openProcessor()
    const results: FractureResult[] = []
    processor.jobCompleted.subscribe(({ result }) => results.push(result))
    processor.submitFracture({ outer: polygon(1), transform: { x: 3, y: 4 } })
    processor.submitFracture({ outer: polygon(1), transform: { x: 5, y: 6 } })
    processor.submitFracture(polygon(1))
    await settle()
    expect(results.map(({ transform }) => transform)).toEqual([{ x: 3, y: 4 }, { x: 5, y: 6 }, undefined])
  })

  it('fails with what the worker threw', async () => {
    const { processor, pool, told } = openProcessor()
    processor.submitFracture(polygon(1))
    await turn()
    pool.fail(0, new MillraceError('POLYGON_NO_AREA', 'flat'))
    await turn()
    processor.process()
    expect(told).toEqual(['1 failed: POLYGON_NO_AREA'])
    expect(processor.stats).toMatchObject({ accepted: 1, failed: 1, pending: 0 })
  })

  it('refuses what cannot be read, and has taken nothing', async () => {
    const { processor } = openProcessor()
    expect(await messageOf('POLYGON_INVALID', () => processor.submitFracture([0, 0, 1, 1]))).toMatch(/takes three/)
    await messageOf('OPTION_INVALID', () => processor.submitFracture(polygon(1), { fragmentCount: 0 }))
    await messageOf('OPTION_INVALID', () => processor.submitFracture(polygon(1), {}, { priority: 11 }))
    await messageOf('OPTION_INVALID', () => processor.submitFracture(polygon(1), {}, { signal: {} as AbortSignal }))
    expect(() => processor.submitFracture(polygon(1), {}, { signal: AbortSignal.abort(new Error('gone')) })).toThrow(
      'gone',
    )
    expect(processor.stats).toMatchObject({ accepted: 0, pending: 0 })
  })

  it('hears errors of listeners as uncaught ones, and goes on', async () => {
    const { processor, told, settle } = openProcessor()
    const uncaught: unknown[] = []
    const listener = (error: unknown) => uncaught.push(error)
    const before = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException').on('uncaughtException', listener)
    processor.jobCompleted.subscribe(() => {
      throw new Error('mine')
    })
    processor.submitFracture(polygon(1))
    processor.submitFracture(polygon(2))
    await settle()
    process.removeListener('uncaughtException', listener)
    for (const each of before) process.on('uncaughtException', each)
    expect(uncaught.map(codeOf)).toEqual(['LISTENER_FAILED', 'LISTENER_FAILED'])
    expect(told).toEqual(['1 is 1', '2 is 2'])
  })
})

describe('frames', () => {
  /** Each result takes its listener 1 ms. */
  function slowListener(options = {}) {
    const opened = openProcessor({ width: 64, ...options })
    opened.processor.jobCompleted.subscribe(() => opened.clock.advance(1))
    return opened
  }

  /** Jobs of which all that the workers may have are ready. */
  async function readyWith(opened: ReturnType<typeof openProcessor>, count: number) {
    for (let id = 1; id <= count; id++) opened.processor.submitFracture(polygon(id))
    await answer(opened)
  }

  async function answer({ pool }: ReturnType<typeof openProcessor>) {
    await turn()
    while (pool.held.length > 0) {
      pool.finishAll()
      await turn()
    }
  }

  it('deliver what fits their budget, by what deliveries were seen to take', async () => {
    const opened = slowListener({ maxSliceMs: 4 })
    const { processor, told } = opened
    await readyWith(opened, 60)
    const counts: number[] = []
    while (told.length < 60) {
      const before = told.length
      processor.process({ deltaMs: 16 })
      counts.push(told.length - before)
      await answer(opened)
    }
    // The first frames learn, and pay back what they took too much.
    expect(counts.slice(4, -1).every((count) => count >= 3 && count <= 4)).toBe(true)
  })

  it('deliver one at least, even where nothing is left', async () => {
    const opened = slowListener()
    await readyWith(opened, 5)
    for (let left = 5; left > 0; left--) opened.processor.process({ deltaMs: 16, otherMs: 30, budgetMs: 0 })
    expect(opened.told).toHaveLength(5)
  })

  it('deliver no more than a chunk, which grows and shrinks as specified', async () => {
    const opened = openProcessor({ width: 64 })
    await readyWith(opened, 50)
    const counts: number[] = []
    while (opened.told.length < 50) {
      const before = opened.told.length
      expect(opened.processor.learned.chunkSize).toBe(10 + 5 * counts.length)
      opened.processor.process({ deltaMs: 16 })
      counts.push(opened.told.length - before)
      await answer(opened)
    }
    expect(counts).toEqual([10, 15, 20, 5])
    expect(opened.processor.learned.chunkSize).toBe(23)
  })

  it('tell what they used', async () => {
    const opened = slowListener()
    await readyWith(opened, 1)
    expect(opened.processor.process({ deltaMs: 16 })).toEqual({ usedMs: 1, allowedMs: 2, budgetMs: 2 })
    expect(opened.processor.stats).toMatchObject({ frames: 1, usedMs: 1, allowedMs: 2 })
    expect(opened.processor.learned.deliveryMs.listener).toBeGreaterThan(0.1)
  })

  it('cannot be run from within one', async () => {
    const { processor, settle } = openProcessor()
    const errors: string[] = []
    processor.jobCompleted.subscribe(() => {
      try {
        processor.process()
      } catch (error) {
        errors.push(codeOf(error))
      }
    })
    processor.submitFracture(polygon(1))
    await settle()
    expect(errors).toEqual(['FRAME_REENTERED'])
  })

  it('come from a host for as long as something is due', async () => {
    const starts: ((frame: { deltaMs: number }) => unknown)[] = []
    const stop = vi.fn()
    const frames = {
      start(onFrame: (frame: { deltaMs: number }) => unknown) {
        starts.push(onFrame)
        return stop
      },
    }
    const { processor, pool, told } = openProcessor({ frames })
    expect(starts).toHaveLength(0)
    processor.submitFracture(polygon(1))
    processor.submitFracture(polygon(2))
    expect(starts).toHaveLength(1)
    await turn()
    pool.finishAll()
    await turn()
    starts[0]!({ deltaMs: 16 })
    expect(told).toHaveLength(2)
    expect(stop).toHaveBeenCalledTimes(1)
    processor.submitFracture(polygon(1))
    expect(starts).toHaveLength(2)
    starts[1]!({ deltaMs: 0 })
    expect(stop).toHaveBeenCalledTimes(2)
  })
})

describe('cancelling', () => {
  it('takes out what waits, stops what runs, and keeps back what is ready', async () => {
    const { processor, pool, told } = openProcessor({ width: 1 })
    const [ready, running, , queued] = [1, 2, 3, 4].map((id) => processor.submitFracture(dearPolygon(id)))
    await turn()
    pool.finish(0)
    await turn()
    expect(pool.held).toEqual([2, 3])
    for (const id of [ready!, running!, queued!]) expect(processor.cancelJob(id)).toBe(true)
    expect(pool.stopped).toEqual([2])
    expect(told).toEqual([])
    processor.process()
    expect(told).toEqual(['1 cancelled', '2 cancelled', '4 cancelled'])
    pool.finishAll()
    await turn()
    processor.process()
    expect(told.slice(3)).toEqual(['3 is 3'])
    for (const id of [1, 2, 3, 4, 99, -1]) expect(processor.cancelJob(id)).toBe(false)
    expect(pool.begun).toEqual([1, 2, 3])
    expect(processor.stats).toMatchObject({ accepted: 4, completed: 1, failed: 0, cancelled: 3, pending: 0 })
  })

  it('of all of a full queue is told within the budget of frames', async () => {
    const { processor, clock, told } = openProcessor({ maxSliceMs: 1 })
    const batchId = processor.submitBatch(Array.from({ length: 10_000 }, (_, id) => polygon(id)))
    processor.jobCancelled.subscribe(() => clock.advance(0.01))
    expect(processor.cancelJob(batchId)).toBe(true)
    expect(processor.stats).toMatchObject({ cancelled: 10_000, pending: 0, queued: 0 })
    processor.process()
    expect(told.length).toBeGreaterThan(50)
    expect(told.length).toBeLessThan(150)
    const drained = processor.drain()
    for (let frames = 200; frames > 0; frames--) processor.process()
    await drained
    expect(told).toHaveLength(10_000)
  })

  it('rejects at once who waits, with the reason of the signal', async () => {
    const { processor } = openProcessor()
    const control = new AbortController()
    const apply = vi.fn()
    const promise = processor.fracture(polygon(1), {}, { signal: control.signal, apply })
    control.abort(new Error('left the level'))
    await expect(promise).rejects.toThrow('left the level')
    const other = processor.fracture(polygon(2))
    processor.cancelJob(2)
    expect(await messageOf('JOB_CANCELLED', () => other)).toMatch('job 2')
    expect(apply).not.toHaveBeenCalled()
  })

  it('listens to a signal no longer than the job lives', async () => {
    const { processor, settle } = openProcessor()
    const control = new AbortController()
    const remove = vi.spyOn(control.signal, 'removeEventListener')
    processor.submitFracture(polygon(1), {}, { signal: control.signal })
    await settle()
    expect(remove).toHaveBeenCalledTimes(1)
    control.abort()
    expect(processor.stats).toMatchObject({ completed: 1, cancelled: 0 })
  })
})

describe('the cache', () => {
  it('has what was fractured alike, without a worker', async () => {
    const { processor, pool, told, settle } = openProcessor()
    processor.submitFracture(polygon(1))
    await settle()
    processor.submitFracture(polygon(1))
    processor.submitFracture(polygon(1), { seed: 1 })
    await turn()
    expect(pool.begun).toEqual([1, 1])
    await settle()
    expect(told).toEqual(['1 is 1', '2 is 1', '3 is 1'])
    expect(processor.stats.cache).toMatchObject({ hits: 1, misses: 2, coalesced: 0, entries: 2 })
    expect(processor.stats.cache.bytes).toBeGreaterThan(0)
  })

  it('cuts once for all who ask meanwhile; one who leaves does not take the others along', async () => {
    const { processor, pool, told, settle } = openProcessor()
    const jobs = [1, 1, 1].map((id) => processor.submitFracture(polygon(id)))
    await turn()
    expect(pool.begun).toEqual([1])
    processor.cancelJob(jobs[0]!)
    await settle()
    expect(told).toEqual(['1 cancelled', '2 is 1', '3 is 1'])
    expect(processor.stats.cache).toMatchObject({ hits: 0, misses: 1, coalesced: 2 })
  })

  it('stops the cut when the last has left, and begins anew for the next', async () => {
    const { processor, pool, told, settle } = openProcessor()
    const jobs = [1, 1].map((id) => processor.submitFracture(polygon(id)))
    await turn()
    for (const job of jobs) processor.cancelJob(job)
    expect(pool.stopped).toEqual([1])
    processor.submitFracture(polygon(1))
    await settle()
    expect(pool.begun).toEqual([1, 1])
    expect(told).toEqual(['1 cancelled', '2 cancelled', '3 is 1'])
  })

  it('makes a cut as urgent as the most urgent who waits for it', async () => {
    const { processor, pool } = openProcessor({ width: 1 })
    for (const id of [1, 2, 3, 4]) processor.submitFracture(polygon(id))
    processor.submitFracture(polygon(4), {}, { priority: 10 })
    for (let left = 4; left > 0; left--) {
      await turn()
      pool.finish()
    }
    expect(pool.begun).toEqual([4, 1, 2, 3])
  })

  it('leaves a cut its turn when that comes sooner than that of the more urgent who joins', async () => {
    const { processor, pool, clock } = openProcessor({ width: 1, ageMs: 100 })
    for (const id of [1, 2]) processor.submitFracture(dearPolygon(id), {}, { priority: 10 })
    await turn()
    processor.submitFracture(polygon(3), {}, { priority: 5 })
    clock.advance(120)
    processor.submitFracture(polygon(4), {}, { priority: 6 })
    clock.advance(50)
    processor.submitFracture(polygon(3), {}, { priority: 6 })
    for (let left = 4; left > 0; left--) {
      await turn()
      pool.finish()
    }
    expect(pool.begun).toEqual([1, 2, 3, 4])
  })

  it('is off with 0 bytes', async () => {
    const { processor, pool, settle } = openProcessor({ cacheBytes: 0 })
    for (const id of [1, 1]) processor.submitFracture(polygon(id))
    await settle()
    expect(pool.begun).toEqual([1, 1])
    await messageOf('OPTION_INVALID', () => processor.prefracture(polygon(1)))
  })

  it('is filled ahead of time, when nothing else is to be done and nobody hears of it', async () => {
    const { processor, pool, told, settle } = openProcessor({ width: 1 })
    const ahead = processor.prefracture(polygon(1))
    for (const id of [2, 3]) processor.submitFracture(polygon(id))
    for (let left = 3; left > 0; left--) {
      await turn()
      pool.finish()
    }
    await ahead
    expect(pool.begun).toEqual([2, 3, 1])
    processor.submitFracture(polygon(1))
    await settle()
    expect(told).toEqual(['2 is 2', '3 is 3', '4 is 1'])
    expect(processor.stats).toMatchObject({ accepted: 4, completed: 4, cache: { hits: 1 } })
    const control = new AbortController()
    const given = processor.prefracture(polygon(9), {}, { signal: control.signal })
    control.abort(new Error('no use'))
    await expect(given).rejects.toThrow('no use')
  })
})

describe('a full queue', () => {
  it('refuses, unless told otherwise', async () => {
    const { processor, settle } = openProcessor({ maxQueued: 2 })
    for (const id of [1, 2]) processor.submitFracture(polygon(id))
    expect(await messageOf('GATE_FULL', () => processor.submitFracture(polygon(3)))).toMatch('maxQueued')
    await messageOf('GATE_FULL', () => processor.submitBatch([polygon(3), polygon(4)]))
    await messageOf('GATE_FULL', () => processor.fracture(polygon(3)))
    await settle()
    expect(processor.stats).toMatchObject({ accepted: 2, completed: 2 })
  })

  it('drops the oldest that no worker has', async () => {
    const { processor, told, settle } = openProcessor({ maxQueued: 4, width: 1, whenFull: 'drop-oldest' })
    for (const id of [1, 2, 3, 4]) processor.submitFracture(dearPolygon(id))
    await turn()
    for (const id of [5, 6, 7]) processor.submitFracture(dearPolygon(id))
    await settle()
    const dropped = told.filter((each) => each.includes('JOB_DROPPED'))
    expect(dropped).toEqual([3, 4, 5].map((id) => `${id} failed: JOB_DROPPED`))
    expect(processor.stats).toMatchObject({ accepted: 7, completed: 4, failed: 3, pending: 0 })
  })

  it('tells of all that it drops, however many a frame', async () => {
    const { processor, pool, told } = openProcessor({ maxQueued: 50, whenFull: 'drop-oldest' })
    for (let frame = 0; frame < 12; frame++) {
      for (let id = 0; id < 300; id++) processor.submitFracture(polygon(300 * frame + id))
      await turn()
      pool.finishAll()
      processor.process()
      // Two frames' worth may be held behind one that is late.
      expect(processor.stats.pending).toBeLessThan(1200)
    }
    expect(told.filter((each) => each.includes('JOB_DROPPED')).length).toBeGreaterThan(2400)
    expect(processor.stats.completed).toBeGreaterThan(20)
  })

  it('drops the least urgent', async () => {
    const { processor, told, settle } = openProcessor({ maxQueued: 2, width: 1, whenFull: 'drop-lowest' })
    processor.submitFracture(polygon(1), {}, { priority: 3 })
    processor.submitFracture(polygon(2), {}, { priority: 2 })
    processor.submitFracture(polygon(3), {}, { priority: 4 })
    await messageOf('GATE_FULL', () => processor.submitFracture(polygon(4), {}, { priority: 1 }))
    await settle()
    expect(told.sort()).toEqual(['1 is 1', '2 failed: JOB_DROPPED', '3 is 3'])
  })
})

describe('submitBatch', () => {
  it('tells of each job, and then of all, in the order of the polygons', async () => {
    const { processor, pool, told } = openProcessor({ width: 4 })
    const batches: { batchId: number; results: readonly FractureOutcome[] }[] = []
    processor.batchCompleted.subscribe((batch) => batches.push(batch))
    const batchId = processor.submitBatch([polygon(1), [0, 0], polygon(3), polygon(4)], { seed: 7 })
    await turn()
    pool.fail(2, new MillraceError('POLYGON_NO_AREA', 'flat'))
    pool.finishAll()
    await turn()
    processor.process()
    expect(told).toEqual([
      `${batchId + 1} is 1`,
      `${batchId + 2} failed: POLYGON_INVALID`,
      `${batchId + 3} is 3`,
      `${batchId + 4} failed: POLYGON_NO_AREA`,
    ])
    expect(batches).toHaveLength(1)
    expect(batches[0]!.batchId).toBe(batchId)
    const outcomes = batches[0]!.results.map((each) => (each instanceof FractureResult ? idOf(each) : codeOf(each)))
    expect(outcomes).toEqual([1, 'POLYGON_INVALID', 3, 'POLYGON_NO_AREA'])
  })

  it('takes parameters of its own for each, as many as there are polygons', async () => {
    const { processor, pool } = openProcessor({ width: 4 })
    processor.submitBatch([polygon(1), polygon(1)], [{ seed: 1 }, undefined])
    await turn()
    expect(pool.begun).toEqual([1, 1])
    expect(await messageOf('OPTION_INVALID', () => processor.submitBatch([polygon(1)], []))).toMatch('1, not 0')
    await messageOf('OPTION_INVALID', () => processor.submitBatch(polygon(1) as never, { fragmentCount: 1 }))
    await messageOf('OPTION_INVALID', () => processor.submitBatch('no' as never))
  })

  it('is not begun when its options are wrong, or its signal has aborted', async () => {
    const { processor } = openProcessor()
    await messageOf('OPTION_INVALID', () => processor.submitBatch([polygon(1)], {}, { priority: 11 }))
    const signal = AbortSignal.abort(new MillraceError('GONE', 'gone'))
    await messageOf('GONE', () => processor.submitBatch([polygon(1)], {}, { signal }))
    expect(processor.stats).toMatchObject({ accepted: 0, pending: 0 })
    for (let id = 0; id < 5; id++) expect(processor.cancelJob(id)).toBe(false)
  })

  it('is cancelled as a whole', async () => {
    const { processor, pool, settle, told } = openProcessor({ width: 1 })
    const codes: string[][] = []
    processor.batchCompleted.subscribe(({ results }) => codes.push(results.map(codeOf)))
    const batchId = processor.submitBatch([1, 2, 3].map(dearPolygon))
    await turn()
    expect(processor.cancelJob(batchId)).toBe(true)
    expect(pool.stopped).toEqual([1, 2])
    expect(processor.cancelJob(batchId)).toBe(false)
    await settle()
    expect(told).toEqual(['2 cancelled', '3 cancelled', '4 cancelled'])
    expect(codes).toEqual([['JOB_CANCELLED', 'JOB_CANCELLED', 'JOB_CANCELLED']])
  })

  it('of nothing is over in the next frame', async () => {
    const { processor, settle } = openProcessor()
    const batches: unknown[] = []
    processor.batchCompleted.subscribe((batch) => batches.push(batch))
    processor.submitBatch([])
    expect(batches).toEqual([])
    await settle()
    expect(batches).toEqual([{ batchId: 1, results: [] }])
  })
})

describe('progress', () => {
  it('is told within frames, of jobs that take long', async () => {
    const { processor, pool, told } = openProcessor({ width: 3 })
    const heard: unknown[] = []
    processor.jobProgress.subscribe((progress) => heard.push(progress))
    const large = Array.from({ length: 18_000 }, (_, at) => at)
    processor.submitFracture(large, { fragmentCount: 100 })
    processor.submitFracture(large, { fragmentCount: 100 })
    await turn()
    pool.progress(0, 0.25)
    pool.progress(0, 0.5)
    pool.progress(0, 0.5)
    expect(heard).toEqual([])
    processor.process()
    processor.process()
    expect(heard).toEqual([
      { jobId: 1, progress: 0.5 },
      { jobId: 2, progress: 0.5 },
    ])
    pool.finishAll()
    await turn()
    processor.process()
    expect(told).toHaveLength(2)
  })
})

describe('prefracture', () => {
  it('says nothing of its progress either', async () => {
    const { processor, pool, settle } = openProcessor()
    let heard = 0
    processor.jobProgress.subscribe(() => heard++)
    const ahead = processor.prefracture(dearPolygon(1))
    await turn()
    pool.progress(0, 0.5)
    processor.process()
    await settle()
    await ahead
    expect(heard).toBe(0)
  })
})

describe('jobs that will take long', () => {
  it('never have all workers, and the others pass', async () => {
    const { processor, pool } = openProcessor({ width: 3 })
    const large = (id: number) => [id, 0, ...Array.from({ length: 18_000 }, (_, at) => at)]
    for (const id of [1, 2, 3]) processor.submitFracture(large(id), { fragmentCount: 100 })
    for (const id of [4, 5]) processor.submitFracture(polygon(id))
    await turn()
    expect(pool.begun).toEqual([1, 2, 4, 5])
    pool.finish(0)
    await turn()
    expect(pool.begun).toEqual([1, 2, 4, 5, 3])
  })
})

describe('closing', () => {
  it('finishes what it took, and takes no more', async () => {
    const { processor, told, settle } = openProcessor()
    for (const id of [1, 2]) processor.submitFracture(polygon(id))
    const closed = processor.close()
    await messageOf('PROCESSOR_CLOSED', () => processor.submitFracture(polygon(3)))
    await messageOf('PROCESSOR_CLOSED', () => processor.submitBatch([]))
    await messageOf('PROCESSOR_CLOSED', () => processor.fracture(polygon(3)))
    await messageOf('PROCESSOR_CLOSED', () => processor.prefracture(polygon(3)))
    await messageOf('PROCESSOR_CLOSED', () => processor.createStream())
    await settle()
    await closed
    expect(told).toEqual(['1 is 1', '2 is 2'])
    await processor.close()
  })

  it('ends what is left when its time is over: nothing lost, nothing told twice', async () => {
    const { processor, pool, clock, told } = openProcessor({ width: 1 })
    for (const id of [1, 2, 3, 4]) processor.submitFracture(polygon(id))
    await turn()
    pool.finish(0)
    await turn()
    processor.cancelJob(4)
    const promise = processor.fracture(polygon(2)).catch(codeOf)
    const closed = processor.close({ withinMs: 50 })
    clock.advance(50)
    await closed
    expect(await promise).toBe('PROCESSOR_CLOSED')
    pool.finishAll()
    await turn()
    processor.process()
    expect(told.sort()).toEqual([
      '1 is 1',
      '2 failed: PROCESSOR_CLOSED',
      '3 failed: PROCESSOR_CLOSED',
      '4 cancelled',
      '5 failed: PROCESSOR_CLOSED',
    ])
    expect(clock.pending).toBe(0)
  })

  it('drains without closing', async () => {
    const { processor, settle } = openProcessor()
    await processor.drain()
    processor.submitFracture(polygon(1))
    const drained = processor.drain()
    await settle()
    await drained
    processor.submitFracture(polygon(1))
    await settle()
    expect(processor.stats.completed).toBe(2)
  })
})
