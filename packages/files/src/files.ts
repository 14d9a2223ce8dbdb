import { hostname } from 'node:os'
import { resolve } from 'node:path'
import { type Clock, CostModel, Signal, systemClock } from '@millrace/kernel'
import type { DiscoveryProblem } from './discovery/discovery.ts'
import { openRoot } from './discovery/root.ts'
import { WorkerSet } from './dispatch/worker-set.ts'
import { type BatchConfig, type ResolvedConfig, type RuntimeConfig, resolveConfig } from './engine/config.ts'
import type { BatchStatistics, EngineEvent } from './engine/events.ts'
import { type Machine, thisMachine } from './engine/machine.ts'
import { noStatistics } from './engine/progress.ts'
import { concurrencyOf, RepositoryJob } from './engine/repository-job.ts'
import type { Books, Ledger, QuarantineRow, SlowFile } from './ledger/ledger.ts'
import { openLedger } from './ledger/open-ledger.ts'
import { COST_PRIOR } from './plan/backlog.ts'
import { loadProcessors } from './processor/load-processors.ts'
import type { Highlight } from './processor/processor.ts'
import { exportResults } from './sink/export.ts'
import { ChildExecutor } from './worker/child-executor.ts'

/** What a job over a tree came to. */
export interface RepositoryProcessingResult {
  readonly jobId: string
  /** Absolute path of the tree. */
  readonly root: string
  readonly books: Books
  /** Whether `discovered = delivered + quarantined + excluded`, each counted on its own. */
  readonly balanced: boolean
  /** Whether it was ended before its time; what was in hand is in the ledger. */
  readonly interrupted: boolean
  readonly seconds: number
  readonly filesPerSecond: number
  /** Most resident memory the engine and its workers held together, MB. */
  readonly peakRssMb: number
  /** The exported file, or null where nothing was exported. */
  readonly out: string | null
  readonly slowest: readonly SlowFile[]
  /** The largest entries of each list that the processors fill. */
  readonly highlights: readonly Highlight[]
  readonly quarantined: readonly QuarantineRow[]
  /** How many files were excluded for each reason. */
  readonly exclusions: Readonly<Record<string, number>>
  /** Folders and files that discovery could not look into. */
  readonly problems: readonly DiscoveryProblem[]
  readonly statistics: BatchStatistics
}

/** What the engine takes from its host. */
export interface EnginePorts {
  /** @default the system's */
  readonly clock?: Clock
}

export interface ProcessRepositoryOptions {
  /** Ends the job early: batches in hand are finished and committed, nothing more is started. */
  readonly signal?: AbortSignal
}

const LISTED = 10

/**
 * Runs batch jobs over trees of files: discovers, batches by predicted cost, processes in isolated worker processes, records
 * every result in a ledger, and exports it.
 *
 * The promise: every file discovered is delivered, quarantined with a reason, or excluded with a reason, and the books say
 * so from direct counts. A batch's results and its checkpoint are one transaction. A crash, a hang or a leak in a processor costs the file that
 * caused it, never a neighbour.
 */
export class BatchProcessingEngine implements AsyncDisposable {
  /** What happens, as it happens. */
  readonly events = new Signal<EngineEvent>()
  readonly #clock: Clock
  readonly #machine: Machine
  #config: BatchConfig
  /** What the call in hand asked for beyond that. */
  #callConfig: BatchConfig = {}
  /** Both together, checked, with the defaults. */
  #resolved: ResolvedConfig
  #job: RepositoryJob | undefined
  /** What the first listener that threw in this job threw. */
  #listenerFailure: unknown
  #running: Promise<unknown> = Promise.resolve()
  readonly #closing = new AbortController()

  /** @throws {MillraceError} `OPTION_INVALID` naming the field, its value and what is allowed. */
  constructor(config: BatchConfig = {}, ports: EnginePorts = {}) {
    this.#clock = ports.clock ?? systemClock
    this.#machine = thisMachine()
    this.#config = config
    this.#resolved = this.#resolve(config)
  }

  /**
   * Processes every file below `repositoryPath` that a processor takes. One job at a time: a second call waits for the first.
   *
   * @throws {MillraceError} before any work, where the root, the configuration, a processor, the state folder or the output cannot be used
   * (`ROOT_MISSING`, `OPTION_INVALID`, `PROCESSOR_UNKNOWN`, `STATE_UNWRITABLE`, `OUT_UNWRITABLE` …); during it, where the job cannot go on (`LEDGER_WRITE_FAILED`,
   * `WORKER_START_FAILED` …). A file's own failure never throws.
   */
  processRepository(
    repositoryPath: string,
    config: BatchConfig = {},
    options: ProcessRepositoryOptions = {},
  ): Promise<RepositoryProcessingResult> {
    const signals = [this.#closing.signal, ...(options.signal ? [options.signal] : [])]
    const run = this.#running.then(() => this.#process(repositoryPath, config, AbortSignal.any(signals)))
    this.#running = run.catch(() => {})
    return run
  }

  /** Where the job stands, or how the last one ended. A snapshot: cheap, and safe to keep. */
  getProcessingStatistics(): BatchStatistics {
    return this.#job?.statistics() ?? noStatistics()
  }

  /**
   * Changes worker count, batch bounds and limits: at once for a job that runs, and for those to come.
   * @throws {MillraceError} `OPTION_INVALID`; nothing is changed then.
   */
  configure(changes: RuntimeConfig): void {
    const resolved = this.#resolve({ ...this.#config, ...this.#callConfig, ...changes })
    this.#config = { ...this.#config, ...changes }
    this.#callConfig = { ...this.#callConfig, ...changes }
    this.#resolved = resolved
    this.#job?.configure(resolved)
  }

  /** Ends a running job early, as its signal would, and settles when it has. */
  async close(): Promise<void> {
    this.#closing.abort(new DOMException('The engine was closed', 'AbortError'))
    await this.#running
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #resolve(config: BatchConfig): ResolvedConfig {
    return resolveConfig(config, this.#machine, process.cwd())
  }

  async #process(path: string, changes: BatchConfig, signal: AbortSignal): Promise<RepositoryProcessingResult> {
    const started = this.#clock.now()
    const config = this.#resolve({ ...this.#config, ...changes })
    this.#callConfig = changes
    this.#resolved = config
    this.#job = undefined
    this.#listenerFailure = undefined
    const base = process.cwd()
    const root = await openRoot(resolve(base, path))
    if (config.out !== null) await config.sink?.check?.(config.out)
    await using workers = this.#createWorkers(root, base)
    // They take longest to start, so they are first: they are up when the first files have been found.
    workers.warm(concurrencyOf(config))
    const processors = await loadProcessors(config.processors, base)
    await using ledger = await openLedger(config.stateDir)
    const costsKey = `costs ${processors.map(({ name }) => name).join(' ')}`
    const costs = CostModel.from(parsed(await ledger.recall(costsKey)), { prior: COST_PRIOR })
    const jobId = await ledger.createJob({
      root,
      processors: processors.map(({ name, version }) => `${name}@${version}`),
      config: JSON.stringify(config),
      owner: {
        pid: process.pid,
        startedMs: Math.round(this.#clock.wallNow() - process.uptime() * 1000),
        host: hostname(),
      },
      startedMs: this.#clock.wallNow(),
    })
    this.events.emit({ type: 'job-started', jobId, root })
    const job = new RepositoryJob({
      jobId,
      root,
      config: this.#resolved,
      processors,
      ledger,
      costs,
      workers,
      clock: this.#clock,
      machine: this.#machine,
      emit: (event) => this.#emit(event),
    })
    this.#job = job
    if (this.#listenerFailure !== undefined) job.fail(this.#listenerFailure)
    try {
      const ran = await job.run(signal)
      await ledger.remember(costsKey, JSON.stringify(costs))
      const exported = ran === 'finished' && (await this.#export(job, ledger, jobId, config, signal))
      job.progress.end()
      return await this.#conclude(job, ledger, { jobId, root, started, out: exported ? config.out : null, signal })
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      // The ledger may be what failed: the job's own error is the one to tell.
      await ledger
        .finishJob(jobId, { state: 'failed', finishedMs: this.#clock.wallNow(), summary: '{}', reason })
        .catch(() => {})
      throw error
    } finally {
      this.#callConfig = {}
      await job.close()
    }
  }

  #createWorkers(root: string, base: string): WorkerSet {
    const clock = this.#clock
    const emit = (event: EngineEvent) => this.#emit(event)
    const create = () => {
      const { processors, maxFileBytes, workerHeapMb, recycleAfterFiles, recycleAboveMb } = this.#resolved
      return new ChildExecutor({
        clock,
        root,
        base,
        processors,
        maxFileBytes,
        heapMb: workerHeapMb,
        deadlineMs: () => this.#resolved.timeoutSeconds * 1000,
        recycleAfterFiles,
        recycleAboveMb,
        onOutput: (line) => emit({ type: 'worker-output', line }),
      })
    }
    return new WorkerSet(clock, create, emit)
  }

  /** A listener that throws ends the job in good order; it must not take down a timer or a worker's message on its way. */
  #emit(event: EngineEvent): void {
    try {
      this.events.emit(event)
    } catch (error) {
      this.#listenerFailure ??= error
      this.#job?.fail(error)
    }
  }

  /** Gives whether there is an export now. */
  async #export(
    job: RepositoryJob,
    ledger: Ledger,
    jobId: string,
    { sink, out }: ResolvedConfig,
    signal: AbortSignal,
  ): Promise<boolean> {
    if (sink === null || out === null) return false
    job.progress.phase = 'exporting'
    const { delivered } = await ledger.books(jobId)
    this.events.emit({ type: 'exporting', out, rows: delivered })
    try {
      await exportResults(ledger, jobId, sink, out, signal)
      return true
    } catch (error) {
      if (signal.aborted) return false
      throw error
    }
  }

  async #conclude(
    job: RepositoryJob,
    ledger: Ledger,
    {
      jobId,
      root,
      started,
      out,
      signal,
    }: { jobId: string; root: string; started: number; out: string | null; signal: AbortSignal },
  ): Promise<RepositoryProcessingResult> {
    const books = await ledger.books(jobId)
    const balanced = books.discovered === books.delivered + books.quarantined + books.excluded
    const interrupted = signal.aborted
    const [slowest, highlights, quarantined, exclusions] = await Promise.all([
      ledger.slowest(jobId, LISTED),
      ledger.highlights(jobId, LISTED),
      ledger.quarantine(jobId),
      ledger.exclusions(jobId),
    ])
    const statistics = job.statistics()
    const seconds = (this.#clock.now() - started) / 1000
    const filesPerSecond = seconds > 0 ? books.delivered / seconds : 0
    const { peakRssMb } = statistics
    await ledger.finishJob(jobId, {
      state: interrupted ? 'interrupted' : balanced ? 'done' : 'failed',
      finishedMs: this.#clock.wallNow(),
      summary: JSON.stringify({ ...books, seconds, filesPerSecond, peakRssMb, out }),
      ...(!balanced && !interrupted && { reason: 'the books do not balance' }),
    })
    this.events.emit({ type: 'job-finished', jobId, books, balanced })
    return {
      jobId,
      root,
      books,
      balanced,
      interrupted,
      seconds,
      filesPerSecond,
      peakRssMb,
      out,
      slowest,
      highlights,
      quarantined,
      exclusions,
      problems: job.problems,
      statistics,
    }
  }
}

function parsed(json: string | undefined): unknown {
  try {
    return json === undefined ? undefined : JSON.parse(json)
  } catch {
    return undefined
  }
}
