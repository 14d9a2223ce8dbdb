import { type ComponentRef, query, type World } from 'bitecs'
import type { Sea } from '../sea/sea.ts'

/** When a system visited each entity last, and how often it visited any. */
export class Visits {
  count = 0
  readonly #sea: Sea
  readonly #query: readonly ComponentRef[]
  readonly #at: Float32Array

  readonly #since: ArrayLike<number>

  /** `since` is when an entity came to be visited. */
  constructor(sea: Sea, query: readonly ComponentRef[], since: ArrayLike<number> = []) {
    this.#sea = sea
    this.#query = query
    this.#since = since
    this.#at = new Float32Array(sea.count + 1).fill(sea.seconds)
  }

  /** Notes a visit, and returns the seconds since the one before, at most a quarter of one. */
  note(fish: number): number {
    const now = this.#sea.seconds
    const since = now - this.#at[fish]!
    this.#at[fish] = now
    this.count++
    return Math.min(since, 0.25)
  }

  /** How many there are to visit, and the longest that one of them has not been visited, in seconds. O(n). */
  stalest(): { readonly size: number; readonly seconds: number } {
    const world: World = this.#sea.world
    const entities = query(world, [...this.#query])
    let oldest = this.#sea.seconds
    for (const fish of entities) oldest = Math.min(oldest, Math.max(this.#at[fish]!, this.#since[fish] ?? 0))
    return { size: entities.length, seconds: this.#sea.seconds - oldest }
  }
}
