import { Gate } from '@millrace/kernel/admit/gate'
import type { MillraceError } from '@millrace/kernel/errors'
import type { Executor } from '@millrace/kernel/execute/executor'
import { CostModel } from '@millrace/kernel/learn/cost-model'
import { checkInteger, checkNumber } from '@millrace/kernel/options'
import { mapThrough } from './deliver/map-through.ts'
import { PoolStream, type PoolStreamOptions } from './deliver/pool-stream.ts'
import { ProgressWatch } from './deliver/progress-watch.ts'
import { PromiseSink } from './deliver/promise-sink.ts'
import { SinkCall, type TaskCall, type TaskSink } from './deliver/task-call.ts'
import { Dispatcher } from './dispatch/dispatcher.ts'
import { DropLine } from './dispatch/drop-line.ts'
import { Job } from './dispatch/job.ts'
import { closedError, deadlineError, droppedError, fullError } from './pool-faults.ts'
import { type CheckedPoolOptions, checkPoolOptions, type PoolOptions } from './pool-options.ts'
import type { InputOf, OutputOf, SignaturesOf, Tasks } from './task/task.ts'
import { connect } from './transport/connect.ts'
import type { Transport, TransportEvents, WorkerStats } from './transport/transport.ts'

/** How one call of a task is run. */
export interface RunOptions {
  /** 0 is the most urgent. @default the middle one */
  readonly priority?: number
  /**
   * Ends the call with the signal's reason: a task that waits is taken back, one that runs sees `context.cancelled`.
   */
  readonly signal?: AbortSignal
  /**
   * Time until the call ends with `DEADLINE_EXCEEDED`, in ms, above 0. A task that runs is asked to end as by `signal`;
   * if it has not after the pool's `graceMs`, its worker is replaced. @default none
   */
  readonly deadlineMs?: number
  /** Buffers in the input that are given away, not copied. Without effect for a task with an input codec. */
  readonly transfer?: readonly ArrayBuffer[]
  /** Hears of `context.progress`, some twenty times a second at most. */
  readonly onProgress?: (fraction: number) => void
}

export interface MapOptions extends Pick<PoolStreamOptions, 'ordered' | 'maxItems' | 'priority' | 'signal'> {}

export interface CloseOptions {
  /** After so many ms, what is not done by then ends with `POOL_CLOSED`. @default Infinity */
  readonly withinMs?: number
}

/** A pool at one moment. */
export interface PoolStats {
  /** Tasks that wait to be handed over, and calls that wait for room in the queue. */
  readonly queued: number
  readonly waiting: number
  /** Tasks handed over to workers: they run, or are next. */
  readonly running: number
  readonly settled: number
  readonly failed: number
  readonly cancelled: number
  readonly dropped: number
  readonly workers: readonly WorkerStats[]
  /** Whether more is to be done than workers have in sight. */
  readonly saturated: boolean
  /** What a task takes, in ms, by name: an estimate from the time between results. */
  readonly taskMs: Readonly<Record<string, number>>
}

type RestOf<I> = undefined extends I
  ? [input?: I, options?: RunOptions | undefined]
  : [input: I, options?: RunOptions | undefined]

/**
 * Makes a pool of workers that serve the tasks `T`: `createPool<typeof tasks>({ worker: … })`.
 * @throws {MillraceError} `OPTION_INVALID`; `TASK_INVALID`.
 */
export function createPool<T extends Tasks>(options: PoolOptions): Pool<T> {
  return new Pool<T>(checkPoolOptions(options), connect)
}

/**
 * Runs tasks on other threads: gate → lanes → parcels → transport → deliver.
 *
 * Every call is settled exactly once. Tasks of one priority are handed over in the order of their calls, and with one
 * worker begun in it; the more urgent go first, and what waits rises. With several workers, what is taken back from
 * behind a slow task, or was a dead worker's, comes after what was handed over by then. A process stays alive for as
 * long as a call is not settled, and no longer.
 */
export class Pool<T extends Tasks> implements AsyncDisposable {
  readonly #options: CheckedPoolOptions
  readonly #gate: Gate<Job>
  readonly #dropLine: DropLine | undefined
  readonly #dispatcher: Dispatcher
  readonly #progress: ProgressWatch
  readonly #costs = new CostModel({ prior: { baseMs: 0.1, msPerUnit: 1e-6 } })
  readonly #known = new Set<string>()
  readonly #streams = new Map<object, (why: MillraceError) => void>()
  /** Calls that wait for room. */
  readonly #outside = new Set<Job>()
  readonly #cancelJob = (job: Job, reason: unknown) => this.#dispatcher.cancel(job, reason)
  #idle: PromiseWithResolvers<void> | undefined
  #closing: Promise<void> | undefined

  constructor(
    options: CheckedPoolOptions,
    connectWith: (options: CheckedPoolOptions, events: TransportEvents) => Transport,
  ) {
    const { maxQueued, whenFull, priorities, ageMs, clock, maxDeaths, graceMs } = options
    this.#options = options
    this.#gate = new Gate({ maxItems: maxQueued, whenFull: whenFull === 'wait' ? 'wait' : 'reject' })
    if (whenFull === 'drop-oldest' || whenFull === 'drop-lowest') {
      this.#dropLine = new DropLine(priorities, whenFull === 'drop-lowest')
    }
    this.#dispatcher = new Dispatcher({
      lanes: priorities,
      ageMs,
      clock,
      workers: Math.max(1, options.threads),
      parcelMs: options.parcelMs,
      taskMs: (name) => (this.#known.has(name) ? this.#costs.predict(name, 1) : Number.NaN),
      maxDeaths,
      graceMs,
      connect: (events) => connectWith(options, events),
      onLeft: (job) => {
        if (job.isGated) this.#gate.release(job)
      },
      onCost: (name, ms) => {
        this.#known.add(name)
        this.#costs.observe(name, 1, ms)
      },
      onIdle: () => this.#tellIdle(),
    })
    this.#progress = new ProgressWatch(clock, (job) => this.#dispatcher.progressOf(job))
  }

  /** How many tasks run at the same time. */
  get width(): number {
    return Math.max(1, this.#options.threads)
  }

  /** The pool as systems take it that have work to give away, and do not know to whom. */
  get executor(): Executor<SignaturesOf<T>> {
    return asExecutor(this)
  }

  /**
   * Runs a task and resolves with its output. The input must stay as it is until then: it is read when a worker is
   * near.
   * @throws {MillraceError} as a rejection: what the task threw; the reason of `signal`; `TASK_UNKNOWN`,
   * `CODEC_MISMATCH`, `DEADLINE_EXCEEDED`, `TASK_DROPPED`, `POOL_FULL`, `WORKER_DIED`, `WORKER_START_FAILED`,
   * `POOL_CLOSED`.
   */
  run<K extends keyof T & string>(name: K, ...[input, options]: RestOf<InputOf<T, K>>): Promise<OutputOf<T, K>> {
    // PERF: not `async`, and nothing is looked at that was not given; bench/pool/flood.bench.ts.
    return new Promise((resolve, reject) => {
      this.#checkOpen()
      const lane = this.#laneOf(options?.priority)
      const job = new Job(name, input, lane, new PromiseSink(resolve as (output: unknown) => void, reject))
      if (options !== undefined && !this.#equip(job, options)) return
      this.#admit(job)
    })
  }

  /**
   * Runs a task as `run` does, and calls back: no promise is made, and in `poll` the sink hears before that returns. Within this call it may hear of a failure.
   * @throws {MillraceError} `POOL_CLOSED`, `OPTION_INVALID`; all else goes to the sink.
   */
  call<K extends keyof T & string>(
    name: K,
    input: InputOf<T, K>,
    sink: TaskSink<OutputOf<T, K>>,
    options?: RunOptions,
  ): TaskCall {
    this.#checkOpen()
    const call = new SinkCall(sink as TaskSink<unknown>, this.#cancelJob)
    const job = new Job(name, input, this.#laneOf(options?.priority), call)
    call.job = job
    if (options === undefined || this.#equip(job, options)) this.#admit(job)
    return call
  }

  /**
   * Takes in what workers have done, where `delivery` is `'manual'`, until `maxMs` are over, but one parcel at least; returns how many results that were.
   * Errors, and what comes in messages, do not wait for it.
   */
  poll(maxMs = Number.POSITIVE_INFINITY): number {
    return this.#dispatcher.transport.poll(maxMs)
  }

  /**
   * Runs a task for every item of `inputs` and gives the outputs, in their order unless `ordered` is false. Takes items
   * as there is room, ahead of the consumer by `maxItems` at most (1024 unless told). A task that fails ends it.
   */
  map<K extends keyof T & string>(
    name: K,
    inputs: Iterable<InputOf<T, K>> | AsyncIterable<InputOf<T, K>>,
    options: MapOptions = {},
  ): AsyncGenerator<OutputOf<T, K>, void, undefined> {
    return mapThrough(this.stream(name, { ordered: true, maxItems: 1024, ...options }), inputs)
  }

  /**
   * Opens a stream of inputs to a task and of its outputs back, in chunks: the cheapest way for many small tasks. It
   * has a bound of its own, `maxItems`, and takes no place in the queue's.
   * @throws {MillraceError} `POOL_CLOSED`; `OPTION_INVALID`.
   */
  stream<K extends keyof T & string>(
    name: K,
    options: PoolStreamOptions = {},
  ): PoolStream<InputOf<T, K>, OutputOf<T, K>> {
    this.#checkOpen()
    const stream: PoolStream<InputOf<T, K>, OutputOf<T, K>> = new PoolStream(
      name,
      this.#laneOf(options.priority),
      options,
      {
        accept: (job) => this.#dispatcher.accept(job),
        extend: (job, input) => this.#dispatcher.extend(job, input),
        cancel: (job, error) => this.#dispatcher.cancel(job, error),
        onEnd: (ended) => this.#streams.delete(ended),
      },
    )
    if (!stream.isOver) this.#streams.set(stream, (why) => stream.closeFor(why))
    return stream
  }

  /** Settles when nothing is to be done: all calls so far, and those made meanwhile, are settled. */
  drain(): Promise<void> {
    if (this.#isIdle) return Promise.resolve()
    this.#idle ??= Promise.withResolvers()
    return this.#idle.promise
  }

  /** Takes no more calls, finishes those it took, and ends the workers. Idempotent. */
  close({ withinMs = Number.POSITIVE_INFINITY }: CloseOptions = {}): Promise<void> {
    checkNumber('Pool', 'withinMs', withinMs, { min: 0, max: Number.POSITIVE_INFINITY })
    this.#closing ??= this.#close()
    if (withinMs < Number.POSITIVE_INFINITY) {
      const timer = this.#options.clock.after(withinMs, () => {
        for (const job of this.#outside) this.#dispatcher.expire(job, closedError())
        this.#dispatcher.abandon(closedError())
      })
      this.#closing.finally(() => timer.cancel())
    }
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  get stats(): PoolStats {
    const { queued, handed, counts, transport } = this.#dispatcher
    return {
      queued,
      waiting: this.#outside.size,
      running: handed,
      ...counts,
      workers: transport.workers(),
      saturated: queued > 0,
      taskMs: Object.fromEntries(Array.from(this.#known, (name) => [name, this.#costs.predict(name, 1)])),
    }
  }

  #admit(job: Job): void {
    job.isGated = true
    if (this.#gate.tryAdmit(job)) this.#accept(job)
    else if (this.#options.whenFull === 'wait') void this.#admitLater(job)
    else if (this.#dropLine === undefined) this.#refuse(job, fullError(this.#options.maxQueued))
    else {
      const victim = this.#dropLine.shift(job.lane)
      this.#dispatcher.drop(victim ?? job, droppedError(victim ?? job))
      if (victim === undefined) return
      this.#gate.tryAdmit(job)
      this.#accept(job)
    }
  }

  async #admitLater(job: Job): Promise<void> {
    this.#outside.add(job)
    await this.#gate.admit(job)
    this.#outside.delete(job)
    if (job.state === 'settled') {
      this.#gate.release(job)
      this.#tellIdle()
    } else this.#accept(job)
  }

  #accept(job: Job): void {
    this.#dispatcher.accept(job)
    this.#dropLine?.push(job)
  }

  /** Watches over the signal and the deadline; returns false when the call is over already. */
  #equip(job: Job, { signal, deadlineMs, transfer, onProgress }: RunOptions): boolean {
    if (signal?.aborted) {
      this.#refuse(job, signal.reason)
      return false
    }
    job.extras = { transfer, onProgress, progress: 0 }
    if (deadlineMs !== undefined) {
      checkNumber('Pool', 'deadlineMs', deadlineMs, { above: 0 })
      const expire = () => this.#dispatcher.expire(job, deadlineError(job, deadlineMs))
      job.extras.deadline = this.#options.clock.after(deadlineMs, expire)
    }
    if (signal === undefined && onProgress === undefined) return true
    const abort = () => this.#dispatcher.cancel(job, signal?.reason)
    signal?.addEventListener('abort', abort)
    if (onProgress !== undefined) this.#progress.add(job)
    job.extras.unwatch = () => {
      signal?.removeEventListener('abort', abort)
      this.#progress.delete(job)
    }
    return true
  }

  #refuse(job: Job, error: unknown): void {
    this.#dispatcher.cancel(job, error)
  }

  #laneOf(priority: number | undefined): number {
    const { priorities } = this.#options
    if (priority === undefined) return priorities >> 1
    return checkInteger('Pool', 'priority', priority, { min: 0, max: priorities - 1 })
  }

  get #isIdle(): boolean {
    return this.#dispatcher.due === 0 && this.#outside.size === 0
  }

  #tellIdle(): void {
    if (this.#idle === undefined || !this.#isIdle) return
    this.#idle.resolve()
    this.#idle = undefined
  }

  async #close(): Promise<void> {
    for (const close of [...this.#streams.values()]) close(closedError())
    // Who closes polls no more.
    this.#dispatcher.listen()
    await this.drain()
    this.#gate.close()
    await this.#dispatcher.transport.close()
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw closedError()
  }
}

/** That the types of the methods agree, for every `T`, no compiler sees. */
function asExecutor<T extends Tasks>(pool: unknown): Executor<SignaturesOf<T>> {
  return pool as Executor<SignaturesOf<T>>
}
