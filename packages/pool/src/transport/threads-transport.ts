import type { Clock, Timer } from '@millrace/kernel/clock'
import { Settle } from '@millrace/kernel/deliver/settle'
import type { WorkerEnd, WorkerLike } from '../channel/worker-channel.ts'
import type { Codec } from '../codec/codec.ts'
import { errorFrom } from '../deliver/error-from.ts'
import { untransferable } from '../deliver/untransferable.ts'
import type { Parcel } from '../dispatch/parcel.ts'
import { windowLimit } from '../dispatch/window-limit.ts'
import { CancelFlags } from '../parcel/cancel-flags.ts'
import { entryIn, entryTicket, MOST_ENTRIES, ticketIn } from '../parcel/parcel-layout.ts'
import type { Delivery } from '../pool-options.ts'
import type { FromWorker, ResultMessage, SharedMemory } from '../protocol.ts'
import { isMismatch, PackReader } from '../worker/packed.ts'
import { Crew, type Serving } from './crew.ts'
import { MailLine } from './mail-line.ts'
import { Served } from './served.ts'
import { Tallies } from './tallies.ts'
import type { Transport, TransportEvents, WorkerStats } from './transport.ts'
import { nextTurn } from './turn.ts'
import { WindowLine } from './window-line.ts'

/** Most tasks that a worker is given ahead in messages. */
const MOST_LETTERS = 256
/** The work, in ms, that a worker has in sight: enough to be busy until more is handed over, … */
const SIGHT_MS = 4
/** … and until the next frame, where that is only done when the pool is polled. */
const POLLED_SIGHT_MS = 25
/** In a turn, so often results are taken in before others have theirs. */
const MOST_ROUNDS = 16
/** How often slow parcels are looked for, in ms: what waits behind a slow task waits so long, and up to twice that. */
const CUT_MS = 4
const NOBODY = -1
const NO_ROOM = -1
const TOO_LARGE = -2

export interface ThreadsTransportOptions {
  readonly worker: () => WorkerLike
  readonly threads: number
  /** Whether tasks and results with codecs go through shared memory. */
  readonly shared: boolean
  readonly slots: number
  readonly slotBytes: number
  readonly startMs: number
  /** `manual`: what comes through shared memory is taken in by `poll` alone. */
  readonly delivery: Delivery
  readonly clock: Clock
}

/**
 * Tasks on worker threads: through shared memory where both sides have a codec and the host allows it, in messages
 * else.
 */
export class ThreadsTransport implements Transport {
  readonly #events: TransportEvents
  readonly #clock: Clock
  readonly #threads: number
  /** Most tasks in the window. */
  readonly #most: number
  readonly #parcels: Settle<Parcel>
  readonly #crew: Crew
  readonly #window: WindowLine | undefined
  readonly #mail: MailLine
  readonly #tallies: Tallies
  readonly #served = new Served()
  #limit = 0
  #isPolled: boolean
  #isListening = false
  #isPolling = false
  /** When slow parcels were last looked for by `poll`. */
  #cutAt = 0
  readonly #cancels: CancelFlags | undefined
  #cutTimer: Timer | undefined
  /** Of the parcel that was opened last: the codec, and whether it goes by message. */
  #codec: Codec<unknown> | undefined
  #seat = 0
  readonly #onDone = (task: number, tasks: number, ms: number) => this.#count(this.#seat, tasks, task, ms)
  readonly #onOver = (parcel: Parcel) => {
    this.#parcels.settle(parcel.ticket)
    this.#events.onOver(parcel)
  }

  constructor(options: ThreadsTransportOptions, events: TransportEvents) {
    const { threads, clock, slots } = options
    this.#events = events
    this.#clock = clock
    this.#threads = threads
    this.#isPolled = options.delivery === 'manual'
    this.#parcels = new Settle({ maxItems: 2 * slots + MOST_LETTERS * threads })
    this.#most = MOST_ENTRIES * slots
    this.#cancels = options.shared ? CancelFlags.make(this.#parcels.capacity) : undefined
    const { onOutput } = events
    this.#window = options.shared
      ? new WindowLine(options, { onOutput, onOver: this.#onOver, onCut: (parcel, from) => this.#cut(parcel, from) })
      : undefined
    this.#tallies = new Tallies(threads, clock)
    this.#crew = new Crew(
      {
        ...options,
        memoryFor: (seat) => this.#memoryFor(seat),
        // Whoever polls stays alive by itself, and may stop.
        keepsAlive: () => !this.#isPolled,
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

  open(parcel: Parcel, input: unknown, transfer: readonly ArrayBuffer[] | undefined): boolean {
    const codec = this.#served.inputs[parcel.task]
    this.#codec = codec
    const ticket = this.#parcels.open(parcel)
    if (ticket < 0) return false
    parcel.ticket = ticket
    let isOpen = false
    try {
      isOpen = this.#open(parcel, codec, input, transfer)
    } finally {
      if (!isOpen) this.#parcels.settle(ticket)
    }
    return isOpen
  }

  add(parcel: Parcel, input: unknown): boolean {
    if (parcel.place < 0) return this.#mail.add(parcel, input)
    return this.#codec !== undefined && this.#window?.add(this.#codec, input) === true
  }

  seal(parcel: Parcel): void {
    if (parcel.place < 0) return
    try {
      this.#window?.seal(parcel)
    } catch (error) {
      this.#abandonWindow(error)
    }
    if (parcel.count > 1 && this.#cutTimer === undefined && !this.#isPolled) this.#cutLater()
  }

  flush(): void {
    this.#mail.flush((parcel, entry, error) => {
      this.#events.onFault(parcel, entry, error)
      this.#settleLetters(parcel)
    })
    if (this.#window === undefined || this.#window.inFlight === 0) return
    if (!this.#isListening && !this.#isPolled) void this.#listen(this.#window)
  }

  poll(maxMs: number): number {
    const window = this.#window
    // A sink that polls would overwrite what is being read.
    if (window === undefined || window.inFlight === 0 || window.isOver || this.#isPolling) return 0
    this.#isPolling = true
    try {
      const now = this.#clock.now()
      const count = this.#drain(window, now + maxMs)
      // That takes results in, too.
      if (now - this.#cutAt >= CUT_MS && (count === 0 || this.#clock.now() < now + maxMs)) {
        this.#cutAt = now
        this.#cutSlow()
      }
      return count
    } finally {
      this.#isPolling = false
    }
  }

  listen(): void {
    if (!this.#isPolled) return
    this.#isPolled = false
    this.flush()
    if (this.#cutTimer === undefined) this.#cutLater()
  }

  withdraw(parcel: Parcel): boolean {
    const isBack =
      parcel.place >= 0 ? this.#atWindow((window) => window.withdraw(parcel), false) : this.#mail.withdraw(parcel)
    if (isBack) this.#parcels.settle(parcel.ticket)
    return isBack
  }

  cancel(parcel: Parcel, entry: number): void {
    if (parcel.place >= 0) this.#atWindow((window) => window.cancel(parcel, entry), undefined)
    else if (this.#cancels !== undefined && this.#window?.isOver === false) {
      this.#cancels.set(entryTicket(parcel.ticket, entry))
    } else this.#mail.cancel(parcel, entry)
  }

  evict(parcel: Parcel, entry: number): boolean {
    const seat =
      parcel.place >= 0
        ? this.#atWindow((window) => window.seatOf(parcel, entry), NOBODY)
        : this.#mail.seatOf(parcel, entry)
    if (seat !== NOBODY) this.#crew.replace(seat, { reason: 'exit', told: 'its task did not end after its deadline' })
    // In the window it is skipped; a worker that has it in a message may not have heard that it is cancelled.
    return seat !== NOBODY || parcel.place >= 0 || !this.#mail.awaits(parcel, entry)
  }

  progressOf(parcel: Parcel, entry: number): number {
    if (parcel.place < 0) return this.#mail.progressOf(parcel, entry)
    return this.#atWindow((window) => window.progressOf(parcel, entry), 0)
  }

  again(parcel: Parcel): boolean {
    if (parcel.place >= 0) return this.#atWindow((window) => window.again(parcel), false)
    this.#cancels?.clear(parcel.ticket)
    return this.#mail.again(parcel)
  }

  forget(parcel: Parcel): void {
    if (parcel.place < 0) this.#mail.forget(parcel)
    else this.#window?.forget(parcel)
    this.#parcels.settle(parcel.ticket)
  }

  ref(): void {
    this.#crew.ref()
  }

  unref(): void {
    this.#crew.unref()
  }

  workers(): readonly WorkerStats[] {
    return Array.from({ length: this.#threads }, (_, seat) => ({
      state: this.#crew.stateOf(seat),
      ...this.#tallies.of(seat, this.#crew.servedMs(seat)),
    }))
  }

  async close(): Promise<void> {
    this.#cutTimer?.cancel()
    this.#window?.close()
    await this.#crew.close()
  }

  #learnTasks(serving: Serving): void {
    const tasks = this.#served.learn(serving)
    if (tasks !== undefined) this.#events.onServing(tasks)
  }

  #rise(seat: number): void {
    this.#tallies.rise(seat)
    this.#atWindow((window) => window.wake(), undefined)
    this.#makeRoom()
  }

  #hear(seat: number, message: FromWorker): void {
    try {
      if (message[1] === 'results') this.#takeResults(seat, message[2])
      else if (message[1] === 'packed') this.#takePack(seat, message[2])
      else if (message[1] === 'started') this.#mail.started(seat, message[3])
      else if (message[1] === 'progress') this.#tellProgress(message[2], message[3])
    } catch (error) {
      this.#crew.replace(seat, unreadable(error))
      return
    }
    if (message[1] === 'results' || message[1] === 'packed') this.#makeRoom()
  }

  #memoryFor(seat: number): SharedMemory | null {
    if (this.#window === undefined || this.#window.isOver || this.#cancels === undefined) return null
    return { ...this.#window.memoryFor(seat), cancels: this.#cancels.buffer }
  }

  #open(
    parcel: Parcel,
    codec: Codec<unknown> | undefined,
    input: unknown,
    transfer: readonly ArrayBuffer[] | undefined,
  ): boolean {
    if (this.#window !== undefined && codec !== undefined && !this.#window.isOver) {
      if (this.#window.inFlight >= this.#limit) return false
      if (this.#window.inFlight === 0) this.#tallies.start()
      const place = this.#openAtWindow(this.#window, parcel, codec, input)
      if (place !== TOO_LARGE) return place !== NO_ROOM
    }
    if (this.#mail.inFlight === 0) this.#tallies.start()
    this.#cancels?.clear(parcel.ticket)
    return this.#mail.open(parcel, codec, input, transfer, windowLimit(1, this.#tallies.taskMs, MOST_LETTERS, SIGHT_MS))
  }

  /** @throws {MillraceError} `CODEC_MISMATCH`. */
  #openAtWindow(window: WindowLine, parcel: Parcel, codec: Codec<unknown>, input: unknown): number {
    try {
      return window.open(parcel, codec, input)
    } catch (error) {
      if (isMismatch(error)) throw error
      this.#abandonWindow(error)
      return TOO_LARGE
    }
  }

  /** Does something with the window, where there is one and it is not over. */
  #atWindow<T>(act: (window: WindowLine) => T, otherwise: T): T {
    if (this.#window === undefined || this.#window.isOver) return otherwise
    try {
      return act(this.#window)
    } catch (error) {
      this.#abandonWindow(error)
      return otherwise
    }
  }

  /**
   * Somebody has written over memory that all share, and nobody knows who, or what else: all workers are replaced, what
   * they had may have begun, and from now on all goes in messages.
   */
  #abandonWindow(error: unknown): void {
    const window = this.#window
    if (window === undefined || window.isOver) return
    window.close()
    const end = unreadable(error)
    for (let seat = 0; seat < this.#threads; seat++) if (this.#crew.isServing(seat)) this.#crew.replace(seat, end)
    // The pool may be in the middle of handing over.
    queueMicrotask(() => {
      for (const parcel of window.parcels) this.#events.onOrphan(parcel, parcel.count, NOBODY, end)
      this.#makeRoom()
    })
  }

  #takeResults(seat: number, results: readonly ResultMessage[]): void {
    let letters = 0
    let task = 0
    for (const [ticket, done, value] of results) {
      const parcel = this.#parcels.get(ticketIn(ticket))
      if (parcel === undefined) continue
      const entry = entryIn(ticket)
      if (done) this.#events.onOutput(parcel, entry, value)
      else this.#events.onFault(parcel, entry, errorFrom(value))
      if (parcel.place >= 0) this.#atWindow((window) => window.answered(parcel), undefined)
      else if (this.#mail.answered(seat, parcel, entry)) {
        letters++
        task = parcel.task
        this.#settleLetters(parcel)
      }
    }
    if (letters > 0) this.#count(seat, letters, task, this.#tallies.since(seat))
  }

  #takePack(seat: number, pack: ArrayBuffer): void {
    let letters = 0
    let task = 0
    for (const reader = new PackReader(untransferable(pack)); reader.next(); letters++) {
      const parcel = this.#parcels.get(ticketIn(reader.ticket))
      const entry = entryIn(reader.ticket)
      if (parcel === undefined || !this.#mail.answered(seat, parcel, entry)) continue
      task = parcel.task
      const codec = this.#served.outputs[task]?.codec
      if (codec === undefined) throw new Error('it answered a task that it was not given')
      this.#events.onOutput(parcel, entry, reader.decode(codec))
      this.#settleLetters(parcel)
    }
    if (letters > 0) this.#count(seat, letters, task, this.#tallies.since(seat))
  }

  #tellProgress(ticket: number, fraction: number): void {
    const parcel = this.#parcels.get(ticketIn(ticket))
    if (parcel !== undefined) this.#mail.progress(parcel, entryIn(ticket), fraction)
  }

  #settleLetters(parcel: Parcel): void {
    if (this.#mail.isOver(parcel)) this.#onOver(parcel)
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
      this.#drain(window, Number.POSITIVE_INFINITY)
      // Whoever waited for these results may have more to do, which then goes out together.
      await undefined
    }
    this.#isListening = false
    if (window.inFlight > 0 && !window.isOver) void this.#listen(window)
  }

  #drain(window: WindowLine, untilMs: number): number {
    let count = 0
    for (let seat = 0; seat < this.#threads && !window.isOver; seat++) count += this.#drainSeat(window, seat, untilMs)
    if (count > 0) this.#makeRoom()
    return count
  }

  #drainSeat(window: WindowLine, seat: number, untilMs: number): number {
    this.#seat = seat
    // PERF: where there is no end, no clock is read; bench/pool/flood.bench.ts.
    const isOver = untilMs === Number.POSITIVE_INFINITY ? undefined : () => this.#clock.now() >= untilMs
    try {
      return window.drain(seat, this.#served.outputs, this.#onDone, isOver)
    } catch (error) {
      this.#blame(seat, error)
      return 0
    }
  }

  /** A seat's worker has written what cannot be; which one, the same memory says. */
  #blame(seat: number, error: unknown): void {
    if (seat === NOBODY) {
      this.#abandonWindow(error)
      return
    }
    this.#window?.distrust(seat)
    this.#crew.replace(seat, unreadable(error))
  }

  #cutLater(): void {
    this.#cutTimer = this.#clock.after(CUT_MS, () => {
      this.#cutTimer = undefined
      if (this.#cutSlow()) this.#cutLater()
    })
  }

  /** Takes back what waits behind slow tasks; returns whether there is any parcel of which that may be said. */
  #cutSlow(): boolean {
    const blame = (seat: number, error: unknown) => this.#blame(seat, error)
    return this.#atWindow((window) => window.cut(this.#served.outputs, blame), false)
  }

  #cut(parcel: Parcel, from: number): Parcel {
    const rest = this.#events.onCut(parcel, from)
    rest.ticket = this.#parcels.open(rest)
    return rest
  }

  #count(seat: number, answers: number, task: number, ms: number): void {
    this.#tallies.count(seat, answers, ms)
    this.#crew.proven(seat)
    if (answers > 0) this.#events.onCost(task, ms / answers)
  }

  #fall(seat: number, end: WorkerEnd): boolean {
    this.#atWindow((window) => this.#drainSeat(window, seat, Number.POSITIVE_INFINITY), 0)
    const inWindow = this.#atWindow((window) => window.orphansOf(seat, this.#served.outputs), [])
    const orphans = [...inWindow, ...this.#mail.orphansOf(seat)]
    for (const { parcel, begun } of orphans) this.#events.onOrphan(parcel, begun, seat, end)
    this.#atWindow((window) => window.wake(), undefined)
    this.#makeRoom()
    return orphans.some(({ begun }) => begun > 0)
  }

  #makeRoom(): void {
    let serving = 0
    for (let seat = 0; seat < this.#threads; seat++) if (this.#crew.isServing(seat)) serving++
    const sightMs = this.#isPolled ? POLLED_SIGHT_MS : SIGHT_MS
    this.#limit = windowLimit(Math.max(1, serving), this.#tallies.taskMs, this.#most, sightMs)
    this.#events.onRoom()
  }
}

function unreadable(error: unknown): WorkerEnd {
  return { reason: 'unreadable', told: error instanceof Error ? error.message : String(error) }
}
