import { Bisect } from '../../src/execute/bisect.ts'
import type { Shape } from '../property.ts'

/** One item after the other: in order, and 857 tries for 857. */
export class OneByOne implements Shape<Bisect> {
  readonly #count: number
  #from = 0

  constructor(count: number) {
    this.#count = count
  }

  next(): { from: number; to: number } | undefined {
    return this.#from < this.#count ? { from: this.#from, to: this.#from + 1 } : undefined
  }

  passed(): void {
    this.#from++
  }

  failed(): number {
    return this.#from++
  }
}

/** Halves, and no inference: a second half is tried whole though the first one passed. */
export class UnreasoningBisect implements Shape<Bisect> {
  readonly #parts: { from: number; to: number }[]

  constructor(count: number) {
    this.#parts = [{ from: 0, to: count }]
    if (count > 1) this.failed()
  }

  next(): { from: number; to: number } | undefined {
    return this.#parts.at(-1)
  }

  passed(): void {
    this.#parts.pop()
  }

  failed(): number | undefined {
    const part = this.#parts.pop()
    if (part === undefined) return undefined
    const { from, to } = part
    if (to - from === 1) return from
    const middle = (from + to) >>> 1
    this.#parts.push({ from: middle, to }, { from, to: middle })
    return undefined
  }
}

/** The second half first: a later item is applied before an earlier one. */
export class BackwardBisect implements Shape<Bisect> {
  readonly #bisect: Bisect
  readonly #count: number

  constructor(count: number) {
    this.#bisect = new Bisect(count)
    this.#count = count
  }

  next(): { from: number; to: number } | undefined {
    const part = this.#bisect.next()
    return part && { from: this.#count - part.to, to: this.#count - part.from }
  }

  passed(): void {
    this.#bisect.passed()
  }

  failed(): number | undefined {
    const index = this.#bisect.failed()
    return index === undefined ? undefined : this.#count - 1 - index
  }
}

/** Infers the fault of a single item too: one that would have passed is blamed. */
export class TrustingBisect extends Bisect {
  #passedTo = 0
  #failedTo = 0

  override next(): { readonly from: number; readonly to: number } | undefined {
    const part = super.next()
    if (part !== undefined && part.to - part.from === 1 && part.from === this.#passedTo && part.to === this.#failedTo) {
      super.failed()
      return this.next()
    }
    return part
  }

  override passed(): void {
    this.#passedTo = super.next()?.to ?? 0
    super.passed()
  }

  override failed(): number | undefined {
    this.#failedTo = super.next()?.to ?? 0
    return super.failed()
  }
}
