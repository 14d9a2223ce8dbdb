import type { Clock } from '@millrace/kernel/clock'
import { Histogram } from '@millrace/kernel/observe/histogram'
import type { Dispatch } from '../dispatch/dispatch.ts'
import type { DurableOutcome } from '../dispatch/durable-outcome.ts'
import type { LedgerFile } from '../ledger/ledger.ts'
import type { BatchStatistics } from './events.ts'
import type { HeadroomWatch } from './headroom-watch.ts'
import type { Intake } from './intake.ts'
import { secondsLeft } from './seconds-left.ts'

const NOTHING_DONE: BatchStatistics = {
  jobId: null,
  phase: 'idle',
  found: 0,
  excluded: 0,
  delivered: 0,
  reused: 0,
  quarantined: 0,
  starts: 0,
  paused: null,
  bytes: 0,
  seconds: 0,
  filesPerSecond: 0,
  megabytesPerSecond: 0,
  etaSeconds: null,
  workers: 0,
  workersBusy: 0,
  concurrency: 0,
  batchesDone: 0,
  batchesPlanned: 0,
  retries: 0,
  workersReplaced: 0,
  rssMb: 0,
  peakRssMb: 0,
  utilisation: 0,
  perWorker: [],
  fileMs: { p50: 0, p95: 0, p99: 0, max: 0 },
}

/** What an engine says of itself before its first job. */
export const noStatistics = (): BatchStatistics => NOTHING_DONE

export interface ProgressOptions {
  readonly jobId: string
  /** How often the job was started. */
  readonly starts: number
  readonly clock: Clock
}

/** Counts what a job has come to; the only owner of its figures. */
export class Progress {
  phase: BatchStatistics['phase'] = 'discovering'
  batchesPlanned = 0
  readonly #jobId: string
  readonly #starts: number
  readonly #clock: Clock
  readonly #startedAt: number
  readonly #fileMicros = new Histogram()
  #workStartedAt: number | undefined
  #endedAt: number | undefined
  #delivered = 0
  #confirmed = 0
  #quarantined = 0
  #reopened = 0
  /** Of files that were handed on ahead of the walk: settled, and to be counted by the ledger when the walk comes to them. */
  #deliveredAhead = 0
  #lastSettledAt: number
  #bytes = 0
  #retries = 0
  #batchesDone = 0
  #estimatedDoneMs = 0
  #estimatedMs = 0

  constructor({ jobId, starts, clock }: ProgressOptions) {
    this.#jobId = jobId
    this.#starts = starts
    this.#clock = clock
    this.#startedAt = clock.now()
    this.#lastSettledAt = this.#startedAt
  }

  /** Seconds since a file last settled, or since the start. */
  get secondsSinceSettled(): number {
    return ((this.#endedAt ?? this.#clock.now()) - this.#lastSettledAt) / 1000
  }

  /** Says that workers have their first batch: rates count from here. */
  workStarted(): void {
    this.#workStartedAt ??= this.#clock.now()
  }

  /** The predicted cost of all files that are to be processed, milliseconds of worker time. */
  planned(batches: number, estimatedMs: number): void {
    this.batchesPlanned = this.#batchesDone + batches
    this.#estimatedMs = this.#estimatedDoneMs + estimatedMs
  }

  /** Takes what was committed; `ahead` are the files that the walk has not come to yet, which it will count. */
  take(outcome: DurableOutcome<LedgerFile>, ahead: ReadonlySet<number>): void {
    const { delivered, confirmed, quarantined } = outcome
    for (const { ms, bytes } of delivered) {
      this.#fileMicros.record(ms * 1000)
      this.#bytes += bytes
    }
    for (const { bytes } of confirmed) this.#bytes += bytes
    const here = (settled: readonly { readonly file: LedgerFile }[]) =>
      ahead.size === 0 ? settled.length : settled.filter(({ file }) => !ahead.has(file.fileId)).length
    const deliveredHere = here(delivered)
    this.#delivered += deliveredHere
    this.#deliveredAhead += delivered.length - deliveredHere
    this.#confirmed += here(confirmed)
    this.#quarantined += here(quarantined)
    this.#retries += outcome.attempts.length - quarantined.length
    this.#lastSettledAt = this.#clock.now()
    const share = (delivered.length + confirmed.length + quarantined.length) / outcome.batch.files.length
    this.#estimatedDoneMs += outcome.batch.estimatedMs * share
    if (outcome.complete) this.#batchesDone++
  }

  /** Files that came out of quarantine. */
  reopened(files: number): void {
    this.#reopened += files
  }

  end(): void {
    this.phase = 'done'
    this.#endedAt = this.#clock.now()
  }

  snapshot(intake: Intake, dispatch: Dispatch<LedgerFile>, watch: HeadroomWatch): BatchStatistics {
    const now = this.#endedAt ?? this.#clock.now()
    const seconds = (now - this.#startedAt) / 1000
    const workSeconds = this.#workStartedAt === undefined ? 0 : (now - this.#workStartedAt) / 1000
    const perSecond = (amount: number) => (seconds > 0 ? amount / seconds : 0)
    const micros = this.#fileMicros
    const fileMs = (p: number) => (micros.count === 0 ? 0 : micros.percentile(p) / 1000)
    const { workers, busy, replaced, busyMs, perWorker } = dispatch.workforce()
    const { paused, concurrency } = dispatch
    const reused = intake.unchanged + this.#confirmed
    return {
      jobId: this.#jobId,
      phase: this.phase,
      found: intake.found,
      excluded: intake.excluded,
      delivered: this.#delivered + reused,
      // What was done ahead of the walk stands unchanged when it comes by, and is this job's work all the same.
      reused: Math.max(0, reused - this.#deliveredAhead),
      quarantined: Math.max(0, this.#quarantined + intake.stillQuarantined - this.#reopened),
      starts: this.#starts,
      paused,
      bytes: this.#bytes,
      seconds,
      filesPerSecond: perSecond(this.#delivered + reused),
      megabytesPerSecond: perSecond(this.#bytes / 1e6),
      etaSeconds: this.#eta(workSeconds, concurrency),
      workers,
      workersBusy: busy,
      concurrency,
      batchesDone: this.#batchesDone,
      batchesPlanned: this.batchesPlanned,
      retries: this.#retries,
      workersReplaced: replaced,
      rssMb: watch.rssMb,
      peakRssMb: watch.peakRssMb,
      utilisation: workSeconds > 0 ? Math.min(1, busyMs / 1000 / (workSeconds * concurrency)) : 0,
      perWorker,
      fileMs: { p50: fileMs(50), p95: fileMs(95), p99: fileMs(99), max: micros.count === 0 ? 0 : micros.max / 1000 },
    }
  }

  #eta(workSeconds: number, concurrency: number): number | null {
    if (this.phase === 'discovering') return null
    if (this.phase !== 'processing') return 0
    const [estimatedMs, estimatedDoneMs] = [this.#estimatedMs, this.#estimatedDoneMs]
    return secondsLeft({ estimatedMs, estimatedDoneMs, workSeconds, concurrency })
  }
}
