import type { DatabaseSync } from 'node:sqlite'
import type { ResultRow } from '../sink/sink.ts'
import { recordCrc } from './checksums.ts'
import { FileIdSet } from './file-id-set.ts'
import { jobIdAfter, jobRow, treeNames, utcDay } from './job-rows.ts'
import type {
  BatchRow,
  Books,
  Checkpoint,
  FoundChunk,
  JobOutcome,
  JobOwner,
  JobRow,
  JobSpec,
  JobStart,
  LedgerFile,
  MeetOptions,
  Met,
  Unmet,
} from './ledger.ts'
import type { LedgerCalls } from './ledger-protocol.ts'
import { applyStretch, knownStretch, knownWithin, removeFile } from './meet-stretch.ts'
import type { Ownership } from './owner-lock.ts'
import { quarantineUnknown } from './quarantine-unknown.ts'
import {
  discoveryEnded,
  handedTwice,
  jobDone,
  jobNotStarted,
  jobUnknown,
  notOwner,
  recordDamaged,
  superseded,
} from './refusals.ts'
import { isConflict } from './sqlite-failure.ts'
import { prepareStatements, type Standing, type Statements } from './statements.ts'
import { compareStretch, endOfStretch, hasChanges, type StretchChanges } from './stretch-changes.ts'
import { conflictOf, writeCheckpoint } from './write-checkpoint.ts'

/** The tree of a job that was never started: it has no files. */
const NO_TREE = 0

/** What is remembered of a job while it runs here. */
interface StartedJob {
  /** The last path met; null once discovery ended. */
  after: string | null
  /** Files handed out to be read while their result stands, and not settled since. */
  readonly toCheck: FileIdSet
  /** Files that earlier starts found as they were. */
  readonly confirmed: FileIdSet
}

/**
 * The ledger over one SQLite database, synchronously: {@link LedgerCalls} done one at a time by the thread that owns it.
 *
 * Each writing call is one transaction and, in a database opened by `openDatabase`, one fsync; a stretch of the tree in which
 * nothing changed is none.
 */
export class SqliteLedger implements LedgerCalls {
  readonly #db: DatabaseSync
  readonly #sql: Statements
  readonly #ownership: Ownership
  readonly #started = new Map<string, StartedJob>()

  constructor(db: DatabaseSync, ownership: Ownership) {
    this.#db = db
    this.#sql = prepareStatements(db)
    this.#ownership = ownership
  }

  tryOwn(): boolean {
    return this.#ownership.tryTake()
  }

  release(): void {
    this.#ownership[Symbol.dispose]()
    this.#started.clear()
  }

  enqueueJob(spec: JobSpec): string {
    const { root, processors, config, priority, owner, createdMs } = spec
    return this.#transaction(() => {
      const day = utcDay(createdMs)
      const jobId = jobIdAfter(day, this.#sql.lastJobOfDay(day)?.jobId)
      const { tree } = this.#sql.enterTree(root, treeNames(processors))
      const tags = JSON.stringify(processors)
      const { pid, startedMs, host } = owner
      this.#sql.insertJob(jobId, tree, tags, config, priority, pid, startedMs, host, createdMs)
      return jobId
    })
  }

  startJob(jobId: string, owner: JobOwner, startedMs: number): JobStart {
    this.#mustOwn('startJob')
    const { job, tree, state, supersededBy } = this.#standing(jobId)
    if (state === 'done') throw jobDone(jobId)
    if (supersededBy !== null) throw superseded(jobId, supersededBy)
    const start = this.#transaction(() => {
      const before = this.#sql.jobOfTree(tree).job
      if (before !== null && before !== job && this.#sql.storedBooks(before).discovered === null) {
        this.#storeBooks(before, tree)
      }
      if (before !== null && before !== job) this.#sql.deleteConfirmations(before)
      this.#sql.takeTree(tree, job)
      this.#sql.startJob(job, owner.pid, owner.startedMs, owner.host, startedMs)
      return { firstBatchId: this.#sql.nextBatchId(job).id }
    })
    const confirmed = new FileIdSet()
    for (const { files } of this.#sql.confirmations(job)) {
      for (const fileId of JSON.parse(files) as number[]) confirmed.add(fileId)
    }
    this.#started.set(jobId, { after: '', toCheck: new FileIdSet(), confirmed })
    return start
  }

  finishJob(jobId: string, outcome: JobOutcome): void {
    const { job, tree, state, starts, supersededBy } = this.#standing(jobId)
    if (state !== 'queued') this.#mustOwn('finishJob')
    const { finishedMs, summary, reason } = outcome
    this.#transaction(() => {
      if (supersededBy === null) this.#storeBooks(job, starts === 0 ? NO_TREE : tree)
      this.#sql.finishJob(job, outcome.state, finishedMs, summary, reason ?? null)
      if (outcome.state === 'done') this.#sql.deleteConfirmations(job)
    })
    this.#started.delete(jobId)
  }

  jobs(): JobRow[] {
    return this.#sql.jobs().map(jobRow)
  }

  job(jobId?: string): JobRow | undefined {
    const row = jobId === undefined ? this.#sql.newestJob() : this.#sql.job(jobId)
    return row && jobRow(row)
  }

  meetFiles(jobId: string, found: FoundChunk, options: MeetOptions): Met {
    this.#mustOwn('meetFiles')
    const { job, tree, started } = this.#running(jobId)
    const { after, toCheck, confirmed } = started
    if (after === null) throw discoveryEnded(jobId)
    const { within } = found
    const upTo = within === undefined ? endOfStretch(found, after) : after
    const known =
      within === undefined
        ? knownStretch(this.#sql, tree, after, upTo, options)
        : knownWithin(this.#sql, tree, within, options)
    const changes = compareStretch(known, { job, after: within === undefined ? after : '', confirmed }, found, options)
    const met = hasChanges(changes) ? this.#applyStretch(jobId, tree, changes) : applyStretch(this.#sql, tree, changes)
    for (const { known, fate } of changes.pending) if (fate === 'checked') toCheck.add(known![1])
    started.after = upTo
    return met
  }

  #applyStretch(jobId: string, tree: number, changes: StretchChanges): Met {
    try {
      return this.#transaction(() => applyStretch(this.#sql, tree, changes))
    } catch (error) {
      if (!isConflict(error)) throw error
      throw handedTwice(jobId, error)
    }
  }

  endDiscovery(jobId: string, unmet: Unmet = 'gone'): number {
    this.#mustOwn('endDiscovery')
    const { job, tree, started } = this.#running(jobId)
    const { after } = started
    if (after === null) return 0
    const removed = this.#transaction(() => {
      const gone = unmet === 'gone' ? this.#sql.filesAfter(tree, after) : []
      for (const { fileId } of gone) removeFile(this.#sql, tree, fileId)
      if (unmet === 'gone') this.#sql.deleteExclusionsAfter(tree, after)
      if (gone.some(({ hasResult }) => hasResult === 1)) this.#sql.revise(tree)
      this.#sql.endDiscovery(job)
      return gone.length
    })
    started.after = null
    return removed
  }

  pendingFiles(jobId: string, afterFileId: number, limit: number): LedgerFile[] {
    return this.#sql.pendingFiles(this.#treeOf(jobId), afterFileId, limit)
  }

  reopenQuarantined(jobId: string, paths?: readonly string[]): LedgerFile[] {
    this.#mustOwn('reopenQuarantined')
    const tree = this.#treeOf(jobId)
    const fileIds = paths === undefined ? this.#sql.quarantine(tree) : this.#quarantinedAt(jobId, tree, paths)
    if (fileIds.length === 0) return []
    return this.#transaction(() =>
      fileIds.map(({ fileId }) => {
        this.#sql.deleteQuarantined(tree, fileId)
        this.#sql.deleteAttempts(tree, fileId)
        return this.#sql.pendingFiles(tree, fileId - 1, 1)[0]!
      }),
    )
  }

  #quarantinedAt(jobId: string, tree: number, paths: readonly string[]): { fileId: number }[] {
    const found = [...new Set(paths)].map((path) => ({ path, file: this.#sql.quarantinedByPath(tree, path) }))
    const unknown = found.filter(({ file }) => file === undefined).map(({ path }) => path)
    if (unknown.length === 0) return found.map(({ file }) => file!)
    throw quarantineUnknown(jobId, unknown)
  }

  commit(jobId: string, checkpoint: Checkpoint): number[] {
    this.#mustOwn('commit')
    const { job, tree, started } = this.#running(jobId)
    const { toCheck } = started
    const target = { jobId, job, tree, toCheck }
    try {
      const gone = this.#transaction(() => writeCheckpoint(this.#sql, target, checkpoint))
      for (const settled of [checkpoint.deliveries, checkpoint.confirmed, checkpoint.quarantined]) {
        for (const { fileId } of settled) toCheck.delete(fileId)
      }
      return gone
    } catch (error) {
      if (!isConflict(error)) throw error
      throw conflictOf(this.#sql, target, checkpoint, error)
    }
  }

  books(jobId: string): Books {
    const { job, tree, starts, supersededBy } = this.#standing(jobId)
    if (supersededBy !== null) return this.#sql.storedBooks(job)
    return this.#sql.books(starts === 0 ? NO_TREE : tree)
  }

  revision(jobId: string): number {
    return this.#sql.revision(this.#treeOf(jobId))?.revision ?? 0
  }

  exclusions(jobId: string): Record<string, number> {
    return Object.fromEntries(this.#sql.exclusions(this.#treeOf(jobId)).map(({ reason, count }) => [reason, count]))
  }

  quarantine(jobId: string) {
    return this.#sql.quarantine(this.#treeOf(jobId))
  }

  attempts(jobId: string, limit: number) {
    return this.#sql.attempts(this.#treeOf(jobId), limit)
  }

  batches(jobId: string): BatchRow[] {
    const { job } = this.#standing(jobId)
    return this.#sql.batches(job).map((row) => ({ ...row, complete: row.complete === 1 }))
  }

  slowest(jobId: string, limit: number) {
    return this.#sql.slowest(this.#treeOf(jobId), limit)
  }

  highlights(jobId: string, limit: number) {
    const tree = this.#treeOf(jobId)
    const lists: string[] = []
    for (let list = this.#sql.nextList(tree, '').list; list !== null; list = this.#sql.nextList(tree, list).list) {
      lists.push(list)
    }
    return lists.flatMap((list) => this.#sql.highlights(tree, list, limit))
  }

  results(jobId: string, afterPath: string | undefined, limit: number, maxBytes: number): ResultRow[] {
    const page: ResultRow[] = []
    let bytes = 0
    for (const { path, hash, crc, record } of this.#sql.results(this.#treeOf(jobId), afterPath ?? '', limit)) {
      if (hash === null || record === null || recordCrc(path, hash, record) !== crc) throw recordDamaged(jobId, path)
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

  /** Moves the log into the database and closes it, then gives up the ownership. */
  close(): void {
    try {
      this.#db.close()
    } finally {
      this.#ownership[Symbol.dispose]()
    }
  }

  #storeBooks(job: number, tree: number): void {
    const { discovered, delivered, quarantined, excluded } = this.#sql.books(tree)
    this.#sql.storeBooks(job, discovered, delivered, quarantined, excluded)
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

  #mustOwn(call: string): void {
    if (this.#ownership.held) return
    throw notOwner(call)
  }

  #standing(jobId: string): Standing {
    const standing = this.#sql.standing(jobId)
    if (standing !== undefined) return standing
    throw jobUnknown(jobId)
  }

  /** The tree that has the job's files. */
  #treeOf(jobId: string): number {
    const { tree, starts, supersededBy } = this.#standing(jobId)
    if (supersededBy !== null) throw superseded(jobId, supersededBy)
    return starts === 0 ? NO_TREE : tree
  }

  #running(jobId: string): { readonly job: number; readonly tree: number; readonly started: StartedJob } {
    const { job, tree, supersededBy } = this.#standing(jobId)
    if (supersededBy !== null) throw superseded(jobId, supersededBy)
    const started = this.#started.get(jobId)
    if (started !== undefined) return { job, tree, started }
    throw jobNotStarted(jobId)
  }
}
