import { Gate } from '@millrace/kernel/admit/gate'
import type { Timer } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import { Slots } from '@millrace/kernel/execute/slots'
import { BatchSize } from '@millrace/kernel/learn/batch-size'
import { checkInteger, checkNumber } from '@millrace/kernel/options'
import { Admission } from './admit/admission.ts'
import { Intake } from './admit/intake.ts'
import type { BatchScheduler, StopOptions, StopReport, SubmitOptions } from './batch-scheduler.ts'
import { type CheckedBatching, type CheckedOptions, checkBatching, checkOptions } from './checked-options.ts'
import { Endings, LETTER_CODES } from './deliver/endings.ts'
import { BatchPlan } from './execute/batch-plan.ts'
import { BatchWriter, failureOf, Unanswered } from './execute/batch-writer.ts'
import { Circuit } from './execute/circuit.ts'
import type { IntentDefinition } from './intent/define-intent.ts'
import type { Intent, IntentOutcome, IntentResult } from './intent/intent.ts'
import { circuitOpen, dropped, expired, stopped } from './intent-errors.ts'
import { FlowMeter } from './observe/flow-meter.ts'
import type { HealthStatus, PipelineMetrics } from './observe/pipeline-metrics.ts'
import { AgeLine } from './queue/age-line.ts'
import type { Entry } from './queue/entry.ts'
import { entriesOf, partsOf } from './queue/entry-group.ts'
import { type LeavingBatch, Waiting } from './queue/waiting.ts'
import type { BatchingOptions, BatchSchedulerOptions } from './scheduler-options.ts'
import type { WriteBatch } from './sink/sink.ts'
import { type IntentBatch, SystemEvent } from './sources/event-bus.ts'

const REDRIVE_LIMIT = 1000
/** How long dead letters, and a sink that is closed, may take beyond the deadline of a stop. */
const CLOSE_MS = 1000

type State = 'idle' | 'running' | 'stopping' | 'stopped'

/**
 * Makes a scheduler that writes many small changes as few large ones.
 *
 * - Every intent that is admitted ends exactly once: with its own result when it is committed, or with its own error.
 * - Intents of one key take effect in the order in which they were submitted; where a schema takes its time, in which it accepted them. No key is in two
 *   batches at once. That holds for one scheduler: between two on one database the order of a key is that of their commits.
 *   One without an idempotency key that ended with `OUTCOME_UNKNOWN` may take effect late, after others of its key.
 * - Nothing is held beyond `maxItems` and `maxBytes`.
 *
 * @throws {MillraceError} `OPTION_INVALID`.
 */
export function createBatchScheduler<const Definitions extends readonly IntentDefinition[]>(
  options: BatchSchedulerOptions<Definitions>,
): BatchScheduler<Definitions> {
  return new Scheduler(checkOptions(options))
}

/**
 * Intake; waiting; a trigger and a free slot; plan and writer; endings: each is a part with a file of its own, and this says when.
 */
class Scheduler implements BatchScheduler {
  readonly #options: CheckedOptions
  #batching: CheckedBatching
  readonly #gate: Gate<Entry>
  readonly #intake: Intake
  readonly #waiting: Waiting
  readonly #plan: BatchPlan
  readonly #slots: Slots
  readonly #circuit: Circuit
  readonly #writer: BatchWriter
  readonly #meter = new FlowMeter()
  readonly #endings: Endings
  /** By age, where age ends an intent. */
  readonly #ages: AgeLine | undefined
  #size: BatchSize | undefined
  #state: State = 'idle'
  #starting: Promise<void> | undefined
  #stopping: Promise<StopReport> | undefined
  #windowTimer: Timer | undefined
  #ageTimer: Timer | undefined
  /** Whether it will be looked, at the end of this turn, if a batch can leave. */
  #willPump = false
  #batches = 0
  /** The batches that hold a slot, by their numbers. */
  readonly #runs = new Map<number, WriteBatch>()
  /** By batch under way, its first answer. */
  readonly #answers = new Map<number, { readonly ms: number; isTimeout: boolean; failures: number }>()
  #isPumping = false
  #emptied: (() => void) | undefined
  readonly #onIntent = (intents: unknown) => this.#intake.hear(intents as Intent | readonly Intent[])

  constructor(options: CheckedOptions) {
    const { clock, sink, maxItems, maxBytes, whenFull, logger } = options
    this.#options = options
    this.#batching = options.checkedBatching
    const admission = new Admission(options.intents, maxBytes)
    this.#gate = new Gate({
      maxItems,
      maxBytes,
      bytesOf: (entry) => entry.bytes,
      whenFull: whenFull === 'wait' ? 'wait' : 'reject',
    })
    this.#ages = whenFull === 'drop-oldest' || options.maxWaitMs < Number.POSITIVE_INFINITY ? new AgeLine() : undefined
    const { maxBatchSize, maxConcurrentBatches } = this.#batching
    this.#waiting = new Waiting({ maxItems: maxBatchSize })
    this.#slots = new Slots({ max: maxConcurrentBatches })
    this.#applyBatching()
    this.#circuit = new Circuit({
      config: options.circuitBreaker,
      clock,
      isOutage: (error) => ['transient', 'unknown'].includes(failureOf(sink, error)),
      onChange: (state, error) => {
        if (state === 'open') logger?.error({ err: error }, 'the circuit is open: the database does not answer')
        else logger?.info({}, `the circuit is ${state}`)
        this.#schedulePump()
      },
    })
    this.#endings = new Endings({
      gate: this.#gate,
      meter: this.#meter,
      clock,
      deadLetters: options.deadLetters,
      logger,
      onEmpty: () => this.#emptied?.(),
    })
    this.#plan = new BatchPlan({
      admission,
      stage: options.stage,
      eventBus: options.eventBus,
      logger,
      onFailed: (entry, error) => this.#endings.failed(entry, error),
      onCoalesced: (count) => {
        this.#meter.coalesced += count
      },
    })
    this.#writer = new BatchWriter({
      sink,
      circuit: this.#circuit,
      clock,
      random: options.random,
      retry: options.retry,
      writeTimeoutMs: options.writeTimeoutMs,
      atomicity: options.atomicity,
      whenOpen: options.whenOpen,
      partsOf,
      onCommitted: (batch, outcome) => {
        // PERF: a full batch is on its way before anybody hears of this one; what is not full waits for what they ask for next;
        // bench/intents/throughput.bench.ts. Of a part the rest is under way: its slot is not free.
        if (this.#runs.get(batch.id) === batch) this.#free(batch.id, false)
        this.#countFailures(batch, this.#endings.committed(batch, outcome))
      },
      onFailed: (batch, item, error) => {
        const entries = entriesOf(item)
        for (const entry of entries) this.#endings.failed(entry, error)
        this.#countFailures(batch, entries.length)
      },
      onAnswer: (batch, ms, failure, error) => {
        this.#meter.answered(clock.now(), clock.wallNow(), ms, failure, error)
        const first = this.#answers.get(batch.id)
        const isTimeout = codeOf(error) === 'WRITE_TIMEOUT' || error instanceof Unanswered
        if (first === undefined) this.#answers.set(batch.id, { ms, isTimeout, failures: 0 })
        else first.isTimeout ||= isTimeout
        if (failure !== undefined && failure !== 'data') {
          this.#meter.retries++
          logger?.warn({ batch: batch.id, size: batch.size, failure, err: error }, 'a batch was not written')
        }
      },
    })
    this.#intake = new Intake({
      admission,
      gate: this.#gate,
      meter: this.#meter,
      clock,
      logger,
      maxItems,
      maxBytes,
      whenFull,
      maxWaitMs: options.maxWaitMs,
      refusal: () => this.#refusal(),
      makeRoom: (entry) => this.#makeRoom(entry),
      arrive: (entry) => this.#arrive(entry),
      withdraw: (entry, reason) => this.#withdraw(entry, reason),
      release: (entry) => {
        this.#gate.release(entry)
        if (this.#gate.items === 0) this.#emptied?.()
      },
      keepRefused: (intent, error) => this.#endings.keepRefused(intent, error),
    })
    options.eventBus?.on(SystemEvent.INTENT, this.#onIntent)
  }

  start(): Promise<void> {
    if (this.#state === 'stopping' || this.#state === 'stopped') return Promise.reject(stopped())
    this.#starting ??= this.#open()
    return this.#starting
  }

  stop(options: StopOptions = {}): Promise<StopReport> {
    if (this.#stopping !== undefined) return this.#stopping
    const range = { min: 0, max: Number.POSITIVE_INFINITY }
    const withinMs = checkNumber('BatchScheduler.stop', 'withinMs', options.withinMs ?? 30_000, range)
    this.#stopping = this.#drain(withinMs)
    return this.#stopping
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }

  configure(options: BatchingOptions): void {
    const checked = checkBatching(options, this.#options.batching)
    const given = Object.entries(options).filter(([, value]) => value !== undefined)
    Object.assign(this.#options.batching, Object.fromEntries(given))
    this.#batching = checked
    this.#applyBatching()
    // It may be armed for a window that was longer.
    this.#windowTimer?.cancel()
    this.#windowTimer = undefined
    this.#schedulePump()
  }

  submit(intent: Intent, options?: SubmitOptions): Promise<IntentResult> {
    return this.#intake.submit(intent, options)
  }

  enqueue(intent: Intent): void {
    this.#intake.enqueue(intent)
  }

  async submitMany(intents: readonly Intent[], options?: SubmitOptions): Promise<readonly IntentOutcome[]> {
    const settled = await Promise.allSettled(intents.map((intent) => this.submit(intent, options)))
    return settled.map((each) => (each.status === 'fulfilled' ? { result: each.value } : { error: each.reason }))
  }

  async redrive(limit = REDRIVE_LIMIT): Promise<{ readonly committed: number; readonly failed: number }> {
    checkInteger('BatchScheduler.redrive', 'limit', limit, { min: 1 })
    const { deadLetters } = this.#options
    if (deadLetters === undefined) {
      throw new MillraceError(
        'OPTION_INVALID',
        'BatchScheduler.redrive: there are no dead letters; give the scheduler deadLetters',
        {
          detail: { owner: 'BatchScheduler.redrive', option: 'deadLetters' },
        },
      )
    }
    const lost = await this.#endings.kept()
    const letters = await deadLetters.list(limit)
    const outcomes = await this.submitMany(letters.map(({ intent }) => intent))
    // What failed again was kept again, as a letter of its own, unless it was refused before, or could not be kept.
    const isKept = (await this.#endings.kept()) === lost
    const done = letters.filter((_, at) => outcomes[at]!.error === undefined)
    const again = letters.filter((_, at) => isKept && LETTER_CODES.has(codeOf(outcomes[at]!.error)))
    await deadLetters.remove([...done, ...again].map(({ id }) => id))
    return { committed: done.length, failed: letters.length - done.length }
  }

  get metrics(): PipelineMetrics {
    const { maxItems, maxBytes, clock, sink } = this.#options
    const { items, bytes } = this.#gate
    const learned = this.#size?.learned
    return this.#meter.snapshot(
      clock.now(),
      { items, bytes, maxItems, maxBytes },
      {
        waiting: items - this.#meter.writing + this.#intake.waiting,
        writing: this.#meter.writing,
      },
      {
        batchSize: this.#currentSize,
        fixedMs: learned?.fixedMs ?? Number.NaN,
        perIntentMs: learned?.perItemMs ?? Number.NaN,
      },
      sink.stats?.lockWaitMs ?? Number.NaN,
    )
  }

  get health(): HealthStatus {
    const { clock, maxItems, maxBytes, whenOpen } = this.#options
    const now = clock.now()
    const { items, bytes } = this.#gate
    const alerts = this.#meter.alerts.firing(now, Math.max(items / maxItems, bytes / maxBytes))
    const circuit = this.#circuit.state
    return {
      isHealthy: this.#state === 'running' && circuit !== 'open' && alerts.length === 0,
      batchingEnabled: this.#currentSize > 1 && !(whenOpen === 'degrade' && circuit !== 'closed'),
      currentBatchSize: this.#currentSize,
      errorRate: this.#meter.errorRate(now),
      averageLatency: this.#meter.averageLatency,
      lastSuccessfulFlush: this.#meter.lastSuccessfulFlush,
      circuit,
      state: this.#state,
      alerts,
    }
  }

  get #currentSize(): number {
    return this.#size?.size ?? this.#batching.maxBatchSize
  }

  #applyBatching(): void {
    const { adaptive, timeWindowMs, maxBatchBytes, maxConcurrentBatches } = this.#batching
    this.#size = adaptive && new BatchSize(adaptive)
    this.#waiting.configure({
      maxItems: this.#currentSize,
      maxBytes: maxBatchBytes,
      maxAgeMs: timeWindowMs,
      whenIdle: adaptive !== undefined,
    })
    this.#slots.resize(maxConcurrentBatches)
  }

  async #open(): Promise<void> {
    try {
      await this.#options.sink.open(this.#options.intents)
    } catch (error) {
      this.#starting = undefined
      throw error
    }
    if (this.#state !== 'idle') {
      // It was stopped meanwhile, which closed a sink that was not open yet.
      await this.#options.sink.close()
      throw stopped()
    }
    this.#state = 'running'
    this.#schedulePump()
  }

  /** Why nothing may come in. */
  #refusal(): MillraceError | undefined {
    if (this.#state === 'stopping' || this.#state === 'stopped') return stopped()
    if (this.#options.whenOpen === 'fail' && this.#circuit.state === 'open') return circuitOpen()
    return undefined
  }

  /** Drops the oldest that waits, and none in vain. */
  #makeRoom(entry: Entry): boolean {
    const oldest = this.#ages!.oldest()
    const isInVain = this.#gate.bytes - this.#waiting.bytes + entry.bytes > this.#options.maxBytes
    if (isInVain || oldest === undefined) return false
    this.#withdraw(oldest, dropped(oldest.definition.type, this.#options.clock.now() - oldest.at))
    return true
  }

  /** Ends an entry that waits. */
  #withdraw(entry: Entry, reason: unknown): void {
    const was = entry.state
    this.#endings.failed(entry, reason)
    this.#waiting.withdrawn(entry, was)
  }

  /** An entry that is held begins to wait. */
  #arrive(entry: Entry): void {
    this.#waiting.add(entry)
    if (this.#ages !== undefined) this.#age(entry)
    if (this.#state !== 'running' || this.#slots.free === 0) return
    if (this.#waiting.isFull) this.#pump()
    else if (this.#batching.adaptive !== undefined) this.#schedulePump()
    else this.#armWindow()
  }

  /** At the end of this turn: what is submitted in one goes together. */
  #schedulePump(): void {
    if (this.#willPump) return
    this.#willPump = true
    queueMicrotask(() => {
      this.#willPump = false
      this.#pump()
    })
  }

  #armWindow(): void {
    const { clock } = this.#options
    const { dueAt } = this.#waiting
    if (this.#windowTimer !== undefined || dueAt === Number.POSITIVE_INFINITY) return
    this.#windowTimer = clock.after(dueAt - clock.now(), () => {
      this.#windowTimer = undefined
      this.#pump()
    })
  }

  /** Lets batches leave, as long as something triggers one and a slot is free; being idle triggers one if `isIdle`. */
  #pump(isIdle = true): void {
    if ((this.#state !== 'running' && this.#state !== 'stopping') || this.#isPumping) return
    // A batch of which nothing is to be written is over at once, and comes back here.
    this.#isPumping = true
    while (this.#slots.free > 0) {
      const now = this.#options.clock.now()
      const trigger = this.#waiting.trigger(now, isIdle)
      if (trigger === undefined && (this.#state === 'running' || this.#waiting.batched === 0)) break
      this.#slots.tryAcquire()
      const batch = this.#waiting.take()
      this.#windowTimer?.cancel()
      this.#windowTimer = undefined
      void this.#run(batch, trigger === undefined ? 'stop' : trigger === 'age' ? 'time' : trigger, now)
    }
    this.#isPumping = false
    if (this.#batching.adaptive === undefined && this.#slots.free > 0) this.#armWindow()
  }

  async #run(batch: LeavingBatch, trigger: IntentBatch['trigger'], now: number): Promise<void> {
    const { entries, mayRepeat } = batch
    if (entries.length > 0) {
      const id = ++this.#batches
      const isFull = trigger === 'size' || trigger === 'bytes' || this.#waiting.queued > 0
      this.#meter.flushed(trigger, batch, now)
      const waves = this.#plan.wavesOf(id, entries, mayRepeat, trigger)
      const size = waves.reduce((sum, wave) => sum + wave.length, 0)
      const whole: WriteBatch = { id, waves, size }
      this.#runs.set(id, whole)
      if (size > 0) await this.#writer.write(whole)
      this.#learn(id, size, isFull)
      this.#waiting.over(batch)
      this.#free(id, true)
    } else {
      this.#waiting.over(batch)
      this.#slots.release()
    }
    this.#pump()
  }

  /** Gives back the slot of a batch, once. */
  #free(id: number, isIdle: boolean): void {
    if (!this.#runs.delete(id)) return
    this.#slots.release()
    this.#pump(isIdle)
  }

  #countFailures({ id }: WriteBatch, count: number): void {
    const answer = this.#answers.get(id)
    if (answer !== undefined) answer.failures += count
  }

  #learn(id: number, items: number, isFull: boolean): void {
    const answer = this.#answers.get(id)
    this.#answers.delete(id)
    if (this.#size === undefined || answer === undefined) return
    this.#size.observe({ items, isFull, ...answer })
    this.#waiting.configure({ maxItems: this.#size.size })
  }

  #age(entry: Entry): void {
    this.#ages!.push(entry)
    if (this.#options.maxWaitMs < Number.POSITIVE_INFINITY && this.#ageTimer === undefined) this.#armAge(entry)
  }

  #armAge(oldest: Entry): void {
    const { clock, maxWaitMs } = this.#options
    this.#ageTimer = clock.after(oldest.at + maxWaitMs - clock.now(), () => {
      this.#ageTimer = undefined
      const now = clock.now()
      for (let entry = this.#ages!.oldest(); entry !== undefined; entry = this.#ages!.oldest()) {
        if (now - entry.at < maxWaitMs) return this.#armAge(entry)
        this.#withdraw(entry, expired(entry.definition.type, maxWaitMs))
      }
    })
  }

  async #drain(withinMs: number): Promise<StopReport> {
    const { clock, eventBus } = this.#options
    const wasRunning = this.#state === 'running'
    this.#state = 'stopping'
    this.#endings.isStopping = true
    eventBus?.off(SystemEvent.INTENT, this.#onIntent)
    this.#gate.close()
    if (this.#gate.items > 0) {
      const emptied = new Promise<void>((resolve) => {
        this.#emptied = resolve
      })
      const deadline = clock.after(wasRunning ? withinMs : 0, () => {
        this.#endWaiting()
        this.#writer.abort()
      })
      if (wasRunning) this.#pump()
      await emptied
      deadline.cancel()
    }
    this.#windowTimer?.cancel()
    this.#ageTimer?.cancel()
    this.#writer.abort()
    this.#circuit.dispose()
    await this.#close()
    this.#state = 'stopped'
    return { unwritten: this.#endings.unwritten, unknown: this.#endings.unknown }
  }

  /** Has dead letters kept and closes the sink, unless that takes too long: a database that hangs hangs for all. */
  async #close(): Promise<void> {
    const { clock, sink, logger } = this.#options
    const { promise: tooLong, resolve } = Promise.withResolvers<void>()
    const timer = clock.after(CLOSE_MS, () => {
      logger?.error({}, `dead letters were not kept, or the sink was not closed, within ${CLOSE_MS} ms`)
      resolve()
    })
    const closed = this.#endings.kept().then(() => sink.close())
    const heard = closed.catch((error) => logger?.error({ err: error }, 'the sink could not be closed'))
    await Promise.race([heard, tooLong])
    timer.cancel()
  }

  /** Ends all that waits, wherever it does. */
  #endWaiting(): void {
    while (this.#waiting.batched > 0) {
      const batch = this.#waiting.take()
      this.#meter.writing += batch.entries.length
      for (const entry of batch.entries) this.#endings.failed(entry, stopped())
      this.#waiting.over(batch)
    }
  }
}

function codeOf(error: unknown): string {
  return error instanceof MillraceError ? error.code : ''
}
