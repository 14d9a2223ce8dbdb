import { CutCrossings } from './cut-crossings.ts'
import { grown } from './grown.ts'
import { isInBorder } from './is-in-border.ts'
import type { PlanarEdges } from './planar-edges.ts'
import type { Pulse } from './pulse.ts'
import type { SegmentBoxes } from './segment-boxes.ts'
import type { Segments } from './segments.ts'

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
  readonly crossings = new CutCrossings()
  /** What is known of the ends of cuts. */
  #status = new Int8Array(256)

  /**
   * Adds the crossings to the vertices of `segments`, fills `edges`, and returns true; or returns false, the vertices as they
   * were. Gives a pulse at each cut.
   */
  arrange(segments: Segments, boxes: SegmentBoxes, edges: PlanarEdges, pulse: Pulse): boolean {
    const vertices = segments.vertexCount
    if (this.crossings.find(segments, boxes, pulse) && this.#learnStatus(segments)) {
      edges.clear()
      edges.reserve(segments.count + 2 * (segments.vertexCount - vertices))
      this.#addBorder(segments, edges)
      this.#addCuts(segments, edges)
      return true
    }
    segments.vertexCount = vertices
    return false
  }

  #addBorder({ from, to, borderCount }: Segments, edges: PlanarEdges): void {
    const { lists } = this.crossings
    for (let border = 0; border < borderCount; border++) {
      let last = from[border]!
      for (let node = lists.first(border); node >= 0; node = lists.next(node)) {
        const vertex = lists.vertexAt(node)
        edges.add(last, vertex, 0, border)
        last = vertex
      }
      edges.add(last, to[border]!, 0, border)
    }
  }

  /** Adds what of the cuts lies inside. */
  #addCuts({ from, to, borderCount, count }: Segments, edges: PlanarEdges): void {
    const { lists, leaves, first } = this.crossings
    const status = this.#status
    for (let cut = borderCount; cut < count; cut++) {
      let last = from[cut]!
      let now = status[last]!
      for (let node = lists.first(cut); node >= 0; node = lists.next(node)) {
        const vertex = lists.vertexAt(node)
        if (now === INSIDE) edges.add(last, vertex, 1, cut)
        if (leaves[vertex - first] !== 0) now = -now
        last = vertex
      }
      if (now === INSIDE) edges.add(last, to[cut]!, 1, cut)
    }
  }

  /** Finds out which ends of cuts are inside: from the crossings of their cuts, from neighbours, or by counting. False where two ways of knowing it disagree. */
  #learnStatus(segments: Segments): boolean {
    const { from, to, borderCount, count, vertexCount } = segments
    this.#status = grown(this.#status, vertexCount)
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

  #learnFromCrossings({ from, to }: Segments, cut: number): boolean {
    const { lists, leaves, first } = this.crossings
    let node = lists.first(cut)
    if (node < 0) return true
    const a = from[cut]!
    const b = to[cut]!
    let now = UNKNOWN
    for (; node >= 0; node = lists.next(node)) {
      const before = leaves[lists.vertexAt(node) - first]!
      if (before === 0) continue
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
