import { grown } from './grown.ts'
import type { Segments } from './segments.ts'

/** Boxes are wider than what is in them by so many steps all around. */
const AROUND = 4
/** Edges of the border that share a box. */
const BLOCK = 6

/**
 * The boxes around segments, and around blocks of the border's edges that follow one another: what comes near to each other is in boxes that
 * overlap. First come those of the border's edges, then those of the blocks, then those of the cuts. Kept from polygon to polygon.
 */
export class SegmentBoxes {
  /** The border's edges of a block: from its start to that of the next. */
  blockStart = new Int32Array(65)
  firstBlock = 0
  endBlock = 0
  /** Where the cuts' boxes end, which begin at `endBlock`. */
  endCut = 0
  /** Four numbers a box: least x, greatest x, least y, greatest y. */
  #sides = new Float64Array(1024)

  /** Boxes the border. */
  addBorder({ x, y, to, borderCount }: Segments): void {
    this.#sides = grown(this.#sides, 8 * borderCount)
    this.blockStart = grown(this.blockStart, borderCount + 1)
    this.firstBlock = borderCount
    let block = 0
    let border = 0
    while (border < borderCount) {
      const box = this.firstBlock + block
      this.blockStart[block++] = border
      this.#add(box, x, y, border, border)
      const end = Math.min(border + BLOCK, borderCount)
      let isRingOver = false
      while (border < end && !isRingOver) {
        const next = to[border]!
        this.#add(border, x, y, border, next)
        this.#widen(box, border)
        border++
        isRingOver = next !== border
      }
    }
    this.blockStart[block] = borderCount
    this.endBlock = this.firstBlock + block
    this.endCut = this.endBlock
  }

  /** Boxes the cuts. */
  addCuts({ x, y, from, to, borderCount, count }: Segments): void {
    this.endCut = this.endBlock + count - borderCount
    this.#sides = grown(this.#sides, 4 * this.endCut)
    for (let cut = borderCount; cut < count; cut++)
      this.#add(this.endBlock + cut - borderCount, x, y, from[cut]!, to[cut]!)
  }

  /** The first box from `from` on that overlaps the box `one`, or `end` when none before it does. */
  nextNear(one: number, from: number, end: number): number {
    const sides = this.#sides
    const minX = sides[4 * one]!
    const maxX = sides[4 * one + 1]!
    const minY = sides[4 * one + 2]!
    const maxY = sides[4 * one + 3]!
    for (let other = from; other < end; other++) {
      const at = 4 * other
      if (sides[at]! > maxX || sides[at + 1]! < minX || sides[at + 2]! > maxY || sides[at + 3]! < minY) continue
      return other
    }
    return end
  }

  #add(box: number, x: Float64Array, y: Float64Array, a: number, b: number): void {
    const sides = this.#sides
    const at = 4 * box
    const ax = x[a]!
    const ay = y[a]!
    const bx = x[b]!
    const by = y[b]!
    sides[at] = Math.min(ax, bx) - AROUND
    sides[at + 1] = Math.max(ax, bx) + AROUND
    sides[at + 2] = Math.min(ay, by) - AROUND
    sides[at + 3] = Math.max(ay, by) + AROUND
  }

  /** Takes another box in. */
  #widen(box: number, other: number): void {
    const sides = this.#sides
    const at = 4 * box
    const from = 4 * other
    if (sides[from]! < sides[at]!) sides[at] = sides[from]!
    if (sides[from + 1]! > sides[at + 1]!) sides[at + 1] = sides[from + 1]!
    if (sides[from + 2]! < sides[at + 2]!) sides[at + 2] = sides[from + 2]!
    if (sides[from + 3]! > sides[at + 3]!) sides[at + 3] = sides[from + 3]!
  }
}
