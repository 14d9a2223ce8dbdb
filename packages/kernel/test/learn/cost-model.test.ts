import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CostModel } from '../../src/learn/cost-model.ts'
import { PoisonedMean } from '../mutants/poisoned-mean.ts'
import { fails, gaussFrom, holds, messageOf, randomFrom, type Shape } from '../property.ts'

type Model = Omit<Shape<CostModel>, 'toJSON'>

const PRIOR = { baseMs: 0.1, msPerUnit: 0.02 }
const SIZES = [0, 1, 10, 100, 1000]

/** Sizes as files have them, log-normal around 3 KB, and their times with a noise of about `spread`. */
function feed(model: Model, key: string, count: number, cost: (size: number) => number, seed = 1, spread = 0.3): void {
  const gauss = gaussFrom(randomFrom(seed))
  for (let index = 0; index < count; index++) {
    const size = Math.exp(1 + 1.5 * gauss())
    model.observe(key, size, cost(size) * Math.exp(spread * gauss()))
  }
}

const anyNumber = fc.oneof(fc.double(), fc.double({ min: 0, max: 1e4, noNaN: true }), fc.constantFrom(0, 1e-300, 1e300))

/** Whatever it was told, it predicts a number, not negative, and no less for a larger size. */
const staysSane = (makeModel: () => Model) =>
  fc.property(
    fc.array(fc.tuple(fc.constantFrom('ts', 'py', '__proto__'), anyNumber, anyNumber), { maxLength: 80, size: 'max' }),
    fc.constantFrom('ts', 'never seen'),
    fc.array(anyNumber, { minLength: 2 }),
    (samples, key, sizes) => {
      const model = makeModel()
      for (const [of, size, ms] of samples) model.observe(of, size, ms)
      let least = 0
      for (const size of sizes.map((size) => Math.max(0, size || 0)).sort((a, b) => a - b)) {
        const ms = model.predict(key, size)
        expect(ms).toBeGreaterThanOrEqual(least)
        expect(model.predictHigh(key, size)).toBeGreaterThanOrEqual(ms)
        least = ms
      }
    },
  )

/** After a hundred samples, one a hundredfold off moves no prediction of a usual size as much as twofold. */
const shrugsOffAnOutlier = (makeModel: () => Model) =>
  fc.property(
    fc.record({
      seed: fc.integer(),
      count: fc.integer({ min: 100, max: 400 }),
      noise: fc.double({ min: 0.05, max: 0.5, noNaN: true }),
      base: fc.double({ min: 0.05, max: 20, noNaN: true }),
      slope: fc.double({ min: 0.05, max: 20, noNaN: true }),
      outlierSize: fc.double({ min: 0, max: 50, noNaN: true }),
    }),
    (given) => {
      for (const moved of movedByAnOutlier(makeModel(), given)) expect(Math.abs(Math.log(moved))).toBeLessThan(Math.LN2)
    },
  )

interface OutlierCase {
  readonly seed: number
  readonly count: number
  readonly noise: number
  readonly base: number
  readonly slope: number
  readonly outlierSize: number
}

/** By what factor the predictions of some usual sizes move. */
function movedByAnOutlier(model: Model, { seed, count, noise, base, slope, outlierSize }: OutlierCase): number[] {
  const cost = (size: number) => PRIOR.baseMs * base + PRIOR.msPerUnit * slope * size
  const usual = [1, 3, 10, 30]
  feed(model, 'ts', count, cost, seed, noise)
  const before = usual.map((size) => model.predict('ts', size))
  model.observe('ts', outlierSize, 100 * cost(outlierSize))
  return usual.map((size, index) => model.predict('ts', size) / before[index]!)
}

describe('CostModel', () => {
  const make = () => new CostModel({ prior: PRIOR })

  it('stays sane whatever it is told', () => holds(staysSane(make)))
  it('is caught dividing by nothing', () => fails(staysSane(() => new PoisonedMean())))

  it('shrugs off an outlier', () => holds(shrugsOffAnOutlier(make), 100))
  it('is caught with a poisoned mean', () =>
    fails(
      shrugsOffAnOutlier(() => new PoisonedMean()),
      100,
    ))

  it('predicts the prior before the first sample', () => {
    expect(make().predict('ts', 10)).toBeCloseTo(0.3, 12)
    expect(make().predict('ts', Number.NaN)).toBeCloseTo(0.1, 12)
  })

  it('learns base and slope of each key, from whatever prior', () => {
    const costs: Record<string, (size: number) => number> = {
      'as believed': (size) => 0.1 + 0.02 * size,
      slow: (size) => 10 + 2 * size,
      fast: (size) => 0.005 + 0.001 * size,
      'all base': (size) => 2 + 0.02 * size,
      'all slope': (size) => 0.1 + 0.4 * size,
    }
    const model = make()
    for (const [key, cost] of Object.entries(costs)) feed(model, key, 500, cost, 3, 0.05)
    for (const [key, cost] of Object.entries(costs)) {
      for (const size of [1, 10, 100]) expect(model.predict(key, size) / cost(size), key).toBeCloseTo(1, 0.7)
    }
  })

  it('is about right after three samples, though the prior is a hundredfold off', () => {
    const model = make()
    feed(model, 'ts', 3, (size) => 10 + 2 * size)
    expect(model.predict('ts', 10)).toBeGreaterThan(30 / 5)
    expect(model.predict('ts', 10)).toBeLessThan(30 * 2)
  })

  it('recovers when the first sample ever is an outlier', () => {
    const model = make()
    model.observe('ts', 3, 16)
    feed(model, 'ts', 40, (size) => 0.1 + 0.02 * size)
    for (const size of SIZES) expect(model.predict('ts', size) / (0.1 + 0.02 * size)).toBeLessThan(1.5)
  })

  it('follows when everything becomes ten times slower', () => {
    const model = make()
    const cost = (size: number) => 0.1 + 0.02 * size
    feed(model, 'ts', 500, cost)
    feed(model, 'ts', 100, (size) => 10 * cost(size), 2)
    expect(model.predict('ts', 10) / cost(10)).toBeGreaterThan(7)
  })

  it('predicts an unseen key from all keys, and lets it start from there', () => {
    const model = make()
    const cost = (size: number) => 1 + 0.5 * size
    feed(model, 'ts', 300, cost)
    const unseen = model.predict('rs', 20)
    expect(unseen / cost(20)).toBeCloseTo(1, 0.5)
    model.observe('rs', 20, cost(20))
    expect(model.predict('rs', 200) / cost(200)).toBeCloseTo(1, 0.5)
  })

  it('tells within what time most items end', () => {
    const model = make()
    const cost = (size: number) => 0.1 + 0.02 * size
    feed(model, 'ts', 2000, cost, 5, 0.5)
    const within = feedAndCount(model, cost)
    expect(within).toBeGreaterThan(0.9)
    expect(within).toBeLessThan(0.99)
  })

  it('goes through JSON', () => {
    const model = make()
    feed(model, 'ts', 100, (size) => 1 + 0.5 * size)
    feed(model, '__proto__', 100, (size) => 5 + size)
    const copy = CostModel.from(JSON.parse(JSON.stringify(model)), { prior: PRIOR })
    const plain = CostModel.from(model.toJSON(), { prior: PRIOR })
    for (const each of [model, copy, plain]) feed(each, 'ts', 20, (size) => 2 + size)
    for (const key of ['ts', '__proto__', 'unseen']) {
      for (const size of SIZES) {
        expect(copy.predict(key, size)).toBe(model.predict(key, size))
        expect(plain.predictHigh(key, size)).toBe(model.predictHigh(key, size))
      }
    }
  })

  it('starts fresh from what is not its JSON', () => {
    const model = make()
    feed(model, 'ts', 100, (size) => 10 + size)
    const json = JSON.parse(JSON.stringify(model))
    const absurd = { ...json.keys.ts, scale: Number.POSITIVE_INFINITY }
    const believesPrior = [
      null,
      'text',
      [],
      {},
      { ...json, version: 2 },
      { ...json, prior: null },
      { ...json, keys: null },
      { ...json, prior: { ...PRIOR, baseMs: 5 } },
      { ...json, prior: { ...PRIOR, msPerUnit: 5 } },
      { ...json, all: null, keys: { ts: null } },
      { ...json, all: {}, keys: { ts: { prior: { baseMs: 0, msPerUnit: 1 } } } },
      { ...json, all: null, keys: { ts: { prior: { baseMs: 1, msPerUnit: '1' } } } },
    ]
    for (const corrupt of believesPrior) {
      expect(CostModel.from(corrupt, { prior: PRIOR }).predict('ts', 10)).toBeCloseTo(0.3, 12)
    }
    expect(CostModel.from({ ...json, keys: { ts: absurd } }, { prior: PRIOR }).predict('ts', 10)).toBeLessThan(1e6)
  })

  it('survives any corruption of its JSON', () => {
    const model = make()
    feed(model, 'ts', 50, (size) => 10 + size)
    const text = JSON.stringify(model)
    const number = /-?\d+(\.\d+)?(e[+-]?\d+)?/g
    const places = [...text.matchAll(number)]
    const junk = fc.oneof(anyNumber, fc.jsonValue()).map((value) => JSON.stringify(value))
    return holds(
      fc.property(fc.nat(places.length - 1), junk, (place, value) => {
        const { 0: found, index } = places[place]!
        const json = JSON.parse(text.slice(0, index) + value + text.slice(index + found.length))
        const copy = CostModel.from(json, { prior: PRIOR })
        for (const key of ['ts', 'unseen']) {
          for (const size of SIZES) expect(copy.predict(key, size)).toBeGreaterThanOrEqual(0)
          copy.observe(key, 5, 15)
          expect(copy.predictHigh(key, 5)).toBeGreaterThanOrEqual(copy.predict(key, 5))
        }
      }),
      500,
    )
  })

  it('refuses a prior out of bounds', async () => {
    const message = (prior: typeof PRIOR) => messageOf('OPTION_INVALID', () => new CostModel({ prior }))
    expect(await message({ baseMs: 0, msPerUnit: 1 })).toBe(
      'CostModel: prior.baseMs must be a finite number above 0, not 0',
    )
    await message({ baseMs: 1, msPerUnit: Number.NaN })
  })
})

/** The share of new items that end within `predictHigh`. */
function feedAndCount(model: CostModel, cost: (size: number) => number): number {
  const gauss = gaussFrom(randomFrom(9))
  let within = 0
  for (let index = 0; index < 2000; index++) {
    const size = Math.exp(1 + 1.5 * gauss())
    if (cost(size) * Math.exp(0.5 * gauss()) <= model.predictHigh('ts', size)) within++
  }
  return within / 2000
}
