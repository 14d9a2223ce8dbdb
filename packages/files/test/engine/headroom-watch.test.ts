import { VirtualClock } from '@millrace/kernel'
import { describe, expect, test } from 'vitest'
import { HeadroomWatch } from '../../src/engine/headroom-watch.ts'

/** A watch over figures that the test sets. */
function setUp() {
  const clock = new VirtualClock()
  const figures = { rssMb: 100, cpuMs: 0, availableMb: 8000, machineBusyMs: 0 }
  const changes: { concurrency: number; batchSize: number; reason: string }[] = []
  const pauses: string[] = []
  const watch = new HeadroomWatch({
    clock,
    probe: {
      ownUsage: () => ({ rssMb: figures.rssMb, cpuMs: figures.cpuMs }),
      availableMb: () => figures.availableMb,
      machineBusyMs: () => figures.machineBusyMs,
      cores: 4,
    },
    memoryLimitMb: () => 1000,
    bounds: () => ({ maxConcurrency: 4, minBatchSize: 50, maxBatchSize: 500 }),
    initial: { concurrency: 4, batchSize: 200, calm: 0 },
    onChange: ({ concurrency, batchSize }, _before, reason) => changes.push({ concurrency, batchSize, reason }),
    onPause: (reason) => pauses.push(reason),
    onContinue: () => pauses.push('continued'),
  })
  return { clock, figures, changes, pauses, watch }
}

describe('HeadroomWatch', () => {
  test('memory pressure lowers both limits, sample by sample, and its end raises them again', () => {
    const { clock, figures, changes, watch } = setUp()
    watch.start()
    figures.rssMb = 950
    clock.advance(500)
    expect(changes.map(({ concurrency, batchSize }) => [concurrency, batchSize])).toEqual([
      [3, 100],
      [2, 50],
    ])
    figures.rssMb = 300
    clock.advance(10_000)
    expect(watch.limits).toMatchObject({ concurrency: 4, batchSize: 500 })
    expect(watch.peakRssMb).toBe(950)
    expect(watch.rssMb).toBe(300)
  })

  test('cores that other programs keep busy are left to them after some seconds, its own use is not counted', () => {
    const { clock, figures, changes, watch } = setUp()
    watch.start()
    const busy = (elsewhere: number, own: number, seconds: number) => {
      for (let quarter = 0; quarter < seconds * 4; quarter++) {
        figures.machineBusyMs += (elsewhere + own) * 250
        figures.cpuMs += own * 250
        clock.advance(250)
      }
    }
    busy(0, 4, 20)
    expect(watch.limits.concurrency).toBe(4)
    busy(3, 1, 1)
    expect(watch.limits.concurrency).toBe(4)
    busy(3, 1, 30)
    expect(watch.limits.concurrency).toBe(2)
    expect(changes.some(({ reason }) => reason === 'other programs use the processor')).toBe(true)
    busy(0, 2, 60)
    expect(watch.limits.concurrency).toBe(4)
  })

  test('takes no more samples once stopped', () => {
    const { clock, figures, changes, watch } = setUp()
    watch.start()
    watch.stop()
    figures.rssMb = 990
    clock.advance(10_000)
    expect(changes).toEqual([])
    expect(clock.pending).toBe(0)
  })

  test('starts again from limits that the user has named', () => {
    const { clock, watch } = setUp()
    watch.start()
    watch.restart({ concurrency: 1, batchSize: 60, calm: 0 })
    expect(watch.limits).toMatchObject({ concurrency: 1, batchSize: 60 })
    clock.advance(1000)
    expect(watch.limits).toMatchObject({ concurrency: 2, batchSize: 90 })
  })

  test('stops the work when one batch at a time is still too much, once, and lets it go on when there is room', () => {
    const { clock, figures, pauses, watch } = setUp()
    watch.start()
    figures.rssMb = 980
    clock.advance(500)
    expect(watch.limits.concurrency).toBe(2)
    clock.advance(1750)
    expect(pauses).toEqual([])
    clock.advance(250)
    expect(pauses).toEqual(['memory is short, even with one batch at a time'])
    clock.advance(60_000)
    figures.rssMb = 600
    clock.advance(1000)
    expect(pauses.slice(1)).toEqual(['continued'])
  })

  test('a wall clock that is set back or forth changes nothing', () => {
    const { clock, figures, changes, watch } = setUp()
    let wallMs = 0
    clock.wallNow = () => (wallMs -= 86_400_000)
    watch.start()
    figures.rssMb = 950
    clock.advance(250)
    expect(changes).toHaveLength(1)
  })
})
