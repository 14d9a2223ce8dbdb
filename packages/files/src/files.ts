import { resolve } from 'node:path'
import { type Clock, systemClock } from '@millrace/kernel/clock'
import { Signal } from '@millrace/kernel/signal'
import { repositoryRuleStamps } from './discovery/repository.ts'
import { nodeFs } from './discovery/walk-fs.ts'
import { type CheckpointData, checkpointOf } from './engine/checkpoint.ts'
import { type BatchConfig, type ResolvedConfig, type RuntimeConfig, resolveConfig } from './engine/config.ts'
import type { BatchStatistics, EngineEvent, EngineHealth } from './engine/events.ts'
import { idleHealth } from './engine/health.ts'
import type { JobHome } from './engine/job-home.ts'
import { type JobOrder, JobSession, notRunning } from './engine/job-session.ts'
import { localHome } from './engine/local-home.ts'
import { type Machine, thisMachine } from './engine/machine.ts'
import { noStatistics } from './engine/progress.ts'
import { renewExport } from './engine/renew-export.ts'
import type { RepositoryProcessingResult } from './engine/result.ts'
import type { Ledger } from './ledger/ledger.ts'
import { BatchPriority } from './plan/priority.ts'
import { openTreeWatcher } from './watch/open-tree-watcher.ts'
import type { OpenTreeWatcher } from './watch/tree-watcher.ts'
import { urgentFirst } from './watch/urgent-first.ts'
import { type WatchedRun, type WatchOptions, watchTree } from './watch/watch-tree.ts'
import type { ForkProcess } from './worker/child-executor.ts'

/** What the engine takes from its host; a test puts faults in here. */
export interface EnginePorts {
  /** @default the system's */
  readonly clock?: Clock
  /** Where jobs are kept and who does their work. @default this machine: SQLite in the state folder, and worker processes */
  readonly home?: JobHome
  /** Opens the ledger in a folder, where there is no `home`. @default `openLedger` */
  readonly openLedger?: (stateDir: string) => Promise<Ledger>
  /** Starts a worker process, where there is no `home`. @default `child_process.fork` */
  readonly fork?: ForkProcess
  /** Watches a tree. @default by `@parcel/watcher`, or by chokidar where that does not load */
  readonly openWatcher?: OpenTreeWatcher
}

export interface ProcessRepositoryOptions {
  /** Ends the job early: batches in hand are finished and committed, nothing more is started. The job can be resumed. */
  readonly signal?: AbortSignal
  /** Where another process has the ledger: waits for it, with this priority among those that wait. @default the job is refused */
  readonly queue?: BatchPriority
}

export interface ResumeOptions extends ProcessRepositoryOptions {
  /** Files in quarantine that get another chance: all of them, or those of these paths. A job that is done may be given for this. @default false */
  readonly retryQuarantined?: boolean | readonly string[]
  /** Told the configuration that the job goes on with, before anything is started. What it throws refuses it. */
  readonly accept?: (config: BatchConfig, jobId: string) => void
}

/**
 * Runs batch jobs over trees of files: discovers, batches by predicted cost, processes in isolated worker processes, records
 * every result in a ledger, and exports it.
 *
 * The promise: every file discovered is delivered, quarantined with a reason, or excluded with a reason, and the books say
 * so from direct counts. A batch's results and its checkpoint are one transaction, so a job that was killed goes on where it was. A file
 * that has not changed is not processed twice. A crash, a hang or a leak in a processor costs the file that caused it, never a neighbour.
 */
export class BatchProcessingEngine implements AsyncDisposable {
  /** What happens, as it happens. */
  readonly events = new Signal<EngineEvent>()
  readonly #home: JobHome
  readonly #clock: Clock
  readonly #openWatcher: OpenTreeWatcher
  readonly #machine: Machine
  #config: BatchConfig
  /** The call in hand, or the last one. */
  #session: JobSession | undefined
  #running: Promise<unknown> = Promise.resolve()
  readonly #closing = new AbortController()

  /** @throws {MillraceError} `OPTION_INVALID` naming the field, its value and what is allowed. */
  constructor(config: BatchConfig = {}, ports: EnginePorts = {}) {
    this.#home = ports.home ?? localHome(ports)
    this.#clock = ports.clock ?? systemClock
    this.#openWatcher = ports.openWatcher ?? openTreeWatcher
    this.#machine = thisMachine()
    this.#config = config
    this.#resolved()
  }

  /**
   * Processes every file below `repositoryPath` that a processor takes, and of those only what the ledger has no valid result of. One job at a
   * time: a second call waits for the first.
   *
   * @throws {MillraceError} before any work, where the root, the configuration, a processor, the state folder or the output cannot be used
   * (`ROOT_MISSING`, `OPTION_INVALID`, `PROCESSOR_UNKNOWN`, `STATE_UNWRITABLE`, `OUT_UNWRITABLE` …) or another process has the ledger (`LEDGER_OWNED`);
   * during it, where the job cannot go on (`LEDGER_WRITE_FAILED`, `WORKER_START_FAILED` …): it can then be resumed. A file's own failure never
   * throws.
   */
  processRepository(
    repositoryPath: string,
    config: BatchConfig = {},
    options: ProcessRepositoryOptions = {},
  ): Promise<RepositoryProcessingResult> {
    return this.#enter({ kind: 'run', path: resolve(repositoryPath) }, config, options)
  }

  /**
   * Goes on with a job that was killed, interrupted or failed: the newest such one, unless its id is given. At most one batch a worker is done
   * again. The tree may have changed since: what is new or edited is processed, what is gone is left out.
   *
   * The job's own configuration holds, with this engine's on top.
   * @param checkpointData Of {@link createCheckpoint}: says where the ledger is, where this engine's configuration does not, and is held against it.
   * @throws {MillraceError} as {@link processRepository} does; and `LEDGER_MISSING`, `NOTHING_TO_RESUME`, `JOB_UNKNOWN`, `JOB_DONE`, `JOB_SUPERSEDED` where a later job
   * has taken over the tree, `CHECKPOINT_MISMATCH` where the ledger is older than the checkpoint, `RESUME_NEEDS_OPTION` where the job had an option
   * that is code and this engine has none, `QUARANTINE_UNKNOWN`.
   */
  resumeFailedBatchJob(
    jobId?: string,
    checkpointData?: CheckpointData,
    options: ResumeOptions = {},
  ): Promise<RepositoryProcessingResult> {
    const { retryQuarantined = false, accept } = options
    return this.#enter({ kind: 'resume', jobId, checkpoint: checkpointData, retryQuarantined, accept }, {}, options)
  }

  /**
   * Processes the tree as {@link processRepository} does, and again whenever it has changed, until `signal` aborts or the iteration is left: each run is
   * a job of its own, and what it gives. What changed while nobody watched comes with the first one.
   *
   * A burst of changes is one run. A few edits are done before all else, also where that means to break off a run that has long to go; they cost a look at the paths that
   * changed, not a walk of the tree. After the last run the results are those that a batch run would give.
   *
   * The first run writes the output. Later ones leave it to the time when nothing else is to be done, and their `out` is null: it is renewed by as much later as writing it
   * takes, however many edits come after `maxWaitMs`, and at the end of the watch. The event `exported` tells of it.
   * @throws {MillraceError} as {@link processRepository} does, but for `LEDGER_OWNED`: it waits for its turn; `PEER_MISSING`, `WATCH_FAILED`; `ROOT_MISSING` once
   * the tree is gone.
   */
  watch(repositoryPath: string, config: BatchConfig = {}, options: WatchOptions = {}): AsyncIterable<WatchedRun> {
    const resolved = this.#resolved({ ...this.#config, ...config })
    return this.#watch(resolve(repositoryPath), config, resolved, options)
  }

  async *#watch(
    root: string,
    config: BatchConfig,
    resolved: ResolvedConfig,
    options: WatchOptions,
  ): AsyncGenerator<WatchedRun, void, undefined> {
    const { stateDir, out, discover } = resolved
    const ownPaths = out === null ? [stateDir] : [stateDir, out]
    await using lasting = this.#home.lasting?.()
    const home = lasting ?? this.#home
    const signal = AbortSignal.any([this.#closing.signal, ...(options.signal ? [options.signal] : [])])
    yield* watchTree(
      { root, ownPaths, discover },
      { ...options, signal },
      {
        clock: this.#clock,
        openWatcher: this.#openWatcher,
        run: ({ signal, urgent, changed, exports, begins }) => {
          const priority = urgentFirst(config.priority ?? this.#config.priority, urgent)
          const order: BatchConfig = {
            ...config,
            ...(priority !== undefined && changed === undefined && { priority }),
            // All has been made anew by then.
            ...(resolved.reuse === 'none' && !begins && { reuse: 'stamp' }),
          }
          const job = { kind: 'run', path: root, exports, ...(changed !== undefined && { changed }) } as const
          return this.#enter(job, order, { signal, queue: BatchPriority.HIGH }, home)
        },
        renew: (jobId, signal) =>
          this.#inTurn(async () => {
            try {
              return await renewExport({
                home,
                config: resolved,
                jobId,
                signal,
                emit: (event) => this.events.emit(event),
              })
            } catch (error) {
              if (signal.aborted) return undefined
              throw error
            }
          }),
        rulesAbove: (root) => (discover.gitignore === false ? '' : repositoryRuleStamps(`${root}/`, nodeFs)),
        left: () => {
          const { found, delivered, quarantined } = this.getProcessingStatistics()
          return found - delivered - quarantined
        },
      },
    )
  }

  /**
   * Where a job stands, all of it durable: the running one's, after what has settled by now was committed; or that of the ledger's job, the newest
   * unless its id is given.
   * @throws {MillraceError} `LEDGER_MISSING`, `JOB_UNKNOWN`, `JOB_SUPERSEDED`.
   */
  async createCheckpoint(jobId?: string): Promise<CheckpointData> {
    const running = this.#session?.statistics()
    const isRunning = running !== undefined && running.jobId !== null && running.phase !== 'done'
    if (this.#session !== undefined && isRunning && (jobId ?? running.jobId) === running.jobId) {
      return this.#session.checkpoint()
    }
    const { stateDir } = this.#resolved()
    await using ledger = await this.#home.openLedger(stateDir, { readonly: true })
    const id = jobId ?? (await ledger.job())?.jobId ?? ''
    return checkpointOf(ledger, stateDir, id, this.#clock.wallNow())
  }

  /**
   * Takes files of the running job out of quarantine, all of them or those of `paths`, and gives them another chance. Gives how many.
   * @throws {MillraceError} `JOB_NOT_RUNNING`, `QUARANTINE_UNKNOWN` naming the paths that are not in it.
   */
  async retryQuarantined(paths?: readonly string[]): Promise<number> {
    if (this.#session === undefined) throw notRunning()
    return this.#session.retryQuarantined(paths)
  }

  /** Starts nothing more until {@link continue}; batches in hand are finished and committed. */
  pause(): void {
    this.#session?.pause()
  }

  /** Ends a {@link pause}. */
  continue(): void {
    this.#session?.continue()
  }

  /** Whether the job is well, and if not, why. A snapshot. */
  health(): EngineHealth {
    return this.#session?.health() ?? idleHealth(this.#resolved().memoryLimitMb)
  }

  /** Where the job stands, or how the last one ended. A snapshot: cheap, and safe to keep. */
  getProcessingStatistics(): BatchStatistics {
    return this.#session?.statistics() ?? noStatistics()
  }

  /**
   * Changes worker count, batch bounds and limits: at once for a job that runs, and for those to come.
   * @throws {MillraceError} `OPTION_INVALID`; nothing is changed then.
   */
  configure(changes: RuntimeConfig): void {
    const config = { ...this.#config, ...changes }
    this.#resolved(config)
    this.#session?.configure(changes)
    this.#config = config
  }

  /** Ends a running job early, as its signal would, and settles when it has. */
  async close(): Promise<void> {
    this.#closing.abort(new DOMException('The engine was closed', 'AbortError'))
    await this.#running
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Queues a call behind those before it. */
  #enter(
    order: JobOrder,
    config: BatchConfig,
    options: ProcessRepositoryOptions,
    home = this.#home,
  ): Promise<RepositoryProcessingResult> {
    const { signal, queue } = options
    return this.#inTurn(() => {
      const session = new JobSession({
        order,
        config: { ...this.#config, ...config },
        queue,
        signal: AbortSignal.any([this.#closing.signal, ...(signal ? [signal] : [])]),
        clock: this.#clock,
        machine: this.#machine,
        home,
        emit: (event) => this.#emit(session, event),
      })
      this.#session = session
      return session.run()
    })
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#running.then(work)
    this.#running = done.catch(() => {})
    return done
  }

  /** A listener that throws ends the job in good order; it must not take down a timer or a worker's message on its way. */
  #emit(session: JobSession, event: EngineEvent): void {
    try {
      this.events.emit(event)
    } catch (error) {
      session.fail(error)
    }
  }

  #resolved(config = this.#config): ResolvedConfig {
    return resolveConfig(config, this.#machine, process.cwd())
  }
}
