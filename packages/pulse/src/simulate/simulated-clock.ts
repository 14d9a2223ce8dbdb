import type { Clock, Timer } from '@millrace/kernel/clock'

interface SimulatedTimer extends Timer {
  readonly dueAt: number
  readonly order: number
  callback: (() => void) | undefined
}

/**
 * A clock that is moved from one event to the next, for simulations: its wall clock can jump, and a process that dies takes its timers along.
 *
 * Timers run by time due, then by the order they were set. O(log timers) a timer; a binary heap. Cancelled ones are left in it until their time.
 */
export class SimulatedClock implements Clock {
  readonly #heap: SimulatedTimer[] = []
  #now = 0
  #wallOffset: number
  #order = 0

  /** @param wallNow is what the wall clock shows first, in ms since 1970. */
  constructor(wallNow: number) {
    this.#wallOffset = wallNow
  }

  now(): number {
    return this.#now
  }

  wallNow(): number {
    return this.#now + this.#wallOffset
  }

  /** Sets the wall clock, by so many ms forward. */
  jump(ms: number): void {
    this.#wallOffset += ms
  }

  after(ms: number, callback: () => void): Timer {
    const timer: SimulatedTimer = {
      dueAt: this.#now + Math.max(0, ms || 0),
      order: this.#order++,
      callback,
      cancel() {
        timer.callback = undefined
      },
    }
    this.#push(timer)
    return timer
  }

  /** When the next timer is due; `Infinity` if there is none. */
  nextAt(): number {
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (first.callback !== undefined) return first.dueAt
      this.#pop()
    }
    return Number.POSITIVE_INFINITY
  }

  /** Moves to the next timer that is due by `until`, and runs it: a turn. False, standing at `until`, if there is none. */
  turn(until: number): boolean {
    const dueAt = this.nextAt()
    if (dueAt > until || dueAt === Number.POSITIVE_INFINITY) {
      if (until > this.#now && until !== Number.POSITIVE_INFINITY) this.#now = until
      return false
    }
    const { callback } = this.#pop()
    this.#now = dueAt
    callback!()
    return true
  }

  #push(timer: SimulatedTimer): void {
    const heap = this.#heap
    let at = heap.length
    heap.push(timer)
    while (at > 0) {
      const parent = (at - 1) >>> 1
      if (!isBefore(timer, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = timer
  }

  #pop(): SimulatedTimer {
    const heap = this.#heap
    const first = heap[0]!
    const last = heap.pop()!
    const size = heap.length
    if (size === 0) return first
    let at = 0
    for (let child = 1; child < size; child = 2 * at + 1) {
      if (child + 1 < size && isBefore(heap[child + 1]!, heap[child]!)) child++
      if (!isBefore(heap[child]!, last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
    return first
  }
}

function isBefore(a: SimulatedTimer, b: SimulatedTimer): boolean {
  return a.dueAt < b.dueAt || (a.dueAt === b.dueAt && a.order < b.order)
}

/** The clock as one process sees it: when that dies, none of its timers runs any more. */
export class ProcessClock implements Clock {
  readonly #clock: Clock
  readonly #onTurn: () => void
  #isDead = false

  /** @param onTurn is called before a timer runs that may be what somebody has promised to wait for. */
  constructor(clock: Clock, onTurn: () => void = () => {}) {
    this.#clock = clock
    this.#onTurn = onTurn
  }

  now(): number {
    return this.#clock.now()
  }

  wallNow(): number {
    return this.#clock.wallNow()
  }

  after(ms: number, callback: () => void): Timer {
    return this.afterQuietly(ms, () => {
      if (ms > 0) this.#onTurn()
      callback()
    })
  }

  /** A timer for which nobody waits with a promise. */
  afterQuietly(ms: number, callback: () => void): Timer {
    return this.#clock.after(ms, () => {
      if (!this.#isDead) callback()
    })
  }

  die(): void {
    this.#isDead = true
  }
}

/** Lets all promises go on that can, and the host have its turn. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/**
 * Lets all promises go on that can.
 *
 * PERF: Node has the next tick when no promise can go on any more, and needs no turn of its loop for it, which takes longer than most turns of the simulation.
 */
export function promisesKept(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve))
}
