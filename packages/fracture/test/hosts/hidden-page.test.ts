import { VirtualClock } from '@millrace/kernel'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { CutoutBatchProcessor } from '../../src/index.ts'
import { FakePool, turn } from '../fake-pool.ts'
import { polygon } from '../open-processor.ts'

afterEach(() => vi.unstubAllGlobals())

/** A page that has frames only while it is seen. */
function openPage() {
  let callback: ((timeMs: number) => void) | undefined
  let asked = 0
  let timeMs = 0
  vi.stubGlobal('requestAnimationFrame', (next: (timeMs: number) => void) => {
    callback = next
    return ++asked
  })
  vi.stubGlobal('cancelAnimationFrame', () => {
    callback = undefined
  })
  return {
    frame() {
      const next = callback
      callback = undefined
      timeMs += 16
      next?.(timeMs)
    },
    get asked() {
      return asked
    },
    get isAsking() {
      return callback !== undefined
    },
  }
}

describe('a hidden page', () => {
  it('keeps what it accepted, at rest, and delivers it when it is seen again', async () => {
    const page = openPage()
    const pool = new FakePool(2)
    const clock = new VirtualClock()
    const processor = new CutoutBatchProcessor({ pool, clock, clockTickMs: 0 })
    const told = new Set<number>()
    processor.jobCompleted.subscribe(({ jobId }) => told.add(jobId))
    const stream = processor.createStream()
    for (let id = 0; id < 300; id++) processor.submitFracture(polygon(id))
    for (let id = 300; id < 500; id++) stream.push(polygon(id))
    stream.start()
    let settled = 0
    const ahead = processor.prefracture(polygon(999)).then(() => settled++)
    const drained = processor.drain().then(() => settled++)
    for (let turns = 50; turns > 0; turns--) {
      pool.finishAll()
      await turn()
    }
    expect([told.size, settled, page.asked, clock.pending, pool.held.length]).toEqual([0, 0, 1, 0, 0])
    expect(processor.stats.pending).toBe(501)
    // It may be left by those who no longer wait.
    expect(processor.cancelJob(1)).toBe(true)
    let frames = 0
    for (; page.isAsking && frames < 200; frames++) {
      page.frame()
      pool.finishAll()
      await turn()
    }
    expect([told.size, stream.pending, processor.stats.pending]).toEqual([499, 200, 0])
    await Promise.all([ahead, drained])
    expect(page.asked).toBe(frames + 1)
    stream.close()
    let results = 0
    for await (const chunk of stream) results += chunk.length
    expect(results).toBe(200)
    await processor.close()
  })
})
