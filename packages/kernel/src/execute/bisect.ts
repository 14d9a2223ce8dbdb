import { checkInteger } from '../options.ts'

interface Part {
  readonly from: number
  readonly to: number
  /** Whether there is known to be a fault in it, so that it need not be tried whole. */
  isBad: boolean
  /** The other half of what both were, where this is the first. */
  readonly second?: Part
}

/**
 * Finds what is at fault in an ordered list that failed as a whole, by halves and in order.
 *
 * Nothing is tried before all that stands earlier is decided, and each item is decided once: as part of what passed, or
 * alone. Where a part failed and its first half passed, the fault is in the second: that is split at once, not tried
 * whole. An item is at fault only when it failed alone; so a part that failed by chance costs tries, and no item.
 *
 * One fault among n items takes at most 2 × ceil(log2 n) + 1 tries, k faults O(k × log(n / k)), anything at most
 * 2 × n - 1. Memory is O(log n).
 *
 * ```ts
 * for (let part = bisect.next(); part !== undefined; part = bisect.next()) {
 *   if (await write(part.from, part.to)) bisect.passed()
 *   else refuse(bisect.failed())
 * }
 * ```
 */
export class Bisect {
  /** What is not decided, the first on top. */
  readonly #parts: Part[]
  #trying: Part | undefined

  /**
   * `count` items, at least 1, have failed together. A single one is tried again all the same.
   * @throws {MillraceError} `OPTION_INVALID` for another `count`.
   */
  constructor(count: number) {
    this.#parts = [{ from: 0, to: checkInteger('Bisect', 'count', count, { min: 1 }), isBad: true }]
  }

  /** The part to try, the items `from` to `to - 1`: the same until told what became of it. Undefined when all is decided. */
  next(): { readonly from: number; readonly to: number } | undefined {
    let part = this.#parts.at(-1)
    while (part?.isBad && part.to - part.from > 1) {
      this.#parts.pop()
      const middle = (part.from + part.to) >>> 1
      const second: Part = { from: middle, to: part.to, isBad: false }
      part = { from: part.from, to: middle, isBad: false, second }
      this.#parts.push(second, part)
    }
    this.#trying = part
    return part
  }

  /** The part that `next()` gave passed: all in it is decided. Without one nothing happens. */
  passed(): void {
    const part = this.#trying
    if (part === undefined) return
    this.#decide()
    if (part.second !== undefined) part.second.isBad = true
  }

  /** The part that `next()` gave failed. The index at fault when it was a single item; otherwise undefined, and halves come next. */
  failed(): number | undefined {
    const part = this.#trying
    if (part === undefined) return undefined
    if (part.to - part.from === 1) {
      this.#decide()
      return part.from
    }
    part.isBad = true
    this.#trying = undefined
    return undefined
  }

  #decide(): void {
    this.#parts.pop()
    this.#trying = undefined
  }
}
