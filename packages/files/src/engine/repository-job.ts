import { isAbsolute, relative, sep } from 'node:path'
import type { Clock, CostModel, Timer } from '@millrace/kernel'
import { discoverFiles } from '../discovery/discover-files.ts'
import type { DiscoveryChunk, DiscoveryProblem } from '../discovery/discovery.ts'
import { Dispatcher } from '../dispatch/dispatcher.ts'
import type { BatchOutcome } from '../dispatch/outcome.ts'
import type { ExcludedFile } from '../file.ts'
import type { Ledger, LedgerFile } from '../ledger/ledger.ts'
import { Backlog } from '../plan/backlog.ts'
import type { Limits } from '../plan/headroom.ts'
import { compilePriority } from '../plan/priority.ts'
import { processorFor } from '../processor/load-processors.ts'
import type { Processor } from '../processor/processor.ts'
import { ChildExecutor } from '../worker/child-executor.ts'
import type { ResolvedConfig } from './config.ts'
import type { BatchStatistics, EngineEvent } from './events.ts'
import { HeadroomWatch } from './headroom-watch.ts'
import { availableMb, busyMsOfMachine, type Machine } from './machine.ts'
import { Progress } from './progress.ts'

export interface RepositoryJobOptions {
  readonly jobId: string
  /** Absolute path of the tree. */
  readonly root: string
  readonly config: ResolvedConfig
  /** Absolute path that relative processor specifiers are resolved against. */
  readonly base: string
  readonly processors: readonly Processor[]
  readonly ledger: Ledger
  readonly costs: CostModel
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
  readonly problems: DiscoveryProblem[] = []
  readonly #options: RepositoryJobOptions
  readonly #backlog: Backlog<LedgerFile>
  readonly #dispatcher: Dispatcher<LedgerFile>
  readonly #watch: HeadroomWatch
  readonly #progress: Progress
  #config: ResolvedConfig
  #files = 0
  #planTimer: Timer | undefined
  #closed = false
  /** The first entry that the ledger refused, if any: the job cannot go on without it. */
  #entered: Promise<void> = Promise.resolve()

  constructor(options: RepositoryJobOptions) {
    const { config, clock, costs, machine, emit } = options
    this.#options = options
    this.#config = config
    this.#progress = new Progress(options.jobId, clock)
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
      createExecutor: () => this.#createExecutor(),
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

  statistics(): BatchStatistics {
    return this.#progress.snapshot(this.#dispatcher, this.#watch)
  }

  /** Takes changes to what may change while the job runs. */
  configure(config: ResolvedConfig): void {
    if (this.#closed) return
    this.#config = config
    this.#watch.restart(limitsOf(config))
    this.#applyLimits(true)
    this.#dispatcher.workers.warm(concurrencyOf(config))
  }

  /**
   * Settles when every file found is delivered or quarantined in the ledger; or, once `signal` aborts, when what was in hand is.
   * Gives whether the job went to its end.
   */
  async run(signal: AbortSignal | undefined): Promise<'finished' | 'interrupted'> {
    const drain = () => this.#dispatcher.drain()
    signal?.addEventListener('abort', drain)
    try {
      this.#dispatcher.workers.warm(concurrencyOf(this.#config))
      // A worker that cannot start, or a ledger that cannot write, ends the walk too.
      await Promise.race([this.#discover(signal), this.#dispatcher.finished])
      await this.#dispatcher.finished
      await this.#entered
    } finally {
      signal?.removeEventListener('abort', drain)
      this.#planTimer?.cancel()
    }
    return signal?.aborted ? 'interrupted' : 'finished'
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#planTimer?.cancel()
    this.#watch.stop()
    await this.#dispatcher.close()
  }

  async #discover(signal: AbortSignal | undefined): Promise<void> {
    const { clock, config, root, ledger, jobId, emit } = this.#options
    const started = clock.now()
    this.#planTimer = clock.after(PLAN_EVERY_MS, () => this.#planWhileDiscovering())
    try {
      const exclude = [...(config.discover.exclude ?? []), ...globOfFolder(root, config.stateDir)]
      const discovery = discoverFiles(root, { ...config.discover, exclude, ...(signal && { signal }) })
      for await (const chunk of discovery.chunks()) await this.#enter(chunk)
    } catch (error) {
      if (signal?.aborted) return
      throw error
    } finally {
      this.#planTimer.cancel()
    }
    await ledger.endDiscovery(jobId)
    const { found, excluded } = this.#progress
    emit({ type: 'discovery-done', found, excluded, ms: clock.now() - started })
    this.#progress.phase = 'processing'
    this.#plan()
    this.#dispatcher.seal()
  }

  /** Enters a chunk in the ledger before any of its files can be given to a worker. */
  async #enter({ files, excluded, problems }: DiscoveryChunk): Promise<void> {
    const { ledger, jobId, processors, emit } = this.#options
    const taken: LedgerFile[] = []
    const left: ExcludedFile[] = [...excluded]
    for (const file of files) {
      if (processorFor(processors, file) === undefined) left.push({ path: file.path, reason: 'no-processor' })
      else taken.push({ ...file, fileId: this.#files++ })
    }
    // One chunk is on its way to the ledger while the next one is found.
    await this.#entered
    this.#entered = ledger.addFiles(jobId, taken, left)
    this.#entered.catch(() => {})
    this.#backlog.add(taken)
    this.#progress.found += taken.length
    this.#progress.excluded += left.length
    for (const problem of problems) {
      this.problems.push(problem)
      emit({ type: 'discovery-problem', problem })
    }
    emit({ type: 'discovery-progress', found: this.#progress.found, excluded: this.#progress.excluded })
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

  #createExecutor(): ChildExecutor {
    const { clock, root, base } = this.#options
    const { processors, maxFileBytes, workerHeapMb, recycleAfterFiles, recycleAboveMb } = this.#config
    return new ChildExecutor({
      clock,
      root,
      base,
      processors,
      maxFileBytes,
      heapMb: workerHeapMb,
      deadlineMs: () => this.#config.timeoutSeconds * 1000,
      recycleAfterFiles,
      recycleAboveMb,
      onOutput: (line) => this.#options.emit({ type: 'worker-output', line }),
    })
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

/** A glob that prunes `folder`, where it lies below `root`: the ledger is not part of the tree it is about. */
function globOfFolder(root: string, folder: string): string[] {
  const below = relative(root, folder)
  if (below === '' || below.startsWith('..') || isAbsolute(below)) return []
  return [
    `/${below
      .split(sep)
      .join('/')
      .replaceAll(/[\\*?{}()[\]!+@|]/g, '\\$&')}`,
  ]
}

function limitsOf(config: ResolvedConfig): Limits {
  return { concurrency: concurrencyOf(config), batchSize: config.batchSize, calm: 0 }
}

function concurrencyOf({ workerCount, maxConcurrentBatches }: ResolvedConfig): number {
  return Math.min(workerCount, maxConcurrentBatches)
}
