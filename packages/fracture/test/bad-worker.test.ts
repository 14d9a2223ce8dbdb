import { Worker } from 'node:worker_threads'
import { createPool } from '@millrace/pool'
import { describe, expect, it } from 'vitest'
import { type CutOutput, CutoutBatchProcessor, type FracturePool, type FractureTasks } from '../src/index.ts'
import { turn } from './fake-pool.ts'
import { codeOf, openProcessor, polygon } from './open-processor.ts'
import { star } from './stars.ts'

const good = (): CutOutput => ({ ms: 1, numbers: new Float64Array(7), layout: Int32Array.of(0, 0, 0, -1) })

describe('a pool of somebody’s that does not do as it should', () => {
  const answers: readonly (readonly [string, () => unknown, string])[] = [
    ['gives a good answer', async () => good(), ''],
    ['gives it at once', good, ''],
    ['answers with nothing', async () => undefined, 'WORKER_ANSWER_INVALID'],
    ['answers with null', async () => null, 'WORKER_ANSWER_INVALID'],
    ['gives no promise', () => 5, 'WORKER_ANSWER_INVALID'],
    ['answers with an empty object', async () => ({}), 'WORKER_ANSWER_INVALID'],
    ['leaves out the time', async () => ({ ...good(), ms: undefined }), 'WORKER_ANSWER_INVALID'],
    ['sends plain arrays', async () => ({ ...good(), numbers: [0] }), 'WORKER_ANSWER_INVALID'],
    ['sends a layout of nothing', async () => ({ ...good(), layout: new Int32Array(0) }), 'WORKER_ANSWER_INVALID'],
    ['sends null as a mesh', async () => ({ ...good(), mesh: null }), 'WORKER_ANSWER_INVALID'],
    ['sends a mesh of nothing', async () => ({ ...good(), mesh: {} }), 'WORKER_ANSWER_INVALID'],
    ['takes no time', async () => ({ ...good(), ms: Number.NaN }), ''],
    ['throws', () => fault('THROWN'), 'THROWN'],
    ['rejects', async () => fault('REJECTED'), 'REJECTED'],
    ['rejects with nothing', () => Promise.reject(undefined), 'undefined'],
  ]

  it.each(answers)('%s: the job ends, and the next as well', async (_, run, code) => {
    for (const cacheBytes of [0, 2 ** 20]) {
      const pool: FracturePool = { width: 2, run: run as FracturePool['run'] }
      const { processor } = openProcessor({ pool, cacheBytes })
      const ended: string[] = []
      for (const id of [1, 2]) {
        processor.fracture(polygon(id)).then(
          () => ended.push(''),
          (error) => ended.push(String(error?.code ?? error)),
        )
      }
      for (let frames = 3; frames > 0; frames--) {
        await turn()
        processor.process()
      }
      await turn()
      expect(ended).toEqual([code, code])
      await processor.close()
      expect(processor.stats).toMatchObject({ accepted: 2, pending: 0, running: 0 })
    }
  })

  it('says what to do about it', async () => {
    const { processor } = openProcessor({ pool: { width: 1, run: async () => 5 as never } })
    const result = processor.fracture(polygon(1))
    await turn()
    processor.process()
    await expect(result).rejects.toThrow(/answered 5, not fragments; serve fractureTasks/)
  })
})

describe.concurrent('a worker', () => {
  const open = (way: string, threads = 1, begun = new SharedArrayBuffer(4)) => {
    const entry = new URL('./entries/bad.ts', import.meta.url)
    const worker = () => new Worker(entry, { workerData: { way, begun }, stderr: true })
    return new CutoutBatchProcessor({ threads, worker })
  }

  it.each([
    ['throws at load', 'WORKER_START_FAILED'],
    ['ends at load', 'WORKER_START_FAILED'],
    ['serves other tasks', 'TASK_UNKNOWN'],
    ['answers with a number', 'WORKER_ANSWER_INVALID'],
    ['dies of each task', 'WORKER_DIED'],
  ])('that %s fails its jobs with %s', async (way, code) => {
    const processor = open(way)
    const codes = [1, 2].map((id) => processor.fracture(polygon(id)).catch(codeOf))
    expect(await Promise.all(codes)).toEqual([code, code])
    await processor.close()
    expect(processor.stats).toMatchObject({ accepted: 2, failed: 2, running: 0 })
  })

  it('that throws nothing fails its job all the same', async () => {
    const processor = open('throws nothing')
    await expect(processor.fracture(polygon(1))).rejects.toThrow()
    await processor.close()
  })

  it.each(['never comes to an end', 'never answers', 'never serves'])(
    'that %s is left behind by close()',
    async (way) => {
      const processor = open(way, 2)
      const jobs = [1, 2, 3, 4, 5].map((id) => processor.fracture(polygon(id)).catch(codeOf))
      const signal = AbortSignal.timeout(50)
      const given = processor.fracture(polygon(6), {}, { signal }).catch(codeOf)
      const large = processor.fracture(star(6000), { fragmentCount: 100 }).catch(codeOf)
      // A DOMException of this number.
      expect(await given).toBe('23')
      expect(processor.cancelJob(1)).toBe(true)
      expect(await jobs[0]).toBe('JOB_CANCELLED')
      await processor.close({ withinMs: 50 })
      expect(new Set(await Promise.all([...jobs.slice(1), large]))).toEqual(new Set(['PROCESSOR_CLOSED']))
      expect(processor.stats).toMatchObject({ accepted: 7, failed: 5, cancelled: 2, pending: 0 })
    },
  )

  it('whose factory is of no use fails the jobs with what it did', async () => {
    const factories: (() => never)[] = [
      () => fault('NO_WORKERS'),
      () => ({}) as never,
      () => undefined as never,
      () => 'worker.js' as never,
    ]
    const codes = factories.map(async (worker) => {
      await using processor = new CutoutBatchProcessor({ worker, threads: 1 })
      return await processor.fracture(polygon(1)).catch(codeOf)
    })
    expect(new Set(await Promise.all(codes))).toEqual(new Set(['WORKER_START_FAILED']))
  })

  it('of a pool that its owner has closed fails the jobs with POOL_CLOSED', async () => {
    const entry = new URL('../src/worker.ts', import.meta.url)
    const pool = createPool<FractureTasks>({ worker: () => new Worker(entry), threads: 1 })
    await using processor = new CutoutBatchProcessor({ pool })
    const first = processor.fracture(star(32)).catch(codeOf)
    const closed = pool.close()
    expect(await processor.fracture(polygon(1)).catch(codeOf)).toBe('POOL_CLOSED')
    await closed
    expect(await first).toBe('POOL_CLOSED')
  })
})

function fault(code: string): never {
  throw Object.assign(new Error(code), { code })
}
