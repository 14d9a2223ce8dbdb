import type { Parcel } from '../src/dispatch/parcel.ts'
import type { ServedTask, Transport, TransportEvents, WorkerStats } from '../src/transport/transport.ts'

interface Held {
  readonly parcel: Parcel
  readonly inputs: unknown[]
  /** By entry: whether it was answered, and whether it is to be skipped. */
  readonly answered: boolean[]
  readonly cancelled: boolean[]
  worker: number
  begun: number
}

/** Tasks that the fake serves: a result is the input. */
const fakeTasks: readonly ServedTask[] = [
  { name: 'once', retryable: false },
  { name: 'often', retryable: true },
]

export interface FakeOptions {
  /** Parcels that it holds, and tasks in each. */
  readonly places: number
  readonly perParcel: number
}

/**
 * Workers as numbers: a transport whose every step a test decides.
 *
 * It keeps a window of so many parcels, in order; workers claim, start, answer and die when they are told to.
 */
export class FakeTransport implements Transport {
  readonly #events: TransportEvents
  readonly #options: FakeOptions
  readonly #held = new Map<Parcel, Held>()
  #open: Held | undefined
  #line: Held[] = []
  /** Answers that were given, to be given once more as long as the parcel is not over. */
  readonly #given: { readonly parcel: Parcel; readonly serial: number; readonly entry: number }[] = []
  /** Inputs in the order in which workers began with them. */
  readonly begun: unknown[] = []
  isAwake = false
  /** Whether a worker answers before `flush` returns. */
  isEager = false

  constructor(options: FakeOptions, events: TransportEvents) {
    this.#events = events
    this.#options = options
  }

  serve(): void {
    this.#events.onServing(fakeTasks)
    // So short that any number makes a parcel.
    for (const task of fakeTasks.keys()) this.#events.onCost(task, 0)
    this.#events.onRoom()
  }

  /** A worker claims the next parcel. */
  claim(worker: number): void {
    const held = this.#line.shift()
    if (held !== undefined) held.worker = worker
  }

  start(worker: number): void {
    const held = this.#of(worker).find(({ begun, inputs }) => begun < inputs.length)
    if (held === undefined) return
    const entry = held.begun++
    if (held.cancelled[entry]) this.#settle(held, entry)
    else if (!held.answered[entry]) this.begun.push(held.inputs[entry])
  }

  /** The worker answers the first that it has started. */
  answer(worker: number, fault: boolean): void {
    for (const held of this.#of(worker)) {
      const entry = held.answered.findIndex((isAnswered, at) => !isAnswered && at < held.begun)
      if (entry < 0) continue
      this.#given.push({ parcel: held.parcel, serial: held.parcel.serial, entry })
      if (fault) this.#events.onFault(held.parcel, entry, new Error('fault'))
      else this.#events.onOutput(held.parcel, entry, held.inputs[entry])
      this.#settle(held, entry)
      this.#events.onRoom()
      return
    }
  }

  /** An answer comes that came before. */
  repeat(which: number): void {
    const given = this.#given[which % Math.max(1, this.#given.length)]
    if (given !== undefined && given.parcel.serial === given.serial) {
      this.#events.onOutput(given.parcel, given.entry, 'late')
    }
  }

  /** What a worker has not begun goes to others. */
  cut(worker: number): void {
    for (const held of this.#of(worker)) {
      const from = held.begun
      if (from === 0 || !held.answered.includes(false, from)) continue
      const rest = this.#events.onCut(held.parcel, from)
      const { inputs, cancelled, answered } = held
      const other: Held = {
        parcel: rest,
        inputs: [...inputs],
        answered: answered.map((isAnswered, entry) => entry < from || isAnswered),
        cancelled: [...cancelled],
        worker: -1,
        begun: from,
      }
      for (let entry = from; entry < inputs.length; entry++) answered[entry] = true
      this.#held.set(rest, other)
      this.#line.push(other)
      this.#endIfOver(held)
    }
  }

  die(worker: number): void {
    for (const held of this.#of(worker)) {
      this.#events.onOrphan(held.parcel, held.begun, worker, { reason: 'exit', told: 'exit code 1' })
    }
    this.#events.onRoom()
  }

  /** The last in line goes first. */
  protected overtake(): void {
    const last = this.#line.pop()
    if (last !== undefined) this.#line.unshift(last)
  }

  /** All that is there is done, by a worker that does not die. */
  finish(): void {
    for (let held = this.#next(); held !== undefined; held = this.#next()) {
      this.#line = this.#line.filter((other) => other !== held)
      held.worker = 0
      while (this.#held.get(held.parcel) === held) {
        if (held.begun < held.inputs.length) this.start(0)
        else this.answer(0, false)
      }
    }
  }

  open(parcel: Parcel, input: unknown): boolean {
    if (input === 'bad') throw new TypeError('bad')
    if (this.#held.size >= this.#options.places) return false
    this.#open = { parcel, inputs: [input], answered: [false], cancelled: [false], worker: -1, begun: 0 }
    this.#held.set(parcel, this.#open)
    return true
  }

  add(parcel: Parcel, input: unknown): boolean {
    if (input === 'bad') throw new TypeError('bad')
    const held = this.#held.get(parcel)
    if (held === undefined || held !== this.#open) throw new Error('no parcel is open')
    if (held.inputs.length === this.#options.perParcel) return false
    held.inputs.push(input)
    held.answered.push(false)
    held.cancelled.push(false)
    return true
  }

  seal(parcel: Parcel): void {
    const held = this.#held.get(parcel)
    if (held === undefined || held !== this.#open) throw new Error('no parcel is open')
    this.#line.push(held)
    this.#open = undefined
  }

  flush(): void {
    if (!this.isEager) return
    this.claim(0)
    this.start(0)
    this.answer(0, false)
  }

  withdraw(parcel: Parcel): boolean {
    const held = this.#held.get(parcel)
    if (held === undefined || held.worker >= 0) return false
    this.#line = this.#line.filter((other) => other !== held)
    this.#held.delete(parcel)
    return true
  }

  cancel(parcel: Parcel, entry: number): void {
    const held = this.#held.get(parcel)
    if (held !== undefined) held.cancelled[entry] = true
  }

  evict(parcel: Parcel, entry: number): boolean {
    const held = this.#held.get(parcel)
    if (held !== undefined && held.begun === entry + 1 && held.worker >= 0) this.die(held.worker)
    return true
  }

  progressOf(): number {
    return 0
  }

  again(parcel: Parcel): boolean {
    const held = this.#held.get(parcel)
    if (held === undefined) return false
    held.worker = -1
    held.begun = 0
    for (const entry of held.inputs.keys()) {
      held.answered[entry] = !parcel.isWanted(entry)
      held.cancelled[entry] = false
    }
    this.#line.push(held)
    return true
  }

  forget(parcel: Parcel): void {
    this.#held.delete(parcel)
  }

  ref(): void {
    this.isAwake = true
  }

  unref(): void {
    this.isAwake = false
  }

  poll(): number {
    return 0
  }

  listen(): void {}

  workers(): readonly WorkerStats[] {
    return []
  }

  async close(): Promise<void> {}

  get held(): number {
    return this.#held.size
  }

  #settle(held: Held, entry: number): void {
    held.answered[entry] = true
    this.#endIfOver(held)
  }

  #endIfOver(held: Held): void {
    if (held.answered.includes(false) || this.#held.get(held.parcel) !== held) return
    this.#held.delete(held.parcel)
    this.#events.onOver(held.parcel)
  }

  #of(worker: number): Held[] {
    return [...this.#held.values()].filter((held) => held.worker === worker)
  }

  #next(): Held | undefined {
    return [...this.#held.values()].find(({ worker }) => worker >= 0) ?? this.#line[0]
  }
}
