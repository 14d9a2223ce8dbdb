import { MillraceError } from '../errors.ts'
import { checkInteger } from '../options.ts'
import { Ring } from '../queue/ring.ts'

/** What a {@link Stream} holds and gives. */
export interface StreamOptions {
  /** Most items held that nobody took, at least 1. @default 1024 */
  readonly maxItems?: number
  /** Most items in a chunk, at least 1. @default 256 */
  readonly maxChunk?: number
  /** Called once when the consumer ends the stream before its time, with the items held dropped. */
  readonly onReturn?: () => void
}

/** A consumer that waits for its chunk. */
interface Puller<T> {
  readonly resolve: (result: IteratorResult<T[], undefined>) => void
  readonly reject: (reason: unknown) => void
}

const DONE: IteratorResult<never, undefined> = { done: true, value: undefined }

/**
 * Items pushed on one side, iterated on the other in chunks: whatever was ready together, up to `maxChunk`.
 *
 * First in, first out; every item pushed is given once, unless the consumer ends the stream. What is pushed in one go
 * reaches a consumer that waits as one chunk. One promise is made a chunk; an item costs no more than its place in the
 * array that is given.
 *
 * Backpressure both ways: the consumer pulls, and a stream of `maxItems` takes no more until it did. Ends by `close` or
 * `fail`, after what was pushed, or by the consumer's `return` at once.
 */
export class Stream<T> implements AsyncIterableIterator<T[], undefined>, AsyncDisposable {
  readonly #maxItems: number
  readonly #maxChunk: number
  readonly #onReturn: (() => void) | undefined
  /** All but the last are full. They are given as they are: an item is written once, and never copied. */
  readonly #chunks = new Ring<T[]>()
  readonly #pullers = new Ring<Puller<T>>()
  #size = 0
  #state: 'open' | 'closed' | 'returned' = 'open'
  #failure: { readonly reason: unknown } | undefined
  #room: PromiseWithResolvers<boolean> | undefined
  #willGive = false
  readonly #give = () => this.#giveAll()

  constructor(options: StreamOptions = {}) {
    this.#maxItems = checkInteger('Stream', 'maxItems', options.maxItems ?? 1024, { min: 1 })
    this.#maxChunk = checkInteger('Stream', 'maxChunk', options.maxChunk ?? 256, { min: 1 })
    this.#onReturn = options.onReturn
  }

  /** Items held. */
  get size(): number {
    return this.#size
  }

  /** Items that `push` would take now: 0 too when the stream is over. */
  get room(): number {
    return this.#state === 'open' ? this.#maxItems - this.#size : 0
  }

  /** Whether the consumer has ended the stream: nothing will be taken any more. */
  get returned(): boolean {
    return this.#state === 'returned'
  }

  /**
   * Takes `item` and returns true, or returns false when the stream is full or the consumer has ended it. O(1).
   * @throws {MillraceError} `STREAM_CLOSED` after `close` or `fail`.
   */
  push(item: T): boolean {
    if (this.#state === 'closed') {
      throw new MillraceError('STREAM_CLOSED', 'Stream: closed, nothing more is taken; push before close() or fail()')
    }
    if (this.room === 0) return false
    const last = this.#chunks.at(-1)
    if (last === undefined || last.length === this.#maxChunk) this.#chunks.push([item])
    else last.push(item)
    this.#size++
    if (this.#pullers.size > 0) this.#giveSoon()
    return true
  }

  /**
   * Resolves with true when there is room, or with false when the stream is over. All who wait share one promise, so
   * look again.
   */
  whenRoom(): Promise<boolean> {
    if (this.room > 0 || this.#state !== 'open') return Promise.resolve(this.room > 0)
    this.#room ??= Promise.withResolvers()
    return this.#room.promise
  }

  /** Ends the stream once all that was pushed is given. Idempotent; does nothing when it is over. */
  close(): void {
    this.#end('closed')
    if (this.#pullers.size > 0) this.#giveSoon()
  }

  /** Like {@link Stream.close}, but the end is `reason`, thrown once to the consumer. */
  fail(reason: unknown): void {
    if (this.#state === 'open') this.#failure = { reason }
    this.close()
  }

  /** The next chunk, of one item or more. Calls that wait are answered in their order. */
  next(): Promise<IteratorResult<T[], undefined>> {
    if (this.#pullers.size === 0 && this.#canGive()) {
      return new Promise((resolve, reject) => this.#giveOne({ resolve, reject }))
    }
    return new Promise((resolve, reject) => this.#pullers.push({ resolve, reject }))
  }

  /** Ends the stream at once, from the consumer's side: drops the items held and tells the producer. Idempotent. */
  async return(): Promise<IteratorResult<T[], undefined>> {
    const early = this.#state === 'open' || this.#size > 0 || this.#failure !== undefined
    this.#chunks.clear()
    this.#size = 0
    this.#failure = undefined
    this.#end('returned')
    this.#giveAll()
    if (early) this.#onReturn?.()
    return DONE
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }

  #end(state: 'closed' | 'returned'): void {
    if (this.#state === 'returned') return
    this.#state = state
    this.#room?.resolve(false)
    this.#room = undefined
  }

  #canGive(): boolean {
    return this.#size > 0 || this.#state !== 'open'
  }

  /** Not at once: what is pushed in the same go belongs into the same chunk. */
  #giveSoon(): void {
    if (this.#willGive) return
    this.#willGive = true
    queueMicrotask(this.#give)
  }

  #giveAll(): void {
    this.#willGive = false
    while (this.#pullers.size > 0 && this.#canGive()) this.#giveOne(this.#pullers.shift()!)
  }

  #giveOne({ resolve, reject }: Puller<T>): void {
    const chunk = this.#chunks.shift()
    if (chunk !== undefined) {
      this.#size -= chunk.length
      resolve({ done: false, value: chunk })
      this.#room?.resolve(true)
      this.#room = undefined
    } else if (this.#failure !== undefined) {
      const { reason } = this.#failure
      this.#failure = undefined
      reject(reason)
    } else resolve(DONE)
  }
}
