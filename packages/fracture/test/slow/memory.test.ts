import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { createPool } from '@millrace/pool'
import { describe, expect, it } from 'vitest'
import { CutoutBatchProcessor, type FractureResult, type FractureTasks } from '../../src/index.ts'
import { turn } from '../fake-pool.ts'
import { keepsTheDead } from '../mutants/processors.ts'
import { dearPolygon, openProcessor, polygon } from '../open-processor.ts'
import { star } from '../stars.ts'
import { aliveOf, collectGarbage } from './garbage.ts'

const isSlow = process.env.MILLRACE_SLOW !== undefined
const ROUNDS = 6
const JOBS = isSlow ? 20_000 : 500
/** A bound against hangs: on a machine with much else to do, a worker gets a tenth of a core. */
const MOST_MS = isSlow ? 1_000_000 : 200_000
/** Of a heap that is flat. What is compiled, learned and taken once comes in one round or another; what is kept of each job, in every one. */
const MOST_BYTES_A_JOB = isSlow ? 60 : 600

async function heapBytes(): Promise<number> {
  await collectGarbage()
  return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers
}

const worker = () => new Worker(new URL('../../src/worker.ts', import.meta.url))

describe('memory', () => {
  it(`is flat while ${ROUNDS * JOBS} jobs go through a stream`, { timeout: MOST_MS }, async () => {
    // A pool of the test's: one worker more, which a busy machine may have started for a cut that seems long, has 4 MB of shared memory.
    await using pool = createPool<FractureTasks>({ worker, threads: 1 })
    await using processor = new CutoutBatchProcessor({ pool, cacheBytes: 2 ** 20 })
    const stream = processor.createStream({ maxItems: JOBS })
    const chunks = stream[Symbol.asyncIterator]()
    const shape = star(32)
    const growth: number[] = []
    let before = 0
    for (let round = 0; round < ROUNDS; round++) {
      for (let seed = 0; seed < JOBS; seed++) expect(stream.push(shape, { seed: round * JOBS + seed })).toBe(true)
      for (let results = 0; results < JOBS; ) results += (await chunks.next()).value!.length
      const bytes = await heapBytes()
      growth.push((bytes - before) / JOBS)
      before = bytes
    }
    expect(Math.min(...growth.slice(1))).toBeLessThan(MOST_BYTES_A_JOB)
  })

  it('of workers is freed by closing', async () => {
    const workers: Worker[] = []
    const counted = () => {
      const made = worker()
      workers.push(made)
      return made
    }
    const processor = new CutoutBatchProcessor({ worker: counted, threads: 1 })
    await processor.fracture(star(32))
    await processor.close()
    expect(workers.length).toBeGreaterThan(0)
    expect(workers.map(({ threadId }) => threadId)).toEqual(workers.map(() => -1))
  })

  it('does not keep jobs that were cancelled, though nothing is ever ready', async () => {
    expect(await keptOfCancelled(CutoutBatchProcessor)).toBeLessThan(100)
    expect(await keptOfCancelled(await keepsTheDead())).toBeGreaterThan(1000)
  })

  it('does not keep results that were delivered, though others wait for their turn', async () => {
    const { processor, pool } = openProcessor({ width: 2, cacheBytes: 0, maxQueued: 100, whenFull: 'drop-oldest' })
    const references: WeakRef<FractureResult['packed']>[] = []
    processor.jobCompleted.subscribe(({ result }) => references.push(new WeakRef(result.packed)))
    for (let id = 0; id < 3; id++) processor.submitFracture([id, ...Array.from({ length: 17_999 }, (_, at) => at)])
    for (let id = 10; id < 1000; id++) {
      processor.submitFracture(polygon(id))
      await Promise.resolve()
      const light = pool.held.findIndex((each) => each >= 10)
      if (light >= 0) pool.finish(light)
      if (id % 5 === 0) {
        await turn()
        processor.process()
      }
    }
    expect(references.length).toBeGreaterThan(500)
    expect(pool.held.some((id) => id < 10)).toBe(true)
    expect(await aliveOf(references)).toBeLessThan(20)
  })
})

/** How many of 2000 jobs are kept that were cancelled while the only worker had another. */
async function keptOfCancelled(Processor: typeof CutoutBatchProcessor): Promise<number> {
  const { processor } = openProcessor({ width: 1 }, Processor)
  processor.submitFracture(dearPolygon(0))
  await turn()
  const references: WeakRef<object>[] = []
  for (let id = 1; id <= 2000; id++) {
    const transform = { x: id, y: id }
    references.push(new WeakRef(transform))
    processor.cancelJob(processor.submitFracture({ outer: polygon(id), transform }))
    if (id % 50 === 0) processor.process()
  }
  const kept = await aliveOf(references)
  expect(processor.stats).toMatchObject({ cancelled: 2000, pending: 1 })
  return kept
}

describe('a process', () => {
  it('lives until all is done, and is not kept alive by what is left open', async () => {
    const entry = fileURLToPath(new URL('../entries/left-open.ts', import.meta.url))
    const run = promisify(execFile)
    const { stdout } = await run(process.execPath, ['--conditions=millrace-source', entry], { timeout: 50_000 })
    expect(stdout.trim()).toBe('30 completed, 1 streamed, 0 pending')
  })
})
