import type { Profile } from './monitor.ts'
import { hashOf } from './name-index.ts'

/** Profiles by number, each there once and as long as a monitor has it. */
export class ProfileTable {
  readonly #profiles: (Profile | undefined)[] = []
  readonly #uses: number[] = []
  readonly #numbers = new Map<string, number>()
  readonly #free: number[] = []
  /** Of each, a hash of what it says. */
  readonly #hashes: number[] = []

  /** Profiles that are there. */
  get size(): number {
    return this.#numbers.size
  }

  get(number: number): Profile {
    return this.#profiles[number]!
  }

  /** A hash of what it says, of 32 bits: the same in another process. */
  hashOf(number: number): number {
    return this.#hashes[number]!
  }

  /** The number of the profile that says the same. It is gone again unless somebody has it. */
  intern(profile: Profile): number {
    const key = JSON.stringify(profile)
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    const number = this.#free.pop() ?? this.#profiles.length
    this.#profiles[number] = profile
    this.#uses[number] = 0
    this.#numbers.set(key, number)
    this.#hashes[number] = hashOf(new TextEncoder().encode(key))
    return number
  }

  /** Another monitor has it. */
  retain(number: number): void {
    this.#uses[number]!++
  }

  /** One monitor less has it; says whether none has. */
  release(number: number): boolean {
    this.#uses[number]!--
    return this.drop(number)
  }

  /** Drops it if nobody has it; says whether. */
  drop(number: number): boolean {
    const profile = this.#profiles[number]
    if (profile === undefined || this.#uses[number]! > 0) return false
    this.#numbers.delete(JSON.stringify(profile))
    this.#profiles[number] = undefined
    this.#free.push(number)
    return true
  }

  /** Numbers of all that are there. */
  *numbers(): Generator<number> {
    for (const [number, profile] of this.#profiles.entries()) if (profile !== undefined) yield number
  }
}
