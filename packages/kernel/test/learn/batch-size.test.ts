import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type BatchSample, BatchSize, type BatchSizeOptions } from '../../src/learn/batch-size.ts'
import {
  DeafBatchSize,
  GropingBatchSize,
  JumpyBatchSize,
  MeanBatchSize,
  SwellingBatchSize,
} from '../mutants/batch-sizes.ts'
import { fails, holds, messageOf, type Shape } from '../property.ts'
import { bestGoodput, type Database, drawFactors, expectedMs, goodput, write } from './batch-times.ts'

type MakeBatchSize = (options: BatchSizeOptions) => Shape<BatchSize>

const latencyMs = 100
const wide = { min: 1, max: 5000, latencyMs }

const full: BatchSample = { items: 100, ms: 10, isFull: true, failures: 0, isTimeout: false }

const databases: fc.Arbitrary<Database> = fc.record({
  fixedMs: fc.constantFrom(0.1, 1, 5, 10, 30),
  perItemMs: fc.constantFrom(0.004, 0.02, 0.05, 0.2),
  noise: fc.double({ min: 0.01, max: 0.12, noNaN: true }),
  outliers: fc.constantFrom(0, 0.01, 0.02),
  seed: fc.nat(),
})

const reachesTheBest = (makeSize: MakeBatchSize) =>
  fc.property(databases, fc.constantFrom(16, 5000), (database, initial) => {
    const factors = drawFactors(database, 200)
    const batches = write(makeSize({ ...wide, initial }), database, factors).slice(50)
    const best = bestGoodput(database, factors.subarray(50), latencyMs, wide.max)
    expect(goodput(batches, latencyMs)).toBeGreaterThanOrEqual(0.9 * best)
  })

/** After ten batches on a database that has become four times as slow, batches are within the objective. */
const followsASlowdown = (makeSize: MakeBatchSize) =>
  fc.property(databases, (drawn) => {
    const database = { ...drawn, fixedMs: Math.min(drawn.fixedMs, 10) }
    const slow = { ...database, fixedMs: 4 * database.fixedMs, perItemMs: 4 * database.perItemMs }
    const factors = drawFactors(database, 100)
    const size = makeSize({ ...wide, max: 20_000, initial: 250 })
    write(size, database, factors.subarray(0, 60))
    write(size, slow, factors.subarray(60, 70))
    const most = Math.max(...write(size, slow, factors.subarray(70)).map(({ items }) => items))
    expect(expectedMs(slow, most)).toBeLessThanOrEqual(latencyMs)
  })

/** Once it knows, the size changes seldom. */
const holdsStill = (makeSize: MakeBatchSize) =>
  fc.property(databases, (database) => {
    const size = makeSize({ ...wide, initial: 250 })
    write(size, database, drawFactors(database, 60))
    let changes = 0
    for (const factor of drawFactors({ ...database, seed: database.seed + 1 }, 100)) {
      const before = size.learned.size
      write(size, database, Float64Array.of(factor))
      if (size.learned.size !== before) changes++
    }
    expect(changes).toBeLessThanOrEqual(15)
  })

/** One batch that takes ten times as long, among those that do not. */
const bearsAnOutlier = (makeSize: MakeBatchSize) =>
  fc.property(databases, (drawn) => {
    const database = { ...drawn, outliers: 0 }
    const size = makeSize({ ...wide, initial: 250 })
    const factors = drawFactors(database, 63)
    write(size, database, factors.subarray(0, 60))
    const before = size.learned.size
    write(size, database, Float64Array.of(10))
    write(size, database, factors.subarray(60))
    expect(size.learned.size).toBeGreaterThan(0.75 * before)
  })

/** Without full batches there is nothing to grow for. */
const growsOnlyWhenFull = (makeSize: MakeBatchSize) =>
  fc.property(databases, fc.double({ min: 0.1, max: 0.9, noNaN: true }), (database, fill) => {
    const size = makeSize({ ...wide, initial: 250 })
    let before = size.size
    for (const factor of drawFactors(database, 40)) {
      const items = Math.ceil(size.size * fill)
      size.observe({ ...full, items, ms: expectedMs(database, items) * factor, isFull: false })
      if (size.size > before) throw new Error(`it grew from ${before} to ${size.size}`)
      before = size.size
    }
  })

/** While little comes, batches are small, and tell little of large ones. */
const keepsThroughQuiet = (makeSize: MakeBatchSize) =>
  fc.property(databases, (database) => {
    const size = makeSize({ ...wide, initial: 250 })
    const factors = drawFactors(database, 360)
    write(size, database, factors.subarray(0, 60))
    const before = size.learned.size
    factors.subarray(60).forEach((factor, index) => {
      const items = 1 + (index % 5)
      size.observe({ ...full, items, ms: expectedMs(database, items) * factor, isFull: false })
    })
    expect(size.learned.size).toBe(before)
  })

/** Timeouts and failures halve it, and clean batches win back what they took. */
const backsOff = (makeSize: MakeBatchSize) =>
  fc.property(databases, fc.boolean(), (drawn, isTimeout) => {
    // With so much that each batch takes, larger ones pay at any size.
    const database = { ...drawn, outliers: 0, fixedMs: 30 }
    const size = makeSize({ ...wide, initial: 250 })
    write(size, database, drawFactors(database, 60))
    const before = size.learned.size
    const sample = { ...full, items: before, ms: expectedMs(database, before) }
    size.observe(isTimeout ? { ...sample, ms: 30_000, isTimeout } : { ...sample, failures: Math.ceil(before / 2) + 1 })
    expect(Math.abs(size.learned.size - before / 2)).toBeLessThanOrEqual(1)
    write(size, database, drawFactors(database, 30))
    expect(size.learned.size).toBeGreaterThan(0.7 * before)
  })

const make: MakeBatchSize = (options) => new BatchSize(options)

describe('BatchSize', () => {
  it('reaches nine tenths of the best goodput within 50 batches, from 16 and from 5000', () =>
    holds(reachesTheBest(make)))

  it('follows a fourfold slowdown within 10 batches', () => holds(followsASlowdown(make)))

  it('holds still', () => holds(holdsStill(make)))

  it('bears an outlier', () => holds(bearsAnOutlier(make)))

  it('grows only when batches fill', () => holds(growsOnlyWhenFull(make)))

  it('keeps what it knows while batches are small', () => holds(keepsThroughQuiet(make)))

  it('is caught forgetting it', () => fails(keepsThroughQuiet((options) => new JumpyBatchSize(options))))

  it('backs off, and comes back', () => holds(backsOff(make)))

  it('is caught with a mean for a fit', async () => {
    await fails(reachesTheBest((options) => new MeanBatchSize(options)))
    await fails(followsASlowdown((options) => new MeanBatchSize(options)))
  })

  it('is caught without a deadband', () => fails(holdsStill((options) => new JumpyBatchSize(options))))

  it('is caught believing an outlier', () => fails(bearsAnOutlier((options) => new JumpyBatchSize(options))))

  it('is caught groping', () => fails(reachesTheBest((options) => new GropingBatchSize(options))))

  it('is caught growing though batches do not fill', () =>
    fails(growsOnlyWhenFull((options) => new SwellingBatchSize(options))))

  it('is caught deaf to timeouts and failures', () => fails(backsOff((options) => new DeafBatchSize(options))))

  it('gives more than a size of 857, and than groping, under an objective that those break', () => {
    const database = { fixedMs: 2, perItemMs: 0.15, noise: 0.1, outliers: 0.01, seed: 1 }
    const factors = drawFactors(database, 300)
    const of = (size: Shape<BatchSize>) => goodput(write(size, database, factors), latencyMs)
    const ours = of(new BatchSize({ ...wide, initial: 250 }))
    expect(ours).toBeGreaterThan(2 * of(new BatchSize({ min: 857, max: 857, initial: 857, latencyMs })))
    expect(ours).toBeGreaterThan(1.2 * of(new GropingBatchSize({ ...wide, initial: 250 })))
  })

  it('does not grow beyond the knee, nor beyond what is enough', () => {
    const database = { fixedMs: 1, perItemMs: 0.02, noise: 0, outliers: 0, seed: 1 }
    const ones = new Float64Array(100).fill(1)
    const knee = new BatchSize({ ...wide, initial: 100 })
    write(knee, database, ones)
    expect(knee.learned.size).toBeGreaterThan(700)
    expect(knee.learned.size).toBeLessThanOrEqual(1000)
    expect(knee.learned).toMatchObject({ isTrusted: true })
    expect(knee.learned.fixedMs).toBeCloseTo(1, 1)
    expect(knee.learned.perItemMs).toBeCloseTo(0.02, 3)

    // 20,000 a second are those of 33 at a time; what is tried first may be twice as many.
    const enough = new BatchSize({ ...wide, initial: 16, throughputTarget: 20_000 })
    write(enough, database, ones)
    expect(enough.learned.size).toBeGreaterThanOrEqual(32)
    expect(enough.learned.size).toBeLessThanOrEqual(66)
    const never = new BatchSize({ ...wide, initial: 16, throughputTarget: 1e9 })
    write(never, database, ones)
    expect(never.learned.size).toBeGreaterThan(700)
  })

  it('tries another size now and then, so that there is something to learn from', () => {
    const database = { fixedMs: 10, perItemMs: 0.05, noise: 0.05, outliers: 0, seed: 3 }
    const size = new BatchSize({ ...wide, initial: 250 })
    const batches = write(size, database, drawFactors(database, 120)).slice(60)
    const smaller = batches.filter(({ items }) => items < 0.6 * size.learned.size).length
    expect(smaller).toBeGreaterThanOrEqual(3)
    expect(smaller).toBeLessThanOrEqual(6)
  })

  it('halves once for batches that timed out together', () => {
    const size = new BatchSize({ ...wide, initial: 1000 })
    for (let batch = 0; batch < 3; batch++) size.observe({ ...full, items: 1000, isTimeout: true })
    expect(size.size).toBe(500)
    for (let batch = 0; batch < 30; batch++) size.observe({ ...full, items: size.size, isTimeout: true })
    expect(size.size).toBe(1)
  })

  it('takes one failure for none, and many small shares for what they are together', () => {
    const size = new BatchSize({ ...wide, initial: 50 })
    size.observe({ ...full, items: 50, ms: 50, isFull: false, failures: 1 })
    expect(size.size).toBe(50)
    for (let batch = 0; batch < 5; batch++) size.observe({ ...full, items: 50, ms: 50, isFull: false, failures: 1 })
    expect(size.size).toBeLessThan(50)
  })

  it('stays within its bounds whatever it hears', () =>
    holds(
      fc.property(
        fc.array(
          fc.record({
            items: fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.double()),
            ms: fc.oneof(fc.double(), fc.integer({ min: 0, max: 200 })),
            isFull: fc.boolean(),
            failures: fc.nat({ max: 20 }),
            isTimeout: fc.boolean(),
          }),
        ),
        (samples) => {
          const size = new BatchSize({ initial: 100, min: 50, max: 1000, latencyMs })
          for (const sample of samples) {
            size.observe(sample)
            for (const value of [size.size, size.learned.size]) {
              expect(Number.isSafeInteger(value) && value >= 50 && value <= 1000, `${value}`).toBe(true)
            }
          }
        },
      ),
    ))

  it('refuses what it cannot be', async () => {
    const good = { initial: 100, min: 50, max: 1000, latencyMs }
    const wrongs = [
      { initial: 20 },
      { min: 0 },
      { max: 10 },
      { latencyMs: 0 },
      { adjustmentFactor: 0.6 },
      { errorRateThreshold: 2 },
      { throughputTarget: 0 },
      { forgetting: 0 },
    ]
    for (const wrong of wrongs) {
      const message = await messageOf('OPTION_INVALID', () => new BatchSize({ ...good, ...wrong }))
      expect(message).toContain(`BatchSize: ${Object.keys(wrong)[0]} must be`)
    }
  })
})
