import { Crossings } from './crossings.ts'
import { exactCrossing } from './exact-crossing.ts'
import { grown } from './grown.ts'
import { isNear } from './is-near.ts'
import type { Pulse } from './pulse.ts'
import type { SegmentBoxes } from './segment-boxes.ts'
import type { Segments } from './segments.ts'

/** What comes nearer than so many steps is for the exact arrangement. */
const NEAR = 4
const NEAR_SQUARED = NEAR * NEAR
/** A segment that is beside the line of another by one step more is clear of it and of its crossings, which lie off it by less than a step. */
const FAR_SQUARED = (NEAR + 1) * (NEAR + 1)
/** Two lines whose directions differ by a smaller sine cross where doubles cannot tell to a step. */
const LEAST_SINE = 2 ** -9

/** Of two cuts that meet in an end: they may come too near to each other, do not, or not even their crossings do. */
const UNSURE = 0
const NARROW = 1
const WIDE = 2

/**
 * Where cuts cross the border and each other, found in doubles, as long as nothing comes near to what it does not cross.
 *
 * O(cuts × (points + cuts + crossings)), with few steps for what is far apart. Kept from polygon to polygon; allocates nothing once it is
 * large enough.
 */
export class CutCrossings {
  /** The crossings of each segment. */
  readonly lists = new Crossings()
  /** The first vertex that is a crossing: those before are ends of segments. */
  first = 0
  /** Of each crossing, counted from `first`: 1 where its cut leaves the polygon, -1 where it enters it, 0 where it crosses another cut. */
  leaves = new Int8Array(128)
  /** Of each crossing the two segments: vertex `first + i` lies on `#on[2i]` and `#on[2i + 1]`. */
  #on = new Int32Array(256)
  /** Cuts that come near each other, in pairs. */
  #pairs = new Int32Array(256)
  #pairCount = 0
  /** Of each edge of the border, the one before. An edge has the number of the vertex that it leaves. */
  #before = new Int32Array(256)
  /** How many crossings are of two cuts. */
  #meetings = 0
  /** Of each cut, from its beginning to its end: along x, along y, and the square of its length. */
  #lines = new Float64Array(192)
  #firstCut = 0
  /** Boxes that are near. */
  #near = new Int32Array(256)
  readonly #place = new Float64Array(2)

  /** Adds the crossings to the vertices of `segments`. False where anything comes too near to be sure. Gives a pulse at each cut. */
  find(segments: Segments, boxes: SegmentBoxes, pulse: Pulse): boolean {
    const { count, borderCount, to } = segments
    this.first = segments.vertexCount
    this.lists.clear(count)
    boxes.addCuts(segments)
    this.#pairCount = 0
    this.#meetings = 0
    this.#before = grown(this.#before, borderCount)
    for (let border = 0; border < borderCount; border++) this.#before[to[border]!] = border
    this.#near = grown(this.#near, boxes.endCut)
    this.#measure(segments)
    for (let cut = borderCount; cut < count; cut++) {
      pulse((cut - borderCount) / count)
      if (!this.#crossBorder(segments, boxes, cut) || !this.#crossCuts(segments, boxes, cut)) return false
    }
    this.lists.sort(count)
    return this.#areClear(segments, boxes)
  }

  #measure({ x, y, from, to, borderCount, count }: Segments): void {
    this.#firstCut = borderCount
    this.#lines = grown(this.#lines, 3 * (count - borderCount))
    const lines = this.#lines
    let at = 0
    for (let cut = borderCount; cut < count; cut++) {
      const dx = x[to[cut]!]! - x[from[cut]!]!
      const dy = y[to[cut]!]! - y[from[cut]!]!
      lines[at++] = dx
      lines[at++] = dy
      lines[at++] = dx * dx + dy * dy
    }
  }

  /** Finds what `cut` crosses of the border. */
  #crossBorder(segments: Segments, boxes: SegmentBoxes, cut: number): boolean {
    // PERF: boxes of several edges of the border at once: most are far away; bench/fracture/cutting.bench.ts.
    const { firstBlock, endBlock, blockStart } = boxes
    const near = this.#near
    const count = boxes.listNear(endBlock + cut - segments.borderCount, firstBlock, endBlock, near)
    for (let i = 0; i < count; i++) {
      const block = near[i]! - firstBlock
      if (!this.#crossBlock(segments, cut, blockStart[block]!, blockStart[block + 1]!)) return false
    }
    return true
  }

  /** Crosses a cut with a block of the border's edges, from `first` to `end`. */
  #crossBlock(segments: Segments, cut: number, first: number, end: number): boolean {
    const { x, y, from, to } = segments
    const a = from[cut]!
    const b = to[cut]!
    const ax = x[a]!
    const ay = y[a]!
    const dx = x[b]! - ax
    const dy = y[b]! - ay
    const near = NEAR * Math.sqrt(dx * dx + dy * dy)
    const last = end - 1
    let side = dx * (y[first]! - ay) - dy * (x[first]! - ax)
    for (let border = first; border < end; border++) {
      if (side <= near && side >= -near && !this.#isBeyond(segments, cut, border)) return false
      // In a block, edges follow one another.
      const next = border === last ? to[last]! : border + 1
      const nextSide = dx * (y[next]! - ay) - dy * (x[next]! - ax)
      if (side > 0 !== nextSide > 0 && !this.#meet(segments, border, cut)) return false
      side = nextSide
    }
    return side > near || side < -near || this.#isBeyond(segments, cut, to[last]!)
  }

  /** Finds what `cut` crosses of the cuts behind it. */
  #crossCuts(segments: Segments, boxes: SegmentBoxes, cut: number): boolean {
    const { from, to, borderCount } = segments
    const { endBlock, endCut } = boxes
    const toCut = borderCount - endBlock
    const near = this.#near
    const count = boxes.listNear(cut - toCut, cut - toCut + 1, endCut, near)
    const a = from[cut]!
    const b = to[cut]!
    for (let i = 0; i < count; i++) {
      const other = near[i]! + toCut
      const c = from[other]!
      const d = to[other]!
      if (a === c || a === d || b === c || b === d) {
        const angle = this.#angle(cut, other, a === c || b === d)
        // A crossing on one is at least as far from the other as from the end in which they meet.
        if (angle === WIDE) continue
        if (angle === UNSURE && !this.#areEndsClear(segments, cut, other)) return false
      } else {
        if (isFarBeside(segments, cut, other) || isFarBeside(segments, other, cut)) continue
        if (!this.#crossCut(segments, cut, other)) return false
      }
      this.#addPair(cut, other)
    }
    return true
  }

  /**
   * The angle of two cuts that meet in an end, both their beginning or both their last where `isAlike`: sure where, by its sine, their other ends are away from each other's
   * lines.
   */
  #angle(cut: number, other: number, isAlike: boolean): typeof UNSURE | typeof NARROW | typeof WIDE {
    const lines = this.#lines
    const one = 3 * (cut - this.#firstCut)
    const two = 3 * (other - this.#firstCut)
    const dx = lines[one]!
    const dy = lines[one + 1]!
    const ex = lines[two]!
    const ey = lines[two + 1]!
    const sine = dx * ey - dy * ex
    if (sine * sine <= NEAR_SQUARED * Math.max(lines[one + 2]!, lines[two + 2]!)) return UNSURE
    const cosine = dx * ex + dy * ey
    return (isAlike ? cosine : -cosine) <= 0 ? WIDE : NARROW
  }

  #addPair(cut: number, other: number): void {
    const pair = this.#pairCount
    this.#pairCount += 2
    if (pair + 2 > this.#pairs.length) this.#pairs = grown(this.#pairs, pair + 2)
    this.#pairs[pair] = cut
    this.#pairs[pair + 1] = other
  }

  /** Whether two cuts that meet in an end keep their distance otherwise. */
  #areEndsClear(segments: Segments, cut: number, other: number): boolean {
    const { from, to } = segments
    const a = from[cut]!
    const b = to[cut]!
    const c = from[other]!
    const d = to[other]!
    if ((a === c && b === d) || (a === d && b === c)) return false
    const end = c === a || c === b ? d : c
    return !isNearSegment(segments, cut, end) && !isNearSegment(segments, other, a === c || a === d ? b : a)
  }

  /** Two cuts near each other: whether they keep their distance, or cross. */
  #crossCut(segments: Segments, cut: number, other: number): boolean {
    const { from, to } = segments
    if (isNearSegment(segments, cut, from[other]!) || isNearSegment(segments, cut, to[other]!)) return false
    if (isNearSegment(segments, other, from[cut]!) || isNearSegment(segments, other, to[cut]!)) return false
    return this.#meet(segments, other, cut)
  }

  /** Whether a corner on or near the line of `cut` lies so far beyond its ends that nothing of the two is near each other. */
  #isBeyond(segments: Segments, cut: number, corner: number): boolean {
    if (isNearSegment(segments, cut, corner)) return false
    const a = segments.from[cut]!
    const b = segments.to[cut]!
    const before = this.#before[corner]!
    return (
      !isNearSegment(segments, corner, a) &&
      !isNearSegment(segments, corner, b) &&
      !isNearSegment(segments, before, a) &&
      !isNearSegment(segments, before, b)
    )
  }

  /** Adds the crossing of `cut` with `other`, where there is one. False where an end of the cut is near. */
  #meet(segments: Segments, other: number, cut: number): boolean {
    const { x, y, from, to } = segments
    const a = from[cut]!
    const b = to[cut]!
    const c = from[other]!
    const d = to[other]!
    const ax = x[a]!
    const ay = y[a]!
    const bx = x[b]!
    const by = y[b]!
    const cx = x[c]!
    const cy = y[c]!
    const dx = bx - ax
    const dy = by - ay
    const sideC = dx * (cy - ay) - dy * (cx - ax)
    const sideD = dx * (y[d]! - ay) - dy * (x[d]! - ax)
    if (sideC > 0 === sideD > 0) return true
    const ex = x[d]! - cx
    const ey = y[d]! - cy
    const sideA = ex * (ay - cy) - ey * (ax - cx)
    const sideB = ex * (by - cy) - ey * (bx - cx)
    const squared = ex * ex + ey * ey
    const near = NEAR_SQUARED * squared
    if (sideA * sideA <= near || sideB * sideB <= near) {
      // Near to its line, but is it near to it?
      if (isNearSegment(segments, other, a) || isNearSegment(segments, other, b) || sideA > 0 !== sideB > 0)
        return false
    }
    if (sideA > 0 === sideB > 0) return true
    const placeOnOther = sideC / (sideC - sideD)
    const sine = dx * ey - dy * ex
    let crossX: number
    let crossY: number
    if (sine * sine < LEAST_SINE * LEAST_SINE * squared * (dx * dx + dy * dy)) {
      exactCrossing(cx, cy, x[d]!, y[d]!, ax, ay, bx, by, this.#place)
      crossX = this.#place[0]!
      crossY = this.#place[1]!
    } else {
      crossX = Math.floor(cx + placeOnOther * ex + 0.5)
      crossY = Math.floor(cy + placeOnOther * ey + 0.5)
    }
    const vertex = segments.addVertex(crossX, crossY)
    const index = vertex - this.first
    if (2 * index >= this.#on.length) this.#reserve(index + 1)
    this.#on[2 * index] = other
    this.#on[2 * index + 1] = cut
    this.leaves[index] = other >= segments.borderCount ? 0 : sideA > 0 ? 1 : -1
    this.lists.add(other, vertex, placeOnOther)
    this.lists.add(cut, vertex, sideA / (sideA - sideB))
    return true
  }

  #reserve(crossings: number): void {
    this.#on = grown(this.#on, 2 * crossings)
    this.leaves = grown(this.leaves, crossings)
  }

  /** Whether each crossing keeps its distance from all segments that it is not on. */
  #areClear(segments: Segments, boxes: SegmentBoxes): boolean {
    const { vertexCount, borderCount, to } = segments
    // One that is near a cut is on a cut that is.
    for (let pair = 0; pair < this.#pairCount; pair += 2) {
      const one = this.#pairs[pair]!
      const other = this.#pairs[pair + 1]!
      if (this.lists.first(one) >= 0 && !this.#isClearOf(segments, one, other)) return false
      if (this.lists.first(other) >= 0 && !this.#isClearOf(segments, other, one)) return false
    }
    for (let vertex = this.first; vertex < vertexCount; vertex++) {
      const border = this.#on[2 * (vertex - this.first)]!
      // Of the border's edges, only those that meet in a corner are near each other.
      if (border >= borderCount) this.#meetings++
      else if (isNearSegment(segments, this.#before[border]!, vertex) || isNearSegment(segments, to[border]!, vertex))
        return false
    }
    if (this.#meetings === 0) return true
    for (let cut = borderCount; cut < segments.count; cut++)
      if (!this.#areMeetingsClear(segments, boxes, cut)) return false
    return true
  }

  /** Whether the places where a cut crosses others keep their distance from the border. */
  #areMeetingsClear(segments: Segments, boxes: SegmentBoxes, cut: number): boolean {
    const { lists, leaves } = this
    const { firstBlock, endBlock, blockStart } = boxes
    const own = endBlock + cut - segments.borderCount
    for (
      let box = boxes.nextNear(own, firstBlock, endBlock);
      box < endBlock;
      box = boxes.nextNear(own, box + 1, endBlock)
    ) {
      const end = blockStart[box - firstBlock + 1]!
      for (let border = blockStart[box - firstBlock]!; border < end; border++) {
        for (let node = lists.first(cut); node >= 0; node = lists.next(node)) {
          const vertex = lists.vertexAt(node)
          if (leaves[vertex - this.first] === 0 && isNearSegment(segments, border, vertex)) return false
        }
      }
    }
    return true
  }

  /** Whether the crossings on one cut keep their distance from another, but for the one on both. */
  #isClearOf({ x, y, from, to }: Segments, one: number, other: number): boolean {
    const { lists } = this
    const a = from[other]!
    const b = to[other]!
    const ax = x[a]!
    const ay = y[a]!
    const dx = x[b]! - ax
    const dy = y[b]! - ay
    const near = NEAR_SQUARED * (dx * dx + dy * dy)
    for (let node = lists.first(one); node >= 0; node = lists.next(node)) {
      const vertex = lists.vertexAt(node)
      const side = dx * (y[vertex]! - ay) - dy * (x[vertex]! - ax)
      if (side * side > near) continue
      const index = 2 * (vertex - this.first)
      if (this.#on[index] === other || this.#on[index + 1] === other) continue
      if (isNear(x, y, vertex, a, b, NEAR_SQUARED)) return false
    }
    return true
  }
}

/** Whether a segment lies on one side of the line of another, and so far that its crossings are away from it too. */
function isFarBeside({ x, y, from, to }: Segments, line: number, segment: number): boolean {
  const a = from[line]!
  const c = from[segment]!
  const d = to[segment]!
  const ax = x[a]!
  const ay = y[a]!
  const dx = x[to[line]!]! - ax
  const dy = y[to[line]!]! - ay
  const sideC = dx * (y[c]! - ay) - dy * (x[c]! - ax)
  const sideD = dx * (y[d]! - ay) - dy * (x[d]! - ax)
  const far = FAR_SQUARED * (dx * dx + dy * dy)
  return sideC > 0 === sideD > 0 && sideC * sideC > far && sideD * sideD > far
}

/** Whether a vertex is near a segment. */
function isNearSegment({ x, y, from, to }: Segments, segment: number, vertex: number): boolean {
  return isNear(x, y, vertex, from[segment]!, to[segment]!, NEAR_SQUARED)
}
