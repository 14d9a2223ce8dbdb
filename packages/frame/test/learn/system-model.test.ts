import { Ewma } from '@millrace/kernel'
import { fails, gaussFrom, holds, randomFrom } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SystemModel } from '../../src/learn/system-model.ts'
import {
  BlindModel,
  CredulousModel,
  HastyModel,
  HopefulModel,
  hoardingModel,
  NakedModel,
} from '../mutants/system-models.ts'

type Model = new (priorMs: number, tickMs: number, featured: boolean) => SystemModel

const seed = fc.integer({ min: 0, max: 1e6 })

/** Entity counts that drift, and jump tenfold up or down some twenty times, at a cost that is a line over them and noisy. */
const followsJumps = (Made: Model) =>
  fc.property(seed, fc.double({ min: 0, max: 0.08, noNaN: true }), (from, noise) => {
    const random = randomFrom(from)
    const gauss = gaussFrom(random)
    const slope = 10 ** (-5 + 2 * random())
    const base = 300 * random() * slope
    const model = new Made(1, 0, true)
    const average = new Ewma({ alpha: 0.1 })
    let entities = 500 + 1000 * random()
    let many = false
    let off = 0
    let averageOff = 0
    for (let frame = 0; frame < 600; frame++) {
      if (random() < 1 / 30) {
        entities *= many ? 0.1 : 10
        many = !many
      }
      entities *= Math.exp(0.01 * gauss())
      const ms = (base + slope * entities) * Math.exp(noise * gauss())
      model.predict(entities)
      if (frame > 20) {
        off += Math.abs(model.expectedMs - ms)
        averageOff += Math.abs(average.value - ms)
      }
      model.observe(entities, ms)
      average.observe(ms)
    }
    expect(off).toBeLessThanOrEqual(averageOff / 3)
  })

type Draw = (random: () => number, gauss: () => number) => number

const distributions: Record<string, Draw> = {
  constant: () => 1,
  uniform: (random) => 0.5 + random(),
  normal: (_, gauss) => Math.max(0.01, 1 + 0.2 * gauss()),
  lognormal: (_, gauss) => Math.exp(0.3 * gauss()),
  'lognormal, wide': (_, gauss) => Math.exp(gauss()),
  exponential: (random) => -Math.log(random()),
  'two modes': (random) => (random() < 0.5 ? 1 : 3),
  'one in ten fivefold': (random) => (random() < 0.1 ? 5 : 1),
  'one in fifty tenfold': (random) => (random() < 0.02 ? 10 : 1),
  'pareto, no variance': (random) => random() ** (-1 / 1.5),
  'a collector': (random, gauss) => Math.exp(0.1 * gauss()) * (random() < 0.01 ? 50 : 1),
}

const coversNineInTen = (Made: Model) =>
  fc.property(seed, fc.constantFrom(...Object.keys(distributions)), fc.boolean(), (from, name, featured) => {
    const random = randomFrom(from)
    const gauss = gaussFrom(random)
    const draw = distributions[name]!
    const model = new Made(0.5, 0, featured)
    let covered = 0
    const samples = 2000
    for (let sample = -50; sample < samples; sample++) {
      const feature = featured ? 100 + 900 * random() : 0
      const ms = draw(random, gauss) * (featured ? feature / 500 : 1)
      model.predict(feature)
      // A line through what has no noise is off by what rounding is off.
      if (sample >= 0 && ms <= model.highMs * (1 + 1e-6)) covered++
      model.observe(feature, ms)
    }
    expect(covered / samples).toBeGreaterThanOrEqual(0.9)
  })

const forgetsOutliers = (Made: Model) =>
  fc.property(seed, fc.double({ min: 3, max: 30, noNaN: true }), (from, spike) => {
    const random = randomFrom(from)
    const gauss = gaussFrom(random)
    const model = new Made(1, 0, false)
    for (let sample = 0; sample < 200; sample++) model.observe(0, random() < 0.15 ? spike : 1)
    expect(model.highMs / model.expectedMs).toBeGreaterThan(1.3)
    for (let sample = 0; sample < 2 * 256; sample++) model.observe(0, Math.exp(0.05 * gauss()))
    expect(model.highMs / model.expectedMs).toBeLessThan(1.2)
  })

/** A clock that shows whole ticks, and jobs that begin anywhere between two. */
const isUnbiased = (Made: Model, bound = 0.15) =>
  fc.property(
    seed,
    fc.constantFrom(0.1, 1),
    fc.double({ min: Math.log(0.002), max: Math.log(3), noNaN: true }).map(Math.exp),
    (from, tickMs, cost) => {
      const random = randomFrom(from)
      const gauss = gaussFrom(random)
      const model = new Made(0.5, tickMs, false)
      const samples = Math.min(200_000, 150 * Math.max(1, Math.ceil((4 * tickMs) / cost)))
      let time = 0
      let sum = 0
      let used = 0
      for (let job = 0; job < samples; job++) {
        time += 5 * random()
        const before = Math.floor(time / tickMs) * tickMs
        const ms = cost * Math.exp(0.2 * gauss() - 0.02)
        time += ms
        model.observe(0, Math.floor(time / tickMs) * tickMs - before)
        if (job < samples / 3) continue
        sum += model.expectedMs
        used += ms
      }
      expect(sum / used).toBeGreaterThan(1 - bound)
      expect(sum / used).toBeLessThan(1 + bound)
    },
  )

const anything = fc.oneof(
  fc.double({ min: 0 }),
  fc.constantFrom(0, 1, 5e-324, Number.MAX_VALUE, Number.POSITIVE_INFINITY, Number.NaN, -1),
)

const isAlwaysANumberAboveZero = (Made: Model) =>
  fc.property(
    fc.double({ min: 0, max: 1000, noNaN: true }),
    fc.constantFrom(0, 0.1, 1),
    fc.boolean(),
    fc.array(
      fc.record({
        feature: fc.oneof(
          fc.double({ min: 0, max: Number.MAX_VALUE, noNaN: true }),
          fc.constantFrom(0, 1, 5e-324, Number.MAX_VALUE),
        ),
        ms: anything,
        jobs: fc.integer({ min: 1, max: 1000 }),
      }),
      { maxLength: 60 },
    ),
    (priorMs, tickMs, featured, samples) => {
      const model = new Made(priorMs, tickMs, featured)
      const check = () => {
        expect(model.expectedMs).toBeGreaterThan(0)
        expect(model.highMs).toBeGreaterThanOrEqual(model.expectedMs)
        expect(model.expectedMs).toBeLessThan(Number.POSITIVE_INFINITY)
      }
      check()
      for (const { feature, ms, jobs } of samples) {
        model.predict(feature)
        check()
        model.observe(feature, ms, jobs)
        check()
      }
    },
  )

describe('SystemModel', () => {
  it('follows tenfold jumps of its feature, off by a third of what an average is at most', () =>
    holds(followsJumps(SystemModel)))
  it('is caught when it looks at no feature', () => fails(followsJumps(BlindModel)))

  it('says what 90 of 100 of the next jobs keep to at least, however costs are distributed', () =>
    holds(coversNineInTen(SystemModel)))
  it('is caught when it leaves the residual out', () => fails(coversNineInTen(HopefulModel)))

  it('forgets outliers with the window that they were in', () => holds(forgetsOutliers(SystemModel)))
  it('is caught when the quantile is never restarted', async () => fails(forgetsOutliers(await hoardingModel())))

  it('is unbiased under a coarse clock', () => holds(isUnbiased(SystemModel), 40))
  it('is caught when it takes every reading of a coarse clock for a sample', () =>
    fails(isUnbiased(CredulousModel), 40))
  it('is caught when a sample ends as soon as the clock moves', () => fails(isUnbiased(HastyModel), 40))

  it('is never 0, and never no number, whatever it is told', () => holds(isAlwaysANumberAboveZero(SystemModel)))
  it('is caught when it believes all it is told', () => fails(isAlwaysANumberAboveZero(NakedModel)))

  it('believes the prior until it has samples, and ignores a first one that was compiled', () => {
    const model = new SystemModel(0.5, 0, false)
    expect([model.expectedMs, model.highMs, model.count]).toEqual([0.5, 0.5, 0])
    model.observe(0, 30)
    expect([model.expectedMs, model.count]).toEqual([0.5, 1])
    model.observe(0, 2)
    expect([model.expectedMs, model.highMs, model.count]).toEqual([2, 2.5, 2])
  })

  it('learns a system whose feature is always 0', () => {
    const model = new SystemModel(0, 0, true)
    for (let sample = 0; sample < 20; sample++) {
      model.predict(0)
      model.observe(0, 1)
    }
    expect(model.expectedMs).toBeCloseTo(1, 1)
    for (let sample = 0; sample < 50; sample++) model.observe(1000, 5)
    model.predict(1000)
    expect(model.expectedMs).toBeCloseTo(5, 0)
  })

  it('lets one outlier move a settled estimate by a fifth at most', () => {
    const model = new SystemModel(1, 0, false)
    for (let sample = 0; sample < 100; sample++) model.observe(0, 1)
    model.observe(0, 3_600_000)
    expect(model.expectedMs).toBeLessThanOrEqual(1.2 + 1e-9)
  })
})
