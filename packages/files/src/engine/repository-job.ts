import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock, Timer } from '@millrace/kernel/clock'
import type { CostModel } from '@millrace/kernel/learn/cost-model'
import type { DiscoveryProblem } from '../discovery/discovery.ts'
import type { Dispatch } from '../dispatch/dispatch.ts'
import type { DurableOutcome } from '../dispatch/durable-outcome.ts'
import type { BatchOutcome } from '../dispatch/outcome.ts'
import type { Ledger, LedgerFile } from '../ledger/ledger.ts'
import { Backlog } from '../plan/backlog.ts'
import type { Limits } from '../plan/headroom.ts'
import { compilePriority } from '../plan/priority.ts'
import type { Processor } from '../processor/processor.ts'
import type { ResolvedConfig } from './config.ts'
import type { Crew } from './crew.ts'
import type { BatchStatistics, EngineEvent, EngineHealth } from './events.ts'
import { HeadroomWatch } from './headroom-watch.ts'
import { healthOf } from './health.ts'
import { Intake } from './intake.ts'
import type { Machine } from './machine.ts'
import { machineProbe } from './machine-probe.ts'
import { Progress } from './progress.ts'
import type { WalkAhead } from './walk-ahead.ts'

export interface RepositoryJobOptions {
  readonly jobId: string
  /** How often it was started: above 1, it goes on from what the ledger has. */
  readonly starts: number
  /** Whether unchanged files in quarantine are tried again. */
  readonly retryQuarantined: boolean
  /** Its batches have numbers from here on. */
  readonly firstBatchId: number
  /** Absolute path of the tree. */
  readonly root: string
  /** Under way already; the job ends it where it ends first. */
  readonly walk: WalkAhead
  readonly config: ResolvedConfig
  readonly processors: readonly Processor[]
  readonly ledger: Ledger
  readonly costs: CostModel
  /** Started where it is likely that they will be needed, for they take longest; the job ends them. */
  readonly crew: Crew
  readonly clock: Clock
  readonly machine: Machine
  readonly emit: (event: EngineEvent) => void
}

/** Of a resumed job's files, those that are looked at before the walk comes to them: two batches a worker. */
const BATCHES_AHEAD = 2

/** Work starts when discovery ends, or this long after it began: a plan over a small tree's files is better when it is over all of them … */
const FIRST_PLAN_MS = 50
/** … and over a large one's the better the more is found. Plans are made at twice the distance each time, up to this one. */
const PLAN_EVERY_MS = 1000

/**
 * One job over one tree, from the first file found to the last one settled: the composition of the kernel's stages.
 *
 * admit: discovery's chunks, into the ledger · batch: the backlog, by predicted cost · queue and execute: the dispatcher,
 * on worker processes · deliver: checkpoints in the ledger · learn: the cost of each language, and the headroom.
 */
export class RepositoryJob {
  readonly #options: RepositoryJobOptions
  readonly #intake: Intake
  readonly #backlog: Backlog<LedgerFile>
  readonly #dispatch: Dispatch<LedgerFile>
  readonly #watch: HeadroomWatch
  readonly #progress: Progress
  #config: ResolvedConfig
  #failure: unknown
  #planTimer: Timer | undefined
  /** Aborted when the job is over, however it ended. */
  readonly #over = new AbortController()

  constructor(options: RepositoryJobOptions) {
    const { config, clock, costs, machine, emit } = options
    this.#options = options
    this.#config = config
    this.#progress = new Progress(options)
    this.#intake = new Intake({
      jobId: options.jobId,
      walk: options.walk,
      reuse: config.reuse,
      processors: options.processors,
      ledger: options.ledger,
      insist: (call) => this.#dispatch.insist(call),
      retryQuarantined: options.retryQuarantined,
      onFiles: (files) => {
        this.#backlog.add(files)
        options.crew.warm(Math.min(concurrencyOf(this.#config), this.#backlog.size))
      },
      emit,
    })
    const wallNow = clock.wallNow()
    this.#backlog = new Backlog({
      costs,
      priorityOf: compilePriority(config.priority, wallNow),
      strategy: config.strategy,
      firstBatchId: options.firstBatchId,
      wallNow: () => clock.wallNow(),
    })
    this.#dispatch = options.crew.dispatch({
      jobId: options.jobId,
      processors: options.processors,
      concurrency: concurrencyOf(config),
      nextBatchId: () => this.#backlog.takeBatchId(),
      commit: (outcome) => this.#commit(outcome),
      onDurable: (outcome) => this.#takeIn(outcome),
    })
    this.#watch = new HeadroomWatch({
      clock,
      probe: machineProbe(machine.cores, () => this.#dispatch.usage()),
      memoryLimitMb: () => this.#config.memoryLimitMb,
      bounds: () => {
        const { minBatchSize, maxBatchSize } = this.#config
        return { maxConcurrency: concurrencyOf(this.#config), minBatchSize, maxBatchSize }
      },
      initial: limitsOf(config),
      onChange: ({ concurrency, batchSize }, before, reason) => {
        emit({ type: 'limits-changed', concurrency, batchSize, reason })
        // Larger batches can wait for the next plan; smaller ones are wanted now.
        this.#applyLimits(batchSize < before.batchSize)
      },
      onPause: (reason) => this.#dispatch.pause('resource', reason),
      onContinue: () => this.#dispatch.continue('resource'),
    })
  }

  get progress(): Progress {
    return this.#progress
  }

  /** Files that were in the tree when it was last met, and are gone. */
  get removed(): number {
    return this.#intake.removed
  }

  /** Folders and files that discovery could not look into. */
  get problems(): readonly DiscoveryProblem[] {
    return this.#intake.problems
  }

  statistics(): BatchStatistics {
    return this.#progress.snapshot(this.#intake, this.#dispatch, this.#watch)
  }

  health(): EngineHealth {
    return healthOf(this.statistics(), {
      breaker: this.#dispatch.breaker,
      secondsSinceProgress: this.#progress.secondsSinceSettled,
      deadlineSeconds: this.#config.timeoutSeconds,
      wanted: this.#options.crew.wanted(concurrencyOf(this.#config)),
      memoryLimitMb: this.#config.memoryLimitMb,
      failure: this.#failure,
    })
  }

  /** Starts nothing more until {@link continue}; what is in hand goes on. */
  pause(): void {
    this.#dispatch.pause('user', 'the user paused it, until it is resumed')
  }

  continue(): void {
    this.#dispatch.continue('user')
  }

  /** Settles when what has been reported by now is in the ledger. */
  checkpoint(): Promise<void> {
    return this.#dispatch.checkpoint()
  }

  /** Makes a call of the ledger as patiently as commits are made, also when all files are through: until it succeeds, or the signal of {@link run} aborts. */
  insist<T>(call: () => Promise<T>): Promise<T> {
    return this.#dispatch.insist(call)
  }

  /** Takes files out of quarantine and gives them another chance; gives how many. @throws {MillraceError} `QUARANTINE_UNKNOWN`. */
  async retryQuarantined(paths?: readonly string[]): Promise<number> {
    const { ledger, jobId, emit } = this.#options
    return this.#dispatch.holdOpen(async () => {
      const files = await this.#dispatch.insist(() => ledger.reopenQuarantined(jobId, paths))
      this.#progress.reopened(files.length)
      emit({ type: 'quarantine-reopened', files: files.length })
      this.#backlog.add(files)
      if (this.#progress.phase === 'processing') this.#plan()
      return files.length
    })
  }

  /** Takes changes to what may change while the job runs. */
  configure(config: ResolvedConfig): void {
    if (this.#over.signal.aborted) return
    this.#config = config
    this.#watch.restart(limitsOf(config))
    this.#applyLimits(true)
    this.#dispatch.warm(concurrencyOf(config))
  }

  /** Ends the job with an error: `run` throws it, when it has not ended by itself. */
  fail(error: unknown): void {
    this.#failure ??= error
    this.#dispatch.fail(error)
  }

  /**
   * Settles when every file found is delivered or quarantined in the ledger; or, once `signal` aborts, when what was in hand is.
   * Gives whether the job went to its end.
   */
  async run(signal: AbortSignal): Promise<'finished' | 'interrupted'> {
    const drain = () => this.#dispatch.drain()
    // Until it is closed: a ledger that is away is waited for afterwards too.
    signal.addEventListener('abort', drain, { signal: this.#over.signal })
    if (signal.aborted) drain()
    this.#watch.start()
    if (!this.#options.retryQuarantined) await this.#startAhead()
    // A worker that cannot start, or a ledger that cannot write, ends the walk too.
    await Promise.race([this.#discover(signal), this.#dispatch.finished])
    await this.#dispatch.finished
    // They leave while the results are exported.
    this.#dispatch.dismiss('the work is done')
    return signal.aborted ? 'interrupted' : 'finished'
  }

  async close(): Promise<void> {
    this.#over.abort(new DOMException('The job is over', 'AbortError'))
    this.#planTimer?.cancel()
    this.#watch.stop()
    await Promise.all([this.#options.walk[Symbol.asyncDispose](), this.#dispatch.close()])
  }

  /** Gives the workers what an earlier start left undone, so that they need not wait for the walk to come to it. */
  async #startAhead(): Promise<void> {
    const { ledger, jobId, root } = this.#options
    const ahead = BATCHES_AHEAD * this.#dispatch.concurrency * this.#watch.limits.batchSize
    const files = await ledger.pendingFiles(jobId, -1, ahead)
    // One with a kept result waits for the walk, which may say that the result is void.
    const sure = files.filter(({ path, knownHash }) => knownHash === null && existsSync(join(root, path)))
    this.#intake.handAhead(sure)
    this.#plan()
  }

  async #discover(signal: AbortSignal): Promise<void> {
    const { clock, emit } = this.#options
    const started = clock.now()
    this.#planWhileDiscovering(FIRST_PLAN_MS)
    try {
      await this.#intake.run(AbortSignal.any([signal, this.#over.signal]))
    } catch (error) {
      if (signal.aborted) return
      throw error
    } finally {
      this.#planTimer?.cancel()
    }
    const { found, excluded } = this.#intake
    emit({ type: 'discovery-done', found, excluded, ms: clock.now() - started })
    this.#progress.phase = 'processing'
    this.#plan()
    this.#dispatch.seal()
  }

  #planWhileDiscovering(waitMs: number): void {
    this.#planTimer = this.#options.clock.after(waitMs, () => {
      this.#plan()
      this.#planWhileDiscovering(Math.min(2 * waitMs, PLAN_EVERY_MS))
    })
  }

  /** Makes batches of all files that no worker has had yet; the planned ones too, for more is known now. */
  #plan(): void {
    const { batchSize } = this.#watch.limits
    const planned = this.#backlog.plan(this.#dispatch.recall(), this.#dispatch.concurrency, batchSize)
    const batches = this.#dispatch.arrange(planned)
    if (batches.length === 0) return
    let files = 0
    let estimatedMs = 0
    for (const batch of batches) {
      files += batch.files.length
      estimatedMs += batch.estimatedMs
    }
    this.#progress.planned(batches.length, estimatedMs)
    this.#progress.workStarted()
    this.#options.emit({ type: 'batches-planned', batches: batches.length, files, estimatedMs })
    this.#dispatch.enqueue(batches)
  }

  #applyLimits(planAnew: boolean): void {
    this.#dispatch.resize(this.#watch.limits.concurrency)
    if (planAnew && this.#progress.phase === 'processing' && this.#dispatch.queued > 0) this.#plan()
  }

  async #commit(outcome: BatchOutcome<LedgerFile>): Promise<void> {
    const { ledger, jobId } = this.#options
    const { batch, worker, complete, ms, delivered, confirmed, quarantined, attempts, highlights } = outcome
    await ledger.commit(jobId, {
      batchId: batch.batchId,
      complete,
      priority: batch.priority,
      estimatedMs: batch.estimatedMs,
      ms,
      worker,
      deliveries: delivered.map(({ file, hash, record, ms, stamp }) => ({
        fileId: file.fileId,
        hash,
        record,
        ms,
        stamp,
      })),
      confirmed: confirmed.map(({ file, stamp }) => ({ fileId: file.fileId, stamp })),
      quarantined: quarantined.map(({ file, evidence, ...rest }) => ({
        fileId: file.fileId,
        ...rest,
        evidence: JSON.stringify(evidence),
      })),
      attempts: attempts.map(({ file, ...rest }) => ({ fileId: file.fileId, ...rest })),
      highlights: highlights.map(({ file, list, label, value }) => ({ fileId: file.fileId, list, label, value })),
    })
  }

  #takeIn(outcome: DurableOutcome<LedgerFile>): void {
    const { delivered, confirmed } = outcome
    for (const { file, bytes, ms } of delivered) this.#backlog.observe(file, bytes, ms)
    for (const { bytes, ms } of confirmed) this.#backlog.observeReread(bytes, ms)
    this.#progress.take(outcome, this.#intake.unmet)
    this.#tell(outcome)
  }

  #tell({ batch, worker, ms, delivered, confirmed, quarantined }: DurableOutcome<LedgerFile>): void {
    const { emit } = this.#options
    for (const { file, bytes, ms } of delivered) emit({ type: 'file-delivered', path: file.path, bytes, ms, worker })
    for (const { file, bytes } of confirmed) emit({ type: 'file-confirmed', path: file.path, bytes, worker })
    for (const { file, code, message, attempts } of quarantined) {
      emit({ type: 'file-quarantined', path: file.path, code, message, attempts })
    }
    emit({
      type: 'batch-committed',
      batchId: batch.batchId,
      worker,
      delivered: delivered.length,
      confirmed: confirmed.length,
      quarantined: quarantined.length,
      ms,
    })
  }
}

function limitsOf(config: ResolvedConfig): Limits {
  return { concurrency: concurrencyOf(config), batchSize: config.batchSize, calm: 0 }
}

/** Most batches at once, and so the workers there are. */
export function concurrencyOf({ workerCount, maxConcurrentBatches }: ResolvedConfig): number {
  return Math.min(workerCount, maxConcurrentBatches)
}
