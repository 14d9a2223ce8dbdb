import { type Clock, Gate, Lanes, MillraceError, Slots, type Timer } from '@millrace/kernel'
import type { EngineEvent } from '../engine/events.ts'
import type { DiscoveredFile } from '../file.ts'
import type { FileBatch } from '../plan/batch-strategy.ts'
import { BatchPriority } from '../plan/priority.ts'
import type { ExecutorDeath } from '../worker/executor.ts'
import { afterDeath, type Trial } from './after-death.ts'
import { backoffMs } from './backoff.ts'
import { OpenBatch } from './open-batch.ts'
import type { BatchOutcome } from './outcome.ts'
import type { WorkerSet } from './worker-set.ts'

export interface DispatcherOptions<F extends DiscoveredFile> {
  readonly clock: Clock
  /** In [0, 1); draws the jitter of retries. */
  readonly random: () => number
  readonly concurrency: number
  /** Where batches run; ended by the dispatcher's `close`. */
  readonly workers: WorkerSet
  readonly retryAttempts: () => number
  /** Most settled files of one batch that wait for a commit. */
  readonly checkpointInterval: number
  /** Makes an outcome durable. Outcomes of one batch come in order; at most some tens of MB wait. */
  readonly commit: (outcome: BatchOutcome<F>) => Promise<void>
  readonly emit: (event: EngineEvent) => void
}

/** Files of one batch that go to a worker together. */
interface Task<F extends DiscoveredFile> {
  readonly open: OpenBatch<F>
  readonly files: readonly F[]
  readonly trial: Trial
}

/** A waiting batch rises one priority after this long, so that LOW waits at most three times that behind fresh CRITICAL ones. */
const AGE_MS = 10_000
/** Records that may wait for the ledger, characters; past it workers are not given more. */
const UNCOMMITTED_CHARS = 64 * 1024 * 1024
/** Records of one batch are committed before its end when they have reached this length, characters. */
const CHECKPOINT_CHARS = 8 * 1024 * 1024
/** Worker processes that may die one after another before they are ready, until the job is given up. */
const START_FAILURES = 3

/**
 * Hands batches to executors and sees every file through: delivered, or quarantined with the reason.
 *
 * Queue: lanes by priority, with ageing. Bounded: in flight by `slots`, uncommitted by `gate`. A file that may succeed later is tried again
 * after a backoff; an executor that dies is replaced, and what it left undone is run again until its culprit is known
 * (see {@link afterDeath}). Each file settles exactly once.
 */
export class Dispatcher<F extends DiscoveredFile> {
  readonly finished: Promise<void>
  readonly slots: Slots
  readonly workers: WorkerSet
  readonly #options: DispatcherOptions<F>
  readonly #queue = new Lanes<Task<F>>({ lanes: 4, ageMs: AGE_MS })
  readonly #gate = new Gate<BatchOutcome<F>>({ maxBytes: UNCOMMITTED_CHARS, bytesOf: recordChars, whenFull: 'wait' })
  readonly #backoffs = new Set<Timer>()
  readonly #resolve: () => void
  readonly #reject: (error: unknown) => void
  #committing = 0
  #sealed = false
  #draining = false
  #failed = false
  #startFailures = 0

  constructor(options: DispatcherOptions<F>) {
    this.#options = options
    this.slots = new Slots({ max: options.concurrency })
    this.workers = options.workers
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.finished = promise
    this.#resolve = resolve
    this.#reject = reject
    // Whoever awaits `finished` hears of a failure; before that nobody may be awaiting yet.
    promise.catch(() => {})
  }

  /** Batches that wait for a worker. */
  get queued(): number {
    return this.#queue.size
  }

  enqueue(batches: Iterable<FileBatch<F>>): void {
    for (const batch of batches) this.#push({ open: new OpenBatch(batch), files: batch.files, trial: 'normal' })
    this.#pump()
  }

  /** Takes back the files of every batch that no worker has had yet, to be planned anew. */
  recall(): F[] {
    const files: F[] = []
    const kept: Task<F>[] = []
    for (let task = this.#queue.shift(); task !== undefined; task = this.#queue.shift()) {
      if (task.files === task.open.batch.files) for (const file of task.files) files.push(file)
      else kept.push(task)
    }
    for (const task of kept) this.#push(task)
    return files
  }

  /** Changes how many batches run at once. */
  resize(concurrency: number): void {
    this.slots.resize(concurrency)
    this.#pump()
    this.workers.keepAtMost(concurrency)
  }

  /** Says that no further batch will come: `finished` settles when those that did are through. */
  seal(): void {
    this.#sealed = true
    this.#checkFinished()
  }

  /** Starts nothing more. What is in hand is finished and committed; then `finished` settles. */
  drain(): void {
    this.#draining = true
    for (const timer of this.#backoffs) timer.cancel()
    this.#backoffs.clear()
    this.seal()
  }

  /** Gives up: `finished` rejects with `error`, unless it has settled. */
  fail(error: unknown): void {
    this.#failed = true
    this.#draining = true
    this.#reject(error)
  }

  /** Ends the workers, those with work in hand at once; settles when they are gone. */
  async close(): Promise<void> {
    this.#draining = true
    for (const timer of this.#backoffs) timer.cancel()
    await this.workers.close()
  }

  #push(task: Task<F>): void {
    this.#queue.push(task, BatchPriority.CRITICAL - task.open.batch.priority, this.#options.clock.now())
  }

  #pump(): void {
    while (!this.#draining && this.#queue.size > 0 && this.slots.tryAcquire()) {
      const task = this.#queue.shift()!
      this.#run(task).then(
        () => this.#released(),
        (error) => {
          this.fail(error)
          this.#released()
        },
      )
    }
  }

  #released(): void {
    this.slots.release()
    this.#pump()
    this.#checkFinished()
  }

  async #run(task: Task<F>): Promise<void> {
    const { open, files } = task
    const { clock, emit } = this.#options
    const worker = this.workers.take()
    emit({ type: 'batch-started', batchId: open.batch.batchId, worker: worker.number, files: files.length })
    const started = clock.now()
    let cursor = 0
    let timed = started
    const again: F[] = []
    const admitted: Promise<void>[] = []
    const end = await worker
      .run({ files, cautious: task.trial !== 'normal' }, (report) => {
        cursor = report.next
        for (const file of open.takeReport(files, report, this.#options.retryAttempts())) again.push(file)
        const now = clock.now()
        open.addTime(now - timed)
        timed = now
        if (open.waitingFiles >= this.#options.checkpointInterval || open.waitingChars >= CHECKPOINT_CHARS) {
          admitted.push(this.#commit(open.takeOutcome(worker.number)))
        }
      })
      .catch((error: unknown) => this.#startFailed(error, task))
    if (end === undefined) {
      this.workers.discard(worker, 'crashed', 'did not start')
      return
    }
    open.addTime(clock.now() - timed)
    if (end.done) {
      this.#startFailures = 0
      this.workers.giveBack(worker, this.slots.inFlight > this.slots.max)
    } else {
      this.workers.discard(worker, end.death.reason, end.death.detail)
      this.#recover(task, files.slice(cursor), end.death, clock.now() - started)
    }
    if (again.length > 0) this.#tryLater(open, again)
    if (open.waitingFiles > 0) admitted.push(this.#commit(open.takeOutcome(worker.number)))
    // The slot is held until the ledger has room for what came of it: that is what slows the workers to its pace.
    await Promise.all(admitted)
  }

  /** A process may fail to start for want of something that comes back; a processor that does not load will not. */
  #startFailed(error: unknown, task: Task<F>): undefined {
    this.#startFailures++
    const another = error instanceof MillraceError && error.code === 'WORKER_START_FAILED'
    if (!another || this.#startFailures >= START_FAILURES) throw error
    this.#push(task)
  }

  #recover(task: Task<F>, undone: readonly F[], death: ExecutorDeath, ms: number): void {
    const { open, trial } = task
    const { poison, suspect, retries } = afterDeath(trial, death.reason, undone)
    const code = death.reason === 'deadline' ? 'FILE_DEADLINE' : 'WORKER_CRASHED'
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

  /** Settles when the outcome is let through to the ledger, not when it is there: the worker may go on meanwhile. */
  async #commit(outcome: BatchOutcome<F>): Promise<void> {
    this.#committing++
    await this.#gate.admit(outcome)
    this.#options
      .commit(outcome)
      .catch((error) => this.fail(error))
      .finally(() => {
        this.#gate.release(outcome)
        this.#committing--
        this.#checkFinished()
      })
  }

  #checkFinished(): void {
    if (this.#failed || !this.#sealed || this.slots.inFlight > 0 || this.#committing > 0) return
    if (this.#draining || (this.#queue.size === 0 && this.#backoffs.size === 0)) this.#resolve()
  }
}

function recordChars(outcome: BatchOutcome): number {
  let chars = 0
  for (const { record } of outcome.delivered) chars += record.length
  return chars
}
