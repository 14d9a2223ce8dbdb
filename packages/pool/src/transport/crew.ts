import type { Clock, Timer } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import { openChannel } from '../channel/open-channel.ts'
import type { WorkerChannel, WorkerEnd, WorkerLike } from '../channel/worker-channel.ts'
import { errorFrom } from '../deliver/error-from.ts'
import { backoffMs, MOST_FAILED_STARTS } from '../dispatch/backoff.ts'
import { type FromWorker, MARK, type SharedMemory, type ToWorker } from '../protocol.ts'
import type { TaskShape } from '../task/codec-of.ts'
import { faultOf } from '../worker/fault.ts'

/** How long a worker that was told to leave may take. */
const LEAVE_MS = 250
/** Who has served for so long has not failed to start. */
const USE_MS = 1000

/** What a worker says that it serves. */
export type Serving = readonly (readonly [name: string, shape: TaskShape])[]

export interface CrewOptions {
  readonly worker: () => WorkerLike
  readonly threads: number
  /** How long a worker may take to serve, in ms. */
  readonly startMs: number
  readonly clock: Clock
  /** The memory that the worker of a seat shares with the pool. */
  readonly memoryFor: (seat: number) => SharedMemory | null
  /** Whether workers keep the process alive while work is due. */
  readonly keepsAlive: () => boolean
  /** A message was posted to the seat's worker, after the first. */
  readonly onPosted: (seat: number) => void
}

export interface CrewEvents {
  /** A worker says what it serves, before it is given anything. What this throws is why it cannot be used. */
  readonly onServing: (serving: Serving) => void
  /** A worker may be given tasks. */
  readonly onUp: (seat: number) => void
  readonly onMessage: (seat: number, message: FromWorker) => void
  /**
   * A worker that served is gone: nothing more comes from it, and another may take its seat when this returns. Tells
   * whether it had begun with something.
   */
  readonly onDown: (seat: number, end: WorkerEnd) => boolean
  /** No seat has a worker, and none will have. */
  readonly onBroken: (error: Error) => void
}

class Seat {
  readonly number: number
  state: 'down' | 'starting' | 'serving' | 'ending' = 'down'
  channel: WorkerChannel | undefined
  /** Of the start, which may not take for ever, or of the next one. */
  timer: Timer | undefined
  /** Starts in a row that failed: the worker did not serve, or ended right after it said that it would. */
  failures = 0
  /** Ends in a row before which the worker gave no answer. */
  vainEnds = 0
  /** Whether the worker has given an answer. */
  isOfUse = false
  nextStartAt = 0
  /** Since when the worker serves. */
  upAt: number | undefined
  /** Called when a worker that was told to leave has left. */
  left: (() => void) | undefined

  constructor(number: number) {
    this.number = number
  }
}

/**
 * The workers: starts them, and starts another one for each that ends.
 *
 * A seat is the place of a worker and of its successors. Workers are started, watched over and replaced while work is
 * due (`ref`); without, nothing of the crew keeps a process alive.
 */
export class Crew {
  readonly #options: CrewOptions
  readonly #events: CrewEvents
  readonly #seats: readonly Seat[]
  /** All that `worker` has made. */
  readonly #made = new WeakSet<WorkerLike>()
  #due = false
  #isOver = false

  constructor(options: CrewOptions, events: CrewEvents) {
    this.#options = options
    this.#events = events
    this.#seats = Array.from({ length: options.threads }, (_, number) => new Seat(number))
  }

  /** Starts all workers. */
  start(): void {
    for (const seat of this.#seats) this.#begin(seat)
  }

  stateOf(seat: number): 'down' | 'starting' | 'serving' {
    const { state } = this.#seats[seat]!
    return state === 'ending' ? 'down' : state
  }

  isServing(seat: number): boolean {
    return this.#seats[seat]!.state === 'serving'
  }

  /** For how long the seat's worker has served, in ms. */
  servedMs(seat: number): number {
    const { upAt } = this.#seats[seat]!
    return upAt === undefined ? 0 : this.#options.clock.now() - upAt
  }

  post(seat: number, message: ToWorker, transfer?: readonly ArrayBuffer[]): void {
    if (!this.isServing(seat)) return
    this.#seats[seat]!.channel?.post(message, transfer)
    this.#options.onPosted(seat)
  }

  /** The seat's worker has given an answer: it is of use. */
  proven(seat: number): void {
    const { [seat]: each } = this.#seats
    each!.vainEnds = 0
    each!.isOfUse = true
  }

  ref(): void {
    if (this.#due || this.#isOver) return
    this.#due = true
    for (const seat of this.#seats) {
      if (this.#options.keepsAlive()) seat.channel?.ref()
      if (seat.state === 'starting') this.#watchStart(seat)
      else if (seat.state === 'down') this.#beginLater(seat)
    }
  }

  unref(): void {
    if (!this.#due) return
    this.#due = false
    for (const seat of this.#seats) {
      seat.channel?.unref()
      seat.timer?.cancel()
    }
  }

  /** Ends the seat's worker at once; another one takes its place. */
  replace(seat: number, end: WorkerEnd): void {
    this.#lose(this.#seats[seat]!, end)
  }

  /** Ends all workers, giving them a moment to leave by themselves. */
  async close(): Promise<void> {
    this.#isOver = true
    await Promise.all(this.#seats.map((seat) => this.#dismiss(seat)))
  }

  #begin(seat: Seat): void {
    seat.timer = undefined
    seat.state = 'starting'
    try {
      const worker = this.#options.worker()
      if (this.#made.has(worker)) throw madeBefore()
      const channel = openChannel(worker, {
        onMessage: (message) => {
          if (seat.channel === channel) this.#hear(seat, message)
        },
        onEnd: (end) => {
          if (seat.channel !== channel) return
          if (seat.left === undefined) this.#lose(seat, end)
          else seat.left()
        },
      })
      this.#made.add(worker)
      seat.channel = channel
      if (this.#due && this.#options.keepsAlive()) channel.ref()
      else channel.unref()
      if (this.#due) this.#watchStart(seat)
    } catch (error) {
      const { name, message } = faultOf(error)
      const isOurs = error instanceof MillraceError
      this.#lose(seat, { reason: 'error', told: isOurs ? message : `worker() threw ${name}: ${message}` }, error)
    }
  }

  #watchStart(seat: Seat): void {
    const { clock, startMs } = this.#options
    seat.timer = clock.after(startMs, () => {
      const told = `it did not call serve() within ${startMs} ms`
      this.#lose(seat, { reason: 'error', told })
    })
  }

  #hear(seat: Seat, message: FromWorker): void {
    // One that is being ended has its say: what it answered or began until then, it did.
    if (seat.upAt !== undefined) this.#events.onMessage(seat.number, message)
    else if (message[1] === 'unable') {
      const cause = errorFrom(message[2])
      this.#lose(seat, { reason: 'error', told: cause.message }, cause)
    } else if (message[1] === 'serving' && seat.state === 'starting') this.#take(seat, message[2])
  }

  #take(seat: Seat, serving: Serving): void {
    try {
      this.#events.onServing(serving)
      seat.channel?.post([MARK, 'start', seat.number, this.#options.memoryFor(seat.number)])
    } catch (error) {
      this.#lose(seat, { reason: 'error', told: faultOf(error).message }, error)
      return
    }
    seat.timer?.cancel()
    seat.state = 'serving'
    seat.isOfUse = false
    seat.upAt = this.#options.clock.now()
    this.#events.onUp(seat.number)
  }

  /** Makes sure that the worker is gone before anybody looks at what it left. */
  #lose(seat: Seat, end: WorkerEnd, cause?: unknown): void {
    if (seat.state === 'down' || seat.state === 'ending') return
    const { channel } = seat
    const served = seat.state === 'serving'
    seat.timer?.cancel()
    seat.state = 'ending'
    const gone = () => {
      const now = this.#options.clock.now()
      const servedLong = now - (seat.upAt ?? now) >= USE_MS
      seat.state = 'down'
      seat.channel = undefined
      seat.upAt = undefined
      const hadBegun = served && this.#events.onDown(seat.number, end)
      if (this.#isOver) return
      if (served && (hadBegun || servedLong || seat.isOfUse)) {
        seat.failures = 0
        seat.vainEnds++
      } else seat.failures++
      seat.nextStartAt = now + backoffMs(seat.vainEnds + (seat.failures === 0 ? 0 : seat.failures + 1))
      if (this.#isHopeless()) {
        this.#isOver = true
        this.#events.onBroken(startFailed(end, cause))
      } else if (this.#due) this.#beginLater(seat)
    }
    if (channel === undefined) queueMicrotask(gone)
    else channel.terminate().then(gone, gone)
  }

  #beginLater(seat: Seat): void {
    const { clock } = this.#options
    seat.timer?.cancel()
    seat.timer = clock.after(seat.nextStartAt - clock.now(), () => this.#begin(seat))
  }

  #isHopeless(): boolean {
    return this.#seats.every((seat) => seat.state === 'down' && seat.failures >= MOST_FAILED_STARTS)
  }

  async #dismiss(seat: Seat): Promise<void> {
    const { channel } = seat
    seat.timer?.cancel()
    if (channel === undefined) return
    if (seat.state === 'serving') {
      channel.ref()
      this.post(seat.number, [MARK, 'end'])
      await new Promise<void>((resolve) => {
        const timer = this.#options.clock.after(LEAVE_MS, resolve)
        seat.left = () => {
          timer.cancel()
          resolve()
        }
      })
    }
    seat.channel = undefined
    await channel.terminate()
  }
}

function madeBefore(): MillraceError {
  return new MillraceError(
    'WORKER_INVALID',
    'createPool: worker() returned a Worker that it had returned before; return a new one each time',
  )
}

function startFailed(end: WorkerEnd, cause: unknown): MillraceError {
  const told = end.reason === 'exit' ? `it ended (${end.told}) before it called serve()` : end.told
  // What is wrong in the pool's own words says what to do as well.
  const remedy =
    cause instanceof MillraceError
      ? ''
      : '; see that the entry given as "worker" loads, and calls serve(tasks) at its top level'
  return new MillraceError('WORKER_START_FAILED', `no worker could be started: ${told}${remedy}`, {
    detail: { ...end },
    cause,
  })
}
