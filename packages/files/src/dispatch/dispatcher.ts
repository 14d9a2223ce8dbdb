import type { Clock, Timer } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import { Slots } from '@millrace/kernel/execute/slots'
import { Lanes } from '@millrace/kernel/queue/lanes'
import type { EngineEvent, PauseCause } from '../engine/events.ts'
import type { FileBatch } from '../plan/batch-strategy.ts'
import { BatchPriority } from '../plan/priority.ts'
import type { AssignedFile, ExecutorDeath, ExecutorEnd } from '../worker/executor.ts'
import { afterDeath } from './after-death.ts'
import { backoffMs } from './backoff.ts'
import { CommitLine, halfOf } from './commit-line.ts'
import type { Dispatch, Workforce } from './dispatch.ts'
import { exhaustedLedger, exhaustedRead, exhaustedStart } from './exhaustion.ts'
import { OpenBatch, type RetryRule } from './open-batch.ts'
import type { BatchOutcome } from './outcome.ts'
import { Pauses } from './pauses.ts'
import { ResourceBreaker } from './resource-breaker.ts'
import { Starvation } from './starvation.ts'
import { type Task, TaskRun } from './task-run.ts'
import type { NumberedWorker, WorkerSet } from './worker-set.ts'

export interface DispatcherOptions<F extends AssignedFile> {
  readonly clock: Clock
  /** In [0, 1); draws the jitter of retries. */
  readonly random: () => number
  readonly concurrency: number
  /** Where batches run; ended by the dispatcher's `close`. */
  readonly workers: WorkerSet
  readonly retryAttempts: () => number
  /** Most settled files of one batch that wait for a commit; half of the batch where that is less. */
  readonly checkpointInterval: number
  /** The longest that work waits for a resource that ran out, milliseconds; asked at the start of each pause. */
  readonly maxPauseMs: () => number
  /** Makes an outcome durable. Outcomes of one batch come one after another, in order; one that failed for want of a resource comes again. */
  readonly commit: (outcome: BatchOutcome<F>) => Promise<void>
  readonly emit: (event: EngineEvent) => void
}

/** A waiting batch rises one priority after this long, so that LOW waits at most three times that behind fresh CRITICAL ones. */
const AGE_MS = 10_000
/** Records of one batch are committed before its end when they have reached this length, characters. */
const CHECKPOINT_CHARS = 8 * 1024 * 1024
/** Worker processes that may die one after another before they are ready, until the job is given up. */
const START_FAILURES = 3
/** Files in a row that cannot be read for want of something, until that is taken for the machine's fault and not theirs. */
const STARVED_FILES = 5

/**
 * Hands batches to executors and sees every file through: delivered, confirmed, or quarantined with the reason.
 *
 * Queue: lanes by priority, with ageing. Bounded: in flight by `slots`, uncommitted by the commit line. A worker is given half a batch at a time, each
 * is a commit, and it has the next half when all but the newest one it did is durable: a kill undoes at most one batch for each worker. A file that may succeed later is tried again
 * after a backoff; an executor that dies is replaced, and what it left undone is run again until its culprit is known
 * (see {@link afterDeath}). Where the machine runs out of something, nothing more is started until one try shows that it is there
 * again. Each file settles exactly once.
 */
export class Dispatcher<F extends AssignedFile> implements Dispatch<F> {
  readonly finished: Promise<void>
  readonly slots: Slots
  readonly workers: WorkerSet
  readonly #options: DispatcherOptions<F>
  readonly #queue = new Lanes<Task<F>>({ lanes: 4, ageMs: AGE_MS })
  readonly #backoffs = new Set<Timer>()
  readonly #pauses: Pauses
  readonly #ledgerBreaker: ResourceBreaker
  readonly #workerBreaker: ResourceBreaker
  readonly #commits: CommitLine<F>
  readonly #inHand = new Map<NumberedWorker, OpenBatch<F>>()
  readonly #starvation = new Starvation<F>()
  readonly #retryRule: RetryRule
  readonly #dropped = new WeakSet<FileBatch<F>>()
  readonly #resolve: () => void
  readonly #reject: (error: unknown) => void
  #sealed = false
  /** Calls that may bring more work. */
  #heldOpen = 0
  #over = false
  #draining = false
  #failed = false
  #startFailures = 0

  constructor(options: DispatcherOptions<F>) {
    const { clock, maxPauseMs, emit } = options
    this.#options = options
    this.slots = new Slots({ max: options.concurrency })
    this.workers = options.workers
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.finished = promise
    this.#resolve = resolve
    this.#reject = reject
    // Whoever awaits `finished` hears of a failure; before that nobody may be awaiting yet.
    promise.catch(() => {})
    this.#pauses = new Pauses({ clock, maxPauseMs, emit, onGiveUp: (error) => this.fail(error) })
    this.#ledgerBreaker = this.#breaker('ledger', exhaustedLedger)
    this.#workerBreaker = this.#breaker('workers', exhaustedWorker)
    this.#commits = new CommitLine({
      commit: options.commit,
      breaker: this.#ledgerBreaker,
      onFailure: (error) => this.fail(error),
      onLeft: () => this.#checkFinished(),
    })
    const spared: RetryRule['spared'] = (failed) =>
      this.#workerBreaker.state !== 'closed' && exhaustedRead(failed) !== undefined
    this.#retryRule = {
      get retryAttempts() {
        return options.retryAttempts()
      },
      spared,
    }
  }

  /** Batches that wait for a worker. */
  get queued(): number {
    return this.#queue.size
  }

  /** Why nothing is started, or null where there is no reason. */
  get paused(): string | null {
    return this.#pauses.reason
  }

  /** `open`: something ran out, and is waited for. `half-open`: one try finds out whether it is there again. */
  get breaker(): 'closed' | 'open' | 'half-open' {
    const [one, other] = [this.#ledgerBreaker.state, this.#workerBreaker.state]
    if (one === 'closed') return other
    return other === 'open' ? other : one
  }

  /** Whether this machine lacks what workers need to start, or to read: one try at a time finds out whether it is there again. */
  get starved(): boolean {
    return this.#workerBreaker.state !== 'closed'
  }

  get concurrency(): number {
    return this.slots.max
  }

  workforce(): Workforce {
    const { size, busy, replaced, busyMs } = this.workers
    return { workers: size, busy, replaced, busyMs, perWorker: this.workers.perWorker() }
  }

  usage(): { rssMb: number; cpuMs: number } {
    return this.workers.usage()
  }

  warm(count: number): void {
    this.workers.warm(count)
  }

  dismiss(why: string): void {
    this.workers.dismiss(why)
  }

  /**
   * Starts nothing more until {@link Dispatcher.continue}: batches in hand are finished and committed, retries wait. Does nothing
   * where `by` holds already; work goes on when no cause holds. A pause for want of a resource ends the idle workers, and after
   * `maxPauseMs` the job with `RESOURCE_SHORT`.
   */
  pause(by: PauseCause, reason: string): void {
    if (this.#draining) return
    this.#pauses.hold(by, reason, by === 'resource' ? resourceShort(reason) : undefined)
    if (by === 'resource') this.workers.keepAtMost(0, reason)
  }

  /** Ends the pause of one cause. */
  continue(by: PauseCause): void {
    this.#pauses.release(by)
    this.#pump()
  }

  /**
   * Makes another call that writes to the ledger, as patiently as commits are made: where it fails because something ran out, work pauses and
   * the call is made again until it succeeds, or the job drains.
   */
  insist<T>(call: () => Promise<T>): Promise<T> {
    return this.#ledgerBreaker.insist(call, () => !this.#draining)
  }

  /** Settles when all that has been reported by now is durable; rejects where the job fails before. */
  async checkpoint(): Promise<void> {
    for (const [worker, open] of this.#inHand) this.#commitWaiting(open, worker)
    await this.#commits.settled()
    if (this.#failed) await this.finished
  }

  /** As they are: a batch costs next to nothing. */
  arrange(batches: readonly FileBatch<F>[]): readonly FileBatch<F>[] {
    return batches
  }

  enqueue(batches: Iterable<FileBatch<F>>): void {
    for (const batch of batches) this.#push({ open: new OpenBatch(batch), files: batch.files, trial: 'normal' })
    this.#pump()
  }

  /** Takes back the files of every batch that no worker has had yet, to be planned anew. */
  recall(): F[] {
    return this.withdraw(Number.POSITIVE_INFINITY).flatMap(({ files }) => files)
  }

  /** Takes back at most so many batches that no worker has had yet: those that would be begun last, in their order. */
  withdraw(most: number): FileBatch<F>[] {
    const waiting: Task<F>[] = []
    for (let task = this.#queue.shift(); task !== undefined; task = this.#queue.shift()) waiting.push(task)
    const whole = waiting.filter((task) => task.files === task.open.batch.files)
    const taken = new Set(whole.slice(Math.max(0, whole.length - most)))
    for (const task of waiting) if (!taken.has(task)) this.#push(task)
    return Array.from(taken, ({ open }) => open.batch)
  }

  /** Does nothing more for a batch; of what a worker has in hand of it, it finishes up to half. What it then comes to is committed still. */
  drop(batch: FileBatch<F>): void {
    this.#dropped.add(batch)
    const kept: Task<F>[] = []
    for (let task = this.#queue.shift(); task !== undefined; task = this.#queue.shift()) kept.push(task)
    for (const task of kept) this.#push(task)
    this.#checkFinished()
  }

  /** Changes how many batches run at once. */
  resize(concurrency: number): void {
    this.slots.resize(concurrency)
    this.#pump()
    this.workers.keepAtMost(concurrency)
  }

  /**
   * Keeps `finished` from settling while `work` finds out whether there is more to do, and enqueues it.
   * @throws {MillraceError} `JOB_NOT_RUNNING` where it has settled already.
   */
  async holdOpen<T>(work: () => Promise<T>): Promise<T> {
    if (this.#over || this.#draining) {
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
      this.#checkFinished()
    }
  }

  /** Says that no further batch will come: `finished` settles when those that did are through. */
  seal(): void {
    this.#sealed = true
    this.#checkFinished()
  }

  /**
   * Starts nothing more, paused or not. What is in hand is finished and committed; then `finished` settles. A ledger that cannot be written is
   * not waited for any more: the next failure of a commit is the end, and what was not committed is for another start.
   */
  drain(): void {
    this.#draining = true
    this.#cancelRetries()
    this.#commits.hurry()
    this.seal()
  }

  /** Gives up: `finished` rejects with `error`, unless it has settled. */
  fail(error: unknown): void {
    this.#failed = true
    this.#draining = true
    this.#commits.abandon()
    this.#stopWaiting()
    this.#reject(error)
  }

  /** Ends the workers, those with work in hand at once; settles when they are gone. */
  async close(): Promise<void> {
    this.#draining = true
    this.#stopWaiting()
    await this.workers.close()
  }

  #breaker(source: 'ledger' | 'workers', exhausted: (error: unknown) => string | undefined): ResourceBreaker {
    return new ResourceBreaker({
      clock: this.#options.clock,
      exhausted,
      onOpen: (reason, error) => this.#pauses.hold(source, reason, error),
      onDue: () => this.#pump(),
      onClose: () => {
        this.#pauses.release(source)
        this.#pump()
      },
    })
  }

  #push(task: Task<F>): void {
    if (this.#dropped.has(task.open.batch)) return
    this.#queue.push(task, BatchPriority.CRITICAL - task.open.batch.priority, this.#options.clock.now())
  }

  /** A try that the workers' breaker lets in runs although that breaker holds the work: it is how the hold ends. */
  #pump(): void {
    while (!this.#draining && this.#queue.size > 0 && this.slots.free > 0 && !this.#pauses.heldBeside('workers')) {
      if (!this.#workerBreaker.tryEnter()) return
      this.slots.tryAcquire()
      this.#run(this.#queue.shift()!)
        .catch((error) => this.fail(error))
        .finally(() => {
          this.slots.release()
          this.#pump()
          this.workers.keepAtMost(this.slots.max)
          this.#checkFinished()
        })
    }
  }

  async #run(task: Task<F>): Promise<void> {
    const probe = this.#workerBreaker.state !== 'closed'
    let worker: NumberedWorker | undefined
    try {
      await this.#workerBreaker.run(() => this.#execute(task, probe, (taken) => (worker = taken)))
    } catch (error) {
      if (!this.#workerBreaker.handles(error)) throw error
    }
    if (worker !== undefined) this.workers.giveBack(worker)
  }

  /**
   * Has a worker do what it can of a task.
   * @throws what ran out, where that is how it went: nothing is lost by it.
   */
  async #execute(task: Task<F>, probe: boolean, onTaken: (worker: NumberedWorker) => void): Promise<void> {
    const { open, files } = task
    const { clock, emit } = this.#options
    const starvation = probe ? new Starvation<F>() : this.#starvation
    let worker: NumberedWorker | undefined
    let run: TaskRun<F>
    let end: ExecutorEnd = { done: true }
    try {
      const taken = this.workers.take()
      worker = taken
      onTaken(taken)
      this.#inHand.set(taken, open)
      emit({ type: 'batch-started', batchId: open.batch.batchId, worker: taken.number, files: files.length })
      const under = new TaskRun(task, taken, clock)
      run = under
      const step = halfOf(open.batch)
      const enough = Math.min(this.#options.checkpointInterval, step)
      for (let from = 0; from < files.length && end.done; from += step) {
        const part = files.slice(from, from + step)
        await this.#commits.mayGoOn(taken.number, part.length, open.batch)
        if (this.#failed || this.#dropped.has(open.batch)) break
        end = await taken.run({ files: part, cautious: task.trial !== 'normal' }, (report) => {
          under.take(report, part, from, this.#retryRule, starvation)
          if (open.waitingFiles >= enough || open.waitingChars >= CHECKPOINT_CHARS) this.#commitWaiting(open, taken)
        })
        if (end.done) this.#commitWaiting(open, taken)
      }
    } catch (error) {
      this.#startFailed(error, task, worker)
      return
    } finally {
      if (worker !== undefined) this.#inHand.delete(worker)
    }
    run.addTime()
    const starved = probe ? starvation.files > 0 && !starvation.anyRead : starvation.files >= STARVED_FILES
    if (end.done) {
      this.#startFailures = 0
      // One that has used up its descriptors, or that takes memory others lack, makes room by going.
      const surplus = this.workers.size > this.slots.max || this.#pauses.has('resource') || starved
      this.workers.rest(worker, surplus)
    } else {
      this.workers.discard(worker, end.death.reason, end.death.detail)
      this.#recover(task, run.undone, end.death, run.ms)
    }
    if (run.again.length > 0) this.#tryLater(open, run.again)
    this.#commitWaiting(open, worker)
    if (!starved) return
    starvation.clear()
    throw starvation.error
  }

  /**
   * Puts back what a worker that did not start was to do. It may have failed for want of something that comes back, which the breaker waits
   * for, or for a reason of its own, which another process may be without; a processor that does not load will not load in another.
   */
  #startFailed(error: unknown, task: Task<F>, worker: NumberedWorker | undefined): void {
    if (worker !== undefined) this.workers.discard(worker, 'crashed', 'did not start')
    if (exhaustedStart(error) === undefined) {
      this.#startFailures++
      const another = error instanceof MillraceError && error.code === 'WORKER_START_FAILED'
      if (!another || this.#startFailures >= START_FAILURES) throw error
    }
    this.#push(task)
    if (exhaustedStart(error) !== undefined) throw error
  }

  #recover(task: Task<F>, undone: readonly F[], death: ExecutorDeath, ms: number): void {
    const { open, trial } = task
    const { poison, suspect, retries } = afterDeath(trial, death.reason, undone)
    const { code } = DEATHS[death.reason]
    if (suspect !== undefined) {
      const attempt = open.failedAttempt(suspect, code, death.detail, ms)
      this.#options.emit({ type: 'file-retried', path: suspect.path, code, message: death.detail, attempt })
    }
    if (poison !== undefined) open.quarantine(poison, code, `${death.detail} while it had this file.`, death.evidence)
    for (const { trial, files } of retries) this.#push({ open, files, trial })
  }

  #tryLater(open: OpenBatch<F>, files: readonly F[]): void {
    if (this.#draining) return
    const attempt = Math.max(...files.map((file) => open.attemptsOf(file)))
    const timer = this.#options.clock.after(backoffMs(attempt, this.#options.random), () => {
      this.#backoffs.delete(timer)
      this.#push({ open, files, trial: 'normal' })
      this.#pump()
    })
    this.#backoffs.add(timer)
  }

  #commitWaiting(open: OpenBatch<F>, worker: NumberedWorker): void {
    if (open.waitingFiles > 0) this.#commits.add(open.takeOutcome(worker.number))
  }

  #cancelRetries(): void {
    for (const timer of this.#backoffs) timer.cancel()
    this.#backoffs.clear()
  }

  #stopWaiting(): void {
    this.#cancelRetries()
    this.#pauses.dispose()
    this.#ledgerBreaker.dispose()
    this.#workerBreaker.dispose()
  }

  #checkFinished(): void {
    if (this.#failed || !this.#sealed || this.#heldOpen > 0 || this.slots.inFlight > 0 || this.#commits.size > 0) return
    if (!this.#draining && (this.#queue.size > 0 || this.#backoffs.size > 0)) return
    this.#over = true
    this.#stopWaiting()
    this.#resolve()
  }
}

/** What a file that ends its worker is quarantined with. */
const DEATHS: Readonly<Record<ExecutorDeath['reason'], { readonly code: string }>> = {
  crashed: { code: 'WORKER_CRASHED' },
  deadline: { code: 'FILE_DEADLINE' },
  memory: { code: 'FILE_MEMORY' },
}

/** What a worker lacked to start, or files in it to be read. */
function exhaustedWorker(error: unknown): string | undefined {
  if (!(error instanceof MillraceError) || error.code !== 'FILE_READ_FAILED') return exhaustedStart(error)
  return exhaustedRead({ code: error.code, message: error.message, evidence: error.detail, transient: true })
}

function resourceShort(reason: string): MillraceError {
  return new MillraceError(
    'RESOURCE_SHORT',
    `The job was paused because ${reason}, and that has not passed for longer than it may wait. What is finished is safe: make room, then resume the job.`,
    { detail: { reason } },
  )
}
