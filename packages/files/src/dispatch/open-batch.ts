import type { DiscoveredFile } from '../file.ts'
import type { FileBatch } from '../plan/batch-strategy.ts'
import type { ExecutorReport, FileFailed } from '../worker/executor.ts'
import type {
  BatchOutcome,
  ConfirmedFile,
  DeliveredFile,
  FailedAttempt,
  HighlightOfFile,
  QuarantinedFile,
} from './outcome.ts'

/** How failures that may pass are taken. */
export interface RetryRule {
  /** How often a file is tried again. */
  readonly retryAttempts: number
  /** Whether a failure is none of the file's doing, so that it is tried again however often that was. */
  readonly spared: (failed: FileFailed) => boolean
}

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

  /** Whether every file has been delivered, confirmed or quarantined. */
  get complete(): boolean {
    return this.#unsettled === 0
  }

  /** Files settled and not yet taken out as an outcome. */
  get waitingFiles(): number {
    const { delivered, confirmed, quarantined } = this.#waiting
    return delivered.length + confirmed.length + quarantined.length
  }

  /** Length of the records among them, characters. */
  get waitingChars(): number {
    return this.#waitingChars
  }

  addTime(ms: number): void {
    this.#ms += ms
  }

  /** Takes in a report on `files`; gives those that are to be tried again. */
  takeReport(files: readonly F[], report: ExecutorReport, { retryAttempts, spared }: RetryRule): F[] {
    const waiting = this.#waiting
    for (const { index, ...result } of report.delivered) {
      waiting.delivered.push({ file: files[index]!, ...result })
      this.#waitingChars += result.record.length
    }
    for (const { index, ...found } of report.confirmed) waiting.confirmed.push({ file: files[index]!, ...found })
    this.#unsettled -= report.delivered.length + report.confirmed.length
    const again: F[] = []
    for (const failed of report.failed) {
      const { index, code, message, transient, ms, evidence } = failed
      const file = files[index]!
      if (spared(failed) || (this.failedAttempt(file, code, message, ms) <= retryAttempts && transient))
        again.push(file)
      else this.quarantine(file, code, message, evidence)
    }
    for (const { index, ...highlight } of report.highlights) {
      waiting.highlights.push({ file: files[index]!, ...highlight })
    }
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
  readonly confirmed: ConfirmedFile<F>[]
  readonly quarantined: QuarantinedFile<F>[]
  readonly attempts: FailedAttempt<F>[]
  readonly highlights: HighlightOfFile<F>[]
}

function empty<F extends DiscoveredFile>(): Waiting<F> {
  return { delivered: [], confirmed: [], quarantined: [], attempts: [], highlights: [] }
}
