import { VirtualClock } from '@millrace/kernel'
import { expect } from 'vitest'
import type { BatchController, BatchControllerOptions, JobId, SystemFrame, SystemId } from '../src/index.ts'
import { type Act, LANES, type Lane, type Script } from './interleaving-acts.ts'

interface System {
  readonly id: SystemId<Job | undefined, unknown>
  readonly recurring: boolean
  lane: Lane
  removed: boolean
  /** Its jobs were moved or held: their place in a lane is another one. */
  disturbed: boolean
}

export type Ending = 'done' | 'failed' | 'cancelled' | 'dropped'

/** A submitted job as the one who submitted it sees it. */
export interface Job {
  readonly number: number
  readonly system: System
  readonly lane: Lane
  readonly script: Script
  readonly queuedIn: number
  readonly abort: AbortController
  readonly settled: PromiseWithResolvers<void>
  jobId: JobId
  attempts: number
  inFlight: boolean
  lastFrame: number
  finished: boolean
  aborted: boolean
  told: Ending[]
  promise: 'none' | 'pending' | 'resolved' | 'rejected'
}

const NOTHING: Script = { ms: 0, kind: 'plain', pieces: 1, throws: 0, inside: [] }

/** Does what it is told to a controller, and keeps books of its own. */
export class Interleaving {
  readonly controller: BatchController<Lane>
  readonly jobs: Job[] = []
  readonly #clock = new VirtualClock()
  readonly #systems: System[] = []
  readonly #byId = new Map<JobId, Job>()
  readonly #signalled = new Set<Job>()
  readonly #options: BatchControllerOptions<Lane>
  #frame = 0
  #depth = 0
  #firstBreach: unknown

  constructor(Controller: typeof BatchController, chosen: BatchControllerOptions<Lane>) {
    this.#options = chosen
    this.controller = new Controller<Lane>({ ...chosen, clock: this.#clock, lanes: LANES })
    const { controller } = this
    controller.jobFailed.subscribe(({ jobId, willRetry }) => {
      if (!willRetry) this.#byId.get(jobId)?.told.push('failed')
      this.checkBooks()
    })
    controller.jobDropped.subscribe(({ jobId }) => {
      this.#byId.get(jobId)?.told.push('dropped')
      this.checkBooks()
    })
    controller.systemSuspended.subscribe(({ systemId }) => {
      const system = this.#systems.find(({ id }) => id === systemId)
      if (system !== undefined) system.disturbed = true
      this.checkBooks()
    })
  }

  async do(acts: readonly Act[]): Promise<void> {
    for (const act of acts) {
      if (act.act === 'microtasks') await microtasks()
      else this.#do(act)
      this.checkBooks()
      this.check()
    }
  }

  /** Throws what was found wrong first. */
  check(): void {
    if (this.#firstBreach !== undefined) throw this.#firstBreach
  }

  /** Lets everything come to an end: promises settle, suspended systems are resumed, frames go on. */
  async finish(): Promise<void> {
    const { controller } = this
    await microtasks()
    this.#depth = Number.POSITIVE_INFINITY
    for (const system of this.#systems) {
      if (!system.recurring || system.removed) continue
      system.removed = true
      controller.unregister(system.id)
    }
    controller.budgetMs = 1000
    let drained = false
    void controller.drain().then(() => {
      drained = true
    })
    for (let frame = 0; frame < 200 && this.jobs.some((job) => this.endingOf(job) === undefined); frame++) {
      for (const job of this.jobs) job.settled.resolve()
      for (const { id, removed } of this.#systems) if (!removed) controller.resume(id)
      this.#runFrame()
      await microtasks()
      this.checkBooks()
      this.check()
    }
    this.#runFrame()
    await microtasks()
    this.check()
    expect(drained).toBe(true)
  }

  checkBooks(): void {
    const { jobsQueued, jobsProcessed, jobsFailed, jobsCancelled, jobsDropped } = this.controller.stats
    const ended = jobsProcessed + jobsFailed + jobsCancelled + jobsDropped
    const { totalQueuedJobs } = this.controller
    this.#hold(() => {
      expect(ended + totalQueuedJobs).toBe(jobsQueued)
      expect(totalQueuedJobs).toBeGreaterThanOrEqual(0)
    })
  }

  /** Checks something where the controller would take an error for a job's own. */
  #hold(check: () => void): void {
    try {
      check()
    } catch (error) {
      this.#firstBreach ??= error
    }
  }

  /** How a job came to its end, by all that is known outside; undefined when it has not. */
  endingOf(job: Job): Ending | undefined {
    if (job.told.length > 0) return job.told[0]
    if (job.finished) return 'done'
    return (job.aborted || job.system.removed) && !job.inFlight ? 'cancelled' : undefined
  }

  #do(act: Act): void {
    const { controller } = this
    switch (act.act) {
      case 'frame':
        if (this.#depth === 0) this.#runFrame(act.budgetMs)
        return
      case 'register':
        this.#register(act)
        return
      case 'submit':
        for (let time = 0; time < act.times; time++) this.#submit(act)
        return
      case 'budget':
        controller.budgetMs = act.ms
        return
      case 'order':
        controller.setOrder(act.order)
        return
      case 'weight':
        controller.setWeight(act.lane, act.weight)
        return
      case 'unregister':
      case 'resume':
      case 'type':
        this.#change(act)
        return
      case 'cancel':
      case 'abort':
      case 'settle':
        this.#end(act)
    }
  }

  #runFrame(budgetMs?: number): void {
    this.#clock.advance(16)
    this.#frame++
    this.controller.runFrame({ budgetMs })
  }

  #change(act: Act & { readonly system: number }): void {
    const { controller } = this
    const system = this.#systems.at(-1 - (act.system % this.#systems.length))!
    if (system.removed) return
    system.disturbed = true
    if (act.act === 'type') {
      system.lane = act.lane
      controller.setType(system.id, act.lane)
    } else if (act.act === 'resume') controller.resume(system.id)
    else if (act.act === 'unregister') {
      system.removed = true
      controller.unregister(system.id)
    }
  }

  #end(act: Act & { readonly job: number }): void {
    const job = this.jobs.at(-1 - (act.job % Math.max(1, this.jobs.length)))
    if (job === undefined) return
    if (act.act === 'settle') job.settled.resolve()
    else if (act.act === 'abort') {
      if (!this.#signalled.has(job)) return
      job.aborted = true
      job.abort.abort()
    } else {
      const before = this.endingOf(job)
      if (!this.controller.cancel(job.jobId)) return
      this.#hold(() => expect(before).toBe(undefined))
      job.told.push('cancelled')
    }
  }

  #register(act: Act & { readonly act: 'register' }): void {
    const runs = (frame: SystemFrame, job: Job | undefined) =>
      job === undefined ? this.#perform(frame, act.script, undefined) : this.#begin(frame, job)
    const id = this.controller.register<Job | undefined, unknown>({
      name: `system ${this.#systems.length}`,
      type: act.lane,
      cost: 0.1,
      run: runs,
      ...(act.recurring === 0 ? { recurring: false } : { everyFrames: act.recurring }),
      ...(act.featured ? { feature: (job: Job | undefined) => (job?.script.ms ?? 1) * 100 } : {}),
    })
    this.#systems.push({ id, recurring: act.recurring !== 0, lane: act.lane, removed: false, disturbed: false })
    if (!act.seasoned || act.recurring !== 0 || this.#depth > 0) return
    for (let lesson = 0; lesson < 12; lesson++) {
      this.#submit({ act: 'submit', times: 1, system: 0, script: NOTHING, awaited: false, signalled: false })
      this.#runFrame()
    }
  }

  #submit(act: Act & { readonly act: 'submit' }): void {
    const { controller } = this
    const system = this.#systems.at(-1 - (act.system % this.#systems.length))!
    if (system.removed || system.recurring) return
    const job: Job = {
      number: this.jobs.length,
      system,
      lane: system.lane,
      script: act.script,
      queuedIn: this.#frame,
      abort: new AbortController(),
      settled: Promise.withResolvers<void>(),
      jobId: -1,
      attempts: 0,
      inFlight: false,
      lastFrame: -1,
      finished: false,
      aborted: false,
      told: [],
      promise: 'none',
    }
    const withSignal = act.signalled ? { signal: job.abort.signal } : {}
    const before = controller.stats.jobsQueued
    if (act.awaited) {
      // Who waits for a job need not know its number; that of the next one is known from the lane.
      const output = controller.run(system.id, job, withSignal)
      job.promise = 'pending'
      output.then(
        () => {
          job.promise = 'resolved'
        },
        () => {
          job.promise = 'rejected'
        },
      )
      if (controller.stats.jobsQueued === before) return
      job.jobId = controller.jobs(job.lane).at(-1)!.jobId
    } else {
      try {
        job.jobId = controller.submit(system.id, job, withSignal)
      } catch (error) {
        expect(error).toMatchObject({ code: 'GATE_FULL' })
        return
      }
    }
    if (act.signalled) this.#signalled.add(job)
    this.jobs.push(job)
    this.#byId.set(job.jobId, job)
  }

  /** An attempt begins. */
  #begin(frame: SystemFrame, job: Job): unknown {
    this.#hold(() => {
      expect(this.endingOf(job), 'an ended job runs').toBe(undefined)
      expect(job.inFlight, 'two attempts at once').toBe(false)
      expect(this.#frame).toBeGreaterThan(job.queuedIn)
      expect(this.#frame).toBeGreaterThan(job.lastFrame)
      this.#checkPlace(job)
    })
    job.attempts++
    job.lastFrame = this.#frame
    // A generator that was only made is between two steps.
    job.inFlight = job.script.kind !== 'steps'
    return this.#perform(frame, job.script, job)
  }

  /**
   * The order within a lane, of those that were not held or moved: as they were submitted; who begins is one of the first few;
   * who tries again is before all that have not begun.
   */
  #checkPlace(job: Job): void {
    if (job.system.disturbed) return
    const waiting = this.controller.jobs(job.lane)
    const place = waiting.findIndex(({ jobId }) => jobId === job.jobId)
    expect(place).toBeGreaterThanOrEqual(0)
    const fresh = waiting.flatMap(({ jobId }, at) => {
      const other = this.#byId.get(jobId)
      return other === undefined || other.attempts > 0 || other.system.disturbed ? [] : [{ number: other.number, at }]
    })
    for (let at = 1; at < fresh.length; at++) expect(fresh[at]!.number).toBeGreaterThan(fresh[at - 1]!.number)
    if (job.attempts === 0) expect(place).toBeLessThan(this.#options.lookAhead!)
    else for (const { at } of fresh) expect(at).toBeGreaterThan(place)
  }

  #perform(frame: SystemFrame, script: Script, job: Job | undefined): unknown {
    switch (script.kind) {
      case 'plain':
        this.#spend(script, true)
        this.#finish(script, job)
        return undefined
      case 'steps':
        return this.#steps(script, job)
      case 'waits':
        return this.#waits(script, job, job?.settled.promise)
      case 'turns':
        return this.#turns(frame, script, job)
      case 'never':
        this.#spend(script, true)
        if (job !== undefined) job.inFlight = false
        return new Promise(() => {})
    }
  }

  *#steps(script: Script, job: Job | undefined): Generator<undefined, void, void> {
    let done = false
    try {
      for (let piece = 0; piece < script.pieces; piece++) {
        if (job !== undefined) {
          this.#hold(() => expect(job.told, 'an ended job goes on').toEqual([]))
          job.inFlight = true
        }
        this.#spend(script, piece === 1)
        // Between two steps it is not its own that keeps it from being cancelled.
        if (job !== undefined) job.inFlight = false
        yield
      }
      done = true
      this.#finish(script, job)
    } finally {
      if (!done) this.#inside(script)
    }
  }

  async #waits(script: Script, job: Job | undefined, settled: Promise<void> | undefined): Promise<void> {
    this.#spend(script, true)
    if (job !== undefined) job.inFlight = false
    await settled
    this.#finish(script, job)
  }

  async #turns(frame: SystemFrame, script: Script, job: Job | undefined): Promise<void> {
    for (let piece = 0; piece < script.pieces; piece++) {
      this.#spend(script, piece === 0)
      if (job !== undefined) job.inFlight = false
      await frame.turn()
    }
    this.#finish(script, job)
  }

  #spend(script: Script, first: boolean): void {
    this.#clock.advance(script.ms)
    this.checkBooks()
    if (first) this.#inside(script)
  }

  #inside(script: Script): void {
    if (this.#depth > 3) return
    this.#depth++
    for (const act of script.inside) {
      this.#do(act)
      this.checkBooks()
    }
    this.#depth--
  }

  #finish(script: Script, job: Job | undefined): void {
    if (job === undefined) return
    job.inFlight = false
    if (job.attempts <= script.throws) throw new Error('as it was told')
    // What comes of a function that was cancelled meanwhile is not heard; a step ends before it can be.
    const isSync = script.kind === 'plain' || script.kind === 'steps'
    if (job.told.length > 0 || (!isSync && (job.aborted || job.system.removed))) return
    this.#hold(() => expect(job.finished, 'a job ends twice').toBe(false))
    job.finished = true
  }
}

async function microtasks(): Promise<void> {
  for (let turn = 0; turn < 12; turn++) await null
}
