import { Gate } from '@millrace/kernel/admit/gate'
import { MillraceError } from '@millrace/kernel/errors'
import { Budget } from '@millrace/kernel/execute/budget'
import type { HostFrame } from '@millrace/kernel/frames/frame-host'
import { Trace } from '@millrace/kernel/observe/trace'
import { checkNumber, show } from '@millrace/kernel/options'
import { Signal } from '@millrace/kernel/signal'
import { tell } from '@millrace/kernel/tell'
import type { BatchJob, JobId } from './batch-job.ts'
import type { BatchType } from './batch-type.ts'
import type { BudgetViolation, FrameStart, JobDrop, JobFailure, SystemSuspension } from './controller-events.ts'
import { AwayJobs } from './dispatch/away-jobs.ts'
import { Dispatcher } from './dispatch/dispatcher.ts'
import { Forecast } from './dispatch/forecast.ts'
import { JobEndings } from './dispatch/job-endings.ts'
import { JobRunner } from './dispatch/job-runner.ts'
import { Turns } from './dispatch/turns.ts'
import {
  type BatchControllerOptions,
  type CheckedOptions,
  checkBudget,
  checkControllerOptions,
  checkWeight,
} from './frame-options.ts'
import type { FrameDriven } from './hosts/drive-frames.ts'
import { FrameHeadroom } from './learn/frame-headroom.ts'
import type { BatchStats, FrameReport } from './observe/batch-stats.ts'
import { FrameMeter } from './observe/frame-meter.ts'
import type { LanePolicy } from './policy/lane-policy.ts'
import { SharedLanes } from './policy/shared-lanes.ts'
import { StrictLanes } from './policy/strict-lanes.ts'
import { JobIntake, type SubmitOptions } from './queue/job-intake.ts'
import { JobLanes, NONE } from './queue/job-lanes.ts'
import type { BatchSystem, RemoteBatchSystem } from './system/batch-system.ts'
import { FrameState } from './system/frame-state.ts'
import type { AnySystem } from './system/registered-system.ts'
import type { SystemId } from './system/system-id.ts'
import { type SystemStatus, SystemTable } from './system/system-table.ts'

/**
 * Runs heavy systems within a budget of CPU time a frame, whatever there is to do.
 *
 * - **The budget**: a step starts only when its predicted cost fits what the frame has left. A frame overruns its budget by at
 *   most one indivisible step, which is reported and paid back by the next frames. Every frame that has work runs some.
 * - **Order**: first in, first out within a lane, except that a job which does not fit is overtaken by one of the next few that does;
 *   between lanes by urgency, no lane waiting for ever, or by shares.
 * - **Each job** that was queued ends exactly once: with its output, its error, cancelled or dropped. One that throws is tried again in
 *   the next frame; a system that only throws is suspended.
 *
 * It owns no timer and no frame: `runFrame` is called by a host, see {@link driveFrames}, or by the program's own loop.
 */
export class BatchController<Lane extends string = BatchType> implements FrameDriven<FrameReport>, AsyncDisposable {
  readonly jobFailed = new Signal<JobFailure>()
  readonly systemSuspended = new Signal<SystemSuspension>()
  readonly budgetViolated = new Signal<BudgetViolation>()
  readonly jobDropped = new Signal<JobDrop>()
  /** Told before every frame, within its budget: what a listener submits is still of that frame. */
  readonly frameBegins = new Signal<FrameStart>()
  /** Told at the end of every frame; the report is the same object each time. */
  readonly frameEnded = new Signal<FrameReport>()
  /** What has run when, where `traceSpans` is above 0. */
  readonly trace: Trace | undefined

  readonly #options: CheckedOptions<Lane>
  readonly #budget: Budget
  readonly #lanes: JobLanes
  readonly #order: Int32Array
  #nextOrder: readonly number[] | undefined
  readonly #weights: Float64Array
  readonly #systems: SystemTable<Lane>
  /** The recurring systems' indices. */
  readonly #recurring: number[] = []
  readonly #intake: JobIntake
  readonly #endings: JobEndings
  readonly #away: AwayJobs
  readonly #runner: JobRunner
  readonly #dispatcher: Dispatcher
  readonly #meter: FrameMeter<Lane>
  #headroom: FrameHeadroom | undefined
  readonly #state: FrameState
  readonly #drains: (() => void)[] = []
  #budgetMs: number
  /** What was used since `target` learned last. */
  #usedMs = 0
  #inFrame = false
  #closed = false

  constructor(options: BatchControllerOptions<Lane> = {}) {
    const checked = checkControllerOptions(options)
    const { lanes, clock, target, traceSpans } = checked
    this.#options = checked
    this.#budgetMs = checked.budgetMs
    this.#budget = new Budget(checked.clockTickMs === undefined ? { clock } : { clock, tickMs: checked.clockTickMs })
    this.#lanes = new JobLanes(lanes.length, this.#budget)
    this.#order = Int32Array.from(lanes, (_, lane) => lane)
    this.#weights = Float64Array.from(lanes, ({ weight }) => weight)
    this.#state = new FrameState(this.#budget)
    const names = lanes.map(({ name }) => name)
    this.trace = traceSpans === 0 ? undefined : new Trace({ spans: traceSpans, tracks: names })
    this.trace?.name('small jobs')
    this.#headroom = headroomOf(target, checked.budgetMs)
    this.#systems = new SystemTable({
      lanes,
      tickMs: this.#budget.tickMs,
      budgetMs: () => this.#budgetMs,
      frameOf: (system) => turns.frameOf(system),
      traceName: (name) => this.trace?.name(name) ?? 0,
    })
    const { maxWaitFrames, lookAhead, maxFailures, maxAsyncFrames, maxQueuedJobs, whenFull } = checked
    const byValue = lanes.map((lane) => lane.byValue)
    const executors = lanes.map(({ executor }) => executor)
    const shared = {
      clock,
      budget: this.#budget,
      lanes: this.#lanes,
      order: this.#order,
      systems: this.#systems.all,
      columns: this.#systems.columns,
      state: this.#state,
      running: () => this.#runner.running,
      gate: new Gate<undefined>({ maxItems: maxQueuedJobs }),
    }
    const { jobFailed, jobDropped, systemSuspended, budgetViolated } = this
    this.#endings = new JobEndings({ ...shared, maxFailures, jobFailed, jobDropped, systemSuspended })
    const endings = this.#endings
    this.#intake = new JobIntake({ ...shared, endings, maxQueuedJobs, whenFull })
    const turns = new Turns({ ...shared, intake: this.#intake })
    this.#away = new AwayJobs({ ...shared, endings, executors, maxAsyncFrames })
    this.#meter = new FrameMeter({ ...shared, endings, names, trace: this.trace })
    const forecast = new Forecast({ ...shared, endings })
    const work = { ...shared, endings, forecast, turns, away: this.#away, meter: this.#meter, maxWaitFrames, byValue }
    this.#runner = new JobRunner({ ...work, budgetViolated })
    const policy = policyOf(checked, this.#weights)
    this.#dispatcher = new Dispatcher({ ...work, runner: this.#runner, policy, lookAhead })
  }

  /** CPU time a frame, in ms. Set during a frame, it holds from the next. */
  get budgetMs(): number {
    return this.#budgetMs
  }

  /** @throws {MillraceError} `OPTION_INVALID` unless above 0 and at most 1000. */
  set budgetMs(budgetMs: number) {
    this.#budgetMs = checkBudget(budgetMs)
    this.#headroom = headroomOf(this.#options.target, this.#budgetMs)
  }

  /** Jobs that wait, in all lanes, and those that are held or away. */
  get totalQueuedJobs(): number {
    return this.#lanes.size
  }

  /**
   * Jobs that wait in a lane.
   * @throws {MillraceError} `LANE_UNKNOWN`.
   */
  queueDepth(type: Lane): number {
    return this.#lanes.sizeOf(this.#systems.laneOf(type))
  }

  /**
   * The jobs that wait in a lane, first in, first out. O(jobs).
   * @throws {MillraceError} `LANE_UNKNOWN`.
   */
  jobs(type: Lane): BatchJob[] {
    const jobs: BatchJob[] = []
    const lanes = this.#lanes
    for (let slot = lanes.first(this.#systems.laneOf(type)); slot !== NONE; slot = lanes.next(slot)) {
      const system = this.#systems.all[lanes.systemOf(slot)]
      // A job that runs, and has taken its own system out.
      if (system === undefined) continue
      const { id, weightCost } = system
      const waitedFrames = Math.max(0, lanes.waited(slot, this.#state.index + 1))
      jobs.push({
        jobId: lanes.handleOf(slot),
        systemId: id,
        weightCost,
        createdAt: lanes.queuedAt(slot),
        waitedFrames,
      })
    }
    return jobs
  }

  /** What was done so far: a snapshot. */
  get stats(): BatchStats<Lane> {
    return this.#meter.snapshot(this.#intake.queued)
  }

  /** What is registered, and what is known of it. */
  describe(): SystemStatus<Lane>[] {
    return this.#systems.describe()
  }

  /**
   * Registers a system. A recurring one has its first job in the next frame.
   * @throws {MillraceError} `OPTION_INVALID`, `SYSTEM_INVALID`, `LANE_UNKNOWN`, `SYSTEMS_FULL`, `CONTROLLER_CLOSED`.
   */
  register<Input = void, Output = unknown>(system: BatchSystem<Input, Output, Lane>): SystemId<Input, Output>
  register<Input = void, Result = unknown>(system: RemoteBatchSystem<Input, Result, Lane>): SystemId<Input, unknown>
  register(system: AnySystem): SystemId<never> {
    if (this.#closed) {
      throw new MillraceError(
        'CONTROLLER_CLOSED',
        'BatchController: closed, takes no more systems; register before close()',
      )
    }
    const registered = this.#systems.add(system)
    if (registered.recurring) this.#recurring.push(registered.index)
    return registered.id
  }

  /**
   * Takes a system out. Its jobs are cancelled, those under way too; one whose step is running ends with that step. O(jobs).
   * @throws {MillraceError} `SYSTEM_UNKNOWN`.
   */
  unregister(id: SystemId<never>): void {
    const system = this.#systems.get(id)
    const place = this.#recurring.indexOf(system.index)
    if (place !== -1) this.#recurring.splice(place, 1)
    this.#systems.remove(system)
    this.#lanes.forEachOf(id.index, (slot) => {
      if (this.#lanes.isParked(slot)) this.#lanes.evict(slot)
      else if (this.#lanes.handleOf(slot) !== this.#runner.running) this.#endings.cancel(slot, system)
    })
  }

  /**
   * Lets a suspended system run again: its jobs are at the front of their lane in the next frame.
   * @throws {MillraceError} `SYSTEM_UNKNOWN`.
   */
  resume(id: SystemId<never>): void {
    const system = this.#systems.get(id)
    system.suspended = false
    system.failuresInRow = 0
    this.#lanes.returnHeld(id.index, system.lane)
  }

  /**
   * Queues a job, for the next frame at the earliest. Nobody waits for it: see {@link BatchController.run}. O(1), allocates
   * nothing without a signal.
   * @throws {MillraceError} `GATE_FULL`, `SYSTEM_UNKNOWN`, `SYSTEM_RECURRING`, `CONTROLLER_CLOSED`; or the signal's reason.
   */
  submit(id: SystemId<undefined>): JobId
  submit<Input>(id: SystemId<Input>, input: NoInfer<Input>, options?: SubmitOptions): JobId
  submit(id: SystemId<never>, input?: unknown, options?: SubmitOptions): JobId {
    return this.#intake.submit(this.#systems.get(id), input, options?.signal)
  }

  /**
   * Queues a job, and resolves with its output.
   * @throws {MillraceError} (rejects) as `submit` throws; `JOB_CANCELLED`, `JOB_DROPPED`, `JOB_STALLED`, `SYSTEM_UNREGISTERED`; the
   * signal's reason; or what the job threw when its system was suspended for it.
   */
  run<Output>(id: SystemId<undefined, Output>): Promise<Output>
  run<Input, Output>(id: SystemId<Input, Output>, input: NoInfer<Input>, options?: SubmitOptions): Promise<Output>
  run(id: SystemId<never>, input?: unknown, options?: SubmitOptions): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#intake.submit(this.#systems.get(id), input, options?.signal, { resolve, reject })
    })
  }

  /**
   * Queues a job that another thread sends: its system is named by {@link SystemId.index}, its input made of `bytes` by the
   * system's `decode`. Returns undefined when the controller is closed, or full, whatever `whenFull` says: who sends can wait,
   * and have it decoded again. See {@link receiveJobs}.
   * @throws {MillraceError} `SYSTEM_UNKNOWN`, `SYSTEM_RECURRING`; or what `decode` throws.
   */
  submitBytes(systemIndex: number, bytes: Uint8Array): JobId | undefined {
    const system = this.#systems.at(systemIndex)
    if (system === undefined) throw unknownIndex(systemIndex)
    if (this.#closed || !this.#intake.hasRoom) return undefined
    const input = system.definition.decode?.(bytes)
    // What a user's `decode` does may have closed the controller, filled the queue, or taken the system out.
    if (this.#closed || !this.#intake.hasRoom) return undefined
    return this.#intake.submit(this.#systems.get(system.id), input, undefined)
  }

  /** Takes a job out that waits, is between two steps or waits for a promise. Returns false when it is over or its step runs. O(1). */
  cancel(jobId: JobId): boolean {
    return this.#intake.cancel(jobId)
  }

  /**
   * Changes which lanes are how urgent: at once, or, in a frame, from the next on.
   * @throws {MillraceError} `LANE_UNKNOWN`, or `OPTION_INVALID` unless every lane is named once.
   */
  setOrder(types: readonly Lane[]): void {
    const order = Array.isArray(types) ? types.map((type: Lane) => this.#systems.laneOf(type)) : []
    if (order.length !== this.#order.length || new Set(order).size !== order.length) {
      throw new MillraceError(
        'OPTION_INVALID',
        `BatchController: setOrder needs an array with each of the ${this.#order.length} lanes once`,
        { detail: { owner: 'BatchController', option: 'types', value: types } },
      )
    }
    if (this.#inFrame) this.#nextOrder = order
    else this.#order.set(order)
  }

  /**
   * Changes a lane's share under `policy: 'shared'`.
   * @throws {MillraceError} `LANE_UNKNOWN`, `OPTION_INVALID`.
   */
  setWeight(type: Lane, weight: number): void {
    this.#weights[this.#systems.laneOf(type)] = checkWeight(type, weight)
  }

  /**
   * Moves a system to another lane, with the jobs that it will have. Those that wait in its lane stay there; what is to be tried
   * again, is held, or comes back from an executor, comes into the new one.
   * @throws {MillraceError} `SYSTEM_UNKNOWN`, `LANE_UNKNOWN`.
   */
  setType(id: SystemId<never>, type: Lane): void {
    this.#systems.move(this.#systems.get(id), type)
  }

  /**
   * Runs one frame. The report is the same object every time.
   * @throws {MillraceError} `FRAME_REENTERED` when called by a system or a listener; `OPTION_INVALID`.
   */
  runFrame(host: HostFrame = {}): FrameReport {
    if (this.#inFrame) {
      throw new MillraceError(
        'FRAME_REENTERED',
        'BatchController: a frame is running; call runFrame() from the host, not from a system or a listener',
      )
    }
    this.#inFrame = true
    try {
      const budgetMs = this.#beginFrame(host)
      this.#dispatcher.serve(this.#state.index, budgetMs)
      const { allowedMs } = this.#budget
      const usedMs = this.#budget.end()
      const report = this.#meter.ended(this.#state.index, usedMs, allowedMs, budgetMs, this.#lanes.waiting)
      tell(this.frameEnded, report)
      if (this.#closed) this.#cancelHeld()
      if (this.#drains.length > 0 && this.#intake.open === 0) for (const drained of this.#drains.splice(0)) drained()
      return report
    } finally {
      this.#inFrame = false
    }
  }

  /** Resolves when every submitted job is over: as far as frames go on. Held jobs of suspended systems are not over. */
  drain(): Promise<void> {
    if (this.#intake.open === 0) return Promise.resolve()
    return new Promise((resolve) => this.#drains.push(resolve))
  }

  /**
   * Takes no more jobs, ends the recurring systems, and resolves when what was submitted is over, as frames go on; jobs of suspended
   * systems are cancelled. Idempotent.
   */
  close(): Promise<void> {
    this.#intake.close()
    if (!this.#closed) for (const index of this.#recurring.slice()) this.unregister(this.#systems.all[index]!.id)
    this.#closed = true
    this.#cancelHeld()
    return this.drain()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Nobody will resume a suspended system any more. */
  #cancelHeld(): void {
    for (let slot = this.#lanes.firstHeld(); slot >= 0; slot = this.#lanes.firstHeld()) {
      const system = this.#systems.all[this.#lanes.systemOf(slot)]!
      const reason = new MillraceError(
        'SYSTEM_SUSPENDED',
        `${system.id.name} is suspended and its controller was closed, so its jobs are cancelled; resume() it before close()`,
        { detail: { system: system.id.name } },
      )
      this.#endings.cancel(slot, system, reason)
    }
  }

  #beginFrame(host: HostFrame): number {
    if (typeof host !== 'object' || host === null) {
      throw new MillraceError('OPTION_INVALID', `runFrame: takes an object, such as { deltaMs }, not ${show(host)}`, {
        detail: { owner: 'runFrame', option: 'host', value: host },
      })
    }
    const given =
      host.budgetMs === undefined ? undefined : checkNumber('runFrame', 'budgetMs', host.budgetMs, { min: 0 })
    const deltaMs = Math.max(0, host.deltaMs ?? (this.#state.index === 0 ? 0 : this.#budget.sinceBegin())) || 0
    this.#state.deltaMs = Math.min(deltaMs, this.#options.maxDeltaMs)
    this.#adapt(host.intervalMs ?? deltaMs, host.otherMs)
    const budgetMs = given ?? this.#budgetMs
    this.#budget.begin(budgetMs)
    if (this.frameBegins.size > 0) {
      tell(this.frameBegins, this.#state)
      this.#budget.lap()
    }
    this.#state.index++
    if (this.#nextOrder !== undefined) this.#order.set(this.#nextOrder)
    this.#nextOrder = undefined
    this.#away.begin(this.#state.index)
    this.#lanes.returnAll((system) => this.#systems.all[system]!.lane)
    this.#recur()
    return budgetMs
  }

  /** With a target, the budget follows what the host's last frame had left; several steps of ours may have been in that. */
  #adapt(intervalMs: number, otherMs: number | undefined): void {
    if (this.#headroom === undefined) return
    this.#usedMs += this.#meter.report.usedMs
    if (intervalMs === 0) return
    this.#headroom.observe({ deltaMs: intervalMs, usedMs: this.#usedMs, otherMs })
    this.#usedMs = 0
    this.#budgetMs = this.#headroom.budgetMs
  }

  /** Queues the jobs of the systems that are due and have none. */
  #recur(): void {
    const { columns } = this.#systems
    this.#intake.queued += this.#lanes.unpark()
    const frame = this.#state.index
    for (const index of this.#recurring) {
      if (!columns.isDue(index, frame)) continue
      columns.setPending(index, true)
      columns.dueIn[index] = frame + columns.everyFrames[index]!
      this.#intake.recur(index, columns.lane[index]!, frame)
    }
  }
}

function unknownIndex(systemIndex: number): MillraceError {
  return new MillraceError(
    'SYSTEM_UNKNOWN',
    `BatchController: no system has the index ${systemIndex}; send that of what register() returned, until unregister()`,
    { detail: { systemIndex } },
  )
}

function headroomOf(fps: number | undefined, startMs: number): FrameHeadroom | undefined {
  return fps === undefined ? undefined : new FrameHeadroom({ fps, startMs })
}

function policyOf<Lane extends string>(options: CheckedOptions<Lane>, weights: Float64Array): LanePolicy {
  return options.policy === 'strict'
    ? new StrictLanes(weights.length, options)
    : new SharedLanes(weights.length, { weights, maxWaitFrames: options.maxWaitFrames })
}
