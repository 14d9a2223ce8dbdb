import { grown } from './grown.ts'
import type { Segments } from './segments.ts'

/** Boxes are wider than what is in them by so many steps all around. */
const AROUND = 4
/** Edges of the border that share a box. */
const BLOCK = 4
/** Columns and rows to either side of the middle: their numbers, from 0 on, have seven bits. */
const HALF = 64
const LAST = 2 * HALF - 1
/** The highest bit of each of four bytes. */
const GUARDS = 0x80808080 | 0

/**
 * The boxes around segments, and around blocks of the border's edges that follow one another, in whole columns and rows: what comes near to each other
 * is in boxes that overlap. First come those of the border's edges, then those of the blocks, then those of the cuts. Kept from polygon to polygon.
 */
export class SegmentBoxes {
  /** The border's edges of a block: from its start to that of the next. */
  blockStart = new Int32Array(65)
  firstBlock = 0
  endBlock = 0
  /** Where the cuts' boxes end, which begin at `endBlock`. */
  endCut = 0
  /** Columns a step. */
  #scale = 1
  /**
   * Of each box, in a byte each: the last column, the first column counted down, and the same of rows. And the first, the last counted down: boxes
   * overlap where no byte of the one's ends is less than that of the other's starts.
   */
  #ends = new Int32Array(256)
  #starts = new Int32Array(256)

  /** Boxes the border. Nothing is, of it or the cuts, farther from 0 than `most` steps, either way. */
  addBorder({ x, y, to, borderCount }: Segments, most: number): void {
    this.#reserve(2 * borderCount)
    this.#scale = (HALF - 1) / (most + AROUND)
    this.blockStart = grown(this.blockStart, borderCount + 1)
    this.firstBlock = borderCount
    let block = 0
    let border = 0
    while (border < borderCount) {
      const box = this.firstBlock + block
      this.blockStart[block++] = border
      const end = Math.min(border + BLOCK, borderCount)
      let minX = x[border]!
      let maxX = minX
      let minY = y[border]!
      let maxY = minY
      let isRingOver = false
      while (border < end && !isRingOver) {
        const next = to[border]!
        this.#add(border, x, y, border, next)
        minX = Math.min(minX, x[next]!)
        maxX = Math.max(maxX, x[next]!)
        minY = Math.min(minY, y[next]!)
        maxY = Math.max(maxY, y[next]!)
        border++
        isRingOver = next !== border
      }
      this.#put(box, minX, maxX, minY, maxY)
    }
    this.blockStart[block] = borderCount
    this.endBlock = this.firstBlock + block
    this.endCut = this.endBlock
  }

  /** Boxes the cuts. */
  addCuts({ x, y, from, to, borderCount, count }: Segments): void {
    this.endCut = this.endBlock + count - borderCount
    this.#reserve(this.endCut)
    const toBox = this.endBlock - borderCount
    for (let cut = borderCount; cut < count; cut++) this.#add(toBox + cut, x, y, from[cut]!, to[cut]!)
  }

  /** The first box from `from` on that overlaps the box `one`, or `end` when none before it does. */
  nextNear(one: number, from: number, end: number): number {
    const starts = this.#starts
    const own = this.#ends[one]! | GUARDS
    for (let other = from; other < end; other++) if (areNear(own, starts[other]!)) return other
    return end
  }

  /** Writes the boxes from `from` to before `end` that overlap the box `one` to `out`, which has room for all, and returns how many there are. */
  listNear(one: number, from: number, end: number, out: Int32Array): number {
    const starts = this.#starts
    const own = this.#ends[one]! | GUARDS
    let count = 0
    for (let other = from; other < end; other++) {
      out[count] = other
      const apart = ~(own - starts[other]!) & GUARDS
      count += ~(apart | -apart) >>> 31
    }
    return count
  }

  #reserve(boxes: number): void {
    this.#ends = grown(this.#ends, boxes)
    this.#starts = grown(this.#starts, boxes)
  }

  #add(box: number, x: Float64Array, y: Float64Array, a: number, b: number): void {
    const ax = x[a]!
    const ay = y[a]!
    const bx = x[b]!
    const by = y[b]!
    this.#put(box, Math.min(ax, bx), Math.max(ax, bx), Math.min(ay, by), Math.max(ay, by))
  }

  #put(box: number, minX: number, maxX: number, minY: number, maxY: number): void {
    const scale = this.#scale
    const firstColumn = Math.floor((minX - AROUND) * scale) + HALF
    const lastColumn = Math.floor((maxX + AROUND) * scale) + HALF
    const firstRow = Math.floor((minY - AROUND) * scale) + HALF
    const lastRow = Math.floor((maxY + AROUND) * scale) + HALF
    this.#ends[box] = lastColumn | ((LAST - firstColumn) << 8) | (lastRow << 16) | ((LAST - firstRow) << 24)
    this.#starts[box] = firstColumn | ((LAST - lastColumn) << 8) | (firstRow << 16) | ((LAST - lastRow) << 24)
  }
}

/** PERF: four comparisons in one, in which a byte that is less borrows its own highest bit: most boxes are apart; bench/fracture/cutting.bench.ts. */
function areNear(guardedEnds: number, starts: number): boolean {
  return ((guardedEnds - starts) & GUARDS) === GUARDS
}
