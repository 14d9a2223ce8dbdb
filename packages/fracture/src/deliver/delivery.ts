import type { Budget } from '@millrace/kernel/execute/budget'
import { Lanes } from '@millrace/kernel/queue/lanes'
import { DeliveryCosts } from '../learn/delivery-costs.ts'
import type { DeliveryKind, Job } from '../queue/job.ts'
import { DeliveryLine } from './delivery-line.ts'

export interface DeliveryOptions {
  readonly lanes: number
  readonly ageMs: number
  readonly maxHoldFrames: number
  readonly budget: Budget
  readonly onDelivery: (job: Job) => void
}

/**
 * Results on their way to who waits for them: a line for each priority, which keeps their order, and from these, the more urgent first, as many a
 * frame as fit its budget, at least one.
 */
export class Delivery {
  readonly #options: DeliveryOptions
  readonly #lines: DeliveryLine[]
  readonly #released: Lanes<Job>
  readonly #costs: DeliveryCosts
  /** Ready, and not delivered. */
  #ready = 0

  constructor(options: DeliveryOptions) {
    this.#options = options
    this.#lines = Array.from({ length: options.lanes }, () => new DeliveryLine(options.maxHoldFrames))
    this.#released = new Lanes(options)
    this.#costs = new DeliveryCosts(options.budget)
  }

  /** Results that wait. */
  get ready(): number {
    return this.#ready
  }

  get costs(): DeliveryCosts {
    return this.#costs
  }

  /** A job was accepted. */
  expect(job: Job): void {
    this.#lines[job.lane]!.push(job)
  }

  /** A job that was accepted got ready, in frame `job.readyIn`. */
  add(job: Job): void {
    this.#ready++
    this.#lines[job.lane]!.ready(job)
  }

  /** A job that was ready is over. */
  leave(job: Job): void {
    this.#ready--
    if (job.handle >= 0) this.#released.cancel(job.handle)
  }

  /**
   * Delivers what is due in `frame` as far as it fits, at most `most` results, and returns how many: one at least, whatever it takes, unless the frame `hasDelivered`.
   * What failed is told of beside them: of a queue that is too full more is dropped each frame than results fit one.
   */
  deliver(frame: number, most: number, hasDelivered = false): number {
    this.#release(frame)
    const { budget, onDelivery } = this.#options
    let delivered = 0
    let isFirst = !hasDelivered
    for (let job = this.#released.peek(); job !== undefined; job = this.#released.peek()) {
      const isResult = job.packed !== undefined
      if (isResult && delivered >= most) break
      const kind: DeliveryKind = job.caller?.kind ?? 'listener'
      const size = sizeOf(job)
      const ms = this.#costs.predict(kind, size)
      if (ms > budget.leftMs && !isFirst) break
      isFirst = false
      this.leave(job)
      this.#costs.begin(kind, size, ms)
      onDelivery(job)
      this.#costs.end(kind)
      if (isResult) delivered++
    }
    this.#costs.settle()
    return delivered
  }

  /** O(results). Jobs that are over leave the lines even where nothing is ready. */
  #release(frame: number): void {
    const now = this.#options.budget.readAt
    for (const line of this.#lines) {
      for (let job = line.shift(frame); job !== undefined; job = line.shift(frame)) {
        job.handle = this.#released.push(job, job.lane, now)
      }
    }
  }
}

/** The points of a result, about. */
function sizeOf({ packed }: Job): number {
  return packed === undefined ? 0 : packed.numbers.length / 2
}
