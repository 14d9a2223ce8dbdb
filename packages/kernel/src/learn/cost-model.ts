import { checkNumber } from '../options.ts'
import { KeyModel, type Prior } from './key-model.ts'
import { isRecord } from './record.ts'

/** What a {@link CostModel} believes before it has seen anything. */
export interface CostModelOptions {
  /** Cost of an item: `baseMs + msPerUnit × size`. */
  readonly prior: Prior
}

/** The first samples of a key all go to the model of all keys; … */
const ALL_HEARD_UNTIL = 64
/** … later one in so many: a frequent key has little to add to what keys have in common. */
const HEARD_EVERY = 8

/**
 * Learns what an item costs from its key (a language, a kind) and its size.
 *
 * A prediction is above 0 and grows with size. A key never seen is predicted from all keys together, and begins with
 * what those have taught. Once a key has a hundred samples, one that is a hundredfold off moves its predictions by a
 * few percent, and those of usual sizes never twofold.
 *
 * `observe` and `predict` are O(1) and make no object for a known key; the numbers that V8 boxes between them come to some 60
 * and 16 bytes (`bench/kernel/cost-model.bench.ts`). Memory is per key: keys are kinds, not items.
 */
export class CostModel {
  readonly #prior: Prior
  #all: KeyModel
  readonly #keys = new Map<string, KeyModel>()
  readonly #sample = new Float64Array(2)

  constructor(options: CostModelOptions) {
    const { baseMs, msPerUnit } = options.prior
    this.#prior = {
      baseMs: checkNumber('CostModel', 'prior.baseMs', baseMs, { above: 0 }),
      msPerUnit: checkNumber('CostModel', 'prior.msPerUnit', msPerUnit, { above: 0 }),
    }
    this.#all = new KeyModel(this.#prior)
  }

  /** Learns that an item took `ms`. A size or time that is negative or not finite is ignored. */
  observe(key: string, size: number, ms: number): void {
    if (!(size >= 0 && ms >= 0 && Number.isFinite(size) && Number.isFinite(ms))) return
    let model = this.#keys.get(key)
    if (model === undefined) {
      model = new KeyModel(this.#all.belief)
      this.#keys.set(key, model)
    }
    this.#sample[0] = size
    this.#sample[1] = ms
    model.observe(this.#sample)
    // PERF: a second model would double the cost; bench/kernel/cost-model.bench.ts.
    if (model.count <= ALL_HEARD_UNTIL || model.count % HEARD_EVERY === 0) this.#all.observe(this.#sample)
  }

  /** The expected time of an item, in ms. A size that is negative or NaN counts as 0. */
  predict(key: string, size: number): number {
    return this.#modelOf(key).predict(Math.max(0, size || 0))
  }

  /** The time within which 95 of 100 such items end, in ms, never below the expected one. */
  predictHigh(key: string, size: number): number {
    return this.#modelOf(key).predictHigh(Math.max(0, size || 0))
  }

  /** What was learned, as plain data for {@link CostModel.from}. */
  toJSON(): Record<string, unknown> {
    const keys: Record<string, unknown> = Object.create(null)
    for (const [key, model] of this.#keys) keys[key] = model.toJSON()
    return { version: 1, prior: this.#prior, all: this.#all.toJSON(), keys }
  }

  /**
   * The model that `toJSON` described. Never throws on `json`: what of it is corrupt, of
   * another version, or learned on another prior, starts fresh.
   */
  static from(json: unknown, options: CostModelOptions): CostModel {
    const model = new CostModel(options)
    if (!isRecord(json) || json.version !== 1 || !isRecord(json.prior) || !isRecord(json.keys)) return model
    if (json.prior.baseMs !== model.#prior.baseMs || json.prior.msPerUnit !== model.#prior.msPerUnit) return model
    model.#all = KeyModel.from(json.all) ?? model.#all
    for (const [key, value] of Object.entries(json.keys)) {
      const known = KeyModel.from(value)
      if (known !== undefined) model.#keys.set(key, known)
    }
    return model
  }

  #modelOf(key: string): KeyModel {
    return this.#keys.get(key) ?? this.#all
  }
}
