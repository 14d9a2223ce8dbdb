import type { DiscoveredFile } from '../file.ts'
import type { FileBatch } from '../plan/batch-strategy.ts'
import type { Highlight } from '../processor/processor.ts'
import type { ExecutorReport } from '../worker/executor.ts'
import type { BatchOutcome, DeliveredFile, FailedAttempt, QuarantinedFile } from './outcome.ts'

/** A batch under way: owns what is known of its files until that goes out as an outcome. */
export class OpenBatch<F extends DiscoveredFile> {
  readonly batch: FileBatch<F>
  #unsettled: number
  #ms = 0
  #attempts = new Map<F, number>()
  #waiting = empty<F>()
  #waitingChars = 0

  constructor(batch: FileBatch<F>) {
    this.batch = batch
    this.#unsettled = batch.files.length
  }

  /** Whether every file has been delivered or quarantined. */
  get complete(): boolean {
    return this.#unsettled === 0
  }

  /** Files settled and not yet taken out as an outcome. */
  get waitingFiles(): number {
    return this.#waiting.delivered.length + this.#waiting.quarantined.length
  }

  /** Length of the records among them, characters. */
  get waitingChars(): number {
    return this.#waitingChars
  }

  addTime(ms: number): void {
    this.#ms += ms
  }

  /**
   * Takes in a report on `files`; gives those that are to be tried again.
   */
  takeReport(files: readonly F[], report: ExecutorReport, retryAttempts: number): F[] {
    for (const { index, hash, record, ms, bytes } of report.delivered) {
      this.#waiting.delivered.push({ file: files[index]!, hash, record, ms, bytes })
      this.#waitingChars += record.length
      this.#unsettled--
    }
    const again: F[] = []
    for (const { index, code, message, transient, ms, evidence } of report.failed) {
      const file = files[index]!
      const attempts = this.failedAttempt(file, code, message, ms)
      if (transient && attempts <= retryAttempts) again.push(file)
      else this.quarantine(file, code, message, evidence)
    }
    for (const highlight of report.highlights) this.#waiting.highlights.push(highlight)
    return again
  }

  /** Notes a try that failed; gives how many did so far. */
  failedAttempt(file: F, code: string, message: string, ms: number): number {
    const attempt = (this.#attempts.get(file) ?? 0) + 1
    this.#attempts.set(file, attempt)
    this.#waiting.attempts.push({ file, attempt, code, message, ms })
    return attempt
  }

  attemptsOf(file: F): number {
    return this.#attempts.get(file) ?? 0
  }

  quarantine(file: F, code: string, message: string, evidence: Readonly<Record<string, unknown>>): void {
    this.#waiting.quarantined.push({ file, code, message, attempts: this.attemptsOf(file), evidence })
    this.#unsettled--
  }

  /** What has settled since the outcome before; it is then no longer this batch's. */
  takeOutcome(worker: number): BatchOutcome<F> {
    const waiting = this.#waiting
    this.#waiting = empty<F>()
    this.#waitingChars = 0
    return { batch: this.batch, worker, complete: this.complete, ms: this.#ms, ...waiting }
  }
}

interface Waiting<F extends DiscoveredFile> {
  readonly delivered: DeliveredFile<F>[]
  readonly quarantined: QuarantinedFile<F>[]
  readonly attempts: FailedAttempt<F>[]
  readonly highlights: Highlight[]
}

function empty<F extends DiscoveredFile>(): Waiting<F> {
  return { delivered: [], quarantined: [], attempts: [], highlights: [] }
}
