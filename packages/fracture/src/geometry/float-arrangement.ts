import { Crossings } from './crossings.ts'
import { exactCrossing } from './exact-crossing.ts'
import { grown } from './grown.ts'
import { isInBorder } from './is-in-border.ts'
import { isNear } from './is-near.ts'
import type { PlanarEdges } from './planar-edges.ts'
import type { Pulse } from './pulse.ts'
import type { SegmentBoxes } from './segment-boxes.ts'
import type { Segments } from './segments.ts'

/** What comes nearer than so many steps is for the exact arrangement. */
const NEAR = 4
const NEAR_SQUARED = NEAR * NEAR
/** Two lines whose directions differ by a smaller sine cross where doubles cannot tell to a step. */
const LEAST_SINE = 2 ** -9

const UNKNOWN = 0
const INSIDE = 1
const OUTSIDE = -1

/**
 * Arranges the border and the cuts in doubles, and is sure of it or gives up.
 *
 * Why it can be sure. The sign of an orientation is computed to within 2⁻¹⁰ steps of distance, and everything that is decided by one is at
 * least 4 steps from changing it; so which segments cross, and in which order, is exact. Then each vertex, of a segment or a crossing,
 * is at least 4 steps from every segment that it is not on (the border from itself by 8, as the polygon said of itself). Crossings are
 * put on the grid, by less than one step; moved there steadily, no vertex comes to a segment, so that edges
 * meet nowhere but in their ends. Crossings of lines that are almost parallel are computed exactly, for they may slide far along.
 *
 * O(cuts × (points + cuts + crossings)). Kept from polygon to polygon; allocates nothing once it is large enough.
 */
export class FloatArrangement {
  readonly crossings = new Crossings()
  /** Cuts that come near each other, in pairs. */
  #pairs = new Int32Array(256)
  #pairCount = 0
  /** Of each crossing the two segments: vertex `firstCrossing + i` lies on `#on[2i]` and `#on[2i + 1]`. */
  #on = new Int32Array(256)
  /** What is known of the ends of cuts. */
  #status = new Int8Array(256)
  /** Of each edge of the border, the one before. An edge has the number of the vertex that it leaves. */
  #before = new Int32Array(256)
  #firstCrossing = 0
  /** How many crossings are of two cuts. */
  #meetings = 0
  readonly #place = new Float64Array(2)

  /**
   * Adds the crossings to the vertices of `segments`, fills `edges`, and returns true; or returns false, the vertices as they
   * were. Gives a pulse at each cut.
   */
  arrange(segments: Segments, boxes: SegmentBoxes, edges: PlanarEdges, pulse: Pulse): boolean {
    const vertices = segments.vertexCount
    this.#firstCrossing = vertices
    this.crossings.clear(segments.count)
    boxes.addCuts(segments)
    this.#pairCount = 0
    this.#meetings = 0
    this.#before = grown(this.#before, segments.borderCount)
    for (let border = 0; border < segments.borderCount; border++) this.#before[segments.to[border]!] = border
    for (let cut = segments.borderCount; cut < segments.count; cut++) {
      pulse((cut - segments.borderCount) / segments.count)
      if (!this.#cross(segments, boxes, cut)) {
        segments.vertexCount = vertices
        return false
      }
    }
    this.crossings.sort(segments.count)
    if (this.#areCrossingsClear(segments, boxes)) {
      edges.clear()
      this.#addBorder(segments, edges)
      if (this.#addCuts(segments, edges)) return true
    }
    segments.vertexCount = vertices
    return false
  }

  /** Finds what `cut` crosses of the border and of the cuts behind it. False where anything comes too near. */
  #cross(segments: Segments, boxes: SegmentBoxes, cut: number): boolean {
    // PERF: boxes first, those of several edges of the border at once: most pairs are far from each other; bench/fracture/cutting.bench.ts.
    const { firstBlock, endBlock, endCut, blockStart } = boxes
    const toCut = segments.borderCount - endBlock
    const own = cut - toCut
    for (let box = boxes.nextNear(own, firstBlock, endBlock); box < endBlock; ) {
      const block = box - firstBlock
      if (!this.#crossBlock(segments, cut, blockStart[block]!, blockStart[block + 1]!)) return false
      box = boxes.nextNear(own, box + 1, endBlock)
    }
    for (let box = boxes.nextNear(own, own + 1, endCut); box < endCut; ) {
      const pair = this.#pairCount
      this.#pairCount += 2
      if (pair + 2 > this.#pairs.length) this.#pairs = grown(this.#pairs, pair + 2)
      this.#pairs[pair] = cut
      this.#pairs[pair + 1] = box + toCut
      if (!this.#crossCut(segments, cut, box + toCut)) return false
      box = boxes.nextNear(own, box + 1, endCut)
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
    let side = dx * (y[first]! - ay) - dy * (x[first]! - ax)
    for (let border = first; border < end; border++) {
      if (side <= near && side >= -near && !this.#isBeyond(segments, cut, border)) return false
      const next = to[border]!
      const nextSide = dx * (y[next]! - ay) - dy * (x[next]! - ax)
      if (side > 0 !== nextSide > 0 && !this.#meet(segments, border, cut, side, nextSide)) return false
      // In a block, edges follow one another.
      side = nextSide
    }
    return side > near || side < -near || this.#isBeyond(segments, cut, to[end - 1]!)
  }

  /** Two cuts near each other: whether they keep their distance, meet in an end, or cross. */
  #crossCut(segments: Segments, cut: number, other: number): boolean {
    const { x, y, from, to } = segments
    const a = from[cut]!
    const b = to[cut]!
    const c = from[other]!
    const d = to[other]!
    const ax = x[a]!
    const ay = y[a]!
    const cx = x[c]!
    const cy = y[c]!
    const dx = x[b]! - ax
    const dy = y[b]! - ay
    const ex = x[d]! - cx
    const ey = y[d]! - cy
    const near = NEAR_SQUARED * (dx * dx + dy * dy)
    if (a === c || a === d || b === c || b === d) {
      // By the sine of the angle in which they meet, each far end is away from the other's line.
      const sine = dx * ey - dy * ex
      const nearOther = NEAR_SQUARED * (ex * ex + ey * ey)
      if (sine * sine > near && sine * sine > nearOther) return true
      if ((a === c && b === d) || (a === d && b === c)) return false
      const end = c === a || c === b ? d : c
      return !isNearSegment(segments, cut, end) && !isNearSegment(segments, other, a === c || a === d ? b : a)
    }
    const sideC = dx * (cy - ay) - dy * (cx - ax)
    const sideD = dx * (y[d]! - ay) - dy * (x[d]! - ax)
    if (sideC * sideC <= near && isNearSegment(segments, cut, c)) return false
    if (sideD * sideD <= near && isNearSegment(segments, cut, d)) return false
    if (sideC > 0 === sideD > 0) return !isNearSegment(segments, other, a) && !isNearSegment(segments, other, b)
    return this.#meet(segments, other, cut, sideC, sideD)
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

  /**
   * Adds the crossing of `cut` with `other`, of which the ends are on both sides of the line of `cut`, by so much. False where an end
   * of the cut is near.
   */
  #meet(segments: Segments, other: number, cut: number, sideC: number, sideD: number): boolean {
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
    const dx = bx - ax
    const dy = by - ay
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
    const index = vertex - this.#firstCrossing
    this.#on = grown(this.#on, 2 * index + 2)
    this.#on[2 * index] = other
    this.#on[2 * index + 1] = cut
    this.crossings.add(other, vertex, placeOnOther)
    this.crossings.add(cut, vertex, sideA / (sideA - sideB))
    return true
  }

  /** Whether each crossing keeps its distance from all segments that it is not on. */
  #areCrossingsClear(segments: Segments, boxes: SegmentBoxes): boolean {
    const { vertexCount, borderCount, to } = segments
    // One that is near a cut is on a cut that is.
    for (let pair = 0; pair < this.#pairCount; pair += 2) {
      const one = this.#pairs[pair]!
      const other = this.#pairs[pair + 1]!
      if (!this.#areAllClear(segments, one, other) || !this.#areAllClear(segments, other, one)) return false
    }
    for (let vertex = this.#firstCrossing; vertex < vertexCount; vertex++) {
      const border = this.#on[2 * (vertex - this.#firstCrossing)]!
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
    const { crossings } = this
    const { firstBlock, endBlock, blockStart } = boxes
    const own = endBlock + cut - segments.borderCount
    for (
      let box = boxes.nextNear(own, firstBlock, endBlock);
      box < endBlock;
      box = boxes.nextNear(own, box + 1, endBlock)
    ) {
      const end = blockStart[box - firstBlock + 1]!
      for (let border = blockStart[box - firstBlock]!; border < end; border++) {
        for (let node = crossings.first(cut); node >= 0; node = crossings.next(node)) {
          const vertex = crossings.vertexAt(node)
          if (!this.#crossesBorder(segments, vertex) && isNearSegment(segments, border, vertex)) return false
        }
      }
    }
    return true
  }

  /** Whether the crossings on one cut keep their distance from another, but for the one on both. */
  #areAllClear({ x, y, from, to }: Segments, one: number, other: number): boolean {
    const { crossings } = this
    let node = crossings.first(one)
    if (node < 0) return true
    const a = from[other]!
    const b = to[other]!
    const ax = x[a]!
    const ay = y[a]!
    const dx = x[b]! - ax
    const dy = y[b]! - ay
    const near = NEAR_SQUARED * (dx * dx + dy * dy)
    for (; node >= 0; node = crossings.next(node)) {
      const vertex = crossings.vertexAt(node)
      const side = dx * (y[vertex]! - ay) - dy * (x[vertex]! - ax)
      if (side * side > near) continue
      const index = 2 * (vertex - this.#firstCrossing)
      if (this.#on[index] === other || this.#on[index + 1] === other) continue
      if (isNear(x, y, vertex, a, b, NEAR_SQUARED)) return false
    }
    return true
  }

  #addBorder({ from, to, borderCount }: Segments, edges: PlanarEdges): void {
    const { crossings } = this
    for (let border = 0; border < borderCount; border++) {
      let last = from[border]!
      for (let node = crossings.first(border); node >= 0; node = crossings.next(node)) {
        const vertex = crossings.vertexAt(node)
        edges.add(last, vertex, 0, border)
        last = vertex
      }
      edges.add(last, to[border]!, 0, border)
    }
  }

  /** Adds what of the cuts lies inside. False where two ways of knowing it disagree. */
  #addCuts(segments: Segments, edges: PlanarEdges): boolean {
    if (!this.#learnStatus(segments)) return false
    const { crossings } = this
    for (let cut = segments.borderCount; cut < segments.count; cut++) {
      let status = this.#status[segments.from[cut]!]!
      let last = segments.from[cut]!
      for (let node = crossings.first(cut); node >= 0; node = crossings.next(node)) {
        const vertex = crossings.vertexAt(node)
        if (status === INSIDE) edges.add(last, vertex, 1, cut)
        if (this.#crossesBorder(segments, vertex)) status = -status
        last = vertex
      }
      if (status === INSIDE) edges.add(last, segments.to[cut]!, 1, cut)
    }
    return true
  }

  #crossesBorder({ borderCount }: Segments, vertex: number): boolean {
    return this.#on[2 * (vertex - this.#firstCrossing)]! < borderCount
  }

  /** Finds out which ends of cuts are inside: from the crossings of their cuts, from neighbours, or by counting. */
  #learnStatus(segments: Segments): boolean {
    const { from, to, borderCount, count, vertexCount } = segments
    if (this.#status.length < vertexCount) this.#status = new Int8Array(2 * vertexCount)
    const status = this.#status
    status.fill(UNKNOWN, 0, vertexCount)
    for (let cut = borderCount; cut < count; cut++) if (!this.#learnFromCrossings(segments, cut)) return false
    let isOver = false
    while (!isOver) {
      isOver = true
      for (let cut = borderCount; cut < count; cut++) {
        const a = from[cut]!
        const b = to[cut]!
        if (status[a] !== UNKNOWN && status[b] !== UNKNOWN) continue
        // Those that cross the border know both their ends.
        if (status[a] !== UNKNOWN) status[b] = status[a]!
        else if (status[b] !== UNKNOWN) status[a] = status[b]!
        else continue
        isOver = false
      }
      if (!isOver) continue
      for (let cut = borderCount; cut < count; cut++) {
        const a = from[cut]!
        if (status[a] !== UNKNOWN) continue
        status[a] = isInBorder(segments, a) ? INSIDE : OUTSIDE
        isOver = false
        break
      }
    }
    return true
  }

  #learnFromCrossings(segments: Segments, cut: number): boolean {
    const { x, y, from, to } = segments
    const { crossings } = this
    const a = from[cut]!
    const b = to[cut]!
    let now = UNKNOWN
    for (let node = crossings.first(cut); node >= 0; node = crossings.next(node)) {
      const vertex = crossings.vertexAt(node)
      if (!this.#crossesBorder(segments, vertex)) continue
      const border = this.#on[2 * (vertex - this.#firstCrossing)]!
      const c = from[border]!
      const d = to[border]!
      const before = (x[d]! - x[c]!) * (y[b]! - y[a]!) - (y[d]! - y[c]!) * (x[b]! - x[a]!) > 0 ? OUTSIDE : INSIDE
      if (now === UNKNOWN) {
        if (this.#status[a] === -before) return false
        this.#status[a] = before
      } else if (now !== before) return false
      now = -before
    }
    if (now === UNKNOWN) return true
    if (this.#status[b] === -now) return false
    this.#status[b] = now
    return true
  }
}

/** Whether a vertex is near a segment. */
function isNearSegment({ x, y, from, to }: Segments, segment: number, vertex: number): boolean {
  return isNear(x, y, vertex, from[segment]!, to[segment]!, NEAR_SQUARED)
}
