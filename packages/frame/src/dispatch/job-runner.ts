import { MillraceError } from '@millrace/kernel/errors'
import type { Budget } from '@millrace/kernel/execute/budget'
import type { Signal } from '@millrace/kernel/signal'
import { tell } from '@millrace/kernel/tell'
import type { BudgetViolation } from '../controller-events.ts'
import type { FrameMeter } from '../observe/frame-meter.ts'
import type { JobLanes } from '../queue/job-lanes.ts'
import type { RegisteredSystem } from '../system/registered-system.ts'
import type { SystemColumns } from '../system/system-columns.ts'
import type { AwayJobs } from './away-jobs.ts'
import type { Forecast } from './forecast.ts'
import type { JobEndings } from './job-endings.ts'
import { OpenJob, type Steps } from './open-job.ts'
import type { Turns } from './turns.ts'

/** No slot, no job. */
const END = -1
/** Small jobs, and steps, are run in groups of about so many ms, and timed together. */
const GROUP_MS = 0.05
const GROUP_JOBS = 1024
const GROUP_STEPS = 256
/** A system's small job is timed alone after so many that were not. */
const ALONE_AFTER = 255
/** One whose cost has a feature counts for so many: each of its jobs says something else. */
const FORETOLD = 8
/** What is learned of mixed groups is of at least so many ticks of the clock. */
const SAMPLE_TICKS = 4
/** The weight of the newest group in what is learned of mixed ones. */
const MIXED_ALPHA = 0.1
/** The trace's name for jobs of several systems. */
const SEVERAL = 0
/** A group whose plan was off by fewer times went about as planned. */
const AS_PLANNED = 1.5
/** A group that took so many times what was planned has a system in it that has changed. */
const SUSPICIOUS = 4

export interface JobRunnerOptions {
  readonly lanes: JobLanes
  readonly budget: Budget
  readonly systems: readonly (RegisteredSystem | undefined)[]
  readonly columns: SystemColumns
  readonly endings: JobEndings
  readonly away: AwayJobs
  readonly turns: Turns
  readonly forecast: Forecast
  readonly meter: FrameMeter
  readonly budgetViolated: Signal<BudgetViolation>
  readonly maxWaitFrames: number
  /** By lane, whether jobs of the greatest value per ms go first: those are run one by one. */
  readonly byValue: readonly boolean[]
}

/** Runs the next piece of a job, or several small jobs together, and has their systems learn what that took. */
export class JobRunner {
  readonly #options: JobRunnerOptions
  readonly #lanes: JobLanes
  readonly #budget: Budget
  readonly #systems: readonly (RegisteredSystem | undefined)[]
  readonly #columns: SystemColumns
  readonly #endings: JobEndings
  readonly #meter: FrameMeter
  #frame = 0
  #limitMs = 0
  /** The job whose step is running. */
  #running = END
  /**
   * What a group of different jobs takes, as a share of what they take alone: then all that is done for each is measured with
   * it, and the clock.
   */
  #mixedShare = 1
  #pooledPlannedMs = 0
  #pooledMs = 0
  #groups = 0
  /** What is left for the group at hand: PERF: as an argument it would be a heap object; bench/frame/memory.bench.ts. */
  #roomMs = 0
  /**
   * The last frame with a group that took much more than was planned; after two in a row, which are no accident, the last in
   * which small jobs are timed alone, to find the one that is not small any more.
   */
  #suspectedIn = 0
  #aloneUntil = 0

  constructor(options: JobRunnerOptions) {
    this.#options = options
    this.#lanes = options.lanes
    this.#budget = options.budget
    this.#systems = options.systems
    this.#columns = options.columns
    this.#endings = options.endings
    this.#meter = options.meter
  }

  /** The job whose step is running now, or negative. */
  get running(): number {
    return this.#running
  }

  begin(frame: number, limitMs: number): void {
    this.#frame = frame
    this.#limitMs = limitMs
  }

  /** Runs what is in `slot`, of `lane`: its prediction is the system's last. */
  run(slot: number, lane: number): void {
    const lanes = this.#lanes
    const system = this.#systems[lanes.systemOf(slot)]!
    this.#columns.lastRunIn[system.index] = this.#frame
    const payload = lanes.payload(slot)
    if (payload instanceof OpenJob && payload.steps !== undefined) {
      this.#runSteps(slot, lane, system, payload)
      return
    }
    this.#meter.began(lane, lanes.waited(slot, this.#frame))
    if (payload instanceof OpenJob && payload.turn !== undefined) this.#grantTurn(slot, system, payload)
    else if (!this.#options.byValue[lane] && this.#isSmall(system.index) && slot === lanes.first(lane))
      this.#runGroup(slot, lane)
    else this.#runAlone(slot, lane, system, payload)
  }

  /** Runs one job, or the first step of it, and times it. */
  #runAlone(slot: number, lane: number, system: RegisteredSystem, payload: unknown): void {
    const jobId = this.#lanes.handleOf(slot)
    const handing = system.isRemote && !(payload instanceof OpenJob && payload.answer !== undefined)
    this.#budget.plan(system.expectedMs)
    this.#columns.runs[system.index]!++
    this.#columns.groupedRuns[system.index] = 0
    this.#running = jobId
    try {
      if (handing) this.#options.away.handOver(jobId, system)
      else {
        const frame = system.isAsync ? this.#options.turns.frameOfJob(system, jobId) : system.frame
        this.#goOn(jobId, system, system.run(frame, inputOf(payload)))
      }
    } catch (error) {
      this.#endings.threw(jobId, system, error)
    }
    this.#running = END
    const ms = this.#budget.lap()
    if (handing) system.observeHanding(ms)
    else if (!system.hasSteps) system.observe(ms)
    this.#meter.ran(lane, system.traceName, 1)
    this.#judge(system, ms)
  }

  /**
   * Runs small jobs from the head of a lane on, and times them together.
   * PERF: two reads of the clock for many jobs, and no object of a system is looked at; bench/frame/overhead.bench.ts.
   */
  #runGroup(firstSlot: number, lane: number): void {
    const lanes = this.#lanes
    const columns = this.#columns
    const { run, frame } = columns
    const systems = this.#systems
    const roomMs = this.#budget.leftMs
    const groupMs = groupOf(roomMs)
    const first = lanes.systemOf(firstSlot)
    const mixedShare = this.#mixedShare
    let planned = 0
    let jobs = 0
    let mixed = false
    for (let slot = firstSlot; slot >= 0; slot = this.#nextOfGroup(lane)) {
      const index = lanes.systemOf(slot)
      const jobId = lanes.handleOf(slot)
      const payload = lanes.payload(slot)
      const foretold = columns.foretells(index)
      if (index !== first || foretold) mixed = true
      planned += columns.expectedMs[index]!
      jobs++
      columns.runs[index]!++
      columns.groupedRuns[index]! += foretold ? FORETOLD : 1
      this.#running = jobId
      const system = systems[index]!
      try {
        if (payload instanceof OpenJob) {
          this.#goOn(jobId, system, run[index]!(frame[index]!, inputOf(payload)))
        } else {
          const output = run[index]!(frame[index]!, payload)
          if (output === undefined) this.#endings.doneSilently(jobId, index)
          else this.#goOn(jobId, system, output)
        }
      } catch (error) {
        this.#endings.threw(jobId, system, error)
      }
      if (planned * (mixed ? mixedShare : 1) >= groupMs || jobs === GROUP_JOBS) break
      this.#roomMs = roomMs - planned
    }
    this.#running = END
    if (mixed) planned *= mixedShare
    this.#budget.plan(planned)
    const ms = this.#budget.lap()
    if (!mixed) {
      columns.groupedRuns[first] = 0
      // PERF: what is known well is learned from one group in four, for that makes objects; bench/frame/memory.bench.ts.
      const asPlanned = ms < planned * AS_PLANNED && ms * AS_PLANNED > planned
      if (!asPlanned || this.#groups++ % 4 === 0) this.#systems[first]?.observe(ms, jobs)
    } else this.#learnMixed(planned, ms)
    const name = mixed && jobs > 1 ? undefined : this.#systems[first]?.traceName
    this.#meter.ran(lane, name ?? SEVERAL, jobs)
  }

  /** What is too short for the clock to tell is put together until it is long enough. */
  #learnMixed(plannedMs: number, ms: number): void {
    if (!(ms >= 0)) return
    this.#pooledPlannedMs += plannedMs
    this.#pooledMs += ms
    if (this.#pooledPlannedMs < SAMPLE_TICKS * this.#budget.tickMs) return
    const ratio = this.#pooledMs / this.#pooledPlannedMs
    this.#pooledPlannedMs = 0
    this.#pooledMs = 0
    if (ratio <= SUSPICIOUS) {
      this.#mixedShare = Math.min(1, this.#mixedShare * (1 + MIXED_ALPHA * (ratio - 1)))
      return
    }
    if (this.#suspectedIn === this.#frame - 1) this.#aloneUntil = this.#frame + 1
    this.#suspectedIn = this.#frame
  }

  /** The first job of `lane`, if it may be run in the group at hand. */
  #nextOfGroup(lane: number): number {
    const lanes = this.#lanes
    const columns = this.#columns
    const slot = lanes.first(lane)
    if (slot < 0 || lanes.waited(slot, this.#frame) < 0) return END
    const index = lanes.systemOf(slot)
    const payload = lanes.payload(slot)
    if (payload instanceof OpenJob && (payload.turn !== undefined || payload.steps !== undefined)) return END
    if (columns.isPlainlySmall(index)) {
      return columns.groupedRuns[index]! < ALONE_AFTER && columns.highMs[index]! <= this.#roomMs ? slot : END
    }
    return columns.foretells(index) && !columns.isSuspended(index) ? this.#foretoldOfGroup(slot, lane, index) : END
  }

  /** The same for a job whose system is asked first, which may have done anything. */
  #foretoldOfGroup(slot: number, lane: number, index: number): number {
    const jobId = this.#lanes.handleOf(slot)
    const fits =
      this.#options.forecast.predict(slot, this.#systems[index]!) &&
      this.#columns.highMs[index]! <= this.#roomMs &&
      this.#isSmall(index)
    return fits && this.#lanes.find(jobId) === this.#lanes.first(lane) ? this.#lanes.first(lane) : END
  }

  /** Resumes a generator for as many steps as make a group. */
  #runSteps(slot: number, lane: number, system: RegisteredSystem, job: OpenJob): void {
    const lanes = this.#lanes
    const steps = job.steps!
    const jobId = lanes.handleOf(slot)
    const roomMs = this.#budget.leftMs
    const groupMs = groupOf(roomMs)
    const { expectedMs, highMs } = system
    const most = system.isKnown ? GROUP_STEPS : 1
    let planned = 0
    let count = 0
    this.#running = jobId
    try {
      let ended: IteratorResult<unknown, unknown>
      do {
        planned += expectedMs
        count++
        ended = steps.next()
      } while (ended.done !== true && planned + highMs <= roomMs && planned < groupMs && count < most)
      if (ended.done === true) this.#endings.done(jobId, system, ended.value)
    } catch (error) {
      this.#endings.threw(jobId, system, error)
    }
    this.#running = END
    this.#endings.cancelLate(jobId, system)
    this.#budget.plan(planned)
    const ms = this.#budget.lap()
    system.observeSteps(ms, count)
    this.#meter.ran(lane, system.traceName, 1)
    this.#judge(system, ms / count)
    this.#keepPlace(jobId, lane, job)
  }

  /** A job that has yielded goes on from the head of its lane; after a long time it lets the others pass once. */
  #keepPlace(jobId: number, lane: number, job: OpenJob): void {
    const slot = this.#lanes.find(jobId)
    // The slot of a job that is over may be kept for the next.
    if (slot < 0 || job.steps === undefined || this.#lanes.payload(slot) !== job) return
    if (this.#frame - job.steppingSince < this.#options.maxWaitFrames) return
    job.steppingSince = this.#frame
    this.#lanes.toBack(slot, lane)
  }

  /** The rest of an async function runs once this frame's call has returned, and is timed then. */
  #grantTurn(slot: number, system: RegisteredSystem, job: OpenJob): void {
    const planned = system.expectedMs
    this.#budget.reserve(planned)
    this.#endings.turned(slot, system)
    this.#options.turns.grant(job.turn!, system, planned)
  }

  /** What a run returned that was not nothing. */
  #goOn(jobId: number, system: RegisteredSystem, output: unknown): void {
    if (isSteps(output)) this.#options.away.keepSteps(jobId, system, output)
    else if (isThenable(output)) this.#options.away.awaitOutput(jobId, system, output)
    else if (isAsyncSteps(output)) throw asyncGenerator(system)
    else this.#endings.done(jobId, system, output)
    this.#endings.cancelLate(jobId, system)
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

  /**
   * A group of jobs alike teaches what they take; one of different jobs teaches nothing, so a small job is timed alone now and
   * then, and all are, for a frame, when groups of two frames took much more than was planned.
   */
  #isSmall(index: number): boolean {
    const columns = this.#columns
    return columns.isSmall(index) && columns.groupedRuns[index]! < ALONE_AFTER && this.#frame > this.#aloneUntil
  }
}

function asyncGenerator(system: RegisteredSystem): MillraceError {
  const { name } = system.id
  return new MillraceError(
    'SYSTEM_INVALID',
    `${name}: run is an async generator, whose steps cannot be kept within a frame; ` +
      'make it function*, or async with `await frame.turn()`',
    { detail: { system: name } },
  )
}

/** Towards the end of a budget groups become short, so that what a plan is off by becomes small. */
function groupOf(roomMs: number): number {
  return Math.min(GROUP_MS, roomMs / 2)
}

function inputOf(payload: unknown): unknown {
  if (!(payload instanceof OpenJob)) return payload
  return payload.answer === undefined ? payload.input : payload.answer.result
}

function isSteps(output: unknown): output is Steps {
  return isObject(output) && 'next' in output && typeof output.next === 'function' && Symbol.iterator in output
}

function isAsyncSteps(output: unknown): boolean {
  return isObject(output) && 'next' in output && typeof output.next === 'function' && Symbol.asyncIterator in output
}

function isThenable(output: unknown): output is PromiseLike<unknown> {
  return isObject(output) && 'then' in output && typeof output.then === 'function'
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
