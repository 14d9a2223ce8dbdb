import { Reorder } from '@millrace/kernel/deliver/reorder'
import { Stream } from '@millrace/kernel/deliver/stream'
import { MillraceError } from '@millrace/kernel/errors'
import { Ring } from '@millrace/kernel/queue/ring'
import { Job, type JobSink } from '../dispatch/job.ts'
import { callUser } from './call-user.ts'

export interface PoolStreamOptions {
  /** Whether results come in the order of the inputs. @default false */
  readonly ordered?: boolean
  /** Most items pushed whose results were not taken, 1 to 2^24. @default 4096 */
  readonly maxItems?: number
  /** Most results in a chunk, at least 1. @default 256 */
  readonly maxChunk?: number
  /** @default the middle one */
  readonly priority?: number
  /** Ends the stream: its results end with the signal's reason. */
  readonly signal?: AbortSignal
  /** Hears of a task that failed, by the number of its input; the stream goes on. @default the first ends the stream */
  readonly onError?: (error: unknown, index: number) => void
}

/** What a stream needs of its pool. */
export interface StreamPort {
  readonly accept: (job: Job) => void
  /** Adds an input to a job; false when it needs one of its own. */
  readonly extend: (job: Job, input: unknown) => boolean
  readonly cancel: (job: Job, error: unknown) => void
  /** The stream is over. */
  readonly onEnd: (stream: object) => void
}

/**
 * Inputs pushed on one side, results iterated on the other in chunks: whatever was ready together.
 *
 * Each input gives one result, unless its task fails. Backpressure both ways: once `maxItems` were pushed whose results
 * nobody took, `push` refuses. One promise is made a chunk, none an item.
 */
export class PoolStream<I, O> implements JobSink {
  /** The results: as they come, or in the order of the inputs. Ending the iteration cancels what is left. */
  readonly results: AsyncIterableIterator<O[], undefined> & AsyncDisposable
  readonly #name: string
  readonly #lane: number
  readonly #maxItems: number
  readonly #options: PoolStreamOptions
  readonly #port: StreamPort
  readonly #reorder: Reorder<O> | undefined
  readonly #ready: Stream<O>
  /** Those that may not be settled, oldest first: the inputs of a turn each, and the last one may grow. */
  readonly #jobs = new Ring<Job>()
  #last: Job | undefined
  #sequence = 0
  #pending = 0
  #state: 'open' | 'closing' | 'over' = 'open'
  /** Why `push` takes no more, once it was closed. */
  #closed: MillraceError | undefined
  #room: PromiseWithResolvers<boolean> | undefined
  readonly #abort = () => this.fail(this.#options.signal?.reason)

  constructor(name: string, lane: number, options: PoolStreamOptions, port: StreamPort) {
    const { maxItems = 4096, maxChunk = 256, ordered = false, signal } = options
    this.#ready = new Stream({ maxItems, maxChunk, onReturn: () => this.#end() })
    this.#reorder = ordered ? new Reorder({ window: maxItems }) : undefined
    this.#name = name
    this.#lane = lane
    this.#maxItems = maxItems
    this.#options = options
    this.#port = port
    this.results = {
      next: () => this.#next(),
      return: () => this.#ready.return(),
      [Symbol.asyncIterator]() {
        return this
      },
      [Symbol.asyncDispose]: () => this.#ready[Symbol.asyncDispose](),
    }
    if (signal?.aborted) this.#abort()
    else signal?.addEventListener('abort', this.#abort)
  }

  /** Whether nothing comes of it any more. */
  get isOver(): boolean {
    return this.#state === 'over'
  }

  /** How many inputs `push` would take now. */
  get room(): number {
    const isTaken = this.#state === 'open' && this.#reorder?.accepts(this.#sequence) !== false
    return isTaken ? this.#maxItems - this.#held : 0
  }

  /**
   * Takes an input and returns true, or returns false when the stream is full or over. The input must stay as it is
   * until its result has come. O(1).
   * @throws {MillraceError} `STREAM_CLOSED` after `close`; `POOL_CLOSED` after that of the pool.
   */
  push(input: I): boolean {
    if (this.#closed !== undefined) throw this.#closed
    if (this.room === 0) return false
    this.#pending++
    if (this.#last === undefined || !this.#port.extend(this.#last, input)) this.#begin(input)
    this.#sequence++
    return true
  }

  /** Resolves with true when `push` may take an input, or with false when the stream is over. */
  whenRoom(): Promise<boolean> {
    if (this.room > 0 || this.#state !== 'open') return Promise.resolve(this.room > 0)
    this.#room ??= Promise.withResolvers()
    return this.#room.promise
  }

  /** No more inputs come: the results end after those of what was pushed. Idempotent. */
  close(): void {
    this.closeFor(
      new MillraceError('STREAM_CLOSED', `the stream of ${JSON.stringify(this.#name)} is closed; push before close()`),
    )
  }

  /** For the pool: closes it, and says why to who pushes all the same. */
  closeFor(why: MillraceError): void {
    if (this.#state !== 'open') return
    this.#closed = why
    this.#state = 'closing'
    this.#tellRoom(false)
    this.#endWhenDone()
  }

  /** Ends the stream: what is under way is cancelled, and the results end with `reason`. */
  fail(reason: unknown): void {
    if (this.#state === 'over') return
    this.#ready.fail(reason)
    this.#end()
  }

  /** For the dispatcher. */
  done(output: unknown, sequence: number): void {
    if (this.#state === 'over') return
    this.#pending--
    if (this.#reorder === undefined) this.#ready.push(output as O)
    else {
      this.#reorder.put(sequence, output as O)
      this.#giveOrdered(this.#reorder)
    }
    this.#endWhenDone()
  }

  /** For the dispatcher. */
  failed(error: unknown, sequence: number): void {
    if (this.#state === 'over') return
    this.#pending--
    const { onError } = this.#options
    if (onError === undefined) {
      this.fail(error)
      return
    }
    if (this.#reorder !== undefined) {
      this.#reorder.skip(sequence)
      this.#giveOrdered(this.#reorder)
    }
    this.#tellRoom(true)
    this.#endWhenDone()
    callUser(() => onError(error, sequence))
  }

  get #held(): number {
    return this.#pending + this.#ready.size + (this.#reorder?.size ?? 0)
  }

  async #next(): Promise<IteratorResult<O[], undefined>> {
    const result = await this.#ready.next()
    this.#tellRoom(true)
    return result
  }

  #giveOrdered(reorder: Reorder<O>): void {
    while (reorder.ready) this.#ready.push(reorder.shift() as O)
  }

  #begin(input: I): void {
    while (this.#jobs.peek()?.state === 'settled') this.#jobs.shift()
    const job = new Job(this.#name, input, this.#lane, this, this.#sequence)
    this.#jobs.push(job)
    this.#last = job
    this.#port.accept(job)
  }

  #tellRoom(isOpen: boolean): void {
    if (this.#room === undefined || (isOpen && this.room === 0)) return
    this.#room.resolve(isOpen)
    this.#room = undefined
  }

  #endWhenDone(): void {
    if (this.#state !== 'closing' || this.#pending > 0) return
    this.#ready.close()
    this.#end()
  }

  #end(): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#options.signal?.removeEventListener('abort', this.#abort)
    this.#tellRoom(false)
    for (let job = this.#jobs.shift(); job !== undefined; job = this.#jobs.shift()) this.#port.cancel(job, undefined)
    this.#port.onEnd(this)
  }
}
