import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { createPool } from '@millrace/pool'
import { afterAll, describe, expect, it } from 'vitest'
import {
  CutoutBatchProcessor,
  type CutoutBatchProcessorOptions,
  type FractureParams,
  type FractureResult,
  type FractureTasks,
  fracturePolygon,
} from '../src/index.ts'
import { codeOf } from './open-processor.ts'
import { star } from './stars.ts'

const worker = () => new Worker(new URL('../src/worker.ts', import.meta.url))
const open = (options: CutoutBatchProcessorOptions = {}) => new CutoutBatchProcessor({ worker, threads: 2, ...options })

const samples: readonly FractureParams[] = [
  { fragmentCount: 16, seed: 1 },
  { pattern: 'grid', rows: 3, cols: 4 },
  { pattern: 'spiderweb', seed: 2 },
  { pattern: 'chaotic-slices', sliceCount: 7, seed: 3 },
]

function bytesOf({ packed: { layout, numbers, positions, uvs, indices } }: FractureResult) {
  return Buffer.concat([layout, numbers, positions, uvs, indices].map((each) => Buffer.from(each.slice().buffer)))
}

/** Cuts the samples, and says for each whether it is as it is here and now. */
async function compare(processor: CutoutBatchProcessor) {
  const polygons = samples.map(() => star(32))
  const results = await processor.processBatchParallel(polygons, samples)
  return samples.map((params, index) => bytesOf(results[index]!).equals(bytesOf(fracturePolygon(star(32), params))))
}

/** A star that takes until it may end. */
const spinning = (points: number) => [7, ...star(points).slice(1)]

function openSpinning(threads: number) {
  const shared = new SharedArrayBuffer(4)
  const entry = new URL('./entries/spins.ts', import.meta.url)
  const processor = open({ threads, worker: () => new Worker(entry, { workerData: shared }) })
  return { processor, mayEnd: new Int32Array(shared) }
}

describe('fractures in workers', () => {
  const processor = open()
  afterAll(() => processor.close())

  it('are the same bytes over shared memory', async () => {
    expect(await compare(processor)).toEqual([true, true, true, true])
  })

  it('are the same bytes in messages, and end before close() does', async () => {
    const inMessages = open({ sharedMemory: false, threads: 1 })
    expect(await compare(inMessages)).toEqual([true, true, true, true])
    let completed = 0
    inMessages.jobCompleted.subscribe(() => completed++)
    for (let seed = 0; seed < 50; seed++) inMessages.submitFracture(star(32), { seed })
    await inMessages.close()
    expect(completed).toBe(50)
  })

  it('come with meshes and convex parts', async () => {
    const plain = await processor.fracture(star(32), { fragmentCount: 4 })
    const { fragments } = await processor.fracture(star(32), { fragmentCount: 4, mesh: true, convex: true })
    expect(plain.fragments[0]!.mesh).toBe(undefined)
    for (const { mesh, convexParts } of fragments) {
      expect(mesh!.indices.length).toBeGreaterThan(0)
      expect(convexParts!.length).toBeGreaterThan(0)
    }
  })

  it('fail with the code that the worker had', async () => {
    const codes = [
      [0, 0, 10, 10, 10, 0, 0, 5],
      [0, 0, 1, 0, 2, 0],
    ].map((ring) => processor.fracture(ring).catch(codeOf))
    expect(await Promise.all(codes)).toEqual(['POLYGON_SELF_INTERSECTS', 'POLYGON_NO_AREA'])
  })

  it.each([
    ['one of which nobody knew that it takes long', 1, 32],
    ['several that are known to take long', 3, 3100],
  ])('pass by %s', async (_, count, points) => {
    const { processor: busy, mayEnd } = openSpinning(2)
    const ended: number[] = []
    const poison = Array.from({ length: count }, (_, seed) => busy.submitFracture(spinning(points), { seed }))
    const others = Array.from({ length: 20 }, (_, seed) => busy.submitFracture(star(32), { seed }))
    busy.jobCompleted.subscribe(({ jobId }) => {
      ended.push(jobId)
      // Nobody else would let them end: that the others have is the proof.
      if (ended.length === others.length) Atomics.store(mayEnd, 0, 1)
    })
    await busy.close()
    expect(ended.slice(0, others.length).toSorted((one, other) => one - other)).toEqual(others)
    expect(ended.slice(others.length).toSorted((one, other) => one - other)).toEqual(poison)
  })

  it('tell how far they are, are cancelled in the middle, and the worker goes on', async () => {
    const { processor: alone } = openSpinning(1)
    const control = new AbortController()
    const told: number[] = []
    alone.jobProgress.subscribe(({ progress }) => {
      told.push(progress)
      control.abort(new Error('enough'))
    })
    const long = alone.fracture(spinning(3100), { fragmentCount: 100 }, { signal: control.signal })
    await expect(long).rejects.toThrow('enough')
    expect(told).toHaveLength(1)
    expect(told[0]).toBeCloseTo(0.5, 6)
    expect((await alone.fracture(star(32), { seed: 9 })).count).toBeGreaterThan(1)
    await alone.close()
  })

  it('survive the death of a worker', async () => {
    const begun = new SharedArrayBuffer(4)
    const entry = new URL('./entries/dies-once.ts', import.meta.url)
    await using mortal = open({ worker: () => new Worker(entry, { workerData: begun }) })
    const results = await mortal.processBatchParallel(
      Array.from({ length: 12 }, () => star(32)),
      Array.from({ length: 12 }, (_, seed) => ({ seed })),
    )
    expect(results.every(({ count }) => count > 1)).toBe(true)
    expect(Atomics.load(new Int32Array(begun), 0)).toBeGreaterThan(12)
    expect(mortal.stats).toMatchObject({ accepted: 12, completed: 12 })
  })

  it('end with the time to close', async () => {
    const hurried = open()
    const codes: string[] = []
    hurried.jobFailed.subscribe(({ error }) => codes.push(codeOf(error)))
    hurried.jobCompleted.subscribe(() => codes.push('completed'))
    for (let seed = 0; seed < 20; seed++) hurried.submitFracture(star(1000), { fragmentCount: 100, seed })
    await hurried.close({ withinMs: 0 })
    expect(codes).toHaveLength(20)
    expect(codes.at(-1)).toBe('PROCESSOR_CLOSED')
  })

  it('may have the workers of a pool that serves others too, and leave it open', async () => {
    await using pool = createPool<FractureTasks>({ worker, threads: 1 })
    for (const seed of [1, 2]) {
      await using guest = new CutoutBatchProcessor({ pool })
      expect((await guest.fracture(star(32), { seed })).count).toBeGreaterThan(1)
    }
  })

  it('keep no process alive that has nothing to wait for', async () => {
    const entry = fileURLToPath(new URL('./entries/ends-by-itself.ts', import.meta.url))
    const run = promisify(execFile)
    const { stdout } = await run(process.execPath, ['--conditions=millrace-source', entry], { timeout: 50_000 })
    expect(stdout.trim()).toBe('4 fragments')
  })
})
