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
  #at = 0
  /** Of each face, where its neighbours begin in `#neighbours`, and where they end; in `#beyond`, before they are sorted, up to where the next begin. */
  #start = new Int32Array(65)
  #end = new Int32Array(64)
  #beyond = new Int32Array(512)
  #neighbours = new Int32Array(512)
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
    this.#at = MEASURES * fragments
    const layout = this.#layout
    layout[0] = fragments
    layout[1] = rings.count
    layout[2] = pairs
    layout[3] = -1
    if (cutter.isFloat && hasDropped) this.#findLines(cutter)
    this.#addFaces(cutter, source)
    this.#addNeighbours(COUNTS + fragments + 1 + rings.count + 1, fragments)
    return {
      layout: layout.subarray(0, words),
      numbers: this.#numbers.subarray(0, this.#at),
      positions: NO_FLOATS,
      uvs: NO_FLOATS,
      indices: NO_INDICES,
    }
  }

  /**
   * Lists the neighbours of each face, once and in order: the faces beyond its cuts. Returns how many there are. PERF: sorted into buckets, twice, as a typed
   * array's own sort takes longer than that of so few; bench/fracture/cutting.bench.ts. O(cuts + faces).
   */
  #listNeighbours({ edges, faces }: PolygonCutter): number {
    const { isCut, count } = edges
    const { isDead } = faces.graph
    const { ringOf, face, faceCount } = faces.rings
    this.#start = grown(this.#start, faceCount + 1)
    this.#end = grown(this.#end, faceCount)
    this.#beyond = grown(this.#beyond, 2 * count)
    this.#neighbours = grown(this.#neighbours, 2 * count)
    const start = this.#start
    const end = this.#end
    const beyond = this.#beyond
    const neighbours = this.#neighbours
    end.fill(0, 0, faceCount)
    for (let edge = 0; edge < count; edge++) {
      if (isCut[edge] === 0 || isDead[edge] === 1) continue
      end[face[ringOf[2 * edge]!]!]!++
      end[face[ringOf[2 * edge + 1]!]!]!++
    }
    let sum = 0
    for (let at = 0; at < faceCount; at++) {
      start[at] = sum
      sum += end[at]!
      end[at] = start[at]!
    }
    start[faceCount] = sum
    for (let edge = 0; edge < count; edge++) {
      if (isCut[edge] === 0 || isDead[edge] === 1) continue
      const left = face[ringOf[2 * edge]!]!
      const right = face[ringOf[2 * edge + 1]!]!
      beyond[end[left]!++] = right
      beyond[end[right]!++] = left
    }
    // Who is beyond a face has it beyond: so in the order of the faces, each is added to its neighbours.
    for (let at = 0; at < faceCount; at++) end[at] = start[at]!
    let kept = 0
    for (let at = 0; at < faceCount; at++) {
      for (let i = start[at]!; i < start[at + 1]!; i++) {
        const other = beyond[i]!
        const next = end[other]!
        if (next > start[other]! && neighbours[next - 1] === at) continue
        neighbours[next] = at
        end[other] = next + 1
        kept++
      }
    }
    return kept
  }

  #addNeighbours(at: number, fragments: number): void {
    const layout = this.#layout
    const neighbours = this.#neighbours
    const first = at + fragments + 1
    let count = 0
    for (let fragment = 0; fragment < fragments; fragment++) {
      layout[at + fragment] = count
      const end = this.#end[fragment]!
      for (let i = this.#start[fragment]!; i < end; i++) layout[first + count++] = neighbours[i]!
    }
    layout[at + fragments] = count
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
    return (this.#at - MEASURES * fragments) / 2
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
    const { hasDropped } = faces
    const sourceOf = polygon.source
    const numbers = this.#numbers
    const begin = start[ring]!
    const end = start[ring + 1]!
    const own = isFloat ? borderCount : 0
    const by = polygon.isReversed ? -1 : 1
    let at = this.#at
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
    for (let i = by > 0 ? begin : end - 1, left = end - begin; left > 0; left--, i += by) {
      const vertex = vertices[i]!
      if (hasDropped && this.#isIdle(cutter, ring, i)) continue
      const gridX = x[vertex]!
      const gridY = y[vertex]!
      let px = originX + gridX * step
      let py = originY + gridY * step
      if (vertex < own) {
        const point = 2 * sourceOf[vertex]!
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
    this.#at = at
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
