import { Batcher, type BatcherOptions, type BatchTrigger, type TakenBatch } from '../../src/batch/batcher.ts'

/** The age counts from the last item: under steady traffic a batch waits until it is full. */
export class DebouncingBatcher<T> extends Batcher<T> {
  readonly #maxAgeMs: number
  #lastAt = 0

  constructor(options: BatcherOptions) {
    super(options)
    this.#maxAgeMs = options.maxAgeMs ?? Number.POSITIVE_INFINITY
  }

  override get dueAt(): number {
    return this.size === 0 ? Number.POSITIVE_INFINITY : this.#lastAt + this.#maxAgeMs
  }

  override add(item: T, bytes: number, now: number): boolean {
    const isAdded = super.add(item, bytes, now)
    if (isAdded) this.#lastAt = now
    return isAdded
  }
}

/** An item refused for its bytes is forgotten: it waits for a batch that does not leave. */
export class ForgetfulBatcher<T> extends Batcher<T> {
  override trigger(now: number, isIdle: boolean): BatchTrigger | undefined {
    const trigger = super.trigger(now, isIdle)
    return trigger === 'bytes' ? undefined : trigger
  }
}

/** A batch handed back keeps what was in it. */
export class RetentiveBatcher<T> extends Batcher<T> {
  override recycle(batch: TakenBatch<T>): void {
    super.recycle({ ...batch, count: 0 })
  }
}
