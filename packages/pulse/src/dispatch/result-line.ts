import type { Verdict } from '../checks/check.ts'

/** So many results are applied between two looks at the clock. */
const RESULT_BATCH = 100
/** Results are applied for so long, in ms, before others have their turn. */
const SLICE_MS = 4

export interface ResultLineOptions {
  /** At most so many wait: as many as checks can be under way. */
  readonly max: number
  /** For durations, in ms. */
  readonly now: () => number
  /** Runs a callback soon, in a turn of its own. */
  readonly defer: (callback: () => void) => void
  readonly apply: (
    monitor: number,
    generation: number,
    verdict: Verdict,
    latencyMs: number,
    reason: string | undefined,
  ) => void
}

/**
 * Results on their way to their monitors, in the order in which the checks ended, applied in batches.
 *
 * PERF: columns of a ring, so that a result is no object; a timer for many of them; bench/pulse/engine.bench.ts.
 */
export class ResultLine {
  readonly #options: ResultLineOptions
  readonly #monitors: Int32Array
  readonly #generations: Uint32Array
  readonly #verdicts: Uint8Array
  readonly #latencies: Float32Array
  readonly #reasons: (string | undefined)[]
  readonly #mask: number
  #head = 0
  #tail = 0
  #isDeferred = false

  constructor(options: ResultLineOptions) {
    this.#options = options
    const capacity = 2 ** Math.ceil(Math.log2(Math.max(2, options.max)))
    this.#monitors = new Int32Array(capacity)
    this.#generations = new Uint32Array(capacity)
    this.#verdicts = new Uint8Array(capacity)
    this.#latencies = new Float32Array(capacity)
    this.#reasons = Array.from({ length: capacity })
    this.#mask = capacity - 1
  }

  /** Results that wait. */
  get size(): number {
    return this.#tail - this.#head
  }

  push(monitor: number, generation: number, verdict: Verdict, latencyMs: number, reason: string | undefined): void {
    // It can only be full if results come faster than checks may begin: then the oldest are applied now.
    if (this.size > this.#mask) this.#applyBatch()
    const at = this.#tail++ & this.#mask
    this.#monitors[at] = monitor
    this.#generations[at] = generation
    this.#verdicts[at] = verdict
    this.#latencies[at] = latencyMs
    this.#reasons[at] = reason
    if (this.#isDeferred) return
    this.#isDeferred = true
    this.#options.defer(this.#onTurn)
  }

  /** Applies all that wait. */
  flush(): void {
    while (this.size > 0) this.#applyBatch()
  }

  /** A turn is as long as others make it: were it for one batch only, long turns would let results pile up. */
  readonly #onTurn = () => {
    this.#isDeferred = false
    const { now, defer } = this.#options
    const end = now() + SLICE_MS
    do this.#applyBatch()
    while (this.size > 0 && now() < end)
    if (this.size === 0 || this.#isDeferred) return
    this.#isDeferred = true
    defer(this.#onTurn)
  }

  #applyBatch(): void {
    const count = Math.min(RESULT_BATCH, this.size)
    const { apply } = this.#options
    for (let index = 0; index < count; index++) {
      const at = this.#head++ & this.#mask
      const reason = this.#reasons[at]
      this.#reasons[at] = undefined
      apply(this.#monitors[at]!, this.#generations[at]!, this.#verdicts[at] as Verdict, this.#latencies[at]!, reason)
    }
  }
}
