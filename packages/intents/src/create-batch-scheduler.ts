import { Gate } from '@millrace/kernel/admit/gate'
import { Batcher, type TakenBatch } from '@millrace/kernel/batch/batcher'
import { coalesce } from '@millrace/kernel/batch/coalesce'
import type { Timer } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import { Slots } from '@millrace/kernel/execute/slots'
import { BatchSize } from '@millrace/kernel/learn/batch-size'
import { checkInteger, checkNumber } from '@millrace/kernel/options'
import { Admission } from './admit/admission.ts'
import type { BatchScheduler, StopOptions, StopReport, SubmitOptions } from './batch-scheduler.ts'
import { type CheckedBatching, type CheckedOptions, checkBatching, checkOptions } from './checked-options.ts'
import { Endings } from './deliver/endings.ts'
import { BatchWriter, failureOf, stopped, Unanswered } from './execute/batch-writer.ts'
import { Circuit } from './execute/circuit.ts'
import type { IntentDefinition } from './intent/define-intent.ts'
import type { Intent, IntentOutcome, IntentResult } from './intent/intent.ts'
import { FlowMeter } from './observe/flow-meter.ts'
import type { HealthStatus, PipelineMetrics } from './observe/pipeline-metrics.ts'
import { TurnClock } from './observe/turn-clock.ts'
import { AgeLine } from './queue/age-line.ts'
import { type Entry, EntryState } from './queue/entry.ts'
import { EntryGroup, entriesOf, merged } from './queue/entry-group.ts'
import { FairQueue } from './queue/fair-queue.ts'
import { KeyChains } from './queue/key-chains.ts'
import type { BatchingOptions, BatchSchedulerOptions } from './scheduler-options.ts'
import type { WriteItem } from './sink/sink.ts'
import { type IntentBatch, SystemEvent } from './sources/event-bus.ts'

/** So many of a key's chain come along into a batch; the others leave its room to other keys. */
const MOST_FOLLOWERS = 16
const REDRIVE_LIMIT = 1000

type State = 'idle' | 'running' | 'stopping' | 'stopped'

/**
 * Makes a scheduler that writes many small changes as few large ones.
 *
 * - Every intent that is admitted ends exactly once: with its own result when it is committed, or with its own error.
 * - Intents of one key take effect in the order in which they were submitted; where a schema takes its time, in which it accepted them. No key is in two
 *   batches at once. That holds for one scheduler: between two on one database the order of a key is that of their commits.
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
 * Submission, gate, chains of keys, fair queue, batcher; a trigger; stage, waves, sink; endings.
 *
 * A batch is accumulated while there is room in it, and what is beyond it waits in the fair queue: as long as anything waits there, the batch
 * is full. It leaves when something triggers it and a slot is free.
 */
class Scheduler implements BatchScheduler {
  readonly #options: CheckedOptions
  #batching: CheckedBatching
  readonly #turn: TurnClock
  readonly #admission: Admission
  readonly #gate: Gate<Entry>
  readonly #chains = new KeyChains()
  readonly #queue = new FairQueue<Entry>()
  readonly #batcher: Batcher<Entry>
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
  /** By batch under way, its first answer. */
  readonly #answers = new Map<number, { readonly ms: number; isTimeout: boolean }>()
  #emptied: (() => void) | undefined
  readonly #onIntent = (intents: never) => this.#hear(intents)

  constructor(options: CheckedOptions) {
    const { clock, sink, maxItems, maxBytes, whenFull, logger } = options
    this.#options = options
    this.#batching = options.checkedBatching
    this.#turn = new TurnClock(clock)
    this.#admission = new Admission(options.intents)
    this.#gate = new Gate({
      maxItems,
      maxBytes,
      bytesOf: (entry) => entry.bytes,
      whenFull: whenFull === 'wait' ? 'wait' : 'reject',
    })
    this.#ages = whenFull === 'drop-oldest' || options.maxWaitMs < Number.POSITIVE_INFINITY ? new AgeLine() : undefined
    const { maxBatchSize, maxConcurrentBatches } = this.#batching
    this.#batcher = new Batcher({ maxItems: maxBatchSize })
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
    this.#writer = new BatchWriter({
      sink,
      circuit: this.#circuit,
      clock,
      random: options.random,
      retry: options.retry,
      writeTimeoutMs: options.writeTimeoutMs,
      atomicity: options.atomicity,
      whenOpen: options.whenOpen,
      onCommitted: (batch, outcome) => this.#endings.committed(batch, outcome),
      onFailed: (item, error) => {
        for (const entry of entriesOf(item)) this.#endings.failed(entry, error)
      },
      onAnswer: (batch, ms, failure, error) => {
        this.#meter.answered(clock.now(), clock.wallNow(), ms, failure === undefined)
        const first = this.#answers.get(batch.id)
        const isTimeout = codeOf(error) === 'WRITE_TIMEOUT' || error instanceof Unanswered
        if (first === undefined) this.#answers.set(batch.id, { ms, isTimeout })
        else first.isTimeout ||= isTimeout
        if (failure !== undefined && failure !== 'data') {
          this.#meter.retries++
          logger?.warn({ batch: batch.id, size: batch.size, failure, err: error }, 'a batch was not written')
        }
      },
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
    Object.assign(this.#options.batching, options)
    this.#batching = checked
    this.#applyBatching()
    this.#schedulePump()
  }

  submit(intent: Intent, options?: SubmitOptions): Promise<IntentResult> {
    this.#meter.submitted++
    const signal = options?.signal
    let entry: Entry | Promise<Entry>
    try {
      signal?.throwIfAborted()
      entry = this.#admit(intent)
      if (!(entry instanceof Promise) && this.#tryHold(entry)) return this.#wait(entry, signal)
    } catch (error) {
      this.#meter.refused++
      return Promise.reject(error)
    }
    return this.#submitLater(entry, signal)
  }

  enqueue(intent: Intent): void {
    this.#meter.submitted++
    try {
      const entry = this.#admit(intent)
      if (entry instanceof Promise) {
        entry.then((admitted) => this.#hold(admitted, intent)).catch((error) => this.#refuseUnheard(intent, error))
      } else if (this.#tryHold(entry)) this.#arrive(entry)
      else throw this.#full()
    } catch (error) {
      this.#meter.refused++
      throw error
    }
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
    const letters = await deadLetters.list(limit)
    const outcomes = await this.submitMany(letters.map(({ intent }) => intent))
    await this.#endings.kept()
    // What failed again was kept again, as a letter of its own, unless it was refused before.
    const done = letters.filter((_, at) => outcomes[at]!.error === undefined)
    const again = letters.filter((_, at) => LETTERED.has(codeOf(outcomes[at]!.error)))
    await deadLetters.remove([...done, ...again].map(({ id }) => id))
    return { committed: done.length, failed: letters.length - done.length }
  }

  get metrics(): PipelineMetrics {
    const { maxItems, maxBytes, clock } = this.#options
    const { items, bytes } = this.#gate
    const learned = this.#size?.learned
    return this.#meter.snapshot(
      clock.now(),
      { items, bytes, maxItems, maxBytes },
      { waiting: items - this.#meter.writing, writing: this.#meter.writing },
      {
        batchSize: this.#currentSize,
        fixedMs: learned?.fixedMs ?? Number.NaN,
        perIntentMs: learned?.perItemMs ?? Number.NaN,
      },
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
    this.#batcher.configure({
      maxItems: this.#currentSize,
      maxBytes: maxBatchBytes,
      maxAgeMs: timeWindowMs,
      whenIdle: adaptive !== undefined,
    })
    this.#slots.resize(maxConcurrentBatches)
    this.#refill()
  }

  async #open(): Promise<void> {
    try {
      await this.#options.sink.open(this.#options.intents)
    } catch (error) {
      this.#starting = undefined
      throw error
    }
    if (this.#state !== 'idle') return
    this.#state = 'running'
    this.#schedulePump()
  }

  #admit(intent: Intent): Entry | Promise<Entry> {
    if (this.#state === 'stopping' || this.#state === 'stopped') throw stopped()
    if (this.#options.whenOpen === 'fail' && this.#circuit.state === 'open') {
      throw new MillraceError(
        'CIRCUIT_OPEN',
        'Not accepted: the database did not answer several times in a row; try again later',
      )
    }
    return this.#admission.admit(intent, this.#turn.now())
  }

  /** Whether there is room for an entry, at once; where the oldest is dropped, there is. */
  #tryHold(entry: Entry): boolean {
    if (this.#options.whenFull !== 'drop-oldest') return this.#gate.tryAdmit(entry)
    while (!this.#gate.tryAdmit(entry)) {
      const oldest = this.#ages!.oldest()
      if (oldest === undefined) return false
      this.#endings.failed(
        oldest,
        new MillraceError(
          'INTENT_DROPPED',
          `${oldest.definition.type}: dropped for a newer one, for the queue was full`,
          {
            detail: { type: oldest.definition.type, waitedMs: this.#options.clock.now() - oldest.at },
          },
        ),
      )
    }
    return true
  }

  /** For what cannot be held at once: its schema takes its time, or there is no room. */
  async #submitLater(admitted: Entry | Promise<Entry>, signal: AbortSignal | undefined): Promise<IntentResult> {
    let entry: Entry
    try {
      entry = await admitted
      if (!(admitted instanceof Promise) || !this.#tryHold(entry)) {
        if (this.#options.whenFull !== 'wait') throw this.#full()
        await this.#gate.admit(entry, { signal })
      }
      if (signal?.aborted === true || this.#stopping !== undefined) {
        this.#gate.release(entry)
        throw signal?.aborted === true ? signal.reason : stopped()
      }
    } catch (error) {
      this.#meter.refused++
      throw codeOf(error) === 'GATE_CLOSED' ? stopped() : error
    }
    return this.#wait(entry, signal)
  }

  /** As {@link Scheduler.enqueue}, for what its schema has accepted later. */
  #hold(entry: Entry, intent: Intent): void {
    if (this.#stopping !== undefined) this.#refuseUnheard(intent, stopped())
    else if (this.#tryHold(entry)) this.#arrive(entry)
    else this.#refuseUnheard(intent, this.#full())
  }

  /** Nobody hears that it was refused: it is kept, and logged. */
  #refuseUnheard(intent: Intent, error: unknown): void {
    this.#meter.refused++
    this.#endings.keepRefused(intent, error)
    this.#options.logger?.warn({ type: intent?.type, err: error }, 'an intent was refused for which nobody waits')
  }

  #hear(intents: Intent | readonly Intent[]): void {
    for (const intent of Array.isArray(intents) ? intents : [intents as Intent]) {
      try {
        this.enqueue(intent)
      } catch (error) {
        this.#meter.refused--
        this.#refuseUnheard(intent, error)
      }
    }
  }

  #wait(entry: Entry, signal: AbortSignal | undefined): Promise<IntentResult> {
    const settled = new Promise<IntentResult>((resolve, reject) => {
      entry.resolve = resolve
      entry.reject = reject
    })
    if (signal !== undefined) this.#withdrawOn(signal, entry)
    this.#arrive(entry)
    return settled
  }

  #withdrawOn(signal: AbortSignal, entry: Entry): void {
    const { resolve, reject } = entry
    const withdraw = () => {
      if (entry.isWaiting) this.#endings.failed(entry, signal.reason)
    }
    signal.addEventListener('abort', withdraw)
    const end =
      <T>(settle: ((value: T) => void) | undefined) =>
      (value: T) => {
        signal.removeEventListener('abort', withdraw)
        settle?.(value)
      }
    entry.resolve = end(resolve)
    entry.reject = end(reject)
  }

  /** An entry that is held finds its place: in the batch, in the queue, or behind another of its key. */
  #arrive(entry: Entry): void {
    const before = this.#chains.enter(entry)
    if (before === undefined) this.#place(entry)
    else if (before.state === EntryState.BATCHED && this.#batcher.add(entry, entry.bytes, entry.at)) {
      entry.state = EntryState.BATCHED
    } else entry.state = EntryState.CHAINED
    if (this.#ages !== undefined) this.#age(entry)
    if (this.#state !== 'running' || this.#slots.free === 0) return
    if (this.#batcher.size >= this.#currentSize || this.#queue.size > 0) this.#pump()
    else if (this.#batching.adaptive !== undefined) this.#schedulePump()
    else this.#armWindow()
  }

  #place(entry: Entry): void {
    if (this.#queue.size === 0 && this.#batcher.add(entry, entry.bytes, entry.at)) entry.state = EntryState.BATCHED
    else {
      entry.state = EntryState.QUEUED
      this.#queue.push(entry)
    }
  }

  /** What waited behind an entry is next of its key. */
  #leaveChain(entry: Entry): void {
    const next = this.#chains.leave(entry)
    if (next === undefined) return
    this.#place(next)
    if (next.state === EntryState.BATCHED) this.#follow(next)
  }

  /** Those behind an entry come along into its batch. */
  #follow(head: Entry): void {
    let follower = head.next
    for (let count = 0; count < MOST_FOLLOWERS && follower?.state === EntryState.CHAINED; count++) {
      if (!this.#batcher.add(follower, follower.bytes, follower.at)) return
      follower.state = EntryState.BATCHED
      follower = follower.next
    }
  }

  #refill(): void {
    for (let head = this.#queue.peek(); head !== undefined; head = this.#queue.peek()) {
      if (head.state === EntryState.OVER) {
        this.#queue.shift()
        this.#leaveChain(head)
        continue
      }
      if (!this.#batcher.add(head, head.bytes, head.at)) return
      this.#queue.shift()
      head.state = EntryState.BATCHED
      this.#follow(head)
    }
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
    const { dueAt } = this.#batcher
    if (this.#windowTimer !== undefined || dueAt === Number.POSITIVE_INFINITY) return
    this.#windowTimer = clock.after(dueAt - clock.now(), () => {
      this.#windowTimer = undefined
      this.#pump()
    })
  }

  /** Lets batches leave, as long as something triggers one and a slot is free. */
  #pump(): void {
    if (this.#state !== 'running' && this.#state !== 'stopping') return
    while (this.#slots.free > 0) {
      const now = this.#options.clock.now()
      const trigger = this.#batcher.trigger(now, true)
      if (trigger === undefined && (this.#state === 'running' || this.#batcher.size === 0)) break
      this.#slots.tryAcquire()
      const batch = this.#batcher.take()
      this.#windowTimer?.cancel()
      this.#windowTimer = undefined
      this.#refill()
      void this.#run(batch, trigger === undefined ? 'stop' : trigger === 'age' ? 'time' : trigger, now)
    }
    if (this.#batching.adaptive === undefined && this.#slots.free > 0) this.#armWindow()
  }

  async #run(batch: TakenBatch<Entry>, trigger: IntentBatch['trigger'], now: number): Promise<void> {
    const id = ++this.#batches
    const { entries, isNamed } = begin(batch)
    this.#meter.waited(entries, now)
    const isFull = trigger === 'size' || trigger === 'bytes' || this.#queue.size > 0
    if (entries.length > 0) {
      this.#meter.writing += entries.length
      this.#meter.flushed(trigger, entries.length)
      const failedBefore = this.#meter.failed
      const waves = this.#prepare(id, entries, isNamed, trigger)
      const size = waves.reduce((sum, wave) => sum + wave.length, 0)
      if (size > 0) await this.#writer.write({ id, waves, size })
      this.#learn(id, size, isFull, this.#meter.failed - failedBefore)
    }
    // In the order of the batch: an entry leaves when none of its key is before it.
    if (isNamed) for (let at = 0; at < batch.count; at++) this.#leaveChain(batch.items[at]!)
    this.#batcher.recycle(batch)
    this.#slots.release()
    this.#refill()
    this.#pump()
  }

  /** Stage and waves. What fails here is over. */
  #prepare(
    id: number,
    entries: readonly Entry[],
    isNamed: boolean,
    trigger: IntentBatch['trigger'],
  ): readonly (readonly WriteItem[])[] {
    const items = this.#staged(entries)
    const { eventBus } = this.#options
    if (eventBus !== undefined && items.length > 0) {
      const intents = items.map((item) => (item instanceof EntryGroup ? stagedIntent(item) : (item as Entry).intent))
      try {
        eventBus.emit(SystemEvent.INTENT_BATCH, { id, intents, trigger } satisfies IntentBatch)
      } catch (error) {
        this.#options.logger?.error({ err: error }, 'a listener of the event bus threw')
      }
    }
    if (!isNamed) return items.length === 0 ? [] : [items]
    try {
      const waves = coalesce(items, items.length, { keyOf, idOf, merge: merged })
      const laid = waves.reduce((sum, wave) => sum + wave.length, 0)
      this.#meter.coalesced += items.length - laid
      return waves
    } catch (cause) {
      // Only a user's merge() can have thrown: without it nothing is lost.
      this.#options.logger?.error({ err: cause }, 'merge() of a definition threw; its intents are written one by one')
      return coalesce(items, items.length, { keyOf, idOf })
    }
  }

  #staged(entries: readonly Entry[]): readonly WriteItem[] {
    const { stage } = this.#options
    if (stage === undefined) return entries
    let outcomes: readonly (Intent | Error)[]
    try {
      outcomes = stage(entries.map((entry) => ({ ...entry.intent, payload: entry.payload })))
      if (!Array.isArray(outcomes) || outcomes.length !== entries.length) {
        throw new TypeError(
          `it gave ${Array.isArray(outcomes) ? outcomes.length : typeof outcomes} for ${entries.length} intents`,
        )
      }
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause)
      const error = new MillraceError('STAGE_FAILED', `The stage failed for a batch of ${entries.length}: ${message}`, {
        cause,
      })
      for (const entry of entries) this.#endings.failed(entry, error)
      return []
    }
    const items: WriteItem[] = []
    entries.forEach((entry, at) => {
      const outcome = outcomes[at]!
      try {
        if (outcome instanceof Error) throw outcome
        const staged = this.#admission.admit(outcome, entry.at)
        if (staged instanceof Promise) {
          staged.catch(() => {})
          throw new MillraceError('STAGE_FAILED', `${outcome.type}: a stage cannot give what its schema must wait for`)
        }
        items.push(new EntryGroup(staged.definition, staged.payload, [entry]))
      } catch (error) {
        this.#endings.failed(entry, error)
      }
    })
    return items
  }

  #learn(id: number, items: number, isFull: boolean, failures: number): void {
    const answer = this.#answers.get(id)
    this.#answers.delete(id)
    if (this.#size === undefined || answer === undefined) return
    this.#size.observe({ items, ms: answer.ms, isFull, failures, isTimeout: answer.isTimeout })
    this.#batcher.configure({ maxItems: this.#size.size })
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
        const { type } = entry.definition
        this.#endings.failed(
          entry,
          new MillraceError(
            'INTENT_EXPIRED',
            `${type}: not written within ${maxWaitMs} ms; submit it again if it is still wanted`,
            {
              detail: { type, maxWaitMs },
            },
          ),
        )
      }
    })
  }

  async #drain(withinMs: number): Promise<StopReport> {
    const { clock, sink, eventBus } = this.#options
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
        this.#dropWaiting()
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
    await this.#endings.kept()
    await sink.close()
    this.#state = 'stopped'
    return { unwritten: this.#endings.unwritten, unknown: this.#endings.unknown }
  }

  /** Ends all that waits, wherever it does. */
  #dropWaiting(): void {
    for (;;) {
      this.#refill()
      const batch = this.#batcher.take()
      if (batch.count === 0) return
      for (let at = 0; at < batch.count; at++) this.#endings.failed(batch.items[at]!, stopped())
      for (let at = 0; at < batch.count; at++) this.#leaveChain(batch.items[at]!)
      this.#batcher.recycle(batch)
    }
  }

  #full(): MillraceError {
    const { items, bytes } = this.#gate
    const { maxItems, maxBytes } = this.#options
    return new MillraceError(
      'QUEUE_FULL',
      `Not accepted: ${items} intents of ${bytes} bytes are held, of at most ${maxItems} and ${maxBytes}; submit again later, or more slowly`,
      { detail: { items, bytes, maxItems, maxBytes } },
    )
  }
}

const LETTERED: ReadonlySet<string> = new Set([
  'INTENT_REJECTED',
  'WRITE_FAILED',
  'OUTCOME_UNKNOWN',
  'BATCH_FAILED',
  'STAGE_FAILED',
])

/**
 * The entries of a batch that are to be written, without those that were withdrawn; and whether any, also of the latter, has a name.
 *
 * PERF: all that is to be known of an entry is found in one walk; bench/intents/overhead.bench.ts.
 */
function begin({ items, count }: TakenBatch<Entry>): { readonly entries: readonly Entry[]; readonly isNamed: boolean } {
  const entries = items.slice(0, count) as Entry[]
  let isNamed = false
  let live = 0
  for (const entry of entries) {
    if (entry.isNamed) isNamed = true
    if (entry.state === EntryState.OVER) continue
    entry.state = EntryState.WRITING
    entries[live++] = entry
  }
  entries.length = live
  return { entries, isNamed }
}

function keyOf({ key }: WriteItem): string | undefined {
  return key
}

function idOf({ idempotencyKey }: WriteItem): string | undefined {
  return idempotencyKey
}

function stagedIntent({ definition, payload, key, entries }: EntryGroup): Intent {
  return { ...entries[0]!.intent, type: definition.type, payload, key }
}

function codeOf(error: unknown): string {
  return error instanceof MillraceError ? error.code : ''
}
