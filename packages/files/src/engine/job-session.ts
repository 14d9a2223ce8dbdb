import { resolve } from 'node:path'
import type { Clock } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import { CostModel } from '@millrace/kernel/learn/cost-model'
import { PathScope } from '../discovery/path-scope.ts'
import { openRoot } from '../discovery/root.ts'
import { ownerOfThisProcess } from '../ledger/job-owner.ts'
import type { JobRow, Ledger } from '../ledger/ledger.ts'
import { quarantineUnknown } from '../ledger/quarantine-unknown.ts'
import { COST_PRIOR } from '../plan/backlog.ts'
import { BatchPriority } from '../plan/priority.ts'
import { loadProcessors } from '../processor/load-processors.ts'
import { type Processor, tagOf } from '../processor/processor.ts'
import { exportUnlessCurrent, treeKey } from '../sink/export-unless-current.ts'
import { type CheckpointData, checkCheckpoint, checkpointOf } from './checkpoint.ts'
import { conclude, concludeUnstarted } from './conclude.ts'
import { type BatchConfig, type ResolvedConfig, resolveConfig } from './config.ts'
import type { Crew } from './crew.ts'
import type { BatchStatistics, EngineEvent, EngineHealth } from './events.ts'
import { healthOf } from './health.ts'
import type { JobHome } from './job-home.ts'
import { jobToResume } from './job-to-resume.ts'
import type { Machine } from './machine.ts'
import { type PatientLedger, patientLedger } from './patient-ledger.ts'
import { noStatistics } from './progress.ts'
import { concurrencyOf, RepositoryJob } from './repository-job.ts'
import type { RepositoryProcessingResult } from './result.ts'
import { restoreConfig, storeConfig } from './stored-config.ts'
import { ledgerOwned, waitForTurn } from './turn.ts'
import { WalkAhead } from './walk-ahead.ts'

/** All that has changed in a tree since a job was done that had looked at all of it, or at all that had changed before. */
export interface ChangedPart {
  readonly since: string
  /** Below the root, with `/` between their parts: at these and below them. */
  readonly paths: readonly string[]
}

/** What a session is to do. */
export type JobOrder =
  | {
      readonly kind: 'run'
      readonly path: string
      /** Where only a part of the tree can have changed. */
      readonly changed?: ChangedPart
      /** Whether the output is written before the job is done. @default true */
      readonly exports?: boolean
    }
  | {
      readonly kind: 'resume'
      /** The newest job that can be resumed, where none is named. */
      readonly jobId: string | undefined
      readonly checkpoint: CheckpointData | undefined
      /** Quarantined files that get another chance: all, or those of these paths. */
      readonly retryQuarantined: boolean | readonly string[]
      /** Told the configuration before anything is started; refuses it by throwing. */
      readonly accept: ((config: BatchConfig, jobId: string) => void) | undefined
    }

export interface JobSessionOptions {
  readonly order: JobOrder
  readonly config: BatchConfig
  /** Waits for the ledger with this priority instead of being refused. */
  readonly queue: BatchPriority | undefined
  readonly signal: AbortSignal
  readonly clock: Clock
  readonly machine: Machine
  readonly home: JobHome
  readonly emit: (event: EngineEvent) => void
}

/** What a session works on, once that is known. */
interface Assignment {
  readonly ledger: Ledger
  readonly root: string
  /** What relative paths and processors are resolved against. */
  readonly base: string
  readonly processors: readonly Processor[]
  readonly crew: Crew
  /** Begun already, where there was no wait to be expected. */
  readonly walk: WalkAhead | undefined
  /** The job to go on with; none where there is to be a new one. */
  readonly stored: JobRow | undefined
}

/** A job that the ledger says is running, in this process. */
interface StartedJob {
  readonly jobId: string
  readonly starts: number
  readonly firstBatchId: number
  /** When the call began, by the clock's `now`. */
  readonly startedAt: number
  /** The part of the tree to look at; undefined for all of it. */
  readonly scope: PathScope | undefined
}

/**
 * One call of the engine, from the order to the result: finds or enters the job, waits for its turn at the ledger, lets it run,
 * exports, and closes its books.
 */
export class JobSession {
  readonly #options: JobSessionOptions
  #config: BatchConfig
  /** What relative paths are resolved against: where the job was started first. */
  #base = process.cwd()
  #resolved: ResolvedConfig
  #ledger: Ledger | undefined
  #queuedAs: string | null = null
  #paused = false
  #job: RepositoryJob | undefined
  #failure: unknown

  /** @throws {MillraceError} `OPTION_INVALID`. */
  constructor(options: JobSessionOptions) {
    this.#options = options
    this.#config = options.config
    this.#resolved = this.#resolve(options.config)
  }

  /** The configuration as it now holds, with the defaults. */
  get resolved(): ResolvedConfig {
    return this.#resolved
  }

  statistics(): BatchStatistics {
    if (this.#job !== undefined) return this.#job.statistics()
    return this.#queuedAs === null ? noStatistics() : { ...noStatistics(), jobId: this.#queuedAs, phase: 'queued' }
  }

  health(): EngineHealth {
    if (this.#job !== undefined) return this.#job.health()
    const { timeoutSeconds, memoryLimitMb } = this.#resolved
    return healthOf(this.statistics(), {
      breaker: 'closed',
      secondsSinceProgress: 0,
      deadlineSeconds: timeoutSeconds,
      wanted: concurrencyOf(this.#resolved),
      memoryLimitMb,
      failure: this.#failure,
    })
  }

  /** Takes changes to what may change while the job runs. @throws {MillraceError} `OPTION_INVALID`; nothing is changed then. */
  configure(changes: BatchConfig): void {
    const config = { ...this.#config, ...changes }
    this.#resolved = this.#resolve(config)
    this.#config = config
    this.#job?.configure(this.#resolved)
  }

  pause(): void {
    this.#paused = true
    this.#job?.pause()
  }

  continue(): void {
    this.#paused = false
    this.#job?.continue()
  }

  /** Ends the job with an error: `run` throws it, when it has not ended by itself. */
  fail(error: unknown): void {
    this.#failure ??= error
    this.#job?.fail(error)
  }

  /** @throws {MillraceError} `JOB_NOT_RUNNING`, `QUARANTINE_UNKNOWN`. */
  async retryQuarantined(paths?: readonly string[]): Promise<number> {
    if (this.#job === undefined) throw notRunning()
    return this.#job.retryQuarantined(paths)
  }

  /** @throws {MillraceError} `JOB_NOT_RUNNING`. */
  async checkpoint(): Promise<CheckpointData> {
    const { jobId } = this.statistics()
    if (this.#job === undefined || this.#ledger === undefined || jobId === null) throw notRunning()
    await this.#job.checkpoint()
    return checkpointOf(this.#ledger, this.#resolved.stateDir, jobId, this.#options.clock.wallNow())
  }

  async run(): Promise<RepositoryProcessingResult> {
    const { order, clock } = this.#options
    const startedAt = clock.now()
    await using held = new AsyncDisposableStack()
    const stored = order.kind === 'resume' ? await this.#findJob(held, order) : undefined
    const base = this.#base
    const root = await openRoot(resolve(base, order.kind === 'run' ? order.path : stored!.root))
    const { sink, out } = this.#resolved
    if (out !== null) await sink?.check?.(out)
    const { queue, emit, home } = this.#options
    const crew = held.use(home.crew({ clock, root, base, config: () => this.#resolved, emit }))
    // They take longest to start, so they are first: they are up when the first files have been found. Where there is a ledger, it may know
    // that there is nothing for them to do.
    if (!home.hasLedger(this.#resolved.stateDir)) crew.warm(concurrencyOf(this.#resolved))
    // What it found before a wait for the ledger would be old news.
    const walk = queue === undefined ? held.use(new WalkAhead(root, this.#resolved)) : undefined
    const processors = await loadProcessors(this.#resolved.processors, base)
    this.#ledger ??= await this.#openLedger(held, this.#resolved.stateDir)
    return await this.#work({ ledger: this.#ledger, root, base, processors, crew, walk, stored }, startedAt)
  }

  async #openLedger(held: AsyncDisposableStack, stateDir: string): Promise<Ledger> {
    const { home } = this.#options
    return held.adopt(await home.openLedger(stateDir), (ledger) => home.leaveLedger(ledger))
  }

  /** The job to resume, its configuration taken over. */
  async #findJob(held: AsyncDisposableStack, order: JobOrder & { kind: 'resume' }): Promise<JobRow> {
    const stateDir = this.#config.stateDir === undefined ? order.checkpoint?.stateDir : this.#resolved.stateDir
    const folder = stateDir ?? this.#resolved.stateDir
    const { home } = this.#options
    const place = home.place(folder)
    if (!home.hasLedger(folder)) {
      throw new MillraceError(
        'LEDGER_MISSING',
        `There is no ledger in ${place}: nothing was started there. Check --state DIR.`,
        { detail: { stateDir: place } },
      )
    }
    const ledger = await this.#openLedger(held, folder)
    this.#ledger = ledger
    const { checkpoint, retryQuarantined } = order
    const isAlive = await home.liveness(ledger)
    const reopen = retryQuarantined !== false
    const named = order.jobId ?? checkpoint?.jobId
    const job = jobToResume(await ledger.jobs(), named, { reopen, stateDir: place }, isAlive)
    if (Array.isArray(retryQuarantined)) await this.#checkQuarantined(ledger, job.jobId, retryQuarantined)
    if (checkpoint !== undefined) await checkCheckpoint(ledger, job.jobId, checkpoint)
    const { config, base } = restoreConfig(job.jobId, job.config, this.#config)
    this.#base = base
    this.#config = { ...config, stateDir: folder }
    this.#resolved = this.#resolve(this.#config)
    order.accept?.(this.#config, job.jobId)
    return job
  }

  /** Before anything is started: a mistyped path is no reason for a job. */
  async #checkQuarantined(ledger: Ledger, jobId: string, paths: readonly string[]): Promise<void> {
    const known = new Set((await ledger.quarantine(jobId)).map(({ path }) => path))
    const unknown = paths.filter((path) => !known.has(path))
    if (unknown.length > 0) throw quarantineUnknown(jobId, unknown)
  }

  async #work(assignment: Assignment, startedAt: number): Promise<RepositoryProcessingResult> {
    const { clock } = this.#options
    const { ledger, root } = assignment
    const { jobId, isNew, mine } = await this.#takeTurn(assignment)
    if (!mine) {
      await ledger.finishJob(jobId, {
        state: 'interrupted',
        finishedMs: clock.wallNow(),
        summary: '{}',
        reason: 'it was ended while it waited for the ledger',
      })
      return concludeUnstarted(jobId, root, (clock.now() - startedAt) / 1000)
    }
    const starts = isNew ? 1 : (assignment.stored?.starts ?? 0) + 1
    // Asked before this job takes over the tree, and when nobody else can.
    const scope = await this.#changedPart(ledger)
    const { firstBatchId } = await ledger.startJob(jobId, ownerOfThisProcess(clock), clock.wallNow())
    try {
      return await this.#workOn(assignment, { jobId, starts, firstBatchId, startedAt, scope })
    } catch (error) {
      this.#failure ??= error
      const reason = error instanceof Error ? error.message : String(error)
      // The ledger may be what failed: the job's own error is the one to tell.
      await ledger
        .finishJob(jobId, { state: 'failed', finishedMs: clock.wallNow(), summary: '{}', reason })
        .catch(() => {})
      throw error
    }
  }

  /** The job at work, now that it is this process's; whatever is thrown ends it as failed. */
  async #workOn(assignment: Assignment, started: StartedJob): Promise<RepositoryProcessingResult> {
    const { signal, clock, emit, order } = this.#options
    const { ledger, root, processors } = assignment
    const { jobId, starts, firstBatchId, startedAt, scope } = started
    const retry = order.kind === 'resume' && order.retryQuarantined
    if (retry) await ledger.reopenQuarantined(jobId, retry === true ? undefined : retry)
    const costsKey = `costs ${processors.map(({ name }) => name).join(' ')}`
    const costs = CostModel.from(parsed(await ledger.recall(costsKey)), { prior: COST_PRIOR })
    emit({ type: 'job-started', jobId, root, starts })
    const job = new RepositoryJob({
      jobId,
      root,
      starts,
      firstBatchId,
      retryQuarantined: order.kind === 'run',
      config: this.#resolved,
      processors,
      ledger,
      costs,
      crew: assignment.crew,
      walk: assignment.walk ?? new WalkAhead(root, this.#resolved, scope),
      clock,
      machine: this.#options.machine,
      emit,
    })
    this.#job = job
    if (this.#paused) job.pause()
    if (this.#failure !== undefined) job.fail(this.#failure)
    try {
      const ran = await job.run(signal)
      const patient = patientLedger(ledger, (call) => job.insist(call))
      await patient.remember(costsKey, JSON.stringify(costs))
      const out = ran === 'finished' ? await this.#export(job, assignment, patient, jobId) : null
      job.progress.end()
      this.#throwIfFailed()
      const interrupted = signal.aborted
      const result = await conclude(job, patient, { jobId, root, starts, startedAt, interrupted, out, clock, emit })
      this.#throwIfFailed()
      return result
    } finally {
      await job.close()
    }
  }

  /** The ledger for this process, and the job's id in it; `mine` is false where the signal came first. */
  async #takeTurn({ ledger, root, base, processors, crew, stored }: Assignment) {
    const { queue, clock, signal, emit, home } = this.#options
    const isNew = stored === undefined || stored.state === 'done'
    const owner = ownerOfThisProcess(clock)
    const enqueue = () =>
      ledger.enqueueJob({
        root,
        processors: processors.map(tagOf),
        config: storeConfig(this.#config, base),
        priority: queue ?? BatchPriority.MEDIUM,
        owner,
        createdMs: clock.wallNow(),
      })
    if (await ledger.tryOwn()) return { jobId: isNew ? await enqueue() : stored.jobId, isNew, mine: true }
    const liveness = () => home.liveness(ledger)
    if (queue === undefined) throw await ledgerOwned(ledger, home.place(this.#resolved.stateDir), await liveness())
    await using _attendance = await home.attend(owner)
    crew.rest('the job waits for the ledger')
    const jobId = isNew ? await enqueue() : stored.jobId
    this.#queuedAs = jobId
    try {
      const onBehind = (behind: readonly string[]) => emit({ type: 'job-queued', jobId, root, behind })
      await waitForTurn(ledger, jobId, { clock, signal, onBehind, liveness })
    } catch (error) {
      if (signal.aborted) return { jobId, isNew, mine: false }
      throw error
    }
    return { jobId, isNew, mine: true }
  }

  /** What has to be looked at, where the ledger is still what the job before has left. */
  async #changedPart(ledger: Ledger): Promise<PathScope | undefined> {
    const { order } = this.#options
    if (order.kind !== 'run' || order.changed === undefined) return undefined
    const { since, paths } = order.changed
    const before = await ledger.job(since)
    return before?.state === 'done' && before.supersededBy === null ? new PathScope(paths) : undefined
  }

  /** Gives the output where it is now what the ledger has. */
  async #export(
    job: RepositoryJob,
    { root, processors }: Assignment,
    ledger: PatientLedger,
    jobId: string,
  ): Promise<string | null> {
    const { signal, emit, order } = this.#options
    const { sink, out, stateDir } = this.#resolved
    if (sink === null || out === null || (order.kind === 'run' && order.exports === false)) return null
    const tree = treeKey(root, processors.map(tagOf))
    const onStart = (rows: number) => {
      job.progress.phase = 'exporting'
      emit({ type: 'exporting', out, rows })
    }
    try {
      const written = await exportUnlessCurrent({ ledger, jobId, stateDir, tree, sink, out, signal, onStart })
      emit({ type: written ? 'exported' : 'export-skipped', out })
      return out
    } catch (error) {
      if (signal.aborted) return null
      throw error
    }
  }

  /** A listener may have thrown when there was nothing left to stop. */
  #throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure
  }

  #resolve(config: BatchConfig): ResolvedConfig {
    return resolveConfig(config, this.#options.machine, this.#base)
  }
}

/** Of a call that needs a job at work. */
export function notRunning(): MillraceError {
  return new MillraceError('JOB_NOT_RUNNING', 'No job is running in this engine now. Start or resume one first.')
}

function parsed(json: string | undefined): unknown {
  try {
    return json === undefined ? undefined : JSON.parse(json)
  } catch {
    return undefined
  }
}
