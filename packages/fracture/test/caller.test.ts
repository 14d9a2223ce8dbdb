import { VirtualClock } from '@millrace/kernel'
import { describe, expect, it } from 'vitest'
import { CutoutBatchProcessor, type CutoutBatchProcessorOptions, fracturePolygon } from '../src/index.ts'
import { turn } from './fake-pool.ts'
import { codeOf } from './open-processor.ts'
import { star } from './stars.ts'

/** Each look at it takes 0.1 ms. */
class BusyClock extends VirtualClock {
  override now(): number {
    this.advance(0.1)
    return super.now()
  }
}

function open(options: CutoutBatchProcessorOptions = {}, clock = new VirtualClock()) {
  const processor = new CutoutBatchProcessor({ frames: 'manual', clock, clockTickMs: 0, ...options })
  const told: string[] = []
  processor.jobCompleted.subscribe(({ jobId }) => told.push(`${jobId}`))
  processor.jobFailed.subscribe(({ jobId, error }) => told.push(`${jobId} ${codeOf(error)}`))
  processor.jobCancelled.subscribe(({ jobId }) => told.push(`${jobId} cancelled`))
  return { processor, told }
}

describe('without a worker', () => {
  it('polygons are cut in frames, and told of in the same', () => {
    const { processor, told } = open()
    processor.submitFracture(star(32))
    expect(processor.stats.queued).toBe(1)
    processor.process()
    expect(told).toEqual(['1'])
    expect(processor.stats).toMatchObject({ completed: 1, queued: 0, running: 0, ready: 0 })
  })

  it('no more are cut than fit a frame, and one at least', () => {
    const { processor, told } = open({ maxSliceMs: 1 }, new BusyClock())
    for (let seed = 1; seed <= 8; seed++) processor.submitFracture(star(32), { fragmentCount: 16, seed })
    const frames: number[] = []
    while (told.length < 8) {
      const before = told.length
      processor.process({ deltaMs: 16 })
      frames.push(told.length - before)
    }
    expect(Math.min(...frames)).toBe(1)
    expect(Math.max(...frames)).toBeGreaterThan(1)
    expect(Math.max(...frames)).toBeLessThan(6)
    expect(told).toEqual(['1', '2', '3', '4', '5', '6', '7', '8'])
    processor.submitFracture(star(32), { seed: 9 })
    processor.process({ budgetMs: 0 })
    expect(told).toHaveLength(9)
  })

  it('results are those of fracturePolygon', async () => {
    const { processor } = open()
    const result = processor.fracture(star(32), { seed: 4 })
    processor.process()
    expect((await result).packed).toEqual(fracturePolygon(star(32), { seed: 4 }).packed)
  })

  it('what cannot be cut fails, and the next is cut', () => {
    const { processor, told } = open()
    processor.submitFracture([0, 0, 1, 0, 2, 0])
    processor.submitFracture(star(32))
    processor.process()
    processor.process()
    expect(told).toEqual(['1 POLYGON_NO_AREA', '2'])
  })

  it('what is kept is taken by and by, as frames can deliver it', () => {
    const { processor, told } = open()
    processor.submitFracture(star(32))
    processor.process()
    for (let left = 5000; left > 0; left--) processor.submitFracture(star(32))
    processor.process()
    expect(processor.stats.queued).toBeGreaterThan(4900)
    for (let frames = 60; frames > 0; frames--) processor.process()
    expect([told.length, processor.stats.cache.hits]).toEqual([5001, 5000])
  })

  it('what is cancelled is not cut', () => {
    const { processor, told } = open()
    processor.cancelJob(processor.submitFracture(star(32)))
    processor.process()
    expect(told).toEqual(['1 cancelled'])
    expect(processor.learned.meanJobMs).toBe(undefined)
  })

  it('meshes wait for earcut, and those behind them wait too', async () => {
    const { processor, told } = open()
    processor.submitFracture(star(32), { mesh: true })
    processor.submitFracture(star(32))
    while (processor.stats.pending > 0) {
      processor.process()
      await turn()
    }
    expect(told).toEqual(['1', '2'])
  })

  it('what was learned is readable', () => {
    const { processor } = open()
    expect(processor.learned).toMatchObject({ frameMs: 16, othersMs: 0, sliceMs: 2, chunkSize: 10, cutMs: {} })
    processor.submitFracture(star(32), { pattern: 'grid' })
    processor.process({ deltaMs: 10, otherMs: 3 })
    expect(processor.learned).toMatchObject({ frameMs: 10, othersMs: 3, meanJobMs: 0 })
    expect(processor.learned.cutMs.grid).toBeGreaterThan(0)
  })
})
