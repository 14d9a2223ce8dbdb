import type { Orphan, ServedTask, Transport, TransportEvents, WorkerStats } from '../src/transport/transport.ts'

interface Held {
  readonly ticket: number
  readonly place: number
  readonly input: unknown
  worker: number
  started: boolean
  cancelled: boolean
}

/** Tasks that the fake serves: a result is the input, negated. */
const fakeTasks: readonly ServedTask[] = [
  { name: 'once', retryable: false },
  { name: 'often', retryable: true },
]

/**
 * Workers as numbers: a transport whose every step a test decides.
 *
 * It keeps a window of so many places, in order; workers claim, start, answer and die when they are told to.
 */
export class FakeTransport implements Transport {
  readonly #events: TransportEvents
  readonly #places: (Held | undefined)[]
  #line: Held[] = []
  /** Answers that were given, to be given once more. */
  readonly #given: number[] = []
  /** Inputs in the order in which workers began with them, by the task. */
  readonly begun: unknown[] = []
  isAwake = false
  /** Whether a worker answers before `flush` returns. */
  isEager = false

  constructor(places: number, events: TransportEvents) {
    this.#events = events
    this.#places = new Array<Held | undefined>(places).fill(undefined)
  }

  serve(): void {
    this.#events.onServing(fakeTasks)
    this.#events.onRoom()
  }

  /** A worker claims the next task. */
  claim(worker: number): void {
    const held = this.#line.shift()
    if (held !== undefined) held.worker = worker
  }

  start(worker: number): void {
    const held = this.#of(worker).find(({ started }) => !started)
    if (held === undefined) return
    held.started = true
    this.begun.push(held.input)
  }

  /** The worker answers what it has started. */
  answer(worker: number, fault: boolean): void {
    const held = this.#of(worker).find(({ started }) => started)
    if (held === undefined) return
    this.#places[held.place] = undefined
    this.#given.push(held.ticket)
    if (fault) this.#events.onFault(held.ticket, new Error('fault'))
    else this.#events.onOutput(held.ticket, held.input)
    this.#events.onRoom()
  }

  /** An answer comes that came before. */
  repeat(which: number): void {
    const ticket = this.#given[which % Math.max(1, this.#given.length)]
    if (ticket !== undefined) this.#events.onOutput(ticket, 'late')
  }

  die(worker: number): void {
    const orphans: Orphan[] = this.#of(worker).map(({ ticket, place, started }) => ({ ticket, place, started }))
    if (orphans.length > 0) this.#events.onOrphans(orphans, worker, { reason: 'exit', told: 'exit code 1' })
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
      if (held.worker < 0) this.#line = this.#line.filter((other) => other !== held)
      if (!held.started) this.begun.push(held.input)
      held.worker = 0
      held.started = true
      this.answer(0, false)
    }
  }

  tryHand(ticket: number, _task: number, input: unknown): number {
    if (input === 'bad') throw new TypeError('bad')
    const place = this.#places.indexOf(undefined)
    if (place < 0) return -1
    const held = { ticket, place, input, worker: -1, started: false, cancelled: false }
    this.#places[place] = held
    this.#line.push(held)
    return place
  }

  flush(): void {
    if (!this.isEager) return
    this.claim(0)
    this.start(0)
    this.answer(0, false)
  }

  withdraw(ticket: number, place: number): boolean {
    const held = this.#at(ticket, place)
    if (held === undefined || held.worker >= 0) return false
    this.#line = this.#line.filter((other) => other !== held)
    this.#places[place] = undefined
    return true
  }

  cancel(ticket: number, place: number): void {
    const held = this.#at(ticket, place)
    if (held !== undefined) held.cancelled = true
  }

  evict(ticket: number, place: number): void {
    const worker = this.#at(ticket, place)?.worker ?? -1
    if (worker >= 0) this.die(worker)
  }

  progressOf(): number {
    return 0
  }

  again(ticket: number, place: number): boolean {
    const held = this.#at(ticket, place)
    if (held === undefined) return false
    held.worker = -1
    held.started = false
    this.#line.push(held)
    return true
  }

  forget(ticket: number, place: number): void {
    if (this.#at(ticket, place) !== undefined) this.#places[place] = undefined
  }

  ref(): void {
    this.isAwake = true
  }

  unref(): void {
    this.isAwake = false
  }

  workers(): readonly WorkerStats[] {
    return []
  }

  async close(): Promise<void> {}

  get held(): number {
    return this.#places.filter((held) => held !== undefined).length
  }

  #of(worker: number): Held[] {
    return this.#places.filter((held) => held !== undefined).filter((held) => held.worker === worker)
  }

  #next(): Held | undefined {
    return this.#places.find((held) => held !== undefined && held.worker >= 0) ?? this.#line[0]
  }

  #at(ticket: number, place: number): Held | undefined {
    const held = this.#places[place]
    return held?.ticket === ticket ? held : undefined
  }
}
