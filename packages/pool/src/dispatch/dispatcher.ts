import type { Clock } from '@millrace/kernel/clock'
import { Lanes } from '@millrace/kernel/queue/lanes'
import type { WorkerEnd } from '../channel/worker-channel.ts'
import type { ServedTask, Transport, TransportEvents } from '../transport/transport.ts'
import { unknownTask, workerDied } from './dispatch-faults.ts'
import { fateOf } from './fate.ts'
import type { Job } from './job.ts'
import type { Parcel } from './parcel.ts'
import { parcelLimit } from './parcel-limit.ts'
import { Parcels } from './parcels.ts'

/** So many inputs are not kept waiting for the end of the turn in which they come. */
const MANY = 64

/** How often to look again whether a task that is too late has begun. */
const LEAST_GRACE_MS = 10

export interface DispatcherOptions {
  readonly lanes: number
  readonly ageMs: number
  readonly clock: Clock
  /** Workers that share what is queued, at least 1. */
  readonly workers: number
  /** The work in a parcel, in ms. */
  readonly parcelMs: number
  readonly maxDeaths: number
  /** For how long a task may go on after its deadline, in ms. */
  readonly graceMs: number
  readonly connect: (events: TransportEvents) => Transport
  /** What a task takes, in ms; NaN while nothing is known. */
  readonly taskMs: (name: string) => number
  /** A job left the queue, to workers or for good. */
  readonly onLeft: (job: Job) => void
  readonly onCost: (name: string, ms: number) => void
  /** Nothing is queued or handed over any more. */
  readonly onIdle: () => void
}

export interface DispatcherCounts {
  settled: number
  failed: number
  cancelled: number
  dropped: number
}

/**
 * Takes jobs through their states: new → queued → handed → settled.
 *
 * ```
 *   queued → handed    in the order of the lanes, as far as the transport has room; once a turn, in bulk
 *   handed → settled   when each of its inputs has its answer
 *   handed → handed    its worker ended, and it runs again (fateOf)
 *   any    → settled   cancelled, dropped, too late, or nobody serves: the caller hears at once, and the
 *                      task is asked to end
 * ```
 * What follows each other in the lanes and is of one kind travels in one parcel. Each entry of a parcel is settled
 * once: who takes it out of the parcel calls its sink, and the second finds nobody.
 */
export class Dispatcher {
  readonly counts: DispatcherCounts = { settled: 0, failed: 0, cancelled: 0, dropped: 0 }
  readonly transport: Transport
  readonly #options: DispatcherOptions
  readonly #lanes: Lanes<Job>
  /** By lane: the job that came last. */
  readonly #lasts: (Job | undefined)[]
  readonly #parcels = new Parcels()
  #tasks: readonly ServedTask[] = []
  readonly #numbers = new Map<string, number>()
  #isServing = false
  #broken: Error | undefined
  #queued = 0
  #handed = 0
  #due = 0
  #turn = 0
  #willPump = false
  #isPumping = false
  #unpumped = 0
  #now = 0
  readonly #pumpLater = () => {
    this.#willPump = false
    this.#pump()
  }

  constructor(options: DispatcherOptions) {
    this.#options = options
    this.#lanes = new Lanes({ lanes: options.lanes, ageMs: options.ageMs })
    this.#lasts = new Array<Job | undefined>(options.lanes).fill(undefined)
    this.transport = options.connect({
      onServing: (tasks) => this.#serve(tasks),
      onOutput: (parcel, entry, output) => this.#succeed(parcel, entry, output),
      onFault: (parcel, entry, error) => this.#answerFault(parcel, entry, error),
      onOver: (parcel) => this.#parcels.retire(parcel),
      onCost: (task, ms) => options.onCost(this.#tasks[task]!.name, ms),
      onRoom: () => this.#pump(),
      onCut: (parcel, from) => this.#cut(parcel, from),
      onOrphan: (parcel, begun, worker, end) => this.#adopt(parcel, begun, worker, end),
      onBroken: (error) => this.#break(error),
    })
  }

  /** Inputs that wait. */
  get queued(): number {
    return this.#queued
  }

  /** Inputs that the transport has and whose callers wait. */
  get handed(): number {
    return this.#handed
  }

  /** Inputs that are not settled. */
  get due(): number {
    return this.#due
  }

  /** Takes a new job. */
  accept(job: Job): void {
    if (this.#broken !== undefined) {
      this.#options.onLeft(job)
      this.#settle(job, this.#broken, 'failed')
      return
    }
    if (this.#due === 0) this.transport.ref()
    this.#due += job.left
    this.#queued += job.left
    if (!this.#willPump) {
      this.#now = this.#options.clock.now()
      this.#turn++
    }
    job.state = 'queued'
    job.turn = this.#turn
    job.handle = this.#lanes.push(job, job.lane, this.#now)
    this.#lasts[job.lane] = job
    this.#pumpSoon()
    this.#pumpMany()
  }

  /** Nobody polls any more: results come by themselves. */
  listen(): void {
    this.transport.listen()
    if (this.#due === 0) return
    this.transport.unref()
    this.transport.ref()
  }

  /** Adds an input to a job that is the last of its lane and of this turn; returns false when it is not. O(1). */
  extend(job: Job, input: unknown): boolean {
    if (job.state !== 'queued' || job.turn !== this.#turn || this.#lasts[job.lane] !== job || !this.#willPump)
      return false
    job.add(input)
    this.#due++
    this.#queued++
    this.#pumpMany()
    return true
  }

  /**
   * Settles what is left of a job with `error`, wherever it is; a task that runs is asked to end. O(1) for a job of
   * one.
   */
  cancel(job: Job, error: unknown): void {
    this.#settle(job, error, 'cancelled')
  }

  drop(job: Job, error: unknown): void {
    this.#settle(job, error, 'dropped')
  }

  /** Like `cancel`, for a job of one whose time is over: a worker that does not let go of it in time is replaced. */
  expire(job: Job, error: unknown): void {
    const { state, entry } = job
    const parcel = this.#parcels.of(job.parcel)
    if (state === 'handed' && parcel !== undefined) {
      this.#watchOver(parcel, entry, parcel.serial, this.#options.graceMs)
    }
    this.#settle(job, error, 'failed')
  }

  progressOf(job: Job): number {
    const parcel = this.#parcels.of(job.parcel)
    return job.state === 'handed' && parcel !== undefined ? this.transport.progressOf(parcel, job.entry) : 0
  }

  /** Settles all that is left, with `error`. */
  abandon(error: unknown): void {
    for (let job = this.#lanes.peek(); job !== undefined; job = this.#lanes.peek()) this.#settle(job, error, 'failed')
    for (const parcel of this.#parcels.inFlight) {
      for (let entry = 0; entry < parcel.count; entry++) {
        const job = parcel.jobs[entry]
        if (job !== undefined) this.#settle(job, error, 'failed')
      }
    }
  }

  #pumpSoon(): void {
    if (this.#willPump) return
    this.#willPump = true
    queueMicrotask(this.#pumpLater)
  }

  /** PERF: workers begin while a long turn goes on; bench/pool/flood.bench.ts. */
  #pumpMany(): void {
    if (++this.#unpumped >= MANY && !this.#isPumping) this.#pump()
  }

  /** Hands over what there is room for. PERF: all of a turn together; bench/pool/flood.bench.ts. */
  #pump(): void {
    this.#unpumped = 0
    if (!this.#isServing) return
    // Answers may come while the first of a turn go out.
    if (this.#isPumping) {
      this.#pumpSoon()
      return
    }
    this.#isPumping = true
    try {
      for (let job = this.#lanes.peek(); job !== undefined; job = this.#lanes.peek()) if (!this.#hand(job)) break
      this.transport.flush()
    } finally {
      this.#isPumping = false
    }
  }

  /** Hands over a parcel that begins with the job whose turn it is; returns false when there is no room. */
  #hand(job: Job): boolean {
    const task = this.#numbers.get(job.name)
    if (task === undefined) {
      this.#settle(job, unknownTask(job.name, this.#tasks), 'failed')
      return true
    }
    const transfer = job.extras?.transfer
    const parcel = this.#parcels.take(task)
    try {
      if (!this.transport.open(parcel, job.input, transfer)) {
        this.#parcels.putBack(parcel)
        return false
      }
    } catch (error) {
      this.#parcels.putBack(parcel)
      this.#refuse(job, error)
      return true
    }
    this.#parcels.launch(parcel)
    this.#put(parcel, job)
    if (transfer === undefined) this.#fill(parcel, job.name)
    this.transport.seal(parcel)
    return true
  }

  /** Adds what comes next, as long as it is of the same kind. */
  #fill(parcel: Parcel, name: string): void {
    const { taskMs, workers, parcelMs } = this.#options
    const most = parcelLimit(taskMs(name), this.#queued + 1, workers, parcelMs)
    while (parcel.count < most) {
      const job = this.#lanes.peek()
      if (job === undefined || job.name !== name || job.extras?.transfer !== undefined) return
      try {
        while (job.left > 0 && parcel.count < most) {
          if (!this.transport.add(parcel, job.input)) return
          this.#put(parcel, job)
        }
      } catch {
        // It comes first in the next parcel, and is refused there.
        return
      }
    }
  }

  #put(parcel: Parcel, job: Job): void {
    job.parcel = parcel.number
    job.entry = parcel.count
    parcel.add(job, job.advance())
    this.#queued--
    this.#handed++
    if (job.left === 0) this.#leaveQueue(job)
  }

  #leaveQueue(job: Job): void {
    this.#lanes.shift()
    if (this.#lasts[job.lane] === job) this.#lasts[job.lane] = undefined
    job.state = 'handed'
    this.#options.onLeft(job)
  }

  /** Settles the input whose turn it is: it cannot be handed over. */
  #refuse(job: Job, error: unknown): void {
    const sequence = job.advance()
    this.#queued--
    if (job.left === 0) this.#leaveQueue(job)
    this.counts.failed++
    this.#leave(job)
    job.sink.failed(error, sequence)
  }

  #succeed(parcel: Parcel, entry: number, output: unknown): void {
    const job = parcel.take(entry)
    if (job === undefined) return
    this.#handed--
    this.counts.settled++
    this.#leave(job)
    job.sink.done(output, parcel.sequences[entry]!)
  }

  #answerFault(parcel: Parcel, entry: number, error: unknown): void {
    const job = parcel.take(entry)
    if (job === undefined) return
    this.#handed--
    this.counts.failed++
    this.#leave(job)
    if (this.#isPumping) this.#pumpSoon()
    job.sink.failed(error, parcel.sequences[entry]!)
  }

  /** One of the job's inputs is settled. */
  #leave(job: Job): void {
    if (++job.settled === job.size && job.state === 'handed') this.#close(job)
    this.#lessDue(1)
  }

  #close(job: Job): void {
    job.state = 'settled'
    job.extras?.deadline?.cancel()
    job.extras?.unwatch?.()
  }

  #lessDue(count: number): void {
    this.#due -= count
    if (this.#due > 0) return
    this.transport.unref()
    this.#options.onIdle()
  }

  /** Settles all of a job that is not settled. */
  #settle(job: Job, error: unknown, as: 'failed' | 'cancelled' | 'dropped'): void {
    const { state } = job
    if (state === 'settled') return
    const isDue = state !== 'new'
    const sequences: number[] = []
    if (state === 'queued') {
      this.#lanes.cancel(job.handle)
      if (this.#lasts[job.lane] === job) this.#lasts[job.lane] = undefined
      this.#queued -= job.left
      this.#options.onLeft(job)
    }
    // Before anybody hears of it: who does may cancel more.
    const { handed } = job
    const parcel = this.#parcels.of(job.parcel)
    this.#close(job)
    if (job.size === 1) {
      if (parcel !== undefined && handed > 0) this.#recall(parcel, job, sequences)
    } else if (handed > 0) for (const each of this.#parcels.inFlight) this.#recall(each, job, sequences)
    for (let sequence = job.first + handed; sequence < job.first + job.size; sequence++) sequences.push(sequence)
    job.end()
    this.counts[as] += sequences.length
    if (isDue) this.#lessDue(sequences.length)
    for (const sequence of sequences) job.sink.failed(error, sequence)
  }

  /** Takes a job's entries out of a parcel, and asks for them to end early. */
  #recall(parcel: Parcel, job: Job, sequences: number[]): void {
    for (let entry = 0; entry < parcel.count; entry++) {
      if (parcel.jobs[entry] !== job) continue
      parcel.take(entry)
      this.#handed--
      sequences.push(parcel.sequences[entry]!)
      this.transport.cancel(parcel, entry)
    }
    if (parcel.wanted > 0 || !this.transport.withdraw(parcel)) return
    this.#parcels.retire(parcel)
    this.#pumpSoon()
  }

  /** Has the worker replaced that does not let go of an entry in time, begun as it is or later. */
  #watchOver(parcel: Parcel, entry: number, serial: number, graceMs: number): void {
    this.#options.clock.after(graceMs, () => {
      if (parcel.serial !== serial || this.transport.evict(parcel, entry)) return
      this.#watchOver(parcel, entry, serial, Math.max(graceMs, LEAST_GRACE_MS))
    })
  }

  /** A parcel's entries from `from` on come back from a slow worker: they travel in one of their own. */
  #cut(parcel: Parcel, from: number): Parcel {
    const rest = this.#parcels.take(parcel.task)
    parcel.split(from, rest)
    this.#parcels.launch(rest)
    return rest
  }

  #serve(tasks: readonly ServedTask[]): void {
    this.#tasks = tasks
    for (const [number, { name }] of tasks.entries()) this.#numbers.set(name, number)
    this.#isServing = true
  }

  #adopt(parcel: Parcel, begun: number, worker: number, end: WorkerEnd): void {
    const lost: number[] = []
    for (let entry = 0; entry < parcel.count; entry++) {
      if (!parcel.isWanted(entry)) continue
      const started = entry < begun
      if (started) parcel.deaths[entry]!++
      const fate = fateOf({
        started,
        retryable: this.#tasks[parcel.task]!.retryable,
        deaths: parcel.deaths[entry]!,
        maxDeaths: this.#options.maxDeaths,
      })
      if (fate === 'reject') lost.push(entry)
    }
    const jobs = lost.map((entry) => this.#lose(parcel, entry, entry < begun, worker, end))
    if (parcel.wanted === 0 || !this.transport.again(parcel)) {
      for (let entry = 0; parcel.wanted > 0; entry++) {
        if (parcel.isWanted(entry)) jobs.push(this.#lose(parcel, entry, entry < begun, worker, end))
      }
      this.transport.forget(parcel)
      this.#parcels.retire(parcel)
    }
    for (const tell of jobs) tell()
  }

  /** Takes a dead worker's entry out of its parcel; returns what tells its caller. */
  #lose(parcel: Parcel, entry: number, started: boolean, worker: number, end: WorkerEnd): () => void {
    const job = parcel.take(entry)!
    const sequence = parcel.sequences[entry]!
    const error = workerDied(job.name, parcel.deaths[entry]!, started, worker, end)
    return () => {
      this.#handed--
      this.counts.failed++
      this.#leave(job)
      job.sink.failed(error, sequence)
    }
  }

  #break(error: Error): void {
    this.#broken = error
    this.abandon(error)
  }
}
