import { MillraceError } from '@millrace/kernel/errors'
import { Lanes } from '@millrace/kernel/queue/lanes'
import type { Dispatch, Workforce } from '../dispatch/dispatch.ts'
import { exhaustedLedger } from '../dispatch/exhaustion.ts'
import type { QuarantinedFile } from '../dispatch/outcome.ts'
import { Pauses } from '../dispatch/pauses.ts'
import { ResourceBreaker } from '../dispatch/resource-breaker.ts'
import type { CrewOptions, JobWork } from '../engine/crew.ts'
import type { PauseCause } from '../engine/events.ts'
import type { LedgerFile } from '../ledger/ledger.ts'
import type { LedgerDatabase } from '../ledger/postgres/ledger-database.ts'
import { costStrategy, type FileBatch } from '../plan/batch-strategy.ts'
import { joinCheap } from '../plan/join-cheap.ts'
import { BatchPriority } from '../plan/priority.ts'
import { tagOf } from '../processor/processor.ts'
import type { Board } from './board.ts'
import { showCoordinator } from './coordinator-sign.ts'
import { type FedOutcome, Feed } from './feed.ts'
import { LostBatches } from './lost-batches.ts'
import { failureOf } from './passing.ts'
import { PublishedBatches } from './published-batches.ts'
import { Publisher } from './publisher.ts'
import { Refusals, type RefusedFile, verdictOn } from './refusals.ts'
import { type Run, readRun, writeRun } from './run-row.ts'
import { SetAside } from './set-aside.ts'
import { wait } from './wait.ts'
import { forgetWorkers } from './worker-registry.ts'
import { WorkerWatch } from './worker-watch.ts'

export interface ClusterDispatchOptions {
  readonly crew: CrewOptions
  readonly work: JobWork
  readonly database: LedgerDatabase
  readonly board: Board
  /** Of the ledger's ownership, in which the job was started. */
  readonly epoch: number
  /** Has the ledger's lock again where its connection was lost, or fails where another has it. */
  readonly hold: () => Promise<unknown>
  /** The command that starts a worker, for those who wait for one. */
  readonly workCommand: string
}

/** Between two looks at what workers have committed, milliseconds … */
const LOOK_EVERY_MS = 40
/** … and when all is published, for then the job waits for nothing else. */
const LAST_LOOKS_MS = 10
/** Between two looks at who works, at leases, and at what was lost. */
const ROUND_EVERY_MS = 1000
/** Batches to plan for while nobody has joined. */
const FIRST_GUESS = 4
/** A waiting batch rises one priority after this long, as with workers of this machine. */
const AGE_MS = 10_000

/**
 * Has a job's batches done by workers on other machines: publishes them on the board, a few more than there are hands, and hears from
 * the feed what was committed.
 *
 * One loop does it all, step by step; a call that fails because PostgreSQL is away is made again until it succeeds, and means the same the second time.
 * A batch that was lost again and again is published anew in halves until its culprit is alone (`WORKER_LOST`); a file that a worker gives back is
 * offered to others (`FILE_DIFFERS`).
 */
export class ClusterDispatch implements Dispatch<LedgerFile> {
  readonly finished: Promise<void>
  readonly #options: ClusterDispatchOptions
  readonly #queue = new Lanes<FileBatch<LedgerFile>>({ lanes: 4, ageMs: AGE_MS })
  readonly #published = new PublishedBatches()
  readonly #refusals = new Refusals()
  readonly #watch: WorkerWatch
  readonly #feed: Feed
  readonly #name: string
  readonly #publisher: Publisher
  readonly #lost: LostBatches
  readonly #aside: SetAside
  readonly #pauses: Pauses
  readonly #breaker: ResourceBreaker
  readonly #over = new AbortController()
  readonly #gone = new AbortController()
  readonly #loop: Promise<void>
  readonly #resolve: () => void
  readonly #reject: (error: unknown) => void
  #phase: Run['phase'] = 'open'
  #writtenPhase: Run['phase'] | undefined
  #sealed = false
  #heldOpen = 0
  #settled = false
  #draining = false
  #nextRoundMs = 0
  /** What of workers is waited for. */
  #lack: string | null = null
  #hearing: Promise<void> = Promise.resolve()
  #supervising: Promise<void> | undefined
  #dismissed: Promise<void> | undefined
  #showing: Promise<void> = Promise.resolve()

  constructor(options: ClusterDispatchOptions) {
    this.#options = options
    const { crew, work, database, board, epoch } = options
    const { clock, emit, config } = crew
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.finished = promise
    this.#resolve = resolve
    this.#reject = reject
    // Whoever awaits `finished` hears of a failure; before that nobody may be awaiting yet.
    promise.catch(() => {})
    this.#name = `files-${work.jobId}-${epoch}`
    this.#feed = new Feed(database, epoch)
    const shared = { board, queue: this.#name, published: this.#published }
    const insist = <T>(call: () => Promise<T>) => this.insist(call)
    this.#publisher = new Publisher({ crew, work, ...shared, insist })
    const publisher = this.#publisher
    this.#lost = new LostBatches({ database, jobId: work.jobId, epoch, ...shared, publisher, insist })
    this.#aside = new SetAside({ database, ...shared, insist })
    this.#watch = new WorkerWatch(database, emit)
    this.#pauses = new Pauses({
      clock,
      maxPauseMs: () => config().maxPauseSeconds * 1000,
      emit,
      onGiveUp: (error) => this.fail(error),
    })
    this.#breaker = new ResourceBreaker({
      clock,
      exhausted: exhaustedLedger,
      onOpen: (reason, error) => this.#pauses.hold('ledger', reason, error),
      onDue: () => {},
      onClose: () => this.#pauses.release('ledger'),
    })
    this.#loop = this.#run().catch((error) => this.fail(error))
  }

  get queued(): number {
    return this.#queue.size
  }

  get paused(): string | null {
    return this.#pauses.reason
  }

  get breaker(): 'closed' | 'open' | 'half-open' {
    return this.#breaker.state
  }

  get concurrency(): number {
    return Math.min(this.#watch.slots, this.#options.crew.config().maxConcurrentBatches) || FIRST_GUESS
  }

  workforce(): Workforce {
    return this.#watch.workforce()
  }

  /** Of this machine's only: what the workers use is theirs. */
  usage(): { rssMb: number; cpuMs: number } {
    return { rssMb: 0, cpuMs: 0 }
  }

  warm(): void {}

  resize(): void {}

  /** Tells the workers: while others look at the results, they can go. */
  dismiss(): void {
    this.#dismissed = this.#loop.then(() => this.#withdraw())
    // Whoever closes tries again.
    this.#dismissed.catch(() => {})
  }

  /** Cheap ones joined, unless the user has said what they are to be. */
  arrange(batches: readonly FileBatch<LedgerFile>[]): readonly FileBatch<LedgerFile>[] {
    const { strategy, batchSize, maxBatchSize } = this.#options.crew.config()
    const isOurs = strategy === costStrategy && batchSize < maxBatchSize
    return isOurs ? joinCheap(batches, this.concurrency) : batches
  }

  enqueue(batches: Iterable<FileBatch<LedgerFile>>): void {
    const now = this.#options.crew.clock.now()
    for (const batch of batches) this.#queue.push(batch, BatchPriority.CRITICAL - batch.priority, now)
  }

  recall(): LedgerFile[] {
    const files: LedgerFile[] = []
    for (let batch = this.#queue.shift(); batch !== undefined; batch = this.#queue.shift()) files.push(...batch.files)
    return files
  }

  pause(by: PauseCause, reason: string): void {
    if (this.#draining || by !== 'user') return
    this.#pauses.hold(by, reason)
    this.#phase = 'paused'
  }

  continue(by: PauseCause): void {
    if (by !== 'user') return
    this.#pauses.release(by)
    if (this.#phase === 'paused') this.#phase = 'open'
  }

  insist<T>(call: () => Promise<T>): Promise<T> {
    const { database } = this.#options
    const told = () =>
      call().catch((error) => {
        throw failureOf(database, error)
      })
    return this.#breaker.insist(told, () => !this.#draining)
  }

  /** What workers have committed is durable before anybody here hears of it; this hears of all of it. */
  async checkpoint(): Promise<void> {
    await this.#hear()
  }

  async holdOpen<T>(work: () => Promise<T>): Promise<T> {
    if (this.#settled || this.#draining) {
      throw new MillraceError(
        'JOB_NOT_RUNNING',
        'The job is at its end and takes no more work. Run or resume it again.',
      )
    }
    this.#heldOpen++
    try {
      return await work()
    } finally {
      this.#heldOpen--
    }
  }

  seal(): void {
    this.#sealed = true
  }

  drain(): void {
    this.#draining = true
    this.#breaker.dispose()
    this.seal()
  }

  fail(error: unknown): void {
    this.#draining = true
    this.#end()
    this.#reject(error)
  }

  async close(): Promise<void> {
    this.#draining = true
    this.#end()
    await this.#loop
    this.#gone.abort()
    await this.#showing
    // Whoever takes over does the same; a database that is away keeps nobody from going.
    const again = () => this.#withdraw().catch(() => {})
    await (this.#dismissed === undefined ? again() : this.#dismissed.catch(again))
  }

  #end(): void {
    this.#settled = true
    this.#pauses.dispose()
    this.#breaker.dispose()
    this.#over.abort()
  }

  async #run(): Promise<void> {
    const { clock } = this.#options.crew
    const { signal } = this.#over
    await this.insist(() => this.#begin())
    const { database, epoch } = this.#options
    // Until this is closed: of an export others hear too that it goes on.
    this.#showing = showCoordinator(database, epoch, { clock, signal: this.#gone.signal, paused: () => this.paused })
    while (!this.#settled) {
      await this.#step()
      if (this.#isThrough()) {
        this.#end()
        // A worker that came and did all of it between two rounds.
        this.#pauses.release('workers')
        this.#resolve()
      } else await wait(clock, this.#isLast() ? LAST_LOOKS_MS : LOOK_EVERY_MS, signal)
    }
  }

  #isLast(): boolean {
    return this.#sealed && this.#queue.size === 0 && this.#published.size <= this.concurrency
  }

  #isThrough(): boolean {
    if (!this.#sealed || this.#heldOpen > 0 || this.#published.size > 0) return false
    return this.#draining || (this.#queue.size === 0 && this.#refusals.size === 0)
  }

  /** Takes what an earlier coordinator published off the board, and puts this one's run in its place. */
  async #begin(): Promise<void> {
    const { board, database, epoch } = this.#options
    const before = await readRun(database)
    if (before !== undefined && before.epoch < epoch) await board.withdraw(before.queue)
    await board.begin(this.#name)
    await this.#write()
    await forgetWorkers(database)
    await this.#watch.look()
  }

  async #withdraw(): Promise<void> {
    this.#phase = 'over'
    await this.#write()
    await this.#options.board.withdraw(this.#name)
  }

  async #write(): Promise<void> {
    const { crew, work, database, epoch } = this.#options
    const phase = this.#phase
    const { processors, timeoutSeconds, retryAttempts, maxFileBytes, checkpointInterval, maxPauseSeconds } =
      crew.config()
    await writeRun(database.pool, database.tables, {
      epoch,
      jobId: work.jobId,
      queue: this.#name,
      root: crew.root,
      tags: work.processors.map(tagOf),
      config: {
        processors,
        base: crew.base,
        timeoutSeconds,
        retryAttempts,
        maxFileBytes,
        checkpointInterval,
        maxPauseSeconds,
      },
      phase,
    })
    this.#writtenPhase = phase
  }

  async #step(): Promise<void> {
    const now = this.#options.crew.clock.now()
    if (this.#phase !== this.#writtenPhase) {
      await this.insist(() => this.#write())
      await (this.#phase === 'paused' ? this.#aside.take() : this.#aside.putBack())
    }
    await this.#hear()
    if (now >= this.#nextRoundMs) {
      this.#nextRoundMs = now + ROUND_EVERY_MS
      await this.#round()
    }
    if (this.#draining) {
      await this.#aside.take()
      this.#aside.forget()
    } else if (!this.#pauses.heldBeside('workers')) await this.#publishMore()
  }

  /** Beside all else: it waits for any commit that takes longer than a lease. */
  #lookAfterLeases(): void {
    this.#supervising ??= this.insist(() => this.#options.board.supervise(this.#name))
      .catch((error) => this.fail(error))
      .finally(() => {
        this.#supervising = undefined
      })
  }

  async #round(): Promise<void> {
    const { workCommand, hold } = this.#options
    await this.insist(hold)
    await this.insist(() => this.#watch.look())
    this.#lookAfterLeases()
    await this.#lost.take()
    await this.#judgeRefusals()
    // What came back: of a worker that left, or was lost.
    if (this.#phase === 'paused') await this.#aside.take()
    const isWanted = this.#queue.size + this.#published.size > 0 && !this.#draining
    const lack =
      this.#watch.slots > 0
        ? this.#watch.shortage
        : `no worker has joined yet; start one, on any machine: ${workCommand}`
    if (lack === this.#lack) return
    this.#lack = isWanted ? lack : null
    this.#pauses.release('workers')
    if (this.#lack !== null) this.#pauses.hold('workers', this.#lack)
  }

  /** Takes in what workers have committed. */
  #hear(): Promise<void> {
    // One after the other: what is asked for twice at once would be heard twice.
    const heard = this.#hearing.then(async () => {
      for (const fed of await this.insist(() => this.#feed.take())) this.#takeIn(fed)
    })
    this.#hearing = heard.catch(() => {})
    return heard
  }

  #takeIn(fed: FedOutcome): void {
    const outcome = this.#published.outcome(fed)
    if (outcome === undefined) return
    const now = this.#options.crew.clock.now()
    for (const returned of fed.returned) {
      const file = this.#published.file(fed.batchId, returned.fileId)
      if (file !== undefined) this.#refusals.add(file, outcome.batch.priority, returned, fed.by, now)
    }
    if (fed.complete) this.#published.remove(fed.batchId)
    this.#options.work.onDurable(outcome)
  }

  /** Publishes what waits, until there is enough for every hand, for the next hand it reaches, and for the time in between. */
  async #publishMore(): Promise<void> {
    const enough = 3 * this.concurrency + 2
    while (this.#published.size < enough && !this.#draining) {
      const batch = this.#queue.shift()
      if (batch === undefined) return
      await this.#publisher.publish(batch)
    }
  }

  /** Offers what was given back to others, or settles it. */
  async #judgeRefusals(): Promise<void> {
    const now = this.#options.crew.clock.now()
    const judged = this.#refusals.waiting().map((file) => ({ file, verdict: verdictOn(file, this.#watch.names, now) }))
    for (const verdict of ['quarantine', 'offer'] as const) {
      const refused = judged.flatMap((one) => (one.verdict === verdict ? [one.file] : []))
      const groups = Map.groupBy(refused, ({ by, priority }) => `${priority} ${by.join(' ')}`)
      for (const group of groups.values()) {
        const { priority, by } = group[0]!
        const files = group.map(({ file }) => file)
        const batch = this.#publisher.batchOf(files, priority, 0)
        if (verdict === 'quarantine') await this.#publisher.quarantine(batch, group.map(differs), true)
        else await this.#publisher.publish(batch, { begun: true, notFor: by })
        this.#refusals.release(group)
      }
    }
  }
}

function differs({ file, code, message, by, expectedHash }: RefusedFile): QuarantinedFile<LedgerFile> {
  return { file, code, message, attempts: by.length, evidence: { workers: by, expectedHash } }
}
