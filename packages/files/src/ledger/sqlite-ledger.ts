import type { DatabaseSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import { MillraceError } from '@millrace/kernel'
import type { ExcludedFile } from '../file.ts'
import type { ResultRow } from '../sink/sink.ts'
import type { BatchRow, Checkpoint, JobOutcome, JobRow, JobSpec, LedgerFile } from './ledger.ts'
import type { LedgerCalls } from './ledger-protocol.ts'
import { isConflict } from './sqlite-failure.ts'
import { prepareStatements, type Statements, type StoredJob } from './statements.ts'

/**
 * The ledger over one SQLite database, synchronously: {@link LedgerCalls} done one at a time by the thread that owns it.
 *
 * Each writing call is one transaction and, in a database opened by `openDatabase`, one fsync.
 */
export class SqliteLedger implements LedgerCalls {
  readonly #db: DatabaseSync
  readonly #sql: Statements
  readonly #jobKeys = new Map<string, number>()

  constructor(db: DatabaseSync) {
    this.#db = db
    this.#sql = prepareStatements(db)
  }

  createJob(spec: JobSpec): string {
    const { root, processors, config, owner, startedMs } = spec
    return this.#transaction(() => {
      const jobId = this.#nextJobId(startedMs)
      this.#sql.insertJob(
        jobId,
        root,
        JSON.stringify(processors),
        config,
        owner.pid,
        owner.startedMs,
        owner.host,
        startedMs,
      )
      return jobId
    })
  }

  finishJob(jobId: string, outcome: JobOutcome): void {
    const { state, finishedMs, summary, reason } = outcome
    this.#sql.finishJob(state, finishedMs, summary, reason ?? null, this.#jobKey(jobId))
  }

  jobs(): JobRow[] {
    return this.#sql.jobs().map(jobRow)
  }

  job(jobId?: string): JobRow | undefined {
    const row = jobId === undefined ? this.#sql.newestJob() : this.#sql.job(jobId)
    return row && jobRow(row)
  }

  addFiles(jobId: string, files: readonly LedgerFile[], excluded: readonly ExcludedFile[]): void {
    const job = this.#jobKey(jobId)
    try {
      this.#transaction(() => {
        for (const { fileId, path, size, mtimeMs, stamp, language, kind } of files) {
          this.#sql.insertFile(job, fileId, path, size, mtimeMs, stamp, language, kind)
        }
        if (excluded.length === 0) return
        let id = Math.min(this.#sql.lowestFileId(job).id ?? 0, 0)
        for (const { path, reason } of excluded) {
          this.#sql.insertEntry(job, --id, path)
          this.#sql.insertExclusion(job, id, reason)
        }
      })
    } catch (error) {
      if (!isConflict(error)) throw error
      throw new MillraceError(
        'LEDGER_CONFLICT',
        `Job ${jobId} was given a file twice: by its id or by its path it is in the ledger already. Nothing of the call is kept.`,
        { detail: { jobId }, cause: error },
      )
    }
  }

  endDiscovery(jobId: string): void {
    this.#sql.endDiscovery(this.#jobKey(jobId))
  }

  pendingFiles(jobId: string, afterFileId: number, limit: number): LedgerFile[] {
    return this.#sql.pendingFiles(this.#jobKey(jobId), Math.max(afterFileId, -1), limit)
  }

  commit(jobId: string, checkpoint: Checkpoint): void {
    const job = this.#jobKey(jobId)
    try {
      this.#transaction(() => this.#write(jobId, job, checkpoint))
    } catch (error) {
      if (!isConflict(error)) throw error
      throw this.#conflict(jobId, job, checkpoint, error)
    }
  }

  #write(jobId: string, job: number, checkpoint: Checkpoint): void {
    const { batchId, complete, priority, estimatedMs, ms, worker } = checkpoint
    for (const { fileId, hash, record, ms } of checkpoint.deliveries) {
      const recordId = this.#sql.insertRecord(hash, crc32(record), record).lastInsertRowid
      this.#sql.insertResult(job, fileId, batchId, ms, recordId)
    }
    for (const { fileId, code, message, attempts, evidence } of checkpoint.quarantined) {
      this.#sql.insertQuarantined(job, fileId, batchId, code, message, attempts, evidence)
    }
    for (const { fileId, attempt, code, message, ms } of checkpoint.attempts) {
      this.#sql.insertAttempt(job, fileId, attempt, batchId, code, message, ms)
    }
    for (const { list, label, value } of checkpoint.highlights) this.#sql.insertHighlight(job, list, value, label)
    // Last, for the schema then looks whether any file is settled twice.
    if (this.#sql.insertBatch(job, batchId, priority, estimatedMs, ms, worker, Number(complete)).changes === 0) {
      throw new MillraceError(
        'LEDGER_CONFLICT',
        `Batch ${batchId} of job ${jobId} is complete and takes no further checkpoint. Nothing of this one is kept.`,
        { detail: { jobId, batchId } },
      )
    }
  }

  /** Names the file over which the schema refused a checkpoint; called when the transaction is undone. */
  #conflict(jobId: string, job: number, checkpoint: Checkpoint, cause: unknown): MillraceError {
    const { batchId, deliveries, quarantined, attempts } = checkpoint
    const seen = new Set<number>()
    for (const { fileId } of [...deliveries, ...quarantined]) {
      const { path, state } = this.#sql.standing(job, fileId)
      if (state === 'pending' && !seen.has(fileId)) seen.add(fileId)
      else return refused(path, state === 'pending' ? 'in it twice' : state, fileId)
    }
    const stranger = attempts.find(({ fileId }) => this.#sql.standing(job, fileId).state === 'unknown')
    return refused(null, 'unknown', stranger?.fileId)

    function refused(path: string | null, state: string, fileId: number | undefined): MillraceError {
      return new MillraceError(
        'LEDGER_CONFLICT',
        `A checkpoint of batch ${batchId} in job ${jobId} was refused: file ${fileId}${path === null ? '' : ` (${path})`} is ${state}. Nothing of the checkpoint is kept.`,
        { detail: { jobId, batchId, fileId, path, state }, cause },
      )
    }
  }

  books(jobId: string) {
    return this.#sql.books(this.#jobKey(jobId))
  }

  exclusions(jobId: string): Record<string, number> {
    return Object.fromEntries(this.#sql.exclusions(this.#jobKey(jobId)).map(({ reason, count }) => [reason, count]))
  }

  quarantine(jobId: string) {
    return this.#sql.quarantine(this.#jobKey(jobId))
  }

  attempts(jobId: string, limit: number) {
    return this.#sql.attempts(this.#jobKey(jobId), limit)
  }

  batches(jobId: string): BatchRow[] {
    return this.#sql.batches(this.#jobKey(jobId)).map((row) => ({ ...row, complete: row.complete === 1 }))
  }

  slowest(jobId: string, limit: number) {
    return this.#sql.slowest(this.#jobKey(jobId), limit)
  }

  highlights(jobId: string, limit: number) {
    return this.#sql.highlights(this.#jobKey(jobId), limit)
  }

  results(jobId: string, afterPath: string | undefined, limit: number, maxBytes: number): ResultRow[] {
    const page: ResultRow[] = []
    let bytes = 0
    for (const { path, hash, crc, record } of this.#sql.results(this.#jobKey(jobId), afterPath ?? '', limit)) {
      if (crc32(record) !== crc) throw this.#damaged(jobId, path)
      page.push({ path, hash, record })
      bytes += record.length
      if (bytes >= maxBytes) break
    }
    return page
  }

  recall(key: string): string | undefined {
    return this.#sql.recall(key)?.json
  }

  remember(key: string, json: string): void {
    this.#sql.remember(key, json)
  }

  /** Moves the log into the database and closes it. */
  close(): void {
    this.#db.close()
  }

  #damaged(jobId: string, path: string): MillraceError {
    return new MillraceError(
      'LEDGER_CORRUPT',
      `The record of ${path} in job ${jobId} is damaged: the ledger's disk or file has lost bits. Restore the ledger from a copy, or move it away and run again: the next run starts a new one.`,
      { detail: { jobId, path } },
    )
  }

  #transaction<T>(work: () => T): T {
    this.#sql.begin()
    try {
      const result = work()
      this.#sql.end()
      return result
    } catch (error) {
      // A full disk has undone it already.
      if (this.#db.isTransaction) this.#sql.undo()
      throw error
    }
  }

  #jobKey(jobId: string): number {
    const known = this.#jobKeys.get(jobId)
    if (known !== undefined) return known
    const row = this.#sql.jobKey(jobId)
    if (row === undefined) {
      throw new MillraceError(
        'JOB_UNKNOWN',
        `The ledger has no job ${jobId}. \`millrace files jobs\` lists those it has.`,
        {
          detail: { jobId },
        },
      )
    }
    this.#jobKeys.set(jobId, row.job)
    return row.job
  }

  /** `20261121-001`: the UTC day and the job's place in it, so that ids sort by age and can be typed. */
  #nextJobId(startedMs: number): string {
    const day = new Date(startedMs).toISOString().slice(0, 10).replaceAll('-', '')
    const last = this.#sql.lastJobOfDay(day)?.jobId
    const place = last === undefined ? 1 : Number(last.slice(day.length + 1)) + 1
    return `${day}-${String(place).padStart(3, '0')}`
  }
}

function jobRow({ pid, ownerStartedMs, host, processors, discoveryDone, ...rest }: StoredJob): JobRow {
  return {
    ...rest,
    processors: JSON.parse(processors),
    owner: { pid, startedMs: ownerStartedMs, host },
    discoveryDone: discoveryDone === 1,
  }
}
