import type { Budget } from '@millrace/kernel/execute/budget'
import { CostModel } from '@millrace/kernel/learn/cost-model'
import type { DeliveryKind } from '../queue/job.ts'

/** What is believed of a delivery before one was seen, by the points of its result. */
const PRIOR = { baseMs: 0.02, msPerUnit: 0.0002 }
/** Deliveries of a kind that are each timed by themselves, before several are timed together, … */
const FEW = 8
/** … that take no longer, in ms, and are no more. */
const GROUP_MS = 0.2
const GROUP = 8
/** The points of ten fragments or so, those of all rings. */
const USUAL = 200

/**
 * Learns what delivering takes, by kind and size, and spends a frame's budget by it.
 *
 * The clock is read once for a group of small deliveries. What a group has taken counts for its members in proportion to what was expected of them.
 */
export class DeliveryCosts {
  readonly #budget: Budget
  readonly #model = new CostModel({ prior: PRIOR })
  readonly #seen = new Map<DeliveryKind, number>()
  readonly #kinds: DeliveryKind[] = []
  readonly #sizes = new Float64Array(GROUP)
  readonly #planned = new Float64Array(GROUP)
  #plannedMs = 0
  /** Those of this frame that are told in chunks, at its end. */
  #streamed = 0
  #streamedSize = 0

  constructor(budget: Budget) {
    this.#budget = budget
  }

  /** What delivering a result of 200 points takes, in ms. */
  get learned(): Readonly<Record<DeliveryKind, number>> {
    const ms = (kind: DeliveryKind) => this.#model.predict(kind, USUAL)
    return { listener: ms('listener'), adapter: ms('adapter'), stream: ms('stream') }
  }

  predict(kind: DeliveryKind, size: number): number {
    return this.#model.predict(kind, size)
  }

  /** A delivery begins that will take so much. */
  begin(kind: DeliveryKind, size: number, ms: number): void {
    const index = this.#kinds.length
    this.#kinds.push(kind)
    this.#sizes[index] = size
    this.#planned[index] = ms
    this.#plannedMs += ms
    this.#budget.plan(ms)
  }

  /** It has ended; the clock is read when it is due. */
  end(kind: DeliveryKind): void {
    const seen = (this.#seen.get(kind) ?? 0) + 1
    this.#seen.set(kind, seen)
    if (seen <= FEW || this.#plannedMs >= GROUP_MS || this.#kinds.length === GROUP) this.settle()
  }

  /** Reads the clock, and learns from what was done since it was read before. */
  settle(): void {
    const count = this.#kinds.length
    if (count === 0) return
    const ratio = this.#budget.lap() / this.#plannedMs
    for (let index = 0; index < count; index++)
      this.#learn(this.#kinds[index]!, this.#sizes[index]!, this.#planned[index]! * ratio)
    this.#kinds.length = 0
    this.#plannedMs = 0
  }

  /** Learns what the chunks of a frame have taken: the clock was read before them. */
  settleStreams(): void {
    if (this.#streamed === 0) return
    const ms = this.#budget.lap() / this.#streamed
    this.#model.observe('stream', this.#streamedSize / this.#streamed, ms)
    this.#streamed = 0
    this.#streamedSize = 0
  }

  #learn(kind: DeliveryKind, size: number, ms: number): void {
    if (kind === 'stream') {
      this.#streamed++
      this.#streamedSize += size
    } else this.#model.observe(kind, size, ms)
  }
}
