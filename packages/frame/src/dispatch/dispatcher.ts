import type { Budget } from '@millrace/kernel/execute/budget'
import type { Signal } from '@millrace/kernel/signal'
import type { BudgetViolation } from '../controller-events.ts'
import type { FrameMeter } from '../observe/frame-meter.ts'
import { type LanePolicy, type LanesAtWork, NO_LANE } from '../policy/lane-policy.ts'
import { type JobLanes, NONE } from '../queue/job-lanes.ts'
import type { RegisteredSystem } from '../system/registered-system.ts'
import { FORETELLS, SMALL, SUSPENDED, type SystemColumns } from '../system/system-columns.ts'
import type { AwayJobs } from './away-jobs.ts'
import type { JobEndings } from './job-endings.ts'
import { OpenJob } from './open-job.ts'
import { tell } from './tell.ts'

/** Small jobs, and steps, are run in groups of about so many ms, and timed together. */
const GROUP_MS = 0.05
const GROUP_JOBS = 1024
/** Under a clock that stands still nothing uses up a budget: a frame ends after so many groups. */
const MOST_GROUPS = 16_384
/** A system's small job is timed alone after so many that were not. */
const ALONE_AFTER = 255
/** The trace's name for jobs of several systems. */
const SEVERAL = 0
/** A group that took so many times what was planned has a system in it that has changed. */
const SUSPICIOUS = 4

export interface DispatcherOptions {
  readonly lanes: JobLanes
  /** The lanes by urgency, the most urgent first: a live view. */
  readonly order: Int32Array
  readonly policy: LanePolicy
  readonly budget: Budget
  readonly systems: readonly (RegisteredSystem | undefined)[]
  readonly columns: SystemColumns
  readonly endings: JobEndings
  readonly away: AwayJobs
  readonly meter: FrameMeter
  readonly budgetViolated: Signal<BudgetViolation>
  readonly lookAhead: number
  readonly maxWaitFrames: number
  /** By lane, whether jobs of the greatest value per ms go first. */
  readonly byValue: readonly boolean[]
}

/**
 * One frame after the other: asks the policy for a lane, looks there for a job that fits what is left, runs a step of it, and
 * learns what that took.
 *
 * A job is admitted when its predicted cost, with the residual that 95 of 100 keep to, fits. Two exceptions keep what never fits
 * from waiting for ever: in a frame without debt the first job needs not fit; and in every frame that has work, some job
 * runs. What either takes too long is paid back by the next frames.
 *
 * A frame serves what was queued when it began.
 */
export class Dispatcher implements LanesAtWork {
  readonly count: number
  readonly order: Int32Array
  readonly #options: DispatcherOptions
  readonly #lanes: JobLanes
  readonly #budget: Budget
  readonly #policy: LanePolicy
  readonly #endings: JobEndings
  readonly #meter: FrameMeter
  readonly #systems: readonly (RegisteredSystem | undefined)[]
  readonly #columns: SystemColumns
  readonly #lookAhead: number
  #frame = 0
  #limitMs = 0
  /** Whether some job has run in this frame. */
  #begun = false
  /** The job whose step is running. */
  #running = NONE
  /** The systems of the group at hand. */
  readonly #group = new Int32Array(GROUP_JOBS)

  constructor(options: DispatcherOptions) {
    this.#options = options
    this.#lanes = options.lanes
    this.#budget = options.budget
    this.#policy = options.policy
    this.#endings = options.endings
    this.#meter = options.meter
    this.#systems = options.systems
    this.#columns = options.columns
    this.#lookAhead = options.lookAhead
    this.count = options.lanes.count
    this.order = options.order
  }

  /** The job whose step is running now, or `NONE`. */
  get running(): number {
    return this.#running
  }

  waited(lane: number): number {
    const slot = this.#lanes.first(lane)
    return slot === NONE ? -1 : this.#frame - 1 - this.#lanes.queuedIn(slot)
  }

  /** Serves frame number `frame` until nothing fits. The budget's round is the caller's to begin and to end. */
  serve(frame: number, limitMs: number): void {
    this.#frame = frame
    this.#limitMs = limitMs
    this.#begun = false
    this.#policy.begin(this, limitMs)
    for (let groups = 0; groups < MOST_GROUPS; groups++) {
      const lane = this.#policy.next(this)
      if (lane === NO_LANE) break
      const before = this.#budget.usedMs
      if (this.#serveLane(lane)) this.#policy.served(lane, Math.max(0, this.#budget.usedMs - before))
      else this.#policy.passed(lane)
    }
    if (!this.#begun) this.#serveSome()
  }

  #serveLane(lane: number): boolean {
    const fresh = !this.#begun && this.#budget.debtMs === 0
    return this.#serveOne(lane, fresh ? Number.POSITIVE_INFINITY : this.#budget.leftMs)
  }

  /**
   * Nothing fits, for a debt is being paid. One job runs all the same: the first of the lane that has waited longest, if that is
   * too long; or one that fits a whole budget; or any.
   */
  #serveSome(): void {
    let longest = NO_LANE
    for (const lane of this.order) {
      const waited = this.waited(lane)
      if (waited >= this.#options.maxWaitFrames && (longest === NO_LANE || waited > this.waited(longest))) longest = lane
    }
    if (longest !== NO_LANE && this.#serveOne(longest, Number.POSITIVE_INFINITY)) return
    for (const lane of this.order) if (this.#serveOne(lane, this.#limitMs)) return
    for (const lane of this.order) if (this.#serveOne(lane, Number.POSITIVE_INFINITY)) return
  }

  #serveOne(lane: number, roomMs: number): boolean {
    const slot = this.#choose(lane, roomMs)
    if (slot === NONE) return false
    this.#run(slot, lane)
    return true
  }

  /** A job of `lane` that fits into `roomMs`, among the next few. */
  #choose(lane: number, roomMs: number): number {
    const lanes = this.#lanes
    const byValue = this.#options.byValue[lane]!
    let best = NONE
    let bestValue = -1
    let looked = 0
    for (let slot = lanes.first(lane); slot !== NONE && looked < this.#lookAhead; ) {
      if (lanes.queuedIn(slot) >= this.#frame) break
      const system = this.#systems[lanes.systemOf(slot)]!
      if (system.suspended) {
        const next = lanes.next(slot)
        lanes.hold(slot)
        slot = next
        continue
      }
      const jobId = lanes.handleOf(slot)
      const known = this.#predict(slot, system)
      // What a user's `feature` does may have moved the slots, or taken jobs out.
      slot = lanes.find(jobId)
      if (!known || slot === NONE) {
        slot = lanes.first(lane)
        continue
      }
      looked++
      if (system.highMs <= roomMs && !this.#mustWait(slot, system)) {
        if (!byValue) return slot
        const value = system.value / system.expectedMs
        if (value > bestValue) {
          best = jobId
          bestValue = value
        }
      }
      slot = lanes.next(slot)
    }
    if (best === NONE) return NONE
    const slot = lanes.find(best)
    // Others were predicted meanwhile, perhaps of the same system.
    return slot !== NONE && this.#predict(slot, this.#systems[lanes.systemOf(slot)]!) ? lanes.find(best) : NONE
  }

  /** Whether a job is for an executor that has enough to do. */
  #mustWait(slot: number, system: RegisteredSystem): boolean {
    if (!system.isRemote) return false
    const payload = this.#lanes.payload(slot)
    const answered = payload instanceof OpenJob && payload.answer !== undefined
    return !answered && this.#options.away.isFull(system.lane)
  }

  /** Returns false when the system cannot say what the job is like, which is a failure of the job. */
  #predict(slot: number, system: RegisteredSystem): boolean {
    const payload = this.#lanes.payload(slot)
    if (!(payload instanceof OpenJob)) {
      if ((this.#columns.state[system.index]! & FORETELLS) === 0) return true
      return this.#foretell(slot, system, payload)
    }
    if (payload.turn !== undefined) system.predictTurn()
    else if (system.isRemote && payload.answer === undefined) system.predictHanding()
    else return this.#foretell(slot, system, payload.input)
    return true
  }

  #foretell(slot: number, system: RegisteredSystem, input: unknown): boolean {
    try {
      system.predict(input)
      return true
    } catch (error) {
      this.#endings.threw(this.#lanes.handleOf(slot), system, error)
      return false
    }
  }

  #run(slot: number, lane: number): void {
    this.#begun = true
    const lanes = this.#lanes
    const system = this.#systems[lanes.systemOf(slot)]!
    this.#meter.began(lane, this.#frame - 1 - lanes.queuedIn(slot))
    this.#columns.lastRunIn[system.index] = this.#frame
    const payload = lanes.payload(slot)
    if (payload instanceof OpenJob && payload.steps !== undefined) this.#runSteps(slot, lane, system, payload)
    else if (payload instanceof OpenJob && payload.turn !== undefined) this.#grantTurn(slot, system, payload)
    else if (this.#isSmall(system.index) && slot === lanes.first(lane)) this.#runGroup(slot, lane)
    else this.#runAlone(slot, lane, system, payload)
  }

  /** Runs one job, or the first step of it, and times it. */
  #runAlone(slot: number, lane: number, system: RegisteredSystem, payload: unknown): void {
    const jobId = this.#lanes.handleOf(slot)
    const from = this.#budget.readAt
    const handing = system.isRemote && !(payload instanceof OpenJob && payload.answer !== undefined)
    this.#budget.plan(system.expectedMs)
    this.#columns.runs[system.index]!++
    this.#columns.groupedRuns[system.index] = 0
    this.#running = jobId
    try {
      if (handing) this.#options.away.handOver(jobId, system)
      else this.#goOn(jobId, system, system.run(system.frame, inputOf(payload)))
    } catch (error) {
      this.#endings.threw(jobId, system, error)
    }
    this.#running = NONE
    const ms = this.#budget.lap()
    if (handing) system.observeHanding(ms)
    else if (!system.hasSteps) system.observe(ms)
    this.#meter.ran(lane, system.traceName, from, this.#budget.readAt, ms, 1)
    this.#judge(system, ms)
  }

  /**
   * Runs small jobs from the head of a lane on, and times them together.
   * PERF: two reads of the clock for many jobs, and no object of a system is looked at; bench/frame/overhead.bench.ts.
   */
  #runGroup(firstSlot: number, lane: number): void {
    const lanes = this.#lanes
    const columns = this.#columns
    const roomMs = this.#budget.leftMs
    const from = this.#budget.readAt
    let planned = 0
    let jobs = 0
    let members = 0
    for (let slot = firstSlot; slot !== NONE; slot = this.#nextOfGroup(lane, roomMs - planned)) {
      const index = lanes.systemOf(slot)
      const system = this.#systems[index]!
      const jobId = lanes.handleOf(slot)
      const payload = lanes.payload(slot)
      if (columns.grouped[index]!++ === 0) this.#group[members++] = index
      planned += columns.expectedMs[index]!
      jobs++
      columns.runs[index]!++
      this.#running = jobId
      try {
        const output = columns.run[index]!(columns.frame[index]!, inputOf(payload))
        if (output !== undefined) this.#goOn(jobId, system, output)
        else if (payload instanceof OpenJob) this.#endings.done(jobId, system, undefined)
        else this.#endings.doneSilently(jobId, index)
      } catch (error) {
        this.#endings.threw(jobId, system, error)
      }
      if (planned >= GROUP_MS || jobs === GROUP_JOBS) break
    }
    this.#running = NONE
    this.#budget.plan(planned)
    const ms = this.#budget.lap()
    const name = members === 1 ? this.#systems[this.#group[0]!]?.traceName : undefined
    this.#learn(members, planned, ms, jobs)
    this.#meter.ran(lane, name ?? SEVERAL, from, this.#budget.readAt, ms, jobs)
  }

  /** The first job of `lane`, if it may be run in the group at hand. */
  #nextOfGroup(lane: number, roomMs: number): number {
    const lanes = this.#lanes
    const slot = lanes.first(lane)
    if (slot === NONE || lanes.queuedIn(slot) >= this.#frame) return NONE
    const index = lanes.systemOf(slot)
    if (!this.#isSmall(index) || (this.#columns.state[index]! & SUSPENDED) !== 0) return NONE
    const payload = lanes.payload(slot)
    if (payload instanceof OpenJob && (payload.turn !== undefined || payload.steps !== undefined)) return NONE
    if ((this.#columns.state[index]! & FORETELLS) !== 0) return this.#foretoldOfGroup(slot, lane, index, roomMs)
    return this.#columns.highMs[index]! <= roomMs ? slot : NONE
  }

  /** The same for a job whose system is asked first, which may have done anything. */
  #foretoldOfGroup(slot: number, lane: number, index: number, roomMs: number): number {
    const jobId = this.#lanes.handleOf(slot)
    const fits =
      this.#predict(slot, this.#systems[index]!) && this.#columns.highMs[index]! <= roomMs && this.#isSmall(index)
    return fits && this.#lanes.find(jobId) === this.#lanes.first(lane) ? this.#lanes.first(lane) : NONE
  }

  /** A small job is timed alone now and then, so that groups of several do not hide what each takes. */
  #isSmall(index: number): boolean {
    return (this.#columns.state[index]! & SMALL) !== 0 && this.#columns.groupedRuns[index]! < ALONE_AFTER
  }

  /**
   * A group of one system teaches what its jobs take; one of several teaches nothing, but is looked into when it took much more
   * than was planned.
   */
  #learn(members: number, planned: number, ms: number, jobs: number): void {
    const { grouped, groupedRuns } = this.#columns
    const suspicious = members > 1 && ms > planned * SUSPICIOUS
    for (let member = 0; member < members; member++) {
      const index = this.#group[member]!
      groupedRuns[index] = suspicious ? ALONE_AFTER : Math.min(ALONE_AFTER, groupedRuns[index]! + grouped[index]!)
      grouped[index] = 0
    }
    if (members === 1) this.#systems[this.#group[0]!]?.observe(ms, jobs)
  }

  /** Resumes a generator for as many steps as make a group. */
  #runSteps(slot: number, lane: number, system: RegisteredSystem, job: OpenJob): void {
    const lanes = this.#lanes
    const steps = job.steps!
    const jobId = lanes.handleOf(slot)
    const roomMs = this.#budget.leftMs
    const from = this.#budget.readAt
    const { expectedMs, highMs } = system
    let planned = 0
    let count = 0
    this.#running = jobId
    try {
      let ended: IteratorResult<unknown, unknown>
      do {
        planned += expectedMs
        count++
        ended = steps.next()
      } while (ended.done !== true && planned + highMs <= roomMs && planned < GROUP_MS)
      if (ended.done === true) this.#endings.done(jobId, system, ended.value)
    } catch (error) {
      this.#endings.threw(jobId, system, error)
    }
    this.#running = NONE
    this.#budget.plan(planned)
    const ms = this.#budget.lap()
    system.observeSteps(ms, count)
    this.#meter.ran(lane, system.traceName, from, this.#budget.readAt, ms, 1)
    this.#judge(system, ms / count)
    this.#keepPlace(jobId, lane, system, job)
  }

  /** A job that has yielded goes on from the head of its lane; after a long time it lets the others pass once. */
  #keepPlace(jobId: number, lane: number, system: RegisteredSystem, job: OpenJob): void {
    const slot = this.#lanes.find(jobId)
    if (slot === NONE || job.steps === undefined) return
    if (system.removed) return this.#endings.cancel(slot, system, undefined)
    this.#lanes.setQueuedIn(slot, this.#frame - 1)
    if (this.#frame - job.steppingSince < this.#options.maxWaitFrames) return
    job.steppingSince = this.#frame
    this.#lanes.toBack(slot, lane)
  }

  /** The rest of an async function runs once this frame's call has returned, and is timed then. */
  #grantTurn(slot: number, system: RegisteredSystem, job: OpenJob): void {
    const planned = system.expectedMs
    this.#budget.plan(planned)
    this.#lanes.remove(slot)
    this.#options.away.grant(job.turn!, system, planned)
  }

  /** What a run returned that was not nothing. */
  #goOn(jobId: number, system: RegisteredSystem, output: unknown): void {
    if (isGenerator(output)) this.#options.away.keepSteps(jobId, system, output)
    else if (isThenable(output)) this.#options.away.awaitOutput(jobId, system, output)
    else this.#endings.done(jobId, system, output)
    const slot = system.removed ? this.#lanes.find(jobId) : NONE
    if (slot !== NONE) this.#endings.cancel(slot, system, undefined)
  }

  #judge(system: RegisteredSystem, ms: number): void {
    const { budgetViolated } = this.#options
    if (!(ms > this.#limitMs) || budgetViolated.size === 0) return
    tell(budgetViolated, {
      systemId: system.id,
      frame: this.#frame,
      ms,
      budgetMs: this.#limitMs,
      advice:
        `${system.id.name}: one step took ${ms.toFixed(2)} ms of a budget of ${this.#limitMs} ms; ` +
        (system.hasSteps ? 'yield more often' : 'make it a generator that yields, or cut it into smaller jobs'),
    })
  }
}

function inputOf(payload: unknown): unknown {
  if (!(payload instanceof OpenJob)) return payload
  return payload.answer === undefined ? payload.input : payload.answer.result
}

function isGenerator(output: unknown): output is Generator<unknown, unknown, void> {
  return isObject(output) && 'next' in output && typeof output.next === 'function' && Symbol.iterator in output
}

function isThenable(output: unknown): output is PromiseLike<unknown> {
  return isObject(output) && 'then' in output && typeof output.then === 'function'
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
