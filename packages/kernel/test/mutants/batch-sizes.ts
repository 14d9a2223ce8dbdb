import { type BatchSample, BatchSize, type BatchSizeOptions } from '../../src/learn/batch-size.ts'
import { Regression } from '../../src/learn/regression.ts'
import type { Shape } from '../property.ts'

const clamp = (size: number, { min, max }: BatchSizeOptions) => Math.max(min, Math.min(max, Math.floor(size)))

/** One mean of ms an item: knows of no fixed part, and remembers for good. */
export class MeanBatchSize implements Shape<BatchSize> {
  readonly #options: BatchSizeOptions
  #ms = 0
  #items = 0

  constructor(options: BatchSizeOptions) {
    this.#options = options
  }

  get size(): number {
    const { initial, latencyMs } = this.#options
    return this.#items === 0 ? initial : clamp((latencyMs * this.#items) / this.#ms, this.#options)
  }

  get learned() {
    return { size: this.size, fixedMs: 0, perItemMs: this.#ms / this.#items, isTrusted: true }
  }

  observe({ items, ms }: BatchSample): void {
    this.#ms += ms
    this.#items += items
  }
}

/** Least squares, and nothing else: no deadband, and an outlier counts in full. */
export class JumpyBatchSize implements Shape<BatchSize> {
  readonly #options: BatchSizeOptions
  readonly #fit = new Regression({ dimension: 2, forgetting: 0.95, initialVariance: 1000 })
  #size: number

  constructor(options: BatchSizeOptions) {
    this.#options = options
    this.#size = options.initial
  }

  get size(): number {
    return this.#size
  }

  get learned() {
    const [fixedMs = 0, perItemMs = 0] = this.#fit.coefficients
    return { size: this.#size, fixedMs, perItemMs, isTrusted: true }
  }

  observe({ items, ms }: BatchSample): void {
    this.#fit.observe(Float64Array.of(1, items, ms))
    const { fixedMs, perItemMs } = this.learned
    const aim = perItemMs > 0 ? (0.8 * this.#options.latencyMs - fixedMs) / perItemMs : 2 * items
    this.#size = clamp(Math.min(aim, 2 * items), this.#options)
  }
}

/** Up by a share while within the objective, down by it above (AIMD): what the specification describes. */
export class GropingBatchSize implements Shape<BatchSize> {
  readonly #options: BatchSizeOptions
  #size: number

  constructor(options: BatchSizeOptions) {
    this.#options = options
    this.#size = options.initial
  }

  get size(): number {
    return this.#size
  }

  get learned() {
    return { size: this.#size, fixedMs: 0, perItemMs: 0, isTrusted: false }
  }

  observe({ ms }: BatchSample): void {
    this.#size = clamp(this.#size * (ms > this.#options.latencyMs ? 0.85 : 1.15), this.#options)
  }
}

/** Grows though batches do not fill. */
export class SwellingBatchSize extends BatchSize {
  override observe(sample: BatchSample): void {
    super.observe({ ...sample, isFull: true })
  }
}

/** Does not hear of timeouts and failures. */
export class DeafBatchSize extends BatchSize {
  override observe(sample: BatchSample): void {
    super.observe({ ...sample, isTimeout: false, failures: 0 })
  }
}
