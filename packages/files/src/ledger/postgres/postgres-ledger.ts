import { randomUUID } from 'node:crypto'
import type { ResultRow } from '../../sink/sink.ts'
import { FileIdSet } from '../file-id-set.ts'
import { jobIdAfter, jobRow, treeNames, utcDay } from '../job-rows.ts'
import type {
  AttemptRow,
  BatchRow,
  Books,
  Checkpoint,
  FoundChunk,
  JobOutcome,
  JobOwner,
  JobRow,
  JobSpec,
  JobStart,
  Ledger,
  LedgerFile,
  MeetOptions,
  Met,
  QuarantineRow,
  SlowFile,
  Unmet,
} from '../ledger.ts'
import { neverOwned } from '../owner-lock.ts'
import { quarantineUnknown } from '../quarantine-unknown.ts'
import {
  discoveryEnded,
  handedTwice,
  jobDone,
  jobNotStarted,
  jobUnknown,
  ledgerClosed,
  notOwner,
  superseded,
} from '../refusals.ts'
import type { KnownExclusion, KnownFile, Standing, StoredJob } from '../statements.ts'
import { compareStretch, endOfStretch, type StretchChanges } from '../stretch-changes.ts'
import { int4Array, textArray } from './binary-array.ts'
import type { LedgerDatabase } from './ledger-database.ts'
import {
  isToWrite,
  type LostStretch,
  metOf,
  type StretchAnswer,
  sentStretch,
  stretchArguments,
} from './meet-stretch.ts'
import { type LedgerOwner, Ownership, ownerOf } from './ownership.ts'
import { pathTooLong } from './path-too-long.ts'
import { isConnectionLoss, isServerError } from './postgres-failure.ts'
import { ResultPages } from './result-pages.ts'
import { Session } from './session.ts'
import { type Statement, type Statements, statementsOf } from './statements.ts'
import { writeCheckpoint } from './write-checkpoint.ts'

/** The tree of a job that was never started: it has no files. */
const NO_TREE = 0

/** SQLSTATE of a key that is there already. */
const UNIQUE_VIOLATION = '23505'

/** SQLSTATE of a key that an index does not take: a page must have room for three. */
const LIMIT_EXCEEDED = '54000'

/** What is remembered of a job while it runs here. */
interface StartedJob {
  readonly job: number
  readonly tree: number
  readonly epoch: number
  /** The last path met; null once discovery ended. */
  after: string | null
  /** Files that earlier starts found as they were. */
  readonly confirmed: FileIdSet
  /** The stretch whose answer was lost. */
  lost: LostStretch | undefined
}

/**
 * The ledger over PostgreSQL, 14 or later: {@link Ledger} for the process that coordinates a job, and for all who look on.
 *
 * Calls are done one after another, on one connection. It has the lock by which the ledger is owned, and all that only the owner may write is
 * written on it: what a lost connection had not committed is not there, and where another has taken over meanwhile, nothing is written any more
 * (`COORDINATOR_REPLACED`), nor where another server has taken its place (`LEDGER_SET_BACK`). A connection that was lost is made anew by the next
 * call; one that only reads is then done again. A commit whose answer was lost may be called again: it finds out whether it is there.
 *
 * Workers, which own nothing, commit by `writeCheckpoint`.
 *
 * Meeting a stretch of the tree costs one round trip, two where something changed; a commit one.
 */
export class PostgresLedger implements Ledger {
  readonly #database: LedgerDatabase
  readonly #closesDatabase: boolean
  readonly #sql: Statements
  readonly #ownership: Ownership
  readonly #started = new Map<string, StartedJob>()
  /** The numbers of processors, which never change. */
  readonly #processors = new Map<string, number>()
  /** By job and batch, the tokens of checkpoints whose answer was lost. */
  readonly #unanswered = new Map<string, string>()
  #session: Session | undefined
  readonly #pages: ResultPages
  /** Settles when all that was called has been done. */
  #tail: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | undefined

  constructor(database: LedgerDatabase, options: { readonly closesDatabase?: boolean } = {}) {
    this.#database = database
    this.#closesDatabase = options.closesDatabase ?? false
    this.#sql = statementsOf(database.schema)
    this.#ownership = new Ownership(this.#sql, database.place)
    this.#pages = new ResultPages(this.#sql.results)
  }

  /** Counts who has owned the ledger; a job's is that of its last start. Undefined where this process is not the owner. */
  get epoch(): number | undefined {
    return this.#ownership.epoch
  }

  /** Who owns the ledger now, in whatever process; undefined where nobody does. */
  owner(): Promise<LedgerOwner | undefined> {
    return this.#read(async (session) => {
      const { held, epoch, pid, host, sinceMs } = await ownerOf(session, this.#sql)
      if (!held || pid === undefined || host === undefined || sinceMs === undefined) return undefined
      return { epoch, pid, host, sinceMs }
    })
  }

  tryOwn(): Promise<boolean> {
    return this.#call(async (session) => {
      if (this.#database.readonly) return neverOwned(this.#database.place).tryTake()
      return this.#ownership.tryTake(session)
    })
  }

  release(): Promise<void> {
    return this.#call(async (session) => {
      await this.#ownership.giveUp(session)
      this.#started.clear()
    })
  }

  enqueueJob(spec: JobSpec): Promise<string> {
    const { root, processors, config, priority, owner, createdMs } = spec
    return this.#call((session) =>
      session.transaction(async () => {
        const sql = this.#sql
        await session.all(sql.takeTurn)
        const day = utcDay(createdMs)
        const [last] = await session.tuples<readonly [string]>(sql.lastJobOfDay, day)
        const jobId = jobIdAfter(day, last?.[0])
        const tree = await session.value<number>(sql.enterTree, root, treeNames(processors))
        const tags = JSON.stringify(processors)
        const { pid, startedMs, host } = owner
        await session.all(sql.insertJob, jobId, tree, tags, config, priority, pid, startedMs, host, createdMs)
        return jobId
      }),
    )
  }

  startJob(jobId: string, owner: JobOwner, startedMs: number): Promise<JobStart> {
    return this.#own('startJob', async (session, epoch) => {
      const sql = this.#sql
      const { job, tree, state, supersededBy } = await this.#standing(session, jobId)
      if (state === 'done') throw jobDone(jobId)
      if (supersededBy !== null) throw superseded(jobId, supersededBy)
      const firstBatchId = await session.transaction(async () => {
        // Checkpoints under way are let in first; what comes after is of an earlier start, and refused.
        await session.all(sql.closeGate)
        const [[before, isOpen]] = (await session.tuples(sql.jobOfTree, tree)) as [[number | null, boolean]]
        if (before !== null && before !== job) {
          if (isOpen) await session.all(sql.storeBooks, before, tree)
          await session.all(sql.forgetChecks, tree)
        } else await session.all(sql.forgetHandOuts, tree)
        await session.all(sql.takeTree, tree, job)
        await session.all(sql.startJob, job, epoch, owner.pid, owner.startedMs, owner.host, startedMs)
        return session.value<number>(sql.nextBatchId, job)
      })
      const confirmed = new FileIdSet()
      for (const [fileId] of await session.tuples<readonly [number]>(sql.confirmations, tree)) confirmed.add(fileId)
      for (const [tag, number] of await session.tuples<readonly [string, number]>(sql.processors)) {
        this.#processors.set(tag, number)
      }
      for (const [other, started] of this.#started) if (started.tree === tree) this.#started.delete(other)
      this.#started.set(jobId, { job, tree, epoch, after: '', confirmed, lost: undefined })
      return { firstBatchId }
    })
  }

  finishJob(jobId: string, outcome: JobOutcome): Promise<void> {
    const finish = async (session: Session, { job, tree, starts, supersededBy }: Standing) => {
      const sql = this.#sql
      const { state, finishedMs, summary, reason } = outcome
      await session.transaction(async () => {
        await session.all(sql.closeGate)
        if (supersededBy === null) await session.all(sql.storeBooks, job, starts === 0 ? NO_TREE : tree)
        await session.all(sql.finishJob, job, state, finishedMs, summary, reason ?? null)
        if (supersededBy === null && starts > 0) {
          await session.all(state === 'done' ? sql.forgetChecks : sql.forgetHandOuts, tree)
        }
      })
      this.#started.delete(jobId)
    }
    return this.#call(async (session) => {
      const standing = await this.#standing(session, jobId)
      if (standing.state !== 'queued') this.#mustOwn('finishJob')
      await finish(session, standing)
    })
  }

  jobs(): Promise<readonly JobRow[]> {
    return this.#read(async (session) => (await session.all<StoredJob>(this.#sql.jobs)).map(jobRow))
  }

  job(jobId?: string): Promise<JobRow | undefined> {
    return this.#read(async (session) => {
      const { newestJob, job } = this.#sql
      const row = await (jobId === undefined ? session.one<StoredJob>(newestJob) : session.one<StoredJob>(job, jobId))
      return row && jobRow(row)
    })
  }

  meetFiles(jobId: string, found: FoundChunk, options: MeetOptions): Promise<Met> {
    return this.#own('meetFiles', async (session) => {
      const started = await this.#running(session, jobId)
      const { after, confirmed, job, tree } = started
      if (after === null) throw discoveryEnded(jobId)
      const { within } = found
      const upTo = within === undefined ? endOfStretch(found, after) : after
      const known = await (within === undefined
        ? this.#knownFiles(session, this.#sql.knownStretch, tree, after, options, upTo)
        : this.#knownFiles(session, this.#sql.knownWithin, tree, textArray(within), options))
      const place = { job, after: within === undefined ? after : '', confirmed }
      const changes = compareStretch(known, place, found, options)
      const lost = started.lost?.upTo === upTo ? started.lost : undefined
      let answer: StretchAnswer | undefined
      if (isToWrite(changes)) {
        try {
          answer = await this.#writeStretch(session, tree, changes)
        } catch (error) {
          if (isConnectionLoss(error)) started.lost = sentStretch(changes, upTo, lost)
          if (isServerError(error) && error.code === UNIQUE_VIOLATION) throw handedTwice(jobId, error)
          if (isServerError(error) && error.code === LIMIT_EXCEEDED) throw pathTooLong(jobId, found, error)
          throw error
        }
      }
      started.after = upTo
      started.lost = undefined
      return metOf(changes, answer, lost)
    })
  }

  async #knownFiles(
    session: Session,
    statement: Statement,
    tree: number,
    where: unknown,
    { reuse }: MeetOptions,
    ...rest: unknown[]
  ) {
    const rows = await session.tuples<readonly [...KnownFile, excluded: boolean]>(
      statement,
      tree,
      where,
      reuse === 'hash',
      ...rest,
    )
    const excludedFrom = rows.findIndex((row) => row[8])
    const files = excludedFrom < 0 ? rows : rows.slice(0, excludedFrom)
    const exclusions = excludedFrom < 0 ? [] : rows.slice(excludedFrom)
    return {
      files: files as readonly (readonly unknown[])[] as readonly KnownFile[],
      exclusions: exclusions.map(([path, , , , , reason]): KnownExclusion => [path, reason!]),
      processorOf: (tag: string) => this.#processors.get(tag),
    }
  }

  async #writeStretch(session: Session, tree: number, changes: StretchChanges): Promise<StretchAnswer> {
    const { tags, values } = stretchArguments(tree, changes)
    const [[firstId, numbers, hashes]] = (await session.tuples(this.#sql.meetStretch, ...values)) as [
      [number | null, readonly number[], readonly string[]],
    ]
    for (const [i, tag] of tags.entries()) this.#processors.set(tag, numbers[i]!)
    return { firstId: firstId ?? 0, numbers, hashes }
  }

  endDiscovery(jobId: string, unmet: Unmet = 'gone'): Promise<number> {
    return this.#own('endDiscovery', async (session) => {
      const started = await this.#running(session, jobId)
      const { job, tree, after } = started
      if (after === null) return 0
      const removed = await session.transaction(async () => {
        if (unmet === 'stands') {
          await session.all(this.#sql.endDiscovery, job)
          return 0
        }
        const rows = await session.tuples<readonly [number, boolean]>(this.#sql.filesAfter, tree, after)
        // As a stretch in which nothing was found.
        const gone = rows.map(([id, has]): KnownFile => ['', id, 0, null, has ? job : null, null, null, null])
        const nothing = {
          pending: [],
          excluded: [],
          noLongerExcluded: [],
          unchanged: 0,
          unchangedBytes: 0,
          stillQuarantined: 0,
        }
        if (gone.length > 0) await this.#writeStretch(session, tree, { ...nothing, gone })
        await session.all(this.#sql.deleteExclusionsAfter, tree, after)
        await session.all(this.#sql.endDiscovery, job)
        return gone.length
      })
      started.after = null
      return removed
    })
  }

  pendingFiles(jobId: string, afterFileId: number, limit: number): Promise<readonly LedgerFile[]> {
    return this.#ofTree(jobId, (session, tree) =>
      session.all<LedgerFile>(this.#sql.pendingFiles, tree, afterFileId, limit),
    )
  }

  reopenQuarantined(jobId: string, paths?: readonly string[]): Promise<readonly LedgerFile[]> {
    return this.#own('reopenQuarantined', async (session) => {
      const sql = this.#sql
      const tree = await this.#treeOf(session, jobId)
      const ids = int4Array(
        paths === undefined
          ? (await session.all<QuarantineRow>(sql.quarantine, tree)).map(({ fileId }) => fileId)
          : await this.#quarantinedAt(session, jobId, tree, paths),
      )
      await session.transaction(async () => {
        await session.all(sql.deleteQuarantined, tree, ids)
        await session.all(sql.deleteAttempts, tree, ids)
      })
      return session.all<LedgerFile>(sql.filesById, tree, ids)
    })
  }

  async #quarantinedAt(session: Session, jobId: string, tree: number, paths: readonly string[]): Promise<number[]> {
    const found = new Map(
      await session.tuples<readonly [string, number]>(this.#sql.quarantinedAt, tree, textArray(paths)),
    )
    const unknown = [...new Set(paths)].filter((path) => !found.has(path))
    if (unknown.length === 0) return [...found.values()]
    throw quarantineUnknown(jobId, unknown)
  }

  commit(jobId: string, checkpoint: Checkpoint): Promise<readonly number[]> {
    return this.#own('commit', async (session) => {
      const { epoch } = await this.#running(session, jobId)
      const key = `${jobId}/${checkpoint.batchId}`
      const token = this.#unanswered.get(key) ?? randomUUID()
      const target = { tables: this.#database.tables, jobId, epoch, token }
      try {
        const gone = await writeCheckpoint(session, target, checkpoint)
        this.#unanswered.delete(key)
        return gone
      } catch (error) {
        if (isConnectionLoss(error)) this.#unanswered.set(key, token)
        else this.#unanswered.delete(key)
        throw error
      }
    })
  }

  books(jobId: string): Promise<Books> {
    return this.#read(async (session) => {
      const { job, tree, starts, supersededBy } = await this.#standing(session, jobId)
      const { storedBooks, books } = this.#sql
      if (supersededBy !== null) return (await session.one<Books>(storedBooks, job))!
      return (await session.one<Books>(books, starts === 0 ? NO_TREE : tree))!
    })
  }

  revision(jobId: string): Promise<number> {
    return this.#ofTree(jobId, async (session, tree) => {
      const [row] = await session.tuples<readonly [number]>(this.#sql.revision, tree)
      return row?.[0] ?? 0
    })
  }

  exclusions(jobId: string): Promise<Readonly<Record<string, number>>> {
    return this.#ofTree(jobId, async (session, tree) =>
      Object.fromEntries(await session.tuples<readonly [string, number]>(this.#sql.exclusions, tree)),
    )
  }

  quarantine(jobId: string): Promise<readonly QuarantineRow[]> {
    return this.#ofTree(jobId, (session, tree) => session.all<QuarantineRow>(this.#sql.quarantine, tree))
  }

  attempts(jobId: string, limit: number): Promise<readonly AttemptRow[]> {
    return this.#ofTree(jobId, (session, tree) => session.all<AttemptRow>(this.#sql.attempts, tree, limit))
  }

  batches(jobId: string): Promise<readonly BatchRow[]> {
    return this.#read(async (session) => {
      const { job } = await this.#standing(session, jobId)
      return session.all<BatchRow>(this.#sql.batches, job)
    })
  }

  slowest(jobId: string, limit: number): Promise<readonly SlowFile[]> {
    return this.#ofTree(jobId, (session, tree) => session.all<SlowFile>(this.#sql.slowest, tree, limit))
  }

  highlights(jobId: string, limit: number) {
    return this.#ofTree(jobId, (session, tree) =>
      session.all<{ list: string; label: string; value: number }>(this.#sql.highlights, tree, limit),
    )
  }

  results(
    jobId: string,
    afterPath: string | undefined,
    limit: number,
    maxBytes: number,
  ): Promise<readonly ResultRow[]> {
    return this.#ofTree(jobId, (session, tree) =>
      this.#pages.read(session, { jobId, tree, afterPath, limit, maxBytes }),
    )
  }

  recall(key: string): Promise<string | undefined> {
    return this.#read(async (session) => (await session.one<{ json: string }>(this.#sql.recall, key))?.json)
  }

  remember(key: string, json: string): Promise<void> {
    return this.#call(async (session) => {
      await session.all(this.#sql.remember, key, json)
    })
  }

  close(): Promise<void> {
    this.#closing ??= this.#tail.then(async () => {
      const session = this.#session
      if (session?.usable) await this.#ownership.giveUp(session).catch(() => {})
      await session?.close()
      if (this.#closesDatabase) await this.#database.close()
    })
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Does `work` when all that was called before is done. */
  #call<T>(work: (session: Session) => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) return Promise.reject(ledgerClosed())
    const done = this.#tail.then(async () => {
      try {
        return await work(await this.#connected())
      } catch (error) {
        throw this.#database.failure(error)
      }
    })
    this.#tail = done.catch(() => {})
    return done
  }

  /** The same for what only reads: where the connection is lost, it is done once more on another. */
  #read<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.#call(async (session) => {
      try {
        return await work(session)
      } catch (error) {
        if (!isConnectionLoss(error)) throw error
        return work(await this.#connected())
      }
    })
  }

  /** The same for what only the owner may do. */
  #own<T>(call: string, work: (session: Session, epoch: number) => Promise<T>): Promise<T> {
    return this.#call((session) => work(session, this.#mustOwn(call)))
  }

  #ofTree<T>(jobId: string, work: (session: Session, tree: number) => Promise<T>): Promise<T> {
    return this.#read(async (session) => work(session, await this.#treeOf(session, jobId)))
  }

  async #connected(): Promise<Session> {
    if (this.#session?.usable) return this.#session
    this.#session = undefined
    const session = await Session.open(this.#database)
    try {
      await this.#ownership.resume(session)
      this.#session = session
      return session
    } catch (error) {
      await session.close()
      throw error
    }
  }

  #mustOwn(call: string): number {
    const { epoch, replaced } = this.#ownership
    if (epoch !== undefined) return epoch
    throw replaced ?? notOwner(call)
  }

  async #standing(session: Session, jobId: string): Promise<Standing> {
    const standing = await session.one<Standing>(this.#sql.standing, jobId)
    if (standing === undefined) throw jobUnknown(jobId)
    return standing
  }

  /** The tree that has the job's files. */
  async #treeOf(session: Session, jobId: string): Promise<number> {
    const { tree, starts, supersededBy } = await this.#standing(session, jobId)
    if (supersededBy !== null) throw superseded(jobId, supersededBy)
    return starts === 0 ? NO_TREE : tree
  }

  async #running(session: Session, jobId: string): Promise<StartedJob> {
    const started = this.#started.get(jobId)
    if (started !== undefined) return started
    const { supersededBy } = await this.#standing(session, jobId)
    if (supersededBy !== null) throw superseded(jobId, supersededBy)
    throw jobNotStarted(jobId)
  }
}
