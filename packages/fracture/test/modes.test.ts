import { Worker } from 'node:worker_threads'
import { VirtualClock } from '@millrace/kernel'
import earcut from 'earcut'
import { afterAll, describe, expect, it } from 'vitest'
import {
  CutoutBatchProcessor,
  type CutoutBatchProcessorOptions,
  type FractureParams,
  type FracturePattern,
  type FractureResult,
  fracturePolygon,
  type PolygonInput,
} from '../src/index.ts'
import { turn } from './fake-pool.ts'
import { codeOf } from './open-processor.ts'
import { mended, refused, square } from './polygon/samples.ts'
import { star } from './stars.ts'

const worker = () => new Worker(new URL('../src/worker.ts', import.meta.url))

/** A bound against hangs. */
const MOST_MS = 50_000

/** Where polygons are cut, and how they get there. */
const modes: readonly (readonly [string, CutoutBatchProcessorOptions])[] = [
  ['over shared memory', { worker, threads: 1 }],
  ['in messages', { worker, threads: 1, sharedMemory: false }],
  ['on the caller', {}],
]

const paramsByPattern: { readonly [Pattern in FracturePattern]: FractureParams } = {
  random: { pattern: 'random', fragmentCount: 16 },
  poisson: { pattern: 'poisson', fragmentCount: 12 },
  impact: { pattern: 'impact', impact: { x: 20, y: 10 }, falloff: 2 },
  grid: { pattern: 'grid', rows: 3, cols: 4 },
  radial: { pattern: 'radial', ringCount: 2 },
  spiderweb: { pattern: 'spiderweb', ringRadii: [0.2, 0.5] },
  'radial-slices': { pattern: 'radial-slices', sliceCount: 7 },
  'parallel-slices': { pattern: 'parallel-slices', angle: 0.4 },
  'grid-slices': { pattern: 'grid-slices', rows: 2, cols: 5 },
  'chaotic-slices': { pattern: 'chaotic-slices', sliceCount: 6 },
  'manual-slices': {
    pattern: 'manual-slices',
    slices: [
      [
        { x: -200, y: -3 },
        { x: 200, y: 5 },
      ],
    ],
  },
}
const everyPattern = Object.values(paramsByPattern).map((params, seed) => ({
  ...params,
  seed,
  mesh: true,
  convex: true,
}))
const starWithHole = { outer: star(32), holes: [[-10, -10, 10, -10, 10, 10, -10, 10]] }
const halves = { pattern: 'parallel-slices', sliceCount: 1, jitter: 0 } as const

function bytesOf({ packed: { layout, numbers, positions, uvs, indices } }: FractureResult): string {
  const bytes = [layout, numbers, positions, uvs, indices].map((each) => Buffer.from(each.slice().buffer))
  return Buffer.concat(bytes).toString('base64')
}

/** Waits, a turn of the event loop at a time. */
async function until(isSo: () => boolean): Promise<void> {
  const endMs = performance.now() + MOST_MS
  while (!isSo()) {
    if (performance.now() > endMs) throw new Error(`not so after ${MOST_MS} ms`)
    await turn()
  }
}

describe.each(modes)('%s', (_, options) => {
  const processor = new CutoutBatchProcessor(options)
  afterAll(() => processor.close())

  it('every pattern has the bytes that it has here and now', async () => {
    const results = await processor.processBatchParallel(
      everyPattern.map(() => starWithHole),
      everyPattern,
    )
    for (const [index, params] of everyPattern.entries()) {
      const expected = fracturePolygon(starWithHole, params, { earcut })
      expect(expected.count, params.pattern).toBeGreaterThan(1)
      expect(bytesOf(results[index]!), params.pattern).toBe(bytesOf(expected))
    }
  })

  it('what is mended has the bytes that it has here and now', async () => {
    const results = await processor.processBatchParallel(
      mended.map(([, polygon]) => polygon),
      halves,
    )
    for (const [index, [what, polygon, fragments]] of mended.entries()) {
      expect(results[index]!.count, what).toBe(fragments)
      expect(bytesOf(results[index]!), what).toBe(bytesOf(fracturePolygon(polygon, halves)))
    }
  })

  it('what is refused comes to an end with the same code and sentence, and the next is cut', async () => {
    for (const [what, polygon, code, message] of refused) {
      const error = await processor.fracture(polygon as PolygonInput, halves).catch((reason: unknown) => reason)
      expect(error, what).toMatchObject({ name: 'MillraceError', code, message: expect.stringMatching(message) })
    }
    expect((await processor.fracture(square, halves)).count).toBe(2)
  })

  it.each([0, 1, 1e6])('fragmentCount %d is refused', async (fragmentCount) => {
    const error = await processor.fracture(square, { fragmentCount }).catch((reason: unknown) => reason)
    expect(error).toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringContaining('at least 2 and at most 100'),
    })
  })

  it('seeds that are all in one place leave the polygon whole', async () => {
    const { fragments } = await processor.fracture(square, { pattern: 'grid', rows: 1, cols: 1 })
    expect(fragments.map(({ outer }) => [...outer])).toEqual([square])
  })

  it('one of many that is cancelled in flight is told of once, and the others are completed', async () => {
    const told: string[] = []
    const own = new CutoutBatchProcessor({ ...options, cacheBytes: 0 })
    own.jobCompleted.subscribe(({ jobId }) => told.push(`${jobId}`))
    own.jobCancelled.subscribe(({ jobId }) => told.push(`${jobId} cancelled`))
    const [long] = [star(2000), star(32), star(32)].map((polygon) =>
      own.submitFracture(polygon, { fragmentCount: 40 }, { priority: 5 }),
    )
    // On the caller nothing runs between frames.
    if ('worker' in options) await until(() => own.stats.running > 0)
    const isCancelled = own.cancelJob(long!)
    await own.close()
    expect(isCancelled).toBe(true)
    expect(told.toSorted()).toEqual(['1 cancelled', '2', '3'])
    expect(own.stats).toMatchObject({ accepted: 3, completed: 2, cancelled: 1, failed: 0, pending: 0 })
  })

  it('close() with work in flight finishes it; and with no time to, fails what is left with PROCESSOR_CLOSED', async () => {
    const patient = new CutoutBatchProcessor({ ...options, cacheBytes: 0 })
    const results = Array.from({ length: 30 }, (_, seed) => patient.fracture(star(32), { seed }))
    await patient.close()
    expect((await Promise.all(results)).every(({ count }) => count > 1)).toBe(true)

    const hurried = new CutoutBatchProcessor({ ...options, cacheBytes: 0 })
    const ends = Array.from({ length: 30 }, (_, seed) =>
      hurried.fracture(star(500), { fragmentCount: 60, seed }).then(() => 'completed', codeOf),
    )
    await hurried.close({ withinMs: 0 })
    const codes = new Set(await Promise.all(ends))
    expect(codes).toContain('PROCESSOR_CLOSED')
    expect([...codes].filter((code) => code !== 'PROCESSOR_CLOSED' && code !== 'completed')).toEqual([])
    expect(hurried.stats).toMatchObject({ accepted: 30, pending: 0 })
  })

  it('the more urgent are delivered first, and each priority in its order', async () => {
    const clock = new VirtualClock()
    const own = new CutoutBatchProcessor({ ...options, cacheBytes: 0, frames: 'manual', clock, clockTickMs: 0 })
    const told: number[] = []
    own.jobCompleted.subscribe(({ jobId }) => told.push(jobId))
    const priorityOf = (jobId: number) => jobId % 3
    for (let jobId = 1; jobId <= 24; jobId++) {
      own.submitFracture(star(16), { fragmentCount: 4, seed: jobId }, { priority: priorityOf(jobId) })
    }
    await until(() => {
      own.process({ deltaMs: 16 })
      return told.length === 24
    })
    for (const priority of [0, 1, 2]) {
      const its = told.filter((jobId) => priorityOf(jobId) === priority)
      expect(its).toEqual(its.toSorted((a, b) => a - b))
    }
    const meanPlace = (priority: number) => {
      const places = told.flatMap((jobId, place) => (priorityOf(jobId) === priority ? [place] : []))
      return places.reduce((sum, place) => sum + place, 0) / places.length
    }
    expect(meanPlace(2)).toBeLessThan(meanPlace(0))
    await own.close()
  })
})
