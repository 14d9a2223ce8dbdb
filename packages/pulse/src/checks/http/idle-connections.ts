import type { Clock } from '@millrace/kernel/clock'
import { Deadlines, type Timed } from '../tcp/deadlines.ts'
import type { Connection, ConnectionUser } from './connection.ts'

const MOST = 1024
const MOST_OF_ONE = 8
const LONGEST_IDLE_MS = 60_000
/** A connection stays with an address that its name may have left long ago. */
const LONGEST_LIFE_MS = 300_000
const TICK_MS = 1000

/** Connections that wait for the next request to the same place: so many, and so long, at most. They do not keep the process running. */
export class IdleConnections implements Disposable {
  readonly #clock: Clock
  readonly #deadlines: Deadlines
  /** By place; of each the one used last is the last. The place that waits longest is the first. */
  readonly #byPlace = new Map<string, Idle[]>()
  #size = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#deadlines = new Deadlines({ clock, tickMs: TICK_MS })
  }

  get size(): number {
    return this.#size
  }

  take(place: string): Connection | undefined {
    const idle = this.#byPlace.get(place)?.at(-1)
    if (idle === undefined) return undefined
    this.#remove(idle)
    idle.connection.hold(true)
    return idle.connection
  }

  put(place: string, connection: Connection): void {
    const now = this.#clock.now()
    const there = this.#byPlace.get(place)
    const isOld = now - connection.openedAt > LONGEST_LIFE_MS
    if (isOld || !connection.isOpen || (there?.length ?? 0) >= MOST_OF_ONE) {
      connection.discard()
      return
    }
    if (this.#size >= MOST) this.#close(this.#byPlace.values().next().value![0]!)
    const idle = new Idle(place, connection, (each) => this.#close(each))
    if (there === undefined || !this.#byPlace.has(place)) this.#byPlace.set(place, [idle])
    else there.push(idle)
    this.#size++
    connection.user = idle
    connection.hold(false)
    idle.slot = this.#deadlines.add(idle, now + LONGEST_IDLE_MS)
  }

  [Symbol.dispose](): void {
    for (const all of [...this.#byPlace.values()]) for (const idle of [...all]) this.#close(idle)
    this.#deadlines[Symbol.dispose]()
  }

  #close(idle: Idle): void {
    this.#remove(idle)
    idle.connection.discard()
  }

  #remove(idle: Idle): void {
    const there = this.#byPlace.get(idle.place)
    const at = there?.indexOf(idle) ?? -1
    if (there === undefined || at === -1) return
    there.splice(at, 1)
    if (there.length === 0) this.#byPlace.delete(idle.place)
    this.#size--
    if (idle.slot >= 0) this.#deadlines.remove(idle.slot)
  }
}

/** A connection while nobody uses it: whatever happens to it, it is closed. */
class Idle implements ConnectionUser, Timed {
  readonly place: string
  readonly connection: Connection
  readonly #close: (idle: Idle) => void
  slot = -1

  constructor(place: string, connection: Connection, close: (idle: Idle) => void) {
    this.place = place
    this.connection = connection
    this.#close = close
  }

  expired(): void {
    this.slot = -1
    this.#close(this)
  }

  connected(): void {}

  opened(): void {}

  notOpened(): void {}

  received(): void {
    this.#close(this)
  }

  hungUp(): void {
    this.#close(this)
  }
}
