import { Ring } from '@millrace/kernel/queue/ring'

interface Held {
  taken: number
  max: number
  /** Those that wait for room; made when the first does. */
  parked: Ring<number> | undefined
}

/**
 * Bounded room by key: so many checks against one host at once, so many of one kind. Who finds none is parked, and comes when there is some, in turn.
 *
 * It holds what is in use and nothing else. O(1) a call.
 */
export class KeyedSlots {
  readonly #held = new Map<string, Held>()
  #parked = 0

  /** Those that are parked, in all. */
  get parked(): number {
    return this.#parked
  }

  hasRoom(key: string, max: number): boolean {
    const held = this.#held.get(key)
    return held === undefined ? max > 0 : held.taken < max
  }

  /** Takes room, of which there is some. */
  take(key: string, max: number): void {
    const held = this.#held.get(key)
    if (held === undefined) this.#held.set(key, { taken: 1, max, parked: undefined })
    else {
      held.taken++
      held.max = max
    }
  }

  /** Waits for room under a key, of which some is taken. */
  park(key: string, number: number): void {
    const held = this.#held.get(key)!
    held.parked ??= new Ring()
    held.parked.push(number)
    this.#parked++
  }

  /** Gives room back, and says whether somebody waits for it. */
  release(key: string): boolean {
    const held = this.#held.get(key)!
    held.taken--
    return this.#isAwaited(key, held)
  }

  /** The one that waits longest for room there is, or undefined. It has not taken it yet. */
  unpark(key: string): number | undefined {
    const held = this.#held.get(key)
    if (held === undefined || held.taken >= held.max) return undefined
    const next = held.parked?.shift()
    if (next === undefined) this.#isAwaited(key, held)
    else this.#parked--
    return next
  }

  #isAwaited(key: string, held: Held): boolean {
    if (held.parked !== undefined && held.parked.size > 0) return true
    if (held.taken === 0) this.#held.delete(key)
    return false
  }
}
