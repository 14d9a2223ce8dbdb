import { messageOf } from '@millrace/kernel/test/property'
import { describe, expect, it } from 'vitest'
import { CutoutBatchProcessor, type CutoutBatchProcessorOptions } from '../src/index.ts'
import { FakePool } from './fake-pool.ts'

const pool = new FakePool()

describe('the options of a processor', () => {
  it.each<[string, unknown]>([
    ['worker', 'worker.js'],
    ['pool', {}],
    ['pool', { run() {} }],
    ['pool', { run() {}, width: 0 }],
    ['pool', { run() {}, width: Number.NaN }],
    ['pool', null],
    ['clock', {}],
    ['clock', null],
    ['sharedMemory', 'no'],
    ['sharedMemory', 1],
    ['ageMs', 1e13],
    ['frames', null],
    ['threads', 0],
    ['threads', 1.5],
    ['threads', 10_000],
    ['frames', 'never'],
    ['frames', {}],
    ['maxSliceMs', 0],
    ['maxSliceMs', Number.NaN],
    ['maxHoldFrames', -1],
    ['maxQueued', 0],
    ['maxQueued', '10'],
    ['whenFull', 'wait'],
    ['ageMs', 0],
    ['cacheBytes', -1],
    ['clockTickMs', -1],
  ])('%s is not %s', async (name, value) => {
    const options: CutoutBatchProcessorOptions = { frames: 'manual', [name]: value }
    expect(await messageOf('OPTION_INVALID', () => new CutoutBatchProcessor(options))).toMatch(
      new RegExp(`^CutoutBatchProcessor: (${name}|host) `),
    )
  })

  it('are an object, with a worker or a pool', async () => {
    await messageOf('OPTION_INVALID', () => new CutoutBatchProcessor(null as never))
    const worker = () => ({ postMessage() {}, terminate() {} })
    await messageOf('OPTION_INVALID', () => new CutoutBatchProcessor({ worker, pool }))
  })

  it('of close() and of streams are checked too', async () => {
    const processor = new CutoutBatchProcessor({ pool, frames: 'manual', clockTickMs: 0 })
    await messageOf('OPTION_INVALID', () => processor.createStream({ maxItems: 0 }))
    await messageOf('OPTION_INVALID', () => processor.close({ withinMs: -1 }))
    await processor.close()
  })
})

describe('a frame run by hand', () => {
  it.each([[{ budgetMs: -1 }], [{ budgetMs: Number.NaN }], [null]])('is not %j', async (frame) => {
    const processor = new CutoutBatchProcessor({ pool, frames: 'manual', clockTickMs: 0 })
    await messageOf('OPTION_INVALID', () => processor.process(frame as never))
    expect(processor.process({ deltaMs: Number.NaN, otherMs: -3 }).usedMs).toBeGreaterThanOrEqual(0)
  })
})
