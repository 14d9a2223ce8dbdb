import { Stream } from '@millrace/kernel/deliver/stream'
import { MillraceError } from '@millrace/kernel/errors'
import { checkInteger } from '@millrace/kernel/options'
import { Ring } from '@millrace/kernel/queue/ring'
import { Signal } from '@millrace/kernel/signal'
import { tell } from '@millrace/kernel/tell'
import { checkFunction } from '../check-function.ts'
import type { CheckedParams } from '../patterns/check-params.ts'
import type { FractureParams } from '../patterns/fracture-params.ts'
import type { PolygonInput } from '../polygon/polygon.ts'
import type { Job, JobCaller } from '../queue/job.ts'
import type { FractureResult } from '../result/fracture-result.ts'

/** Jobs of a stream that are under way at once: enough for any number of workers, and no other's room. */
const AHEAD = 256

export interface FractureStreamOptions {
  /** Most polygons pushed whose results were not taken, 1 to 2^24. @default 10,000 */
  readonly maxItems?: number
  /** 0 to 10: the greater, the more urgent. @default 5 */
  readonly priority?: number
  /** Ends the stream: the iteration ends with the signal's reason. */
  readonly signal?: AbortSignal
  /** Hears of a polygon that could not be fractured, by its number; the stream goes on. @default the first ends the stream */
  readonly onError?: (error: unknown, index: number) => void
}

/** One result of a stream. */
export interface StreamResult {
  /** The number of its polygon among those pushed, from 0. */
  readonly index: number
  readonly result: FractureResult
}

/** What a stream needs of its processor. */
export interface StreamPort {
  /** Whether there is room for a job. */
  readonly hasRoom: () => boolean
  /** @throws {MillraceError} as `submitFracture`. */
  readonly take: (polygon: PolygonInput, params: FractureParams | CheckedParams | undefined, caller: JobCaller) => Job
  readonly cancel: (job: Job, reason: unknown) => void
  /** Something is to be done in the next frame. */
  readonly wake: () => void
  readonly onEnd: (stream: FractureStream) => void
}

interface Item {
  readonly index: number
  readonly polygon: PolygonInput
  readonly params: FractureParams | CheckedParams | undefined
}

/**
 * Polygons pushed on one side, results on the other in chunks: those of a frame together, as they are delivered, each with the number of its polygon.
 *
 * `resultsReady` tells of them within frames; what no listener heard waits for the iteration. Each polygon gives one result, unless it cannot be fractured.
 */
export class FractureStream implements AsyncIterable<readonly StreamResult[]>, AsyncDisposable {
  readonly resultsReady = new Signal<readonly StreamResult[]>()
  readonly #port: StreamPort
  readonly #options: FractureStreamOptions
  readonly #maxItems: number
  readonly #backlog = new Ring<Item>()
  readonly #jobs = new Set<Job>()
  readonly #results: Stream<StreamResult>
  #chunk: StreamResult[] = []
  #pushed = 0
  #isStarted = false
  #isClosed = false
  #isOver = false
  #room: PromiseWithResolvers<boolean> | undefined
  readonly #abort = () => this.cancel(this.#options.signal?.reason)

  constructor(options: FractureStreamOptions, port: StreamPort) {
    const { maxItems = 10_000, signal, onError } = options
    checkFunction('FractureStream', 'onError', onError)
    this.#maxItems = checkInteger('FractureStream', 'maxItems', maxItems, { min: 1, max: 2 ** 24 })
    this.#options = options
    this.#port = port
    this.#results = new Stream({ maxItems: this.#maxItems, maxChunk: this.#maxItems, onReturn: () => this.cancel() })
    if (signal?.aborted) this.#abort()
    else signal?.addEventListener('abort', this.#abort)
  }

  /** Whether nothing more comes of it. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Polygons pushed whose results were neither told nor taken. */
  get pending(): number {
    return this.#backlog.size + this.#jobs.size + this.#chunk.length + this.#results.size
  }

  /** Whether polygons wait that are no jobs yet. */
  get isDue(): boolean {
    return (this.#isStarted && this.#backlog.size > 0) || this.#chunk.length > 0
  }

  /**
   * Takes a polygon and returns true, or returns false when the stream is full or over. It is read when its turn comes: leave it as it is until its result
   * has come.
   * @throws {MillraceError} `STREAM_CLOSED` after `close`.
   */
  push(polygon: PolygonInput, params?: FractureParams | CheckedParams): boolean {
    if (this.#isClosed)
      throw new MillraceError('STREAM_CLOSED', 'FractureStream: closed, takes no more; push before close()')
    if (this.#isOver || this.pending >= this.#maxItems) return false
    this.#backlog.push({ index: this.#pushed++, polygon, params })
    if (this.#isStarted) this.#feed()
    return true
  }

  /** Begins with what was pushed; what is pushed from now on is begun at once. To iterate starts it too. Idempotent. */
  start(): void {
    if (this.#isStarted) return
    this.#isStarted = true
    this.#feed()
    this.#endWhenDone()
  }

  /** Resolves with true when `push` may take a polygon, or with false when the stream is over. All who wait share one promise. */
  whenRoom(): Promise<boolean> {
    if (this.#isOver || this.#isClosed) return Promise.resolve(false)
    if (this.pending < this.#maxItems) return Promise.resolve(true)
    this.#room ??= Promise.withResolvers()
    return this.#room.promise
  }

  /** No more polygons come: the stream ends after the results of those pushed. Idempotent. */
  close(): void {
    this.#isClosed = true
    this.#tellRoom()
    if (this.#isStarted) this.#endWhenDone()
  }

  /** Ends the stream at once: what is left is cancelled, and the iteration ends, with `reason` where one is given. */
  cancel(reason?: unknown): void {
    if (this.#isOver) return
    if (reason === undefined) this.#results.close()
    else this.#results.fail(reason)
    this.#end()
  }

  /** The results in chunks, from now on. Ending the iteration cancels what is left. */
  [Symbol.asyncIterator](): AsyncIterator<readonly StreamResult[], undefined> {
    this.start()
    return {
      next: async () => {
        const next = await this.#results.next()
        this.#tellRoom()
        return next
      },
      return: () => this.#results.return(),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cancel()
  }

  /** For the processor, within each frame: tells of the results that came in it, and goes on with what is left. Returns how many results. */
  turn(): number {
    const chunk = this.#chunk
    this.#chunk = []
    if (chunk.length > 0) {
      if (this.resultsReady.size > 0) tell(this.resultsReady, chunk)
      else for (const result of chunk) this.#results.push(result)
    }
    this.#feed()
    this.#tellRoom()
    this.#endWhenDone()
    return chunk.length
  }

  #feed(): void {
    while (!this.#isOver && this.#isStarted && this.#jobs.size < AHEAD && this.#port.hasRoom()) {
      const item = this.#backlog.shift()
      if (item === undefined) return
      this.#take(item)
    }
    if (this.isDue) this.#port.wake()
  }

  #take({ index, polygon, params }: Item): void {
    let job: Job | undefined
    const leave = () => {
      if (job !== undefined) this.#jobs.delete(job)
      return !this.#isOver
    }
    try {
      job = this.#port.take(polygon, params, {
        kind: 'stream',
        completed: (result) => {
          if (leave()) this.#chunk.push({ index, result })
        },
        failed: (error) => {
          if (leave()) this.#fail(error, index)
        },
        cancelled: (reason) => {
          if (leave()) this.#fail(reason, index)
        },
      })
      this.#jobs.add(job)
    } catch (error) {
      this.#fail(error, index)
    }
  }

  #fail(error: unknown, index: number): void {
    const { onError } = this.#options
    if (onError === undefined) this.cancel(error)
    else {
      // What it throws is its own, an uncaught error.
      queueMicrotask(() => onError(error, index))
      this.#port.wake()
    }
  }

  #tellRoom(): void {
    if (this.#room === undefined) return
    const isOpen = !this.#isOver && !this.#isClosed
    if (isOpen && this.pending >= this.#maxItems) return
    this.#room.resolve(isOpen)
    this.#room = undefined
  }

  #endWhenDone(): void {
    if (!this.#isClosed || this.#isOver || this.#backlog.size + this.#jobs.size + this.#chunk.length > 0) return
    this.#results.close()
    this.#end()
  }

  #end(): void {
    this.#isOver = true
    this.#options.signal?.removeEventListener('abort', this.#abort)
    this.#backlog.clear()
    this.#chunk = []
    const jobs = [...this.#jobs]
    this.#jobs.clear()
    for (const job of jobs) this.#port.cancel(job, undefined)
    this.#tellRoom()
    this.#port.onEnd(this)
  }
}
