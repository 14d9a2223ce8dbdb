import { Crossings } from './crossings.ts'
import { exactCrossing } from './exact-crossing.ts'
import { grown } from './grown.ts'
import { isInBorder } from './is-in-border.ts'
import type { PlanarEdges } from './planar-edges.ts'
import type { Pulse } from './pulse.ts'
import type { Segments } from './segments.ts'
import { squaredDistance } from './squared-distance.ts'

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
  /** Of each vertex, its distance from the line of the cut that is looked at, times that one's length. */
  #sides = new Float64Array(256)
  /** Of each crossing the two segments: vertex `firstCrossing + i` lies on `#on[2i]` and `#on[2i + 1]`. */
  #on = new Int32Array(256)
  /** What is known of the ends of cuts. */
  #status = new Int8Array(256)
  #firstCrossing = 0
  readonly #place = new Float64Array(2)

  /**
   * Adds the crossings to the vertices of `segments`, fills `edges`, and returns true; or returns false, the vertices as they
   * were. Gives a pulse at each cut.
   */
  arrange(segments: Segments, edges: PlanarEdges, pulse: Pulse): boolean {
    const vertices = segments.vertexCount
    this.#firstCrossing = vertices
    this.crossings.clear(segments.count)
    this.#sides = grown(this.#sides, vertices)
    for (let cut = segments.borderCount; cut < segments.count; cut++) {
      pulse((cut - segments.borderCount) / segments.count)
      if (!this.#cross(segments, cut)) {
        segments.vertexCount = vertices
        return false
      }
    }
    if (this.#areCrossingsClear(segments)) {
      edges.clear()
      this.#addBorder(segments, edges)
      if (this.#addCuts(segments, edges)) return true
    }
    segments.vertexCount = vertices
    return false
  }

  /** Finds what `cut` crosses of the border and of the cuts behind it. False where anything comes near. */
  #cross(segments: Segments, cut: number): boolean {
    const { x, y, from, to, borderCount, count } = segments
    const a = from[cut]!
    const b = to[cut]!
    const ax = x[a]!
    const ay = y[a]!
    const dx = x[b]! - ax
    const dy = y[b]! - ay
    const near = NEAR * Math.sqrt(dx * dx + dy * dy)
    const sides = this.#sides
    const vertices = this.#firstCrossing
    for (let vertex = 0; vertex < vertices; vertex++) {
      const side = dx * (y[vertex]! - ay) - dy * (x[vertex]! - ax)
      sides[vertex] = side
      if (side <= near && side >= -near && vertex !== a && vertex !== b && !this.#isBeyond(segments, cut, vertex)) {
        return false
      }
    }
    for (let border = 0; border < borderCount; border++) {
      if (sides[from[border]!]! > 0 === sides[to[border]!]! > 0) continue
      if (!this.#meet(segments, border, cut)) return false
    }
    for (let other = cut + 1; other < count; other++) {
      const c = from[other]!
      const d = to[other]!
      if (sides[c]! > 0 === sides[d]! > 0) continue
      if (c === a || c === b || d === a || d === b) {
        if ((c === a && d === b) || (c === b && d === a)) return false
      } else if (!this.#meet(segments, other, cut)) return false
    }
    return true
  }

  /** Whether a vertex on or near the line of `cut` lies so far beyond its ends that nothing of the two is near each other. */
  #isBeyond({ x, y, from, to, borderCount }: Segments, cut: number, vertex: number): boolean {
    const a = from[cut]!
    const b = to[cut]!
    if (squaredDistance(x[vertex]!, y[vertex]!, x[a]!, y[a]!, x[b]!, y[b]!) < NEAR_SQUARED) return false
    // Ends of cuts are held against each other's cuts both ways; those against the border here.
    if (vertex >= borderCount) return true
    for (let border = 0; border < borderCount; border++) {
      const c = from[border]!
      const d = to[border]!
      if (c !== vertex && d !== vertex) continue
      if (squaredDistance(x[a]!, y[a]!, x[c]!, y[c]!, x[d]!, y[d]!) < NEAR_SQUARED) return false
      if (squaredDistance(x[b]!, y[b]!, x[c]!, y[c]!, x[d]!, y[d]!) < NEAR_SQUARED) return false
    }
    return true
  }

  /** Adds the crossing of `cut` with `other`, whose ends are on both sides of it. False where an end of the cut is near. */
  #meet(segments: Segments, other: number, cut: number): boolean {
    const { x, y, from, to } = segments
    const a = from[cut]!
    const b = to[cut]!
    const c = from[other]!
    const d = to[other]!
    const ax = x[a]!
    const ay = y[a]!
    const cx = x[c]!
    const cy = y[c]!
    const ex = x[d]! - cx
    const ey = y[d]! - cy
    const sideA = ex * (ay - cy) - ey * (ax - cx)
    const sideB = ex * (y[b]! - cy) - ey * (x[b]! - cx)
    const length = Math.sqrt(ex * ex + ey * ey)
    if (Math.abs(sideA) <= NEAR * length || Math.abs(sideB) <= NEAR * length) {
      // Near to its line, but is it near to it?
      if (squaredDistance(ax, ay, cx, cy, x[d]!, y[d]!) < NEAR_SQUARED) return false
      if (squaredDistance(x[b]!, y[b]!, cx, cy, x[d]!, y[d]!) < NEAR_SQUARED) return false
      if (sideA > 0 !== sideB > 0) return false
    }
    if (sideA > 0 === sideB > 0) return true
    const placeOnOther = this.#sides[c]! / (this.#sides[c]! - this.#sides[d]!)
    const dx = x[b]! - ax
    const dy = y[b]! - ay
    const sine = dx * ey - dy * ex
    let crossX: number
    let crossY: number
    if (Math.abs(sine) < LEAST_SINE * length * Math.sqrt(dx * dx + dy * dy)) {
      exactCrossing(cx, cy, x[d]!, y[d]!, ax, ay, x[b]!, y[b]!, this.#place)
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
  #areCrossingsClear(segments: Segments): boolean {
    const { x, y, from, to, borderCount, count } = segments
    const on = this.#on
    const first = this.#firstCrossing
    for (let segment = 0; segment < count; segment++) {
      const a = from[segment]!
      const b = to[segment]!
      const ax = x[a]!
      const ay = y[a]!
      const dx = x[b]! - ax
      const dy = y[b]! - ay
      const near = NEAR * Math.sqrt(dx * dx + dy * dy)
      const isBorder = segment < borderCount
      for (let vertex = first; vertex < segments.vertexCount; vertex++) {
        const side = dx * (y[vertex]! - ay) - dy * (x[vertex]! - ax)
        if (side > near || side < -near) continue
        const other = on[2 * (vertex - first)]!
        if (other === segment || on[2 * (vertex - first) + 1] === segment) continue
        // Of the border's edges only those that meet in a corner are near each other.
        if (isBorder && other < borderCount && from[other] !== b && to[other] !== a) continue
        if (squaredDistance(x[vertex]!, y[vertex]!, ax, ay, x[b]!, y[b]!) < NEAR_SQUARED) return false
      }
    }
    return true
  }

  #addBorder({ from, to, borderCount }: Segments, edges: PlanarEdges): void {
    const { crossings } = this
    for (let border = 0; border < borderCount; border++) {
      let last = from[border]!
      for (let node = crossings.first(border); node >= 0; node = crossings.next(node)) {
        const vertex = crossings.vertexAt(node)
        edges.add(last, vertex, 0)
        last = vertex
      }
      edges.add(last, to[border]!, 0)
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
        if (status === INSIDE) edges.add(last, vertex, 1)
        if (this.#crossesBorder(segments, vertex)) status = -status
        last = vertex
      }
      if (status === INSIDE) edges.add(last, segments.to[cut]!, 1)
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
