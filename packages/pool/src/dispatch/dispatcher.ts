import type { Clock } from '@millrace/kernel/clock'
import { Settle } from '@millrace/kernel/deliver/settle'
import { Lanes } from '@millrace/kernel/queue/lanes'
import type { WorkerEnd } from '../channel/worker-channel.ts'
import type { Orphan, ServedTask, Transport, TransportEvents } from '../transport/transport.ts'
import { unknownTask, workerDied } from './dispatch-faults.ts'
import { fateOf } from './fate.ts'
import type { Job } from './job.ts'

export interface DispatcherOptions {
  readonly lanes: number
  readonly ageMs: number
  readonly clock: Clock
  /** Most tasks that the transport may hold. */
  readonly maxHanded: number
  readonly maxDeaths: number
  /** For how long a task may go on after its deadline, in ms. */
  readonly graceMs: number
  readonly connect: (events: TransportEvents) => Transport
  /** A job left the queue, to a worker or for good. */
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
 *   handed → settled   by the first answer for its ticket; later ones find nobody
 *   handed → handed    its worker ended, and it runs again (fateOf)
 *   any    → settled   cancelled, dropped, too late, or nobody serves: the caller hears at once, the task is asked to end
 * ```
 * A job is settled once: its sink is called in the step into that state, and there is no step out of it.
 */
export class Dispatcher {
  readonly counts: DispatcherCounts = { settled: 0, failed: 0, cancelled: 0, dropped: 0 }
  readonly transport: Transport
  readonly #options: DispatcherOptions
  readonly #lanes: Lanes<Job>
  readonly #handed: Settle<Job>
  #tasks: readonly ServedTask[] = []
  readonly #numbers = new Map<string, number>()
  #isServing = false
  #broken: Error | undefined
  #due = 0
  #willPump = false
  #isPumping = false
  #now = 0
  readonly #pumpLater = () => {
    this.#willPump = false
    this.#pump()
  }

  constructor(options: DispatcherOptions) {
    this.#options = options
    this.#lanes = new Lanes({ lanes: options.lanes, ageMs: options.ageMs })
    this.#handed = new Settle({ maxItems: options.maxHanded })
    this.transport = options.connect({
      onServing: (tasks) => this.#serve(tasks),
      onOutput: (ticket, output) => this.#succeed(ticket, output),
      onFault: (ticket, error) => this.#answerFault(ticket, error),
      onCost: (task, ms) => options.onCost(this.#tasks[task]!.name, ms),
      onRoom: () => this.#pump(),
      onOrphans: (orphans, worker, end) => this.#adopt(orphans, worker, end),
      onBroken: (error) => this.#break(error),
    })
  }

  get queued(): number {
    return this.#lanes.size
  }

  /** Jobs that the transport has and whose callers wait. */
  get handed(): number {
    return this.#handed.size
  }

  /** Jobs that are not settled. */
  get due(): number {
    return this.#due
  }

  /** Takes a new job. */
  accept(job: Job): void {
    if (this.#broken !== undefined) {
      this.#options.onLeft(job)
      this.#fail(job, this.#broken)
      return
    }
    if (this.#due++ === 0) this.transport.ref()
    if (!this.#willPump) this.#now = this.#options.clock.now()
    job.state = 'queued'
    job.handle = this.#lanes.push(job, job.lane, this.#now)
    this.#pumpSoon()
  }

  /** Settles a job with `error`, wherever it is; a task that runs is asked to end. O(1). */
  cancel(job: Job, error: unknown): void {
    if (this.#recall(job)) this.counts.cancelled++
    this.#settle(job, error)
  }

  drop(job: Job, error: unknown): void {
    if (this.#recall(job)) this.counts.dropped++
    this.#settle(job, error)
  }

  /** Like `cancel`, for a job whose time is over: a worker that does not let go of it in time is replaced. */
  expire(job: Job, error: unknown): void {
    const { state, ticket, place } = job
    if (!this.#recall(job)) return
    if (state === 'handed') {
      this.#options.clock.after(this.#options.graceMs, () => this.transport.evict(ticket, place))
    }
    this.#fail(job, error)
  }

  progressOf(job: Job): number {
    return job.state === 'handed' ? this.transport.progressOf(job.ticket, job.place) : 0
  }

  /** Settles all that is left, with `error`. */
  abandon(error: unknown): void {
    for (let job = this.#lanes.shift(); job !== undefined; job = this.#lanes.shift()) {
      this.#options.onLeft(job)
      this.#fail(job, error)
    }
    for (const ticket of [...this.#handed]) {
      const job = this.#handed.settle(ticket)
      if (job !== undefined) this.#fail(job, error)
    }
  }

  #pumpSoon(): void {
    if (this.#willPump) return
    this.#willPump = true
    queueMicrotask(this.#pumpLater)
  }

  /** Hands over what there is room for. PERF: all of a turn together; workers are woken once for it. */
  #pump(): void {
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

  /** Returns false when there is no room. */
  #hand(job: Job): boolean {
    const task = this.#numbers.get(job.name)
    if (task === undefined) {
      this.#refuse(job, unknownTask(job.name, this.#tasks))
      return true
    }
    const ticket = this.#handed.open(job)
    if (ticket < 0) return false
    try {
      const place = this.transport.tryHand(ticket, task, job.input, job.extras?.transfer)
      if (place < 0) {
        this.#handed.settle(ticket)
        return false
      }
      this.#lanes.shift()
      job.state = 'handed'
      job.ticket = ticket
      job.place = place
      job.task = task
      job.input = undefined
      this.#options.onLeft(job)
    } catch (error) {
      this.#handed.settle(ticket)
      this.#refuse(job, error)
    }
    return true
  }

  /** Settles the job whose turn it is: it cannot be handed over. */
  #refuse(job: Job, error: unknown): void {
    this.#lanes.shift()
    this.#options.onLeft(job)
    this.#fail(job, error)
  }

  /** Takes a job from where it is; returns false when it was settled. */
  #recall(job: Job): boolean {
    if (job.state === 'settled') return false
    if (job.state === 'queued') {
      this.#lanes.cancel(job.handle)
      this.#options.onLeft(job)
    } else if (job.state === 'handed') {
      this.#handed.settle(job.ticket)
      if (this.transport.withdraw(job.ticket, job.place)) this.#pumpSoon()
      else this.transport.cancel(job.ticket, job.place)
    }
    return true
  }

  #succeed(ticket: number, output: unknown): void {
    const job = this.#handed.settle(ticket)
    if (job === undefined) return
    this.counts.settled++
    this.#leave(job)
    job.sink.done(job, output)
  }

  #answerFault(ticket: number, error: unknown): void {
    const job = this.#handed.settle(ticket)
    if (job === undefined) return
    this.#fail(job, error)
    if (this.#isPumping) this.#pumpSoon()
  }

  #fail(job: Job, error: unknown): void {
    if (job.state === 'settled') return
    this.counts.failed++
    this.#settle(job, error)
  }

  #settle(job: Job, error: unknown): void {
    if (job.state === 'settled') return
    this.#leave(job)
    job.sink.failed(job, error)
  }

  #leave(job: Job): void {
    const { state } = job
    job.state = 'settled'
    job.input = undefined
    job.extras?.deadline?.cancel()
    job.extras?.unwatch?.()
    if (state === 'new' || --this.#due > 0) return
    this.transport.unref()
    this.#options.onIdle()
  }

  #serve(tasks: readonly ServedTask[]): void {
    this.#tasks = tasks
    for (const [number, { name }] of tasks.entries()) this.#numbers.set(name, number)
    this.#isServing = true
  }

  #adopt(orphans: readonly Orphan[], worker: number, end: WorkerEnd): void {
    for (const { ticket, place, started } of orphans) {
      const job = this.#handed.get(ticket)
      if (started && job !== undefined) job.deaths++
      const fate = fateOf({
        wanted: job !== undefined,
        started,
        retryable: job !== undefined && this.#tasks[job.task]!.retryable,
        deaths: job?.deaths ?? 0,
        maxDeaths: this.#options.maxDeaths,
      })
      if (fate === 'again' && this.transport.again(ticket, place)) continue
      this.transport.forget(ticket, place)
      if (job !== undefined) this.#answerFault(ticket, workerDied(job, started, worker, end))
    }
  }

  #break(error: Error): void {
    this.#broken = error
    this.abandon(error)
  }
}
