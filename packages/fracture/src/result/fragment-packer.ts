import { grown } from '../geometry/grown.ts'
import { orientation } from '../geometry/orientation.ts'
import type { PolygonCutter } from '../geometry/polygon-cutter.ts'
import type { Polygon } from '../polygon/polygon.ts'
import { COUNTS, MEASURES, type PackedFragments } from './packed-fragments.ts'

const NO_FLOATS = new Float32Array(0)
const NO_INDICES = new Uint32Array(0)
/** In place of a segment: no edge was seen yet; edges of several meet. */
const NEW = -1
const SEVERAL = -2

/** Packs the faces of a cutter as fragments. Kept from polygon to polygon; what it returns lies in its memory until the next call. */
export class FragmentPacker {
  #layout = new Int32Array(1024)
  #numbers = new Float64Array(2048)
  /** Where the next point is written. */
  #end = 0
  /** Neighbours, as one number of both: of 32 bits there would be too few. */
  #pairs = new Float64Array(512)
  /** Of each vertex, the segment that its edges are of. */
  #line = new Int32Array(512)

  /** The faces in their order, as fragments of `source`. O(vertices + borders log borders). */
  pack(cutter: PolygonCutter, source: Polygon): PackedFragments {
    const { rings, hasDropped } = cutter.faces
    const fragments = rings.faceCount
    const pairs = this.#listNeighbours(cutter)
    const words = COUNTS + 2 * (fragments + 1) + rings.count + 1 + pairs
    this.#layout = grown(this.#layout, words)
    this.#numbers = grown(this.#numbers, MEASURES * fragments + 2 * rings.start[rings.count]!)
    this.#end = MEASURES * fragments
    const layout = this.#layout
    layout[0] = fragments
    layout[1] = rings.count
    layout[2] = pairs
    layout[3] = -1
    if (cutter.isFloat && hasDropped) this.#findLines(cutter)
    this.#addFaces(cutter, source)
    this.#addNeighbours(COUNTS + fragments + 1 + rings.count + 1, fragments, pairs)
    return {
      layout: layout.subarray(0, words),
      numbers: this.#numbers.subarray(0, this.#end),
      positions: NO_FLOATS,
      uvs: NO_FLOATS,
      indices: NO_INDICES,
    }
  }

  /** Lists pairs of faces on both sides of a cut, each both ways and once, in order. Returns how many there are. */
  #listNeighbours({ edges, faces }: PolygonCutter): number {
    const { isCut, count } = edges
    const { isDead } = faces.graph
    const { ringOf, face, faceCount } = faces.rings
    let length = 0
    this.#pairs = grown(this.#pairs, 2 * count)
    const pairs = this.#pairs
    for (let edge = 0; edge < count; edge++) {
      if (isCut[edge] === 0 || isDead[edge] === 1) continue
      const left = face[ringOf[2 * edge]!]!
      const right = face[ringOf[2 * edge + 1]!]!
      pairs[length++] = left * faceCount + right
      pairs[length++] = right * faceCount + left
    }
    pairs.subarray(0, length).sort()
    let kept = 0
    for (let i = 0; i < length; i++) if (i === 0 || pairs[i] !== pairs[i - 1]) pairs[kept++] = pairs[i]!
    return kept
  }

  #addNeighbours(start: number, fragments: number, pairs: number): void {
    const layout = this.#layout
    const first = start + fragments + 1
    let fragment = 0
    let end = 0
    for (let i = 0; i < pairs; i++) {
      const pair = this.#pairs[i]!
      while (pair >= end) {
        layout[start + fragment++] = i
        end += fragments
      }
      layout[first + i] = pair - end + fragments
    }
    while (fragment <= fragments) layout[start + fragment++] = pairs
  }

  /** Adds the rings of each face, the outer one first, and what they measure. */
  #addFaces(cutter: PolygonCutter, source: Polygon): void {
    const { rings } = cutter.faces
    const layout = this.#layout
    const ringStarts = COUNTS + rings.faceCount + 1
    let count = 0
    let fragment = 0
    for (let ring = 0; ring < rings.count; ring++) {
      if (!(rings.area[ring]! > 0)) continue
      layout[COUNTS + fragment] = count
      layout[ringStarts + count++] = this.#pointCount(rings.faceCount)
      this.#addRing(cutter, source, ring, fragment)
      for (let hole = rings.firstHole(fragment); hole >= 0; hole = rings.nextHole(hole)) {
        layout[ringStarts + count++] = this.#pointCount(rings.faceCount)
        this.#addRing(cutter, source, hole, fragment)
      }
      this.#finishMeasures(cutter, fragment++)
    }
    layout[COUNTS + fragment] = count
    layout[ringStarts + count] = this.#pointCount(rings.faceCount)
  }

  #pointCount(fragments: number): number {
    return (this.#end - MEASURES * fragments) / 2
  }

  /**
   * Adds a ring in the winding that the polygon was given in, without vertices that only a cut that is no more had made, and what it
   * measures about the origin of the grid. PERF: in one pass; bench/fracture/cutting.bench.ts.
   */
  #addRing(cutter: PolygonCutter, source: Polygon, ring: number, fragment: number): void {
    const { faces, polygon, segments, isFloat } = cutter
    const { start, vertices } = faces.rings
    const { step, originX, originY } = polygon.grid
    const { x, y, borderCount } = segments
    const { coords } = source
    const numbers = this.#numbers
    const begin = start[ring]!
    const end = start[ring + 1]!
    const own = isFloat ? borderCount : 0
    const by = polygon.isReversed ? -1 : 1
    let at = this.#end
    let doubled = 0
    let sumX = 0
    let sumY = 0
    const base = vertices[begin]!
    const baseX = x[base]!
    const baseY = y[base]!
    const last = vertices[by > 0 ? end - 1 : begin]!
    let lastX = x[last]! - baseX
    let lastY = y[last]! - baseY
    let minX = Number.POSITIVE_INFINITY
    let minY = Number.POSITIVE_INFINITY
    let maxX = Number.NEGATIVE_INFINITY
    let maxY = Number.NEGATIVE_INFINITY
    for (let i = by > 0 ? begin : end - 1; i >= begin && i < end; i += by) {
      const vertex = vertices[i]!
      if (faces.hasDropped && this.#isIdle(cutter, ring, i)) continue
      const gridX = x[vertex]!
      const gridY = y[vertex]!
      let px = originX + gridX * step
      let py = originY + gridY * step
      if (vertex < own) {
        const point = 2 * polygon.source[vertex]!
        px = coords[point]!
        py = coords[point + 1]!
      }
      numbers[at++] = px
      numbers[at++] = py
      if (px < minX) minX = px
      if (px > maxX) maxX = px
      if (py < minY) minY = py
      if (py > maxY) maxY = py
      const nextX = gridX - baseX
      const nextY = gridY - baseY
      const cross = lastX * nextY - nextX * lastY
      doubled += cross
      sumX += (lastX + nextX) * cross
      sumY += (lastY + nextY) * cross
      lastX = nextX
      lastY = nextY
    }
    this.#end = at
    const measures = MEASURES * fragment
    if (!(faces.rings.area[ring]! > 0)) {
      numbers[measures]! += doubled
      numbers[measures + 1]! += sumX + 3 * doubled * baseX
      numbers[measures + 2]! += sumY + 3 * doubled * baseY
      return
    }
    numbers[measures] = doubled
    numbers[measures + 1] = sumX + 3 * doubled * baseX
    numbers[measures + 2] = sumY + 3 * doubled * baseY
    numbers[measures + 3] = minX
    numbers[measures + 4] = minY
    numbers[measures + 5] = maxX
    numbers[measures + 6] = maxY
  }

  /** Makes area and centroid of the sums of all rings. */
  #finishMeasures({ polygon }: PolygonCutter, fragment: number): void {
    const { step, originX, originY } = polygon.grid
    const numbers = this.#numbers
    const at = MEASURES * fragment
    const doubled = numbers[at]!
    numbers[at] = (Math.abs(doubled) / 2) * step * step
    numbers[at + 1] = originX + (numbers[at + 1]! / (3 * doubled)) * step
    numbers[at + 2] = originY + (numbers[at + 2]! / (3 * doubled)) * step
  }

  /** Whether a ring goes straight on in a vertex that was not the polygon's: where a cut met it that is no more. */
  #isIdle({ faces, segments, isFloat }: PolygonCutter, ring: number, i: number): boolean {
    const { start, vertices } = faces.rings
    const vertex = vertices[i]!
    if (vertex < segments.borderCount || faces.graph.degree[vertex] !== 2) return false
    if (isFloat) return this.#line[vertex]! >= 0
    const { x, y } = segments
    const before = vertices[i === start[ring]! ? start[ring + 1]! - 1 : i - 1]!
    const after = vertices[i + 1 === start[ring + 1]! ? start[ring]! : i + 1]!
    return orientation(x[before]!, y[before]!, x[vertex]!, y[vertex]!, x[after]!, y[after]!) === 0
  }

  /** Finds the segment of all edges that meet in a vertex, where they are of one. */
  #findLines({ edges, faces, segments }: PolygonCutter): void {
    const { from, to, segment, count } = edges
    this.#line = grown(this.#line, segments.vertexCount)
    this.#line.fill(NEW, 0, segments.vertexCount)
    for (let edge = 0; edge < count; edge++) {
      if (faces.graph.isDead[edge] === 1) continue
      this.#meet(from[edge]!, segment[edge]!)
      this.#meet(to[edge]!, segment[edge]!)
    }
  }

  #meet(vertex: number, segment: number): void {
    const line = this.#line[vertex]!
    if (line === NEW) this.#line[vertex] = segment
    else if (line !== segment) this.#line[vertex] = SEVERAL
  }
}
