import type { Clock, CostModel, Timer } from '@millrace/kernel'
import type { DiscoveryProblem } from '../discovery/discovery.ts'
import { Dispatcher } from '../dispatch/dispatcher.ts'
import type { BatchOutcome } from '../dispatch/outcome.ts'
import type { WorkerSet } from '../dispatch/worker-set.ts'
import type { Ledger, LedgerFile } from '../ledger/ledger.ts'
import { Backlog } from '../plan/backlog.ts'
import type { Limits } from '../plan/headroom.ts'
import { compilePriority } from '../plan/priority.ts'
import type { Processor } from '../processor/processor.ts'
import type { ResolvedConfig } from './config.ts'
import type { BatchStatistics, EngineEvent } from './events.ts'
import { HeadroomWatch } from './headroom-watch.ts'
import { Intake } from './intake.ts'
import { availableMb, busyMsOfMachine, type Machine } from './machine.ts'
import { Progress } from './progress.ts'

export interface RepositoryJobOptions {
  readonly jobId: string
  /** Absolute path of the tree. */
  readonly root: string
  readonly config: ResolvedConfig
  readonly processors: readonly Processor[]
  readonly ledger: Ledger
  readonly costs: CostModel
  /** Started already, for they take longest; the job ends them. */
  readonly workers: WorkerSet
  readonly clock: Clock
  readonly machine: Machine
  readonly emit: (event: EngineEvent) => void
}

/** Work starts when discovery ends, or after this long, and what was found since is planned again this often. */
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
  readonly #dispatcher: Dispatcher<LedgerFile>
  readonly #watch: HeadroomWatch
  readonly #progress: Progress
  #config: ResolvedConfig
  #planTimer: Timer | undefined
  /** Aborted when the job is over, however it ended. */
  readonly #over = new AbortController()

  constructor(options: RepositoryJobOptions) {
    const { config, clock, costs, machine, emit } = options
    this.#options = options
    this.#config = config
    this.#progress = new Progress(options.jobId, clock)
    this.#intake = new Intake({
      jobId: options.jobId,
      root: options.root,
      config,
      processors: options.processors,
      ledger: options.ledger,
      onFiles: (files) => this.#backlog.add(files),
      emit,
    })
    const wallNow = clock.wallNow()
    this.#backlog = new Backlog({
      costs,
      priorityOf: compilePriority(config.priority, wallNow),
      strategy: config.strategy,
      wallNow: () => clock.wallNow(),
    })
    this.#dispatcher = new Dispatcher({
      clock,
      random: Math.random,
      concurrency: concurrencyOf(config),
      workers: options.workers,
      retryAttempts: () => this.#config.retryAttempts,
      checkpointInterval: config.checkpointInterval,
      commit: (outcome) => this.#commit(outcome),
      emit,
    })
    this.#watch = new HeadroomWatch({
      clock,
      probe: {
        ownUsage: () => this.#ownUsage(),
        availableMb,
        machineBusyMs: busyMsOfMachine,
        cores: machine.cores,
      },
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
    })
  }

  get progress(): Progress {
    return this.#progress
  }

  /** Folders and files that discovery could not look into. */
  get problems(): readonly DiscoveryProblem[] {
    return this.#intake.problems
  }

  statistics(): BatchStatistics {
    return this.#progress.snapshot(this.#intake, this.#dispatcher, this.#watch)
  }

  /** Takes changes to what may change while the job runs. */
  configure(config: ResolvedConfig): void {
    if (this.#over.signal.aborted) return
    this.#config = config
    this.#watch.restart(limitsOf(config))
    this.#applyLimits(true)
    this.#dispatcher.workers.warm(concurrencyOf(config))
  }

  /** Ends the job with an error: `run` throws it, when it has not ended by itself. */
  fail(error: unknown): void {
    this.#dispatcher.fail(error)
  }

  /**
   * Settles when every file found is delivered or quarantined in the ledger; or, once `signal` aborts, when what was in hand is.
   * Gives whether the job went to its end.
   */
  async run(signal: AbortSignal): Promise<'finished' | 'interrupted'> {
    const drain = () => this.#dispatcher.drain()
    signal.addEventListener('abort', drain)
    if (signal.aborted) drain()
    try {
      this.#watch.start()
      // A worker that cannot start, or a ledger that cannot write, ends the walk too.
      await Promise.race([this.#discover(signal), this.#dispatcher.finished])
      await this.#dispatcher.finished
      // They leave while the results are exported.
      this.#dispatcher.workers.keepAtMost(0, 'the work is done')
    } finally {
      signal.removeEventListener('abort', drain)
    }
    return signal.aborted ? 'interrupted' : 'finished'
  }

  async close(): Promise<void> {
    this.#over.abort(new DOMException('The job is over', 'AbortError'))
    this.#planTimer?.cancel()
    this.#watch.stop()
    await this.#dispatcher.close()
  }

  async #discover(signal: AbortSignal): Promise<void> {
    const { clock, emit } = this.#options
    const started = clock.now()
    this.#planTimer = clock.after(PLAN_EVERY_MS, () => this.#planWhileDiscovering())
    try {
      await this.#intake.run(AbortSignal.any([signal, this.#over.signal]))
    } catch (error) {
      if (signal.aborted) return
      throw error
    } finally {
      this.#planTimer.cancel()
    }
    const { found, excluded } = this.#intake
    emit({ type: 'discovery-done', found, excluded, ms: clock.now() - started })
    this.#progress.phase = 'processing'
    this.#plan()
    this.#dispatcher.seal()
  }

  #planWhileDiscovering(): void {
    this.#plan()
    this.#planTimer = this.#options.clock.after(PLAN_EVERY_MS, () => this.#planWhileDiscovering())
  }

  /** Makes batches of all files that no worker has had yet; the planned ones too, for more is known now. */
  #plan(): void {
    const { concurrency, batchSize } = this.#watch.limits
    const batches = this.#backlog.plan(this.#dispatcher.recall(), concurrency, batchSize)
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
    this.#dispatcher.enqueue(batches)
  }

  #applyLimits(planAnew: boolean): void {
    this.#dispatcher.resize(this.#watch.limits.concurrency)
    if (planAnew && this.#progress.phase === 'processing' && this.#dispatcher.queued > 0) this.#plan()
  }

  async #commit(outcome: BatchOutcome<LedgerFile>): Promise<void> {
    const { ledger, jobId } = this.#options
    const { batch, worker, complete, ms, delivered, quarantined, attempts, highlights } = outcome
    for (const { file, bytes, ms } of delivered) this.#backlog.observe(file, bytes, ms)
    await ledger.commit(jobId, {
      batchId: batch.batchId,
      complete,
      priority: batch.priority,
      estimatedMs: batch.estimatedMs,
      ms,
      worker,
      deliveries: delivered.map(({ file, hash, record, ms }) => ({ fileId: file.fileId, hash, record, ms })),
      quarantined: quarantined.map(({ file, evidence, ...rest }) => ({
        fileId: file.fileId,
        ...rest,
        evidence: JSON.stringify(evidence),
      })),
      attempts: attempts.map(({ file, ...rest }) => ({ fileId: file.fileId, ...rest })),
      highlights,
    })
    this.#progress.take(outcome)
    this.#tell(outcome)
  }

  #tell({ batch, worker, ms, delivered, quarantined }: BatchOutcome<LedgerFile>): void {
    const { emit } = this.#options
    for (const { file, bytes, ms } of delivered) emit({ type: 'file-delivered', path: file.path, bytes, ms, worker })
    for (const { file, code, message, attempts } of quarantined) {
      emit({ type: 'file-quarantined', path: file.path, code, message, attempts })
    }
    emit({
      type: 'batch-committed',
      batchId: batch.batchId,
      worker,
      delivered: delivered.length,
      quarantined: quarantined.length,
      ms,
    })
  }

  #ownUsage(): { rssMb: number; cpuMs: number } {
    const { user, system } = process.cpuUsage()
    const workers = this.#dispatcher.workers.usage()
    return {
      rssMb: process.memoryUsage.rss() / 1048576 + workers.rssMb,
      cpuMs: (user + system) / 1000 + workers.cpuMs,
    }
  }
}

function limitsOf(config: ResolvedConfig): Limits {
  return { concurrency: concurrencyOf(config), batchSize: config.batchSize, calm: 0 }
}

/** Most batches at once, and so the workers there are. */
export function concurrencyOf({ workerCount, maxConcurrentBatches }: ResolvedConfig): number {
  return Math.min(workerCount, maxConcurrentBatches)
}
