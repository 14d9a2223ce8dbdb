import type { Gate } from '@millrace/kernel/admit/gate'
import type { Clock } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import type { Intent, IntentResult } from '../intent/intent.ts'
import type { FlowMeter } from '../observe/flow-meter.ts'
import { SubmissionTimes } from '../observe/submission-times.ts'
import { Entry, EntryState } from '../queue/entry.ts'
import { entriesOf } from '../queue/entry-group.ts'
import type { Logger } from '../scheduler-options.ts'
import type { BatchOutcome, ItemOutcome, WriteBatch, WriteItem } from '../sink/sink.ts'
import type { DeadLetter, DeadLetters } from './dead-letters.ts'

/** PERF: one for all that have nothing to tell; bench/intents/overhead.bench.ts. */
const COMMITTED: IntentResult = Object.freeze({ status: 'committed', value: undefined })

/** Errors for which an intent is kept if nobody waits for it: it could be submitted again. */
const UNHEARD_LETTER_CODES: ReadonlySet<string> = new Set(['CIRCUIT_OPEN', 'SCHEDULER_STOPPED'])

/** Errors for which an intent is kept: not its caller's doing. */
export const LETTER_CODES: ReadonlySet<string> = new Set([
  'INTENT_REJECTED',
  'WRITE_FAILED',
  'OUTCOME_UNKNOWN',
  'BATCH_FAILED',
  'STAGE_FAILED',
])

export interface EndingsOptions {
  readonly gate: Gate<Entry>
  readonly meter: FlowMeter
  readonly clock: Clock
  readonly deadLetters: DeadLetters | undefined
  readonly logger: Logger | undefined
  /** Nothing is held any more. */
  readonly onEmpty: () => void
}

/**
 * Ends each entry, once: it is over, its room is given back, and then its caller hears of it.
 *
 * Who takes an entry to `OVER` ends it; one that is over already is not touched again.
 */
export class Endings {
  readonly #options: EndingsOptions
  /** To be kept together. */
  #letters: Omit<DeadLetter, 'id'>[] = []
  #keeping: Promise<void> = Promise.resolve()
  /** Letters that could not be kept. */
  #lost = 0
  /** Intents that ended so, while it is being stopped. */
  readonly unwritten: Intent[] = []
  readonly unknown: Intent[] = []
  isStopping = false

  constructor(options: EndingsOptions) {
    this.#options = options
  }

  /** All of a batch was committed; what its items came to stands in `outcome`. Returns how many intents are not in the database. */
  committed(batch: WriteBatch, outcome: BatchOutcome): number {
    const { meter, clock } = this.#options
    const now = clock.now()
    const submitted = new SubmissionTimes()
    const entries = this.#ending(batch, submitted)
    meter.writing -= entries.length
    let failed = 0
    if (outcome.size === 0) {
      for (const entry of entries) {
        entry.state = EntryState.OVER
        entry.resolve?.(COMMITTED)
      }
      meter.committed += entries.length
    } else failed = this.#tellEach(batch, outcome)
    meter.ended(entries.length, submitted, now, failed)
    this.#afterwards()
    return failed
  }

  /** The entries of a batch that are not over. All room is given back before anybody hears of it: who waits for room was here before who hears now. */
  #ending({ waves }: WriteBatch, submitted: SubmissionTimes): readonly Entry[] {
    const { gate } = this.#options
    const [wave] = waves
    // PERF: most batches are one wave of entries, which need not be copied; bench/intents/overhead.bench.ts.
    const entries =
      waves.length === 1 && wave!.every(isEnding)
        ? (wave as readonly Entry[])
        : waves.flatMap((each) => each.flatMap(entriesOf)).filter(({ state }) => state !== EntryState.OVER)
    for (const entry of entries) {
      gate.release(entry)
      submitted.add(entry.at)
    }
    return entries
  }

  /** Returns how many are not in the database. */
  #tellEach({ waves }: WriteBatch, outcome: BatchOutcome): number {
    let failed = 0
    for (const wave of waves) {
      for (const item of wave) {
        const ended = outcome.get(item)
        for (const entry of entriesOf(item)) {
          if (entry.state === EntryState.OVER) continue
          entry.state = EntryState.OVER
          if (!this.#tell(entry, ended)) failed++
        }
      }
    }
    return failed
  }

  /** An entry ended with an error, wherever it was. */
  failed(entry: Entry, error: unknown): void {
    if (entry.state === EntryState.OVER) return
    const { gate, meter, clock } = this.#options
    if (entry.state === EntryState.WRITING) meter.writing--
    entry.state = EntryState.OVER
    gate.release(entry)
    const submitted = new SubmissionTimes()
    submitted.add(entry.at)
    meter.ended(1, submitted, clock.now(), 1)
    this.#reject(entry, error)
    this.#afterwards()
  }

  /** Resolves when every dead letter is kept, or could not be; gives how many could not, since the start. */
  async kept(): Promise<number> {
    this.#keep()
    await this.#keeping
    return this.#lost
  }

  /** Keeps an intent that never got as far as to be an entry, and whose sender does not hear of it. */
  keepRefused(intent: Intent, error: unknown): void {
    this.#letter(intent, error)
  }

  /** Whether it is in the database. */
  #tell(entry: Entry, outcome: ItemOutcome | undefined): boolean {
    const { meter } = this.#options
    if (outcome === undefined) {
      meter.committed++
      entry.resolve?.(COMMITTED)
      return true
    }
    if (outcome.status === 'failed') {
      this.#reject(entry, outcome.error)
      return false
    }
    if (outcome.status === 'duplicate') meter.duplicates++
    else meter.committed++
    entry.resolve?.({ status: outcome.status, value: outcome.value })
    return true
  }

  #reject(entry: Entry, error: unknown): void {
    this.#options.meter.failed++
    const code = error instanceof MillraceError ? error.code : ''
    const isUnheard = entry.reject === undefined
    if (LETTER_CODES.has(code) || (isUnheard && UNHEARD_LETTER_CODES.has(code))) this.#letter(entry.intent, error)
    if (this.isStopping && code === 'SCHEDULER_STOPPED') this.unwritten.push(entry.intent)
    if (this.isStopping && code === 'OUTCOME_UNKNOWN') this.unknown.push(entry.intent)
    if (entry.reject !== undefined) entry.reject(error)
    else {
      const { type, key } = entry.intent
      this.#options.logger?.warn({ type, key, err: error }, 'an intent failed for which nobody waits')
    }
  }

  #letter(intent: Intent, error: unknown): void {
    if (this.#options.deadLetters === undefined) return
    const known = error instanceof MillraceError ? error : undefined
    const attempts = known?.detail.attempts
    const reason = error instanceof Error ? error.message : String(error)
    this.#letters.push({
      intent,
      code: known?.code ?? 'UNKNOWN',
      reason,
      attempts: typeof attempts === 'number' ? attempts : 0,
      failedAt: this.#options.clock.wallNow(),
    })
    // What fails together is kept together: all that fails before anything else can happen.
    if (this.#letters.length === 1) queueMicrotask(() => this.#keep())
  }

  #keep(): void {
    const { deadLetters, logger, meter } = this.#options
    const letters = this.#letters
    if (letters.length === 0 || deadLetters === undefined) return
    this.#letters = []
    this.#keeping = this.#keeping.then(async () => {
      try {
        await deadLetters.add(letters)
        meter.deadLettered += letters.length
      } catch (error) {
        this.#lost += letters.length
        logger?.error({ err: error, letters }, 'intents could not be kept as dead letters; this line has them')
      }
    })
  }

  #afterwards(): void {
    if (this.#options.gate.items === 0) this.#options.onEmpty()
  }
}

function isEnding(item: WriteItem): item is Entry {
  return item instanceof Entry && item.state !== EntryState.OVER
}
