import type { Clock } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import { Ewma } from '@millrace/kernel/learn/ewma'
import type { WorkerEnd, WorkerLike } from '../channel/worker-channel.ts'
import type { Codec } from '../codec/codec.ts'
import { holdsViews } from '../deliver/arena.ts'
import { errorFrom } from '../deliver/error-from.ts'
import { windowLimit } from '../dispatch/window-limit.ts'
import type { FromWorker, ResultMessage } from '../protocol.ts'
import { codecOf } from '../task/codec-of.ts'
import { PackReader } from '../worker/packed.ts'
import { Crew, type Serving } from './crew.ts'
import { MailLine } from './mail-line.ts'
import type { Transport, TransportEvents, WorkerStats } from './transport.ts'
import { nextTurn } from './turn.ts'
import { type OutputCodec, WindowLine } from './window-line.ts'

/** Most tasks that a worker is given ahead in messages. */
const MOST_LETTERS = 256
/** In a turn, so often results are taken in before others have theirs. */
const MOST_ROUNDS = 16
const NO_ROOM = -1
const TOO_LARGE = -2

export interface ThreadsTransportOptions {
  readonly worker: () => WorkerLike
  readonly threads: number
  /** Whether tasks and results with codecs go through shared memory. */
  readonly shared: boolean
  readonly slots: number
  readonly slotBytes: number
  readonly ringBytes: number
  readonly startMs: number
  readonly clock: Clock
}

/** What came back from a seat, for the statistics. */
interface Tally {
  answered: number
  busyMs: number
  /** When results came last, or when it was given something after it had nothing. */
  since: number
}

/**
 * Tasks on worker threads: through shared memory where both sides have a codec and the host allows it, in messages else.
 */
export class ThreadsTransport implements Transport {
  readonly #events: TransportEvents
  readonly #clock: Clock
  readonly #threads: number
  readonly #slots: number
  readonly #crew: Crew
  readonly #window: WindowLine | undefined
  readonly #mail: MailLine
  readonly #tallies: readonly Tally[]
  readonly #taskMs = new Ewma()
  #serving: string | undefined
  #inputs: readonly (Codec<unknown> | undefined)[] = []
  #outputs: readonly OutputCodec[] = []
  #limit = 0
  #isListening = false
  readonly #onOutput = (ticket: number, output: unknown) => this.#events.onOutput(ticket, output)

  constructor(options: ThreadsTransportOptions, events: TransportEvents) {
    const { threads, clock, slots } = options
    this.#events = events
    this.#clock = clock
    this.#threads = threads
    this.#slots = slots
    this.#window = options.shared ? new WindowLine(options) : undefined
    this.#tallies = Array.from({ length: threads }, () => ({ answered: 0, busyMs: 0, since: 0 }))
    this.#crew = new Crew(
      {
        ...options,
        memoryFor: (seat) => this.#window?.memoryFor(seat) ?? null,
        onPosted: (seat) => this.#window?.told(seat),
      },
      {
        onServing: (serving) => this.#learnTasks(serving),
        onUp: (seat) => this.#rise(seat),
        onMessage: (seat, message) => this.#hear(seat, message),
        onDown: (seat, end) => this.#fall(seat, end),
        onBroken: events.onBroken,
      },
    )
    this.#mail = new MailLine({
      threads,
      isServing: (seat) => this.#crew.isServing(seat),
      post: (seat, message, transfer) => this.#crew.post(seat, message, transfer),
    })
    this.#crew.start()
  }

  tryHand(ticket: number, task: number, input: unknown, transfer: readonly ArrayBuffer[] | undefined): number {
    const codec = this.#inputs[task]
    if (this.#window !== undefined && codec !== undefined) {
      if (this.#window.inFlight >= this.#limit) return NO_ROOM
      if (this.#window.inFlight === 0) this.#startTallies()
      const place = this.#window.tryHand(ticket, task, codec, input)
      if (place !== TOO_LARGE) return place
    }
    if (this.#mail.inFlight === 0) this.#startTallies()
    const mostEach = windowLimit(1, this.#taskMs.value, MOST_LETTERS)
    return this.#mail.tryHand(ticket, task, codec, input, transfer, mostEach) ? this.#slots : NO_ROOM
  }

  flush(): void {
    this.#mail.flush((ticket, error) => this.#events.onFault(ticket, error))
    if (this.#window === undefined || this.#window.inFlight === 0) return
    this.#window.flush()
    if (!this.#isListening) void this.#listen(this.#window)
  }

  withdraw(ticket: number, place: number): boolean {
    if (place < this.#slots) return this.#window?.withdraw(ticket, place) ?? false
    return this.#mail.withdraw(ticket)
  }

  cancel(ticket: number, place: number): void {
    if (place < this.#slots) this.#window?.cancel(ticket, place)
    else this.#mail.cancel(ticket)
  }

  evict(ticket: number, place: number): void {
    const seat = place < this.#slots ? (this.#window?.seatOf(ticket, place) ?? -1) : this.#mail.seatOf(ticket)
    if (seat >= 0) this.#crew.replace(seat, { reason: 'exit', told: 'its task did not end after its deadline' })
  }

  progressOf(ticket: number, place: number): number {
    return (place < this.#slots ? this.#window?.progressOf(ticket, place) : this.#mail.progressOf(ticket)) ?? 0
  }

  again(ticket: number, place: number): boolean {
    if (place >= this.#slots) return this.#mail.again(ticket)
    this.#window?.again(place)
    return true
  }

  forget(ticket: number, place: number): void {
    if (place < this.#slots) this.#window?.forget(ticket, place)
    else this.#mail.forget(ticket)
  }

  ref(): void {
    this.#crew.ref()
  }

  unref(): void {
    this.#crew.unref()
  }

  workers(): readonly WorkerStats[] {
    return this.#tallies.map(({ answered, busyMs }, seat) => {
      const servedMs = this.#crew.servedMs(seat)
      const utilisation = servedMs > 0 ? Math.min(1, busyMs / servedMs) : 0
      return { state: this.#crew.stateOf(seat), answered, utilisation }
    })
  }

  async close(): Promise<void> {
    this.#window?.close()
    await this.#crew.close()
  }

  #learnTasks(serving: Serving): void {
    const text = JSON.stringify(serving)
    if (this.#serving === undefined) {
      this.#inputs = serving.map(([, shape]) => codecOf(shape.input))
      this.#outputs = serving.map(([, { output }]) => ({
        codec: codecOf(output),
        holdsViews: output !== undefined && holdsViews(output),
      }))
      this.#serving = text
      this.#events.onServing(serving.map(([name, { retryable }]) => ({ name, retryable })))
    } else if (text !== this.#serving) {
      throw new MillraceError(
        'TASKS_DIFFER',
        'a worker serves other tasks than the first one did; make every worker of a pool from the same entry',
      )
    }
  }

  #rise(seat: number): void {
    const tally = this.#tallies[seat]!
    tally.busyMs = 0
    tally.since = this.#clock.now()
    this.#window?.wake()
    this.#makeRoom()
  }

  #hear(seat: number, message: FromWorker): void {
    if (message[1] === 'results') this.#takeResults(seat, message[2])
    else if (message[1] === 'packed') this.#takePack(seat, message[2])
    else if (message[1] === 'started') this.#mail.started(seat, message[3])
    else if (message[1] === 'progress') this.#mail.progress(message[2], message[3])
  }

  #takeResults(seat: number, results: readonly ResultMessage[]): void {
    let letters = 0
    let task = 0
    for (const [ticket, done, value] of results) {
      const answered = this.#mail.answered(seat, ticket)
      if (answered >= 0) {
        letters++
        task = answered
      } else this.#window?.answered(ticket)
      if (done) this.#events.onOutput(ticket, value)
      else this.#events.onFault(ticket, errorFrom(value))
    }
    if (letters > 0) this.#count(seat, letters, task)
    this.#makeRoom()
  }

  #takePack(seat: number, pack: ArrayBuffer): void {
    let letters = 0
    let task = 0
    try {
      for (const reader = new PackReader(pack); reader.next(); letters++) {
        task = this.#mail.answered(seat, reader.ticket)
        const codec = this.#outputs[task]?.codec
        if (codec === undefined) throw new Error('it answered a task that it was not given')
        this.#events.onOutput(reader.ticket, reader.decode(codec))
      }
    } catch (error) {
      this.#crew.replace(seat, unreadable(error))
      return
    }
    this.#count(seat, letters, task)
    this.#makeRoom()
  }

  /** Takes in what workers have to tell, for as long as they have tasks. One wait, and one promise, for all of them. */
  async #listen(window: WindowLine): Promise<void> {
    this.#isListening = true
    await undefined
    let rounds = 0
    while (window.inFlight > 0 && !window.isOver) {
      if (!window.isReady()) {
        rounds = 0
        await window.wait()
      } else if (++rounds % MOST_ROUNDS === 0) await nextTurn()
      this.#drain(window)
      // Whoever waited for these results may have more to do, which then goes out together.
      await undefined
    }
    this.#isListening = false
    if (window.inFlight > 0 && !window.isOver) void this.#listen(window)
  }

  #drain(window: WindowLine): void {
    let count = 0
    for (let seat = 0; seat < this.#threads; seat++) count += this.#drainSeat(window, seat)
    if (count > 0) this.#makeRoom()
  }

  #drainSeat(window: WindowLine, seat: number): number {
    let count = 0
    try {
      count = window.drain(seat, this.#outputs, this.#onOutput)
    } catch (error) {
      this.#crew.replace(seat, unreadable(error))
    }
    if (count > 0) this.#count(seat, count, window.lastTask)
    return count
  }

  /** Learns from so many answers of a seat, the last of them of `task`. */
  #count(seat: number, answers: number, task: number): void {
    const tally = this.#tallies[seat]!
    const now = this.#clock.now()
    const ms = Math.max(0, now - tally.since)
    tally.since = now
    tally.busyMs += ms
    tally.answered += answers
    this.#taskMs.observe(ms / answers)
    this.#events.onCost(task, ms / answers)
    this.#crew.proven(seat)
  }

  #startTallies(): void {
    const now = this.#clock.now()
    for (const tally of this.#tallies) tally.since = now
  }

  #fall(seat: number, end: WorkerEnd): void {
    if (this.#window !== undefined) this.#drainSeat(this.#window, seat)
    const orphans = [...(this.#window?.orphansOf(seat) ?? []), ...this.#mail.orphansOf(seat, this.#slots)]
    if (orphans.length > 0) this.#events.onOrphans(orphans, seat, end)
    this.#window?.wake()
    this.#makeRoom()
  }

  #makeRoom(): void {
    let serving = 0
    for (let seat = 0; seat < this.#threads; seat++) if (this.#crew.isServing(seat)) serving++
    this.#limit = windowLimit(Math.max(1, serving), this.#taskMs.value, this.#slots)
    this.#events.onRoom()
  }
}

function unreadable(error: unknown): WorkerEnd {
  return { reason: 'unreadable', told: error instanceof Error ? error.message : String(error) }
}
