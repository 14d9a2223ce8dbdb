import { Gate } from '@millrace/kernel/admit/gate'
import type { Timer } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import { Budget } from '@millrace/kernel/execute/budget'
import type { FrameUse, HostFrame } from '@millrace/kernel/frames/frame-host'
import { checkInteger, checkNumber, checkObject } from '@millrace/kernel/options'
import { Signal } from '@millrace/kernel/signal'
import { tell } from '@millrace/kernel/tell'
import { type CheckedOptions, type CutoutBatchProcessorOptions, checkProcessorOptions } from './batch-options.ts'
import { checkFunction } from './check-function.ts'
import { BatchBook } from './deliver/batch-book.ts'
import { Delivery } from './deliver/delivery.ts'
import { FractureStream, type FractureStreamOptions } from './deliver/fracture-stream.ts'
import { inOrder } from './deliver/in-order.ts'
import { JobEndings } from './deliver/job-endings.ts'
import type { JobProgress } from './deliver/processor-events.ts'
import { FrameLoop } from './hosts/frame-loop.ts'
import { ChunkSize } from './learn/chunk-size.ts'
import { FrameShare } from './learn/frame-share.ts'
import type { FractureParams } from './patterns/fracture-params.ts'
import type { PolygonInput } from './polygon/polygon.ts'
import type { CutoutBatchLearned, CutoutBatchStats } from './processor-stats.ts'
import type { Job, JobId } from './queue/job.ts'
import { closedError, JobIntake, LANES, type SubmitOptions } from './queue/job-intake.ts'
import { type ParamsOfMany, paramsOfMany } from './queue/params-of-many.ts'
import type { FractureResult } from './result/fracture-result.ts'
import { connectCutter } from './task/connect-cutter.ts'
import { CutDesk } from './task/cut-desk.ts'

export interface FractureOptions extends SubmitOptions {
  /** Does with the result what takes time, within what a frame has left; called before anybody hears of it, and never after the job was cancelled. */
  readonly apply?: ((result: FractureResult) => void) | undefined
}

export interface CloseOptions {
  /** After so many ms, what has not ended by then fails with `PROCESSOR_CLOSED`. @default Infinity */
  readonly withinMs?: number
}

/** So many frames' results are made ahead: more would only take the caller's time before they can be delivered. */
const FRAMES_AHEAD = 2
/** What a slice took too long is paid back by the next one, and no later: mostly it was the collector, or another process. */
const MOST_DEBT = 1
/** A cut that takes longer, in ms, is one of which not all workers may have one. */
const HEAVY_MS = 8
const NOTHING: FrameUse = { usedMs: 0, allowedMs: 0, budgetMs: 0 }

/**
 * Fractures polygons by hundreds without a dropped frame: intake → cut desk (cache, queue, workers) → delivery within frames.
 *
 * - **Each job** that was accepted ends exactly once, with one signal: completed, failed or cancelled. Nobody hears of it within the call that submits it, but in
 *   a frame.
 * - **Order**: first in, first out within a priority, and the more urgent first; who waits rises. A result that is late holds those behind it for two
 *   frames, and no longer.
 * - **Frames**: delivering, and cutting where there is no worker, takes no more of a frame than it has left; at least one result a frame.
 */
export class CutoutBatchProcessor implements AsyncDisposable {
  readonly jobProgress = new Signal<JobProgress>()
  readonly #options: CheckedOptions
  readonly #budget: Budget
  readonly #share: FrameShare
  readonly #chunkSize = new ChunkSize()
  readonly #intake: JobIntake
  readonly #desk: CutDesk
  readonly #delivery: Delivery
  readonly #endings: JobEndings
  readonly #batches = new BatchBook()
  readonly #streams = new Set<FractureStream>()
  /** Those that have got on since the last frame. */
  readonly #progressing = new Set<Job>()
  readonly #loop: FrameLoop
  #frame = 0
  #inFrame = false
  #lastUse = NOTHING
  #idle: PromiseWithResolvers<void> | undefined
  #closing: Promise<void> | undefined

  constructor(options: CutoutBatchProcessorOptions = {}) {
    const checked = checkProcessorOptions(options)
    const { clock, clockTickMs, ageMs, maxHoldFrames, maxQueued, whenFull, cacheBytes } = checked
    this.#options = checked
    const maxDebt = MOST_DEBT
    this.#budget = new Budget(clockTickMs === undefined ? { clock, maxDebt } : { clock, maxDebt, tickMs: clockTickMs })
    this.#share = new FrameShare(checked)
    const gate = new Gate<undefined>({ maxItems: maxQueued })
    this.#endings = new JobEndings(gate)
    this.#delivery = new Delivery({
      lanes: LANES,
      ageMs,
      maxHoldFrames,
      budget: this.#budget,
      onDelivery: (job) => this.#endings.deliver(job),
    })
    this.#desk = new CutDesk({
      clock,
      lanes: LANES,
      ageMs,
      heavyMs: HEAVY_MS,
      cacheBytes,
      connect: (port) => connectCutter(checked, port),
      room: () => FRAMES_AHEAD * this.#chunkSize.value - this.#delivery.ready,
      onReady: (job) => this.#ready(job),
      onProgress: (job) => {
        if (!job.isSilent) this.#progressing.add(job)
      },
    })
    this.#intake = new JobIntake({
      gate,
      maxQueued,
      whenFull,
      onJob: (job, polygon, params) => {
        this.#accept(job)
        this.#desk.request(job, polygon, params)
      },
      onRefused: (job, error) => {
        this.#accept(job)
        this.#fail(job, error)
      },
      onDrop: (job, error) => this.#fail(job, error),
      cancel: (job, reason) => this.#cancel(job, reason),
    })
    this.#loop = new FrameLoop(checked.frames, (frame) => this.process(frame))
  }

  /** Told of each job that is fractured. */
  get jobCompleted() {
    return this.#endings.jobCompleted
  }

  /** Told of each job that came to nothing. */
  get jobFailed() {
    return this.#endings.jobFailed
  }

  /** Told of each job that was cancelled. */
  get jobCancelled() {
    return this.#endings.jobCancelled
  }

  /** Told of each batch, once all its jobs have ended. */
  get batchCompleted() {
    return this.#batches.batchCompleted
  }

  /**
   * Queues a fracture, of which the signals tell, in a frame to come. The polygon and the parameters are read now.
   * @throws {MillraceError} `POLYGON_INVALID`, `OPTION_INVALID`, `GATE_FULL`, `PROCESSOR_CLOSED`; or the signal's reason.
   */
  submitFracture(polygon: PolygonInput, params?: FractureParams, options?: SubmitOptions): JobId {
    this.#intake.checkOpen()
    return this.#intake.take(polygon, params, options).id
  }

  /**
   * Queues a fracture of each polygon, and returns the number of the batch; its jobs have the numbers that follow. What cannot be read fails as a job of its
   * own.
   * @throws {MillraceError} `OPTION_INVALID`, `GATE_FULL` when there is no room for all of them, `PROCESSOR_CLOSED`; or the signal's reason.
   */
  submitBatch(polygons: readonly PolygonInput[], params?: ParamsOfMany, options: SubmitOptions = {}): JobId {
    this.#intake.checkOpen()
    this.#intake.checkOptions(options)
    const paramsOf = paramsOfMany(polygons, params)
    this.#intake.checkRoom(polygons.length)
    const batchId = this.#intake.takeId()
    const callerOf = this.#batches.open(batchId, polygons.length)
    for (const [index, polygon] of polygons.entries()) {
      this.#intake.takeAnyhow(polygon, paramsOf(index), options, callerOf(index))
    }
    this.#loop.wake()
    return batchId
  }

  /**
   * Queues a fracture, and resolves with its result: in the frame that delivers it.
   * @throws {MillraceError} (rejects) as `submitFracture` throws, and with what the job failed with; `JOB_CANCELLED`, or the signal's reason.
   */
  fracture(polygon: PolygonInput, params?: FractureParams, options: FractureOptions = {}): Promise<FractureResult> {
    return new Promise((resolve, reject) => {
      this.#intake.checkOpen()
      const { apply } = checkObject('fracture', 'options', options)
      checkFunction('fracture', 'apply', apply)
      this.#intake.take(polygon, params, options, {
        kind: apply === undefined ? 'listener' : 'adapter',
        completed: (result) => {
          apply?.(result)
          resolve(result)
        },
        failed: reject,
        cancelled: reject,
      })
    })
  }

  /**
   * Fractures all polygons, and resolves with the results, in the order of the polygons.
   * @throws {MillraceError} (rejects) with why the first failed that did; the others are cancelled.
   */
  async processBatchParallel(polygons: readonly PolygonInput[], params?: ParamsOfMany): Promise<FractureResult[]> {
    const results: FractureResult[] = []
    for await (const chunk of this.processBatchStreaming(polygons, params)) results.push(...chunk)
    return results
  }

  /**
   * Fractures all polygons, and gives the results in the order of the polygons, `chunkSize` at a time, while the rest is under way. Begins with the first look;
   * ending the iteration cancels what is left.
   * @throws {MillraceError} as the iteration's end, with why the first failed that did.
   */
  async *processBatchStreaming(
    polygons: readonly PolygonInput[],
    params?: ParamsOfMany,
    chunkSize = 10,
  ): AsyncGenerator<FractureResult[], void, undefined> {
    checkInteger('processBatchStreaming', 'chunkSize', chunkSize, { min: 1 })
    const paramsOf = paramsOfMany(polygons, params)
    const stream = this.createStream({ maxItems: Math.max(1, polygons.length) })
    for (const [index, polygon] of polygons.entries()) stream.push(polygon, paramsOf(index))
    stream.close()
    yield* inOrder(stream, polygons.length, chunkSize)
  }

  /**
   * Opens a stream: the way for very many.
   * @throws {MillraceError} `OPTION_INVALID`, `PROCESSOR_CLOSED`.
   */
  createStream(options: FractureStreamOptions = {}): FractureStream {
    this.#intake.checkOpen()
    const { priority, signal } = checkObject('createStream', 'options', options)
    // One whose signal has aborted is a stream that is over.
    this.#intake.checkOptions({ priority, signal: signal?.aborted === true ? undefined : signal })
    const stream: FractureStream = new FractureStream(options, {
      hasRoom: () => this.#intake.room > 0,
      take: (polygon, params, caller) => this.#intake.take(polygon, params, { priority }, caller),
      cancel: (job, reason) => this.#cancel(job, reason),
      wake: () => this.#loop.wake(),
      onEnd: (ended) => this.#streams.delete(ended),
    })
    if (!stream.isOver) this.#streams.add(stream)
    return stream
  }

  /**
   * Fractures ahead of time, when nothing else is to be done, so that the same polygon with the same parameters is there at once later: as long as it stays in the
   * cache. Of this no signal tells.
   * @throws {MillraceError} (rejects) as `fracture`; `OPTION_INVALID` when there is no cache.
   */
  prefracture(
    polygon: PolygonInput,
    params?: FractureParams,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#intake.checkOpen()
      if (this.#options.cacheBytes === 0) checkInteger('prefracture', 'cacheBytes', 0, { min: 1 })
      const { signal } = checkObject('prefracture', 'options', options)
      this.#intake.takeSilent(polygon, params, signal, {
        kind: 'listener',
        completed: () => resolve(),
        failed: reject,
        cancelled: reject,
      })
    })
  }

  /** Cancels a job wherever it is, or what is left of a batch; returns false when it is over. One that is being cut ends with the next cut of it. */
  cancelJob(id: JobId): boolean {
    const size = this.#batches.sizeOf(id)
    if (size === undefined) {
      const job = this.#endings.find(id)
      return job !== undefined && this.#cancel(job, undefined)
    }
    for (let next = id + 1; next <= id + size; next++) this.cancelJob(next)
    return true
  }

  /**
   * Runs one frame: by hand, where `frames` is `'manual'`.
   * @throws {MillraceError} `FRAME_REENTERED` when called by a listener; `OPTION_INVALID`.
   */
  process(frame: HostFrame = {}): FrameUse {
    if (this.#inFrame) {
      throw new MillraceError(
        'FRAME_REENTERED',
        'CutoutBatchProcessor: a frame is running; call process() once a frame, not from a listener',
      )
    }
    this.#inFrame = true
    try {
      this.#lastUse = this.#runFrame(frame)
      return this.#lastUse
    } finally {
      this.#inFrame = false
      this.#rest()
    }
  }

  /** What was done so far: a snapshot. */
  get stats(): CutoutBatchStats {
    const { queued, cutter, cacheStats: cache } = this.#desk
    const { usedMs, allowedMs } = this.#lastUse
    return {
      ...this.#endings.counts,
      pending: this.#endings.pending,
      queued,
      running: cutter.running,
      ready: this.#delivery.ready,
      frames: this.#frame,
      usedMs,
      allowedMs,
      cache,
    }
  }

  /** What was learned so far: a snapshot. */
  get learned(): CutoutBatchLearned {
    const { frameMs, othersMs, sliceMs } = this.#share
    const { meanMs } = this.#desk
    return {
      frameMs,
      othersMs,
      sliceMs,
      chunkSize: this.#chunkSize.value,
      meanJobMs: Number.isNaN(meanMs) ? undefined : meanMs,
      cutMs: this.#desk.learned,
      deliveryMs: this.#delivery.costs.learned,
    }
  }

  /** Settles when every job has ended: as far as frames go on. */
  drain(): Promise<void> {
    if (!this.#isDue) return Promise.resolve()
    this.#idle ??= Promise.withResolvers()
    return this.#idle.promise
  }

  /** Takes no more jobs, finishes those it took, as frames go on, and ends the workers. Idempotent. */
  close(options: CloseOptions = {}): Promise<void> {
    const { withinMs = Number.POSITIVE_INFINITY } = checkObject('CutoutBatchProcessor', 'options', options)
    checkNumber('CutoutBatchProcessor', 'withinMs', withinMs, { min: 0, max: Number.POSITIVE_INFINITY })
    this.#closing ??= this.#close()
    if (withinMs < Number.POSITIVE_INFINITY) {
      const timer: Timer = this.#options.clock.after(withinMs, () => this.#abandon())
      this.#closing.finally(() => timer.cancel())
    }
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    this.#intake.close()
    for (const stream of this.#streams) {
      stream.start()
      stream.close()
    }
    await this.drain()
    await this.#desk.cutter.close()
  }

  /** The time to close is over. */
  #abandon(): void {
    const error = closedError('give close() more time for what is under way')
    for (const stream of [...this.#streams]) stream.cancel(error)
    for (const job of [...this.#endings.jobs]) {
      if (job.state === 'ready') {
        this.#delivery.leave(job)
        this.#endings.deliver(job)
      } else if (job.state === 'waiting') {
        this.#desk.leave(job)
        this.#endings.fail(job, error)
      }
    }
    this.#endings.tellCancelled(this.#endings.untold)
    this.#batches.tell()
    this.#rest()
    this.#desk.cutter.close(0)
  }

  #accept(job: Job): void {
    this.#endings.accept(job)
    if (!job.isSilent) this.#delivery.expect(job)
    this.#loop.wake()
  }

  /** A job that waits, or has only come, is to fail in its turn. */
  #fail(job: Job, error: unknown): void {
    this.#desk.leave(job)
    job.state = 'ready'
    job.error = error
    this.#ready(job)
  }

  #ready(job: Job): void {
    if (job.isSilent) {
      this.#endings.deliver(job)
      this.#rest()
      return
    }
    job.readyIn = this.#inFrame ? this.#frame : this.#frame + 1
    this.#delivery.add(job)
  }

  #cancel(job: Job, reason: unknown): boolean {
    if (job.state === 'over') return false
    if (job.state === 'ready') this.#delivery.leave(job)
    else this.#desk.leave(job)
    this.#endings.cancel(job, reason)
    return true
  }

  #runFrame(frame: HostFrame): FrameUse {
    checkObject('process', 'frame', frame)
    const deltaMs = frame.intervalMs ?? frame.deltaMs ?? (this.#frame === 0 ? 0 : this.#budget.sinceBegin())
    this.#share.observe({ deltaMs, otherMs: frame.otherMs })
    const budgetMs = checkNumber('process', 'budgetMs', frame.budgetMs ?? this.#share.sliceMs, { min: 0 })
    this.#budget.begin(budgetMs)
    this.#frame++
    const most = this.#chunkSize.value
    this.#tellCancelled(most)
    this.#tellProgress()
    this.#desk.takeIn(this.#budget)
    let delivered = this.#delivery.deliver(this.#frame, most)
    this.#desk.serve(this.#budget)
    delivered += this.#delivery.deliver(this.#frame, most - delivered, delivered > 0)
    this.#turnStreams()
    this.#batches.tell()
    this.#chunkSize.observe(delivered)
    const { allowedMs } = this.#budget
    return { usedMs: this.#budget.end(), allowedMs, budgetMs }
  }

  /** As many as fit, as they cost no more than their listeners: a full queue that was given up is told of in a few frames. */
  #tellCancelled(atOnce: number): void {
    for (let left = this.#endings.untold; left > 0; left -= atOnce) {
      this.#endings.tellCancelled(Math.min(atOnce, left))
      this.#budget.lap()
      if (this.#budget.leftMs <= 0) return
    }
  }

  #tellProgress(): void {
    if (this.#progressing.size === 0) return
    for (const job of this.#progressing) {
      const { cut, id } = job
      if (cut !== undefined) tell(this.jobProgress, { jobId: id, progress: cut.progress })
    }
    this.#progressing.clear()
    // What listeners took is no part of what deliveries take.
    this.#budget.lap()
  }

  #turnStreams(): void {
    for (const stream of this.#streams) stream.turn()
    this.#delivery.costs.settleStreams()
  }

  get #isDue(): boolean {
    if (this.#endings.isDue || this.#batches.isDue) return true
    for (const { isDue } of this.#streams) if (isDue) return true
    return false
  }

  /** Where nothing is due, frames end. */
  #rest(): void {
    if (this.#isDue) return
    this.#loop.rest()
    this.#idle?.resolve()
    this.#idle = undefined
  }
}
