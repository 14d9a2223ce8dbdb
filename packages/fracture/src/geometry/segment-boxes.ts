import { grown } from './grown.ts'
import type { Segments } from './segments.ts'

/** Boxes of segments are wider than they by so many steps all around. */
const AROUND = 4
/** Edges of the border that share a box. */
const BLOCK = 6

/**
 * The boxes around cuts, and around runs of the border's edges that follow one another: what is near is in boxes that overlap. Kept
 * from polygon to polygon.
 */
export class SegmentBoxes {
  /** The border's edges of a block: from its start to that of the next. */
  blockStart = new Int32Array(65)
  /** The boxes of blocks are from the first to the end; those of cuts have the numbers of their segments. */
  firstBlock = 0
  endBlock = 0
  /** Four numbers a box: least x, greatest x, least y, greatest y. */
  #sides = new Float64Array(1024)

  measure(segments: Segments): void {
    const { from, to, borderCount, count } = segments
    this.firstBlock = count
    this.#sides = grown(this.#sides, 4 * (count + borderCount))
    this.blockStart = grown(this.blockStart, borderCount + 1)
    for (let cut = borderCount; cut < count; cut++) {
      this.#begin(cut, segments, from[cut]!)
      this.#widen(cut, segments, to[cut]!)
      this.#end(cut)
    }
    let block = 0
    let border = 0
    while (border < borderCount) {
      const box = this.firstBlock + block
      this.blockStart[block++] = border
      this.#begin(box, segments, border)
      const most = Math.min(border + BLOCK, borderCount)
      let isRingOver = false
      while (border < most && !isRingOver) {
        const next = to[border]!
        this.#widen(box, segments, next)
        border++
        isRingOver = next !== border
      }
      this.#end(box)
    }
    this.blockStart[block] = borderCount
    this.endBlock = this.firstBlock + block
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

  #begin(box: number, { x, y }: Segments, vertex: number): void {
    const at = 4 * box
    this.#sides[at] = x[vertex]!
    this.#sides[at + 1] = x[vertex]!
    this.#sides[at + 2] = y[vertex]!
    this.#sides[at + 3] = y[vertex]!
  }

  #widen(box: number, { x, y }: Segments, vertex: number): void {
    const sides = this.#sides
    const at = 4 * box
    const px = x[vertex]!
    const py = y[vertex]!
    if (px < sides[at]!) sides[at] = px
    else if (px > sides[at + 1]!) sides[at + 1] = px
    if (py < sides[at + 2]!) sides[at + 2] = py
    else if (py > sides[at + 3]!) sides[at + 3] = py
  }

  #end(box: number): void {
    const at = 4 * box
    this.#sides[at]! -= AROUND
    this.#sides[at + 1]! += AROUND
    this.#sides[at + 2]! -= AROUND
    this.#sides[at + 3]! += AROUND
  }
}
