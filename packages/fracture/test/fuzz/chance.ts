import { randomFrom } from '@millrace/kernel/test/property'

/** Seeded choices of a case. */
export class Chance {
  readonly next: () => number

  constructor(seed: number) {
    this.next = randomFrom(seed)
  }

  /** An integer from `least` to `most`. */
  int(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1))
  }

  between(least: number, most: number): number {
    return least + this.next() * (most - least)
  }

  is(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.next() * list.length)]!
  }
}
