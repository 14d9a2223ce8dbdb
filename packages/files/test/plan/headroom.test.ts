import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  CALM_SAMPLES,
  type HeadroomSample,
  type Limits,
  nextLimits,
  nextStrain,
  SHORT_SAMPLES,
  type Strain,
} from '../../src/plan/headroom.ts'

const bounds = { maxConcurrency: 8, minBatchSize: 50, maxBatchSize: 500 }
const calmSample: HeadroomSample = {
  rssMb: 100,
  memoryLimitMb: 1000,
  availableMb: 8000,
  coresBusyElsewhere: 0,
  cores: 8,
}
const full: Limits = { concurrency: 8, batchSize: 200, calm: 0 }

function after(samples: readonly HeadroomSample[], start: Limits = full): Limits {
  return samples.reduce<Limits>((limits, sample) => nextLimits(limits, sample, bounds), start)
}

function checkBounds(step: typeof nextLimits) {
  const number = (max: number) => fc.double({ min: 0, max, noNaN: true })
  const sample = fc.record({
    rssMb: number(2000),
    memoryLimitMb: fc.constant(1000),
    availableMb: number(4000),
    coresBusyElsewhere: number(8),
    cores: fc.constant(8),
  })
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 50 }), (samples) => {
      let limits: Limits = full
      for (const one of samples) {
        const next = step(limits, one, bounds)
        expect(next.concurrency).toBeGreaterThanOrEqual(1)
        expect(next.concurrency).toBeLessThanOrEqual(bounds.maxConcurrency)
        expect(next.batchSize).toBeGreaterThanOrEqual(bounds.minBatchSize)
        expect(next.batchSize).toBeLessThanOrEqual(bounds.maxBatchSize)
        const moved = next.concurrency !== limits.concurrency || next.batchSize !== limits.batchSize
        expect(next.reason !== null).toBe(moved)
        limits = next
      }
    }),
  )
}

describe('nextLimits', () => {
  test('memory near its limit takes one from the concurrency and halves the batch, at once', () => {
    const change = nextLimits(full, { ...calmSample, rssMb: 950 }, bounds)
    expect(change).toMatchObject({ concurrency: 7, batchSize: 100, reason: 'memory is short' })
  })

  test('a machine with no memory left counts as pressure too', () => {
    expect(nextLimits(full, { ...calmSample, availableMb: 100 }, bounds)).toMatchObject({ concurrency: 7 })
  })

  test('lasting pressure ends at one batch of the least size', () => {
    expect(after(Array(20).fill({ ...calmSample, rssMb: 990 }))).toMatchObject({ concurrency: 1, batchSize: 50 })
  })

  test('when the pressure is gone, it all comes back, step by step', () => {
    const low = { concurrency: 1, batchSize: 50, calm: 0 }
    expect(after(Array(CALM_SAMPLES - 1).fill(calmSample), low)).toMatchObject({ concurrency: 1, batchSize: 50 })
    expect(after(Array(CALM_SAMPLES).fill(calmSample), low)).toMatchObject({ concurrency: 2, batchSize: 75 })
    expect(after(Array(CALM_SAMPLES * 10).fill(calmSample), low)).toMatchObject({ concurrency: 8, batchSize: 500 })
  })

  test('between ease and pressure nothing moves', () => {
    const change = nextLimits(full, { ...calmSample, rssMb: 800 }, bounds)
    expect(change).toEqual({ ...full, reason: null })
  })

  test('leaves other programs the cores they use, but for a share of one', () => {
    const change = nextLimits(full, { ...calmSample, coresBusyElsewhere: 3.75 }, bounds)
    expect(change).toMatchObject({ concurrency: 5, reason: 'other programs use the processor' })
    expect(nextLimits(full, { ...calmSample, coresBusyElsewhere: 8 }, bounds).concurrency).toBe(1)
    expect(nextLimits(full, { ...calmSample, coresBusyElsewhere: 0.75 }, bounds).concurrency).toBe(8)
  })

  test('stays within its bounds and says why whenever it moves', () => {
    checkBounds(nextLimits)
  })

  test('the property fails for limits that grow without a bound', () => {
    const eager: typeof nextLimits = (limits, sample, bounds) => {
      const next = nextLimits(limits, sample, bounds)
      return next.reason === null ? next : { ...next, concurrency: next.concurrency + 1 }
    }
    expect(() => checkBounds(eager)).toThrow()
  })

  test('narrower bounds take effect with the next sample', () => {
    const change = nextLimits(full, calmSample, { maxConcurrency: 2, minBatchSize: 50, maxBatchSize: 100 })
    expect(change).toMatchObject({ concurrency: 2, batchSize: 100 })
  })
})

describe('nextStrain', () => {
  const short = { ...calmSample, rssMb: 950 }
  const relaxed: Strain = { paused: false, samples: 0 }
  const through = (samples: readonly HeadroomSample[], concurrency: number, start = relaxed) =>
    samples.reduce<Strain>((strain, sample) => nextStrain(strain, sample, concurrency), start)

  test('memory that stays short with one batch at a time stops the work, no sooner', () => {
    expect(through(Array(SHORT_SAMPLES - 1).fill(short), 1).paused).toBe(false)
    expect(through(Array(SHORT_SAMPLES).fill(short), 1).paused).toBe(true)
    expect(through(Array(100).fill(short), 2).paused).toBe(false)
    expect(through(Array(SHORT_SAMPLES).fill({ ...calmSample, availableMb: 10 }), 1).paused).toBe(true)
  })

  test('one good sample starts the count again', () => {
    const almost: HeadroomSample[] = Array(SHORT_SAMPLES - 1).fill(short)
    expect(through([...almost, calmSample, ...almost], 1).paused).toBe(false)
  })

  test('the work goes on when memory has not been short for some samples', () => {
    const stopped: Strain = { paused: true, samples: 0 }
    expect(through(Array(CALM_SAMPLES - 1).fill(calmSample), 1, stopped).paused).toBe(true)
    expect(through(Array(CALM_SAMPLES).fill({ ...calmSample, rssMb: 850 }), 1, stopped).paused).toBe(false)
    expect(through([calmSample, short, calmSample, calmSample], 1, stopped).paused).toBe(true)
  })
})
