import type { Clock } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import { Bisect } from '@millrace/kernel/execute/bisect'
import { circuitOpen, stopped } from '../intent-errors.ts'
import type { BatchOutcome, Failure, Sink, WriteBatch, WriteItem } from '../sink/sink.ts'
import type { Circuit } from './circuit.ts'
import { cut, keep } from './write-part.ts'

export interface BatchWriterOptions {
  readonly sink: Sink
  readonly circuit: Circuit
  readonly clock: Clock
  /** From 0 to 1. */
  readonly random: () => number
  readonly retry: { readonly attempts: number; readonly baseMs: number; readonly capMs: number }
  readonly writeTimeoutMs: number
  readonly atomicity: 'item' | 'batch'
  readonly whenOpen: 'fail' | 'hold' | 'degrade'
  /** All of `batch` was committed. */
  readonly onCommitted: (batch: WriteBatch, outcome: BatchOutcome) => void
  /** An item of `batch` ended otherwise; it is over. */
  readonly onFailed: (batch: WriteBatch, item: WriteItem, error: MillraceError) => void
  /** What an item was made of, that is written one by one when it is refused; of most items nothing. */
  readonly partsOf: (item: WriteItem) => readonly WriteItem[]
  /** That ended, after `ms`; with an error, of which the sink says it is of that kind. */
  readonly onAnswer: (batch: WriteBatch, ms: number, failure?: Failure, error?: unknown) => void
}

/** How long a sink that was told to give up may take to say how it stands. */
const GRACE_MS = 1000

/**
 * Writes a batch until each of its items is committed or has failed for good, and says so of each exactly once.
 *
 * - Refused for what is in it (`data`): it is searched, in order, for the items at fault; the others commit.
 * - Refused for a passing reason (`transient`): all of it is written again, after a wait.
 * - No answer (`unknown`): items with an idempotency key are written again, which the key makes harmless; the others end with
 *   `OUTCOME_UNKNOWN`, for they may be in, and may not.
 * - Refused for good (`permanent`): of several types of intents each is written alone, wave by wave; then it ends with `WRITE_FAILED`.
 *
 * Where a batch is written as a whole or not at all (`atomicity: 'batch'`), none of this divides it.
 */
export class BatchWriter {
  readonly #options: BatchWriterOptions
  readonly #aborts = new Set<AbortController>()
  readonly #sleepers = new Set<() => void>()
  #isOver = false

  constructor(options: BatchWriterOptions) {
    this.#options = options
  }

  /** Resolves when every item has been told. Never rejects. */
  async write(batch: WriteBatch): Promise<void> {
    const { whenOpen, circuit, atomicity } = this.#options
    if (whenOpen === 'degrade' && circuit.state !== 'closed' && atomicity === 'item') {
      for (let at = 0; at < batch.size; at++) await this.#writePart(cut(batch, at, at + 1))
      return
    }
    await this.#writePart(batch)
  }

  /** Gives up: what is being written is aborted, and nothing is tried again. */
  abort(): void {
    this.#isOver = true
    for (const abort of this.#aborts) abort.abort(stopped())
    for (const wake of this.#sleepers) wake()
  }

  async #writePart(batch: WriteBatch, isUnknown = false): Promise<void> {
    const fault = await this.#try(batch, isUnknown)
    if (fault === undefined) return
    const { cause, left } = fault
    if (this.#options.atomicity === 'batch' && left.size > 1) {
      const error = new MillraceError(
        'BATCH_FAILED',
        `None of ${left.size} intents was written, for one of them was refused: ${messageOf(cause)}; with atomicity: 'item' the others would be`,
        { detail: { size: left.size, ...sqlStateOf(cause) }, cause },
      )
      this.#fail(left, () => error)
      return
    }
    await this.#isolate(left, cause)
  }

  /** Finds what is at fault in a batch that was refused, and has all else committed, in order. */
  async #isolate(batch: WriteBatch, cause: unknown): Promise<void> {
    if (batch.size === 1) return this.#blame(batch, cause)
    const search = new Bisect(batch.size)
    for (let part = search.next(); part !== undefined; part = search.next()) {
      const smaller = cut(batch, part.from, part.to)
      const fault = await this.#try(smaller)
      if (fault === undefined) search.passed()
      else if (search.failed() !== undefined) await this.#blame(fault.left, fault.cause)
    }
  }

  /** A single item is at fault: what it was made of may be so only in part. */
  async #blame(batch: WriteBatch, cause: unknown): Promise<void> {
    const { atomicity, partsOf } = this.#options
    const parts = batch.waves.flatMap((wave) => wave.flatMap(partsOf))
    if (parts.length < 2 || atomicity === 'batch') this.#fail(batch, (item) => rejected(item, cause))
    else await this.#isolate({ id: batch.id, waves: parts.map((part) => [part]), size: parts.length }, cause)
  }

  /**
   * Writes until it is committed or has failed for good, and gives the reason if one of its items, nobody knows which, is at fault.
   * @param isUnknown is whether an attempt may have committed it.
   */
  async #try(batch: WriteBatch, isUnknown = false): Promise<Fault | undefined> {
    const { sink, retry, circuit, whenOpen, onCommitted } = this.#options
    let left = batch
    let last: unknown
    for (let attempt = 1; ; attempt++) {
      // PERF: what may be written at once is, before anything else happens; bench/intents/throughput.bench.ts.
      const entered = !this.#isOver && circuit.tryEnter() ? 'entered' : await this.#enter(attempt)
      if (entered === 'refused') {
        this.#fail(left, (item) => (isUnknown ? unknown(item, last) : this.#isOver ? stopped() : circuitOpen(last)))
        return undefined
      }
      let outcome: BatchOutcome
      try {
        const write = () => this.#once(left)
        outcome = entered === 'probe' ? await write() : await circuit.run(write)
        if (entered === 'probe') circuit.test()
      } catch (error) {
        last = error
        const failure = failureOf(sink, error)
        if (failure === 'data') return { cause: error, left }
        if (failure === 'permanent') return await this.#refuse(left, error, isUnknown)
        if (failure === 'unknown') {
          isUnknown = true
          left = this.#keepKeyed(left, error)
          if (left.size === 0) return undefined
        }
        const isHeld = whenOpen === 'hold' && circuit.state !== 'closed'
        if (attempt >= retry.attempts && !isHeld) {
          this.#fail(left, (item) => (isUnknown ? unknown(item, error) : failed(item, attempt, error)))
          return undefined
        }
        if (isHeld) attempt = 0
        else await this.#sleep(this.#backoffMs(attempt))
        continue
      }
      onCommitted(left, outcome)
      return undefined
    }
  }

  /** Waits until an attempt may be made. */
  async #enter(attempt: number): Promise<'entered' | 'probe' | 'refused'> {
    const { circuit, whenOpen, retry } = this.#options
    for (let wait = attempt; ; wait++) {
      if (this.#isOver) return 'refused'
      if (circuit.tryEnter()) return 'entered'
      if (whenOpen === 'fail') return 'refused'
      if (whenOpen === 'hold') await this.#until(circuit.changed())
      else {
        // The first time at once: it is for the next ones that the pace is slow.
        if (attempt > 1 || wait > attempt) return 'probe'
        await this.#sleep(retry.baseMs)
      }
    }
  }

  /** One attempt. A sink that does not answer in time is told to give up, and after that counts as gone. */
  #once(batch: WriteBatch): Promise<BatchOutcome> {
    const { sink, clock, writeTimeoutMs, onAnswer } = this.#options
    const abort = new AbortController()
    this.#aborts.add(abort)
    const begun = clock.now()
    return new Promise((resolve, reject) => {
      let hasEnded = false
      const end = (settle: () => void, failure?: Failure, error?: unknown) => {
        if (hasEnded) return
        hasEnded = true
        timer.cancel()
        this.#aborts.delete(abort)
        onAnswer(batch, clock.now() - begun, failure, error)
        settle()
      }
      const refuse = (error: unknown) => end(() => reject(error), failureOf(sink, error), error)
      const giveUp = () => {
        timer.cancel()
        timer = clock.after(GRACE_MS, () => refuse(new Unanswered(abort.signal.reason)))
      }
      let timer = clock.after(writeTimeoutMs, () => abort.abort(timedOut(writeTimeoutMs)))
      abort.signal.addEventListener('abort', giveUp, { once: true })
      // A sink may throw before it has a promise to give.
      new Promise<BatchOutcome>((written) => written(sink.write(batch, abort.signal))).then(
        (outcome) => end(() => resolve(outcome)),
        refuse,
      )
    })
  }

  async #refuse(batch: WriteBatch, cause: unknown, isUnknown: boolean): Promise<undefined> {
    const definitions = new Set(batch.waves.flatMap((wave) => wave.map(({ definition }) => definition)))
    if (definitions.size === 1 || this.#options.atomicity === 'batch') {
      this.#fail(batch, (item) => (isUnknown ? unknown(item, cause) : failed(item, 1, cause)))
      return
    }
    // Within a wave nothing depends on the order: types can be told apart there without a later intent overtaking an earlier one of its key.
    for (const wave of batch.waves) {
      for (const each of new Set(wave.map(({ definition }) => definition))) {
        const alone = wave.filter(({ definition }) => definition === each)
        await this.#writePart({ id: batch.id, waves: [alone], size: alone.length }, isUnknown)
      }
    }
  }

  /** Ends items of which nobody can tell whether they are in, and gives the others. */
  #keepKeyed(batch: WriteBatch, cause: unknown): WriteBatch {
    const hasKey = (item: WriteItem) => item.idempotencyKey !== undefined
    const isWhole = this.#options.atomicity === 'batch'
    const isSafe = !isWhole || batch.waves.every((wave) => wave.every(hasKey))
    const isKeyed = (item: WriteItem) => isSafe && hasKey(item)
    this.#fail(
      keep(batch, (item) => !isKeyed(item)),
      (item) => unknown(item, cause),
    )
    return keep(batch, isKeyed)
  }

  #fail(batch: WriteBatch, errorOf: (item: WriteItem) => MillraceError): void {
    for (const wave of batch.waves) for (const item of wave) this.#options.onFailed(batch, item, errorOf(item))
  }

  #backoffMs(attempt: number): number {
    const { retry, random } = this.#options
    return Math.min(retry.capMs, retry.baseMs * 2 ** (attempt - 1)) * (0.5 + 0.5 * random())
  }

  #sleep(ms: number): Promise<void> {
    if (this.#isOver) return Promise.resolve()
    let wake = () => {}
    const slept = new Promise<void>((resolve) => {
      wake = resolve
    })
    const timer = this.#options.clock.after(ms, wake)
    this.#sleepers.add(wake)
    return slept.then(() => {
      timer.cancel()
      this.#sleepers.delete(wake)
    })
  }

  async #until(event: Promise<void>): Promise<void> {
    if (this.#isOver) return
    let wake = () => {}
    const woken = new Promise<void>((resolve) => {
      wake = resolve
    })
    this.#sleepers.add(wake)
    await Promise.race([event, woken])
    this.#sleepers.delete(wake)
  }
}

/** What was refused because of one of its items: all of a batch that was not told before how it ended. */
interface Fault {
  readonly cause: unknown
  readonly left: WriteBatch
}

/** A sink did not even say how it stands when it was told to give up. */
export class Unanswered {
  readonly reason: unknown

  constructor(reason: unknown) {
    this.reason = reason
  }
}

/** What an error says of a batch; whatever has no answer says that nobody knows. */
export function failureOf(sink: Sink, error: unknown): Failure {
  if (error instanceof Unanswered) return 'unknown'
  try {
    return sink.failureOf(error)
  } catch {
    return 'unknown'
  }
}

function rejected({ definition }: WriteItem, cause: unknown): MillraceError {
  return new MillraceError('INTENT_REJECTED', `${definition.type}: refused by the database: ${messageOf(cause)}`, {
    detail: { type: definition.type, attempts: 1, ...sqlStateOf(cause) },
    cause,
  })
}

function failed({ definition }: WriteItem, attempts: number, cause: unknown): MillraceError {
  const times = attempts === 1 ? 'once' : `${attempts} times`
  return new MillraceError('WRITE_FAILED', `${definition.type}: not written, tried ${times}: ${messageOf(cause)}`, {
    detail: { type: definition.type, attempts, ...sqlStateOf(cause) },
    cause,
  })
}

function unknown({ definition, idempotencyKey }: WriteItem, cause: unknown): MillraceError {
  const advice =
    idempotencyKey === undefined
      ? 'give intents an idempotencyKey, and they are written again without harm'
      : 'submit it again with the same idempotencyKey'
  return new MillraceError(
    'OUTCOME_UNKNOWN',
    `${definition.type}: may be written and may not: the answer was lost (${messageOf(cause)}); ${advice}`,
    { detail: { type: definition.type, idempotencyKey, ...sqlStateOf(cause) }, cause },
  )
}

function timedOut(ms: number): MillraceError {
  return new MillraceError('WRITE_TIMEOUT', `A batch was not written within ${ms} ms; see what holds the database`, {
    detail: { ms },
  })
}

function messageOf(error: unknown): string {
  if (error instanceof Unanswered) return messageOf(error.reason)
  return error instanceof Error ? error.message : String(error)
}

/** What PostgreSQL calls the error, for programs. */
function sqlStateOf(error: unknown): { readonly sqlState?: string } {
  const told = error instanceof MillraceError ? { code: error.detail.sqlState } : error
  const code = typeof told === 'object' && told !== null && 'code' in told ? told.code : undefined
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? { sqlState: code } : {}
}
