import type { Clock } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import { Dispatcher } from '../dispatch/dispatcher.ts'
import type { BatchOutcome } from '../dispatch/outcome.ts'
import type { WorkerSet } from '../dispatch/worker-set.ts'
import type { ResolvedConfig } from '../engine/config.ts'
import { HeadroomWatch } from '../engine/headroom-watch.ts'
import type { Machine } from '../engine/machine.ts'
import { machineProbe } from '../engine/machine-probe.ts'
import type { LedgerDatabase } from '../ledger/postgres/ledger-database.ts'
import { AwayNotice } from './away-notice.ts'
import type { ClusterFile } from './batch-order.ts'
import type { Board } from './board.ts'
import { ClaimDesk, PASSED_ON_S } from './claim-desk.ts'
import { batchFenced, commitOutcome } from './commit-outcome.ts'
import type { ReturnedFile } from './feed.ts'
import { type HeldBatch, HeldBatches } from './held-batches.ts'
import { failureOf } from './passing.ts'
import { type Run, readRun } from './run-row.ts'
import { wait } from './wait.ts'
import type { WorkEvent } from './work-event.ts'
import { stayWorker, type WorkerState } from './worker-registry.ts'

export interface WorkSessionOptions {
  readonly clock: Clock
  readonly database: LedgerDatabase
  readonly board: Board
  readonly run: Run
  readonly worker: { readonly number: number; readonly name: string; readonly slots: number }
  /** Its processes; the session ends them. */
  readonly workers: WorkerSet
  readonly config: ResolvedConfig
  readonly machine: Machine
  /** What is always the same in its sign of life. */
  readonly identity: Pick<WorkerState, 'host' | 'pid'>
  readonly emit: (event: WorkEvent) => void
}

/** How a session ended: the run is over, another coordinator or job has taken its place, or this worker was asked to leave. */
export type SessionEnd = 'over' | 'replaced' | 'left'

/** Between two signs of life, milliseconds: the lease is five times that. */
const BEAT_EVERY_MS = 2000
/** Leases are looked at this often. */
const ROUND_EVERY_MS = 1000
/** A worker that found nothing to claim asks again after this long … */
const ASK_AGAIN_MS = 30
/** … then after a quarter more each time, so that it loses little beside what it has waited anyway; up to this. */
const ASK_AGAIN_MOST_MS = 240
/** Who has only passed on asks again when whoever else has nothing to do has asked a few times since it can be had. */
const LEFT_TO_OTHERS_MS = 1000 * PASSED_ON_S + 4 * ASK_AGAIN_MOST_MS
/** Files one after another that are not what the coordinator has: then this is another commit, and no file of it is worth trying. */
const DIFFERING_FILES = 50

/**
 * This worker at one job: claims batches, has its processes do them, and commits what they come to, each with the claim it is done under.
 *
 * It never holds more than its processes will get to soon. What is not committed when a claim is lost is dropped, and only that.
 */
export class WorkSession {
  readonly #options: WorkSessionOptions
  readonly #held = new HeldBatches()
  readonly #dispatcher: Dispatcher<ClusterFile>
  readonly #desk: ClaimDesk
  readonly #notice: AwayNotice
  readonly #headroom: HeadroomWatch
  #phase: Run['phase']
  #over = false
  #replaced = false
  /** Why nothing is to be begun here, or null where there is no reason. */
  #short: string | null = null
  #askMs = ASK_AGAIN_MS
  #nextAskMs = 0
  #nextBeatMs = 0
  #nextRoundMs = 0
  #files = 0
  #differing = 0
  #supervising: Promise<void> | undefined
  #wake = new AbortController()

  constructor(options: WorkSessionOptions) {
    this.#options = options
    const { clock, board, run, workers, worker, config, database, emit } = options
    this.#phase = run.phase
    this.#notice = new AwayNotice({ clock, onEvent: emit })
    this.#dispatcher = new Dispatcher({
      clock,
      random: Math.random,
      concurrency: worker.slots,
      workers,
      retryAttempts: () => config.retryAttempts,
      checkpointInterval: config.checkpointInterval,
      maxPauseMs: () => config.maxPauseSeconds * 1000,
      commit: (outcome) => this.#commit(outcome),
      emit,
    })
    const commit = (outcome: BatchOutcome<ClusterFile>) => this.#commit(outcome)
    const [held, dispatcher] = [this.#held, this.#dispatcher]
    this.#desk = new ClaimDesk({ database, board, run, worker, held, dispatcher, commit })
    const { slots } = worker
    this.#headroom = new HeadroomWatch({
      clock,
      probe: machineProbe(options.machine.cores, () => this.#dispatcher.usage()),
      memoryLimitMb: () => config.memoryLimitMb,
      // How large batches are is the coordinator's to say.
      bounds: () => ({ maxConcurrency: slots, minBatchSize: 1, maxBatchSize: 1 }),
      initial: { concurrency: slots, batchSize: 1, calm: 0 },
      onChange: ({ concurrency }, _before, reason) => {
        this.#dispatcher.resize(concurrency)
        emit({ type: 'work-limited', processes: concurrency, of: slots, reason })
        this.#wake.abort()
      },
      onPause: (reason) => {
        this.#short = reason
        this.#dispatcher.pause('resource', reason)
        this.#wake.abort()
      },
      onContinue: () => {
        this.#short = null
        this.#dispatcher.continue('resource')
      },
    })
  }

  /**
   * Works until the run is over or `signal` aborts; then what is in hand is finished, and what was claimed and not begun is given back.
   * @throws {MillraceError} `CHECKOUT_DIFFERS`, and what a dispatcher fails with.
   */
  async run(signal: AbortSignal): Promise<SessionEnd> {
    const { clock } = this.#options
    let failure: unknown
    const failed = this.#dispatcher.finished.catch((error) => {
      failure = error ?? new Error('The work broke off')
      this.#wake.abort()
    })
    this.#headroom.start()
    try {
      while (!this.#over && !signal.aborted && failure === undefined) {
        await this.#patiently(() => this.#step())
        const untilMs = Math.min(this.#nextBeatMs, this.#nextRoundMs, this.#nextAskMs) - clock.now()
        this.#wake = new AbortController()
        await wait(clock, Math.max(1, untilMs), AbortSignal.any([signal, this.#wake.signal]))
      }
      if (failure !== undefined) throw endOf(failure)
      if (this.#over) return this.#replaced ? 'replaced' : 'over'
      await this.#leave(failed)
      if (failure !== undefined) throw endOf(failure)
      return 'left'
    } finally {
      this.#headroom.stop()
      await this.#dispatcher.close()
      // Where it cannot be given back, the lease does the same, later.
      if (!this.#over) await this.#desk.giveBackAll().catch(() => {})
    }
  }

  /** What the worker says of itself. */
  state(): WorkerState {
    const { run, identity } = this.#options
    const { busy, busyMs, replaced } = this.#dispatcher.workforce()
    const { rssMb, cpuMs } = this.#dispatcher.usage()
    const limits = { limit: this.#dispatcher.concurrency, short: this.#short }
    return { ...identity, epoch: run.epoch, busy, files: this.#files, busyMs, replaced, rssMb, cpuMs, ...limits }
  }

  async #step(): Promise<void> {
    const { clock } = this.#options
    if (clock.now() >= this.#nextBeatMs) {
      this.#nextBeatMs = clock.now() + BEAT_EVERY_MS
      await this.#beat()
    }
    if (clock.now() >= this.#nextRoundMs) {
      this.#nextRoundMs = clock.now() + ROUND_EVERY_MS
      await this.#look()
      if (!this.#over) this.#lookAfterLeases()
    }
    if (this.#over) return
    await this.#desk.giveBack(this.#held.size - this.#most)
    if (clock.now() >= this.#nextAskMs) await this.#ask()
  }

  /** Shows a sign of life, of the worker and of each claim; what has been lost is dropped. */
  async #beat(): Promise<void> {
    const { board, database, run, worker } = this.#options
    const claims = this.#held.claims()
    const holding = new Set(await board.touch(run.queue, claims))
    for (const { claim, batch } of this.#held.all()) {
      if (claims.includes(claim) && !holding.has(claim)) this.#lose({ claim, batch })
    }
    await stayWorker(database, worker, this.state())
    this.#notice.written()
  }

  /** Beside all else: it waits for any commit that takes longer than a lease, and signs of life must not. */
  #lookAfterLeases(): void {
    const { board, run } = this.#options
    this.#supervising ??= this.#patiently(() => board.supervise(run.queue))
      .catch((error) => this.#dispatcher.fail(error))
      .finally(() => {
        this.#supervising = undefined
      })
  }

  async #look(): Promise<void> {
    const { database, run } = this.#options
    const now = await readRun(database)
    this.#replaced = now?.epoch !== run.epoch
    this.#over = this.#replaced || now?.phase === 'over'
    if (now !== undefined) this.#phase = now.phase
  }

  /** Batches that may be in hand: one for each process, and one for when that is done and not yet committed; a machine that lacks something has one to try it with. */
  get #most(): number {
    if (this.#short !== null) return 0
    const { starved, concurrency } = this.#dispatcher
    return starved ? 1 : 2 * concurrency
  }

  async #ask(): Promise<void> {
    const { clock } = this.#options
    const room = this.#phase === 'open' ? this.#most - this.#held.size : 0
    // Set before the wait for the answer: what is committed meanwhile makes it sooner.
    const nextMs = clock.now() + this.#askMs
    this.#nextAskMs = nextMs
    const claimed = room > 0 && !this.#held.hasAlone ? await this.#desk.claim(room) : 'nothing'
    this.#askMs = claimed === 'begun' ? ASK_AGAIN_MS : Math.min(1.25 * this.#askMs, ASK_AGAIN_MOST_MS)
    if (claimed === 'passed-on' && this.#nextAskMs === nextMs) this.#nextAskMs = clock.now() + LEFT_TO_OTHERS_MS
  }

  async #commit(outcome: BatchOutcome<ClusterFile>): Promise<void> {
    const held = this.#held.get(outcome.batch)
    // What comes of a batch that was lost is nobody's.
    if (held === undefined) return
    const { clock, run, worker, database, board } = this.#options
    const began = clock.now()
    const place = { database, board, queue: run.queue, jobId: run.jobId, epoch: run.epoch, worker }
    try {
      const commit = () => commitOutcome(place, held.claim, outcome, this.#held.token(outcome))
      const returned = await this.#held.committing(outcome.batch, commit)
      this.#committed(outcome, returned)
    } catch (error) {
      if (!isFenced(error)) throw failureOf(database, error)
      this.#lose(held)
    }
    // The sign of life that it gave is of when it began.
    if (clock.now() - began >= BEAT_EVERY_MS) {
      this.#nextBeatMs = 0
      this.#wake.abort()
    }
  }

  #committed(outcome: BatchOutcome<ClusterFile>, returned: readonly ReturnedFile[]): void {
    const { batch, complete, delivered, confirmed, quarantined, ms } = outcome
    const settled = delivered.length + confirmed.length + quarantined.length - returned.length
    this.#files += settled
    this.#differing = settled > 0 ? 0 : this.#differing + returned.length
    if (complete) {
      this.#held.remove(batch)
      this.#askMs = ASK_AGAIN_MS
      this.#nextAskMs = 0
      this.#wake.abort()
    }
    const { batchId } = batch
    this.#options.emit({ type: 'work-committed', batchId, files: settled, returned: returned.length, ms })
    if (this.#differing >= DIFFERING_FILES) this.#dispatcher.fail(checkoutDiffers(this.#differing, returned[0]!))
  }

  #lose({ claim, batch }: HeldBatch): void {
    this.#held.remove(batch)
    this.#dispatcher.drop(batch)
    const { message } = batchFenced(claim.order.batchId, this.#options.worker.name)
    this.#options.emit({ type: 'batch-lost', batchId: claim.order.batchId, message })
  }

  /** Lets what is in hand come to its end. */
  async #leave(finished: Promise<void>): Promise<void> {
    const { clock } = this.#options
    this.#dispatcher.drain()
    let over = false
    const end = finished.then(() => {
      over = true
      this.#wake.abort()
    })
    while (!over) {
      this.#wake = new AbortController()
      await this.#patiently(() => this.#beat())
      await wait(clock, BEAT_EVERY_MS, this.#wake.signal)
    }
    await end
  }

  /** A database that is away ends no worker: the leases decide, when it is back. */
  async #patiently(step: () => Promise<void>): Promise<void> {
    const { clock, database } = this.#options
    try {
      await step()
    } catch (thrown) {
      this.#notice.away(failureOf(database, thrown))
      this.#nextAskMs = clock.now() + ASK_AGAIN_MOST_MS
    }
  }
}

/** What a worker ends with, where its dispatcher ended with `failure`. */
function endOf(failure: unknown): unknown {
  if (!(failure instanceof MillraceError) || failure.code !== 'RESOURCE_SHORT') return failure
  const { code, detail } = failure
  return new MillraceError(
    code,
    `This worker has waited because ${detail.reason}, and that has not passed for longer than it may wait. Its batches are for others: make room, then start it again.`,
    { detail, cause: failure },
  )
}

/** The claim is void; or the job was started anew, or its tree taken over, and with that every claim on it. */
const FENCED = new Set(['BATCH_FENCED', 'JOB_NOT_STARTED', 'JOB_SUPERSEDED'])

function isFenced(error: unknown): boolean {
  return error instanceof MillraceError && FENCED.has(error.code)
}

function checkoutDiffers(files: number, { message }: ReturnedFile): MillraceError {
  return new MillraceError(
    'CHECKOUT_DIFFERS',
    `${files} files one after another are not here what they are where the job is coordinated; the last: ${message} Check out the same commit, then start this worker again.`,
    { detail: { files } },
  )
}
