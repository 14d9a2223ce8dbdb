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

/** Packs the faces of a cutter as fragments. Kept from polygon to polygon; allocates what it returns. */
export class FragmentPacker {
  /** The vertices of all rings that stay, … */
  #vertices = new Int32Array(1024)
  /** … where each ring begins in them, and the rings of each fragment, one after the other. */
  #ringStart = new Int32Array(65)
  #fragmentStart = new Int32Array(65)
  #pairs = new Int32Array(512)
  /** Of each vertex, the segment that its edges are of. */
  #line = new Int32Array(512)

  /** The faces in their order, as fragments of `source`. O(vertices log vertices). */
  pack(cutter: PolygonCutter, source: Polygon): PackedFragments {
    const fragments = cutter.faces.rings.faceCount
    const rings = this.#listRings(cutter)
    const points = this.#ringStart[rings]!
    const pairs = this.#listNeighbours(cutter)
    // PERF: one piece of memory for both; bench/fracture/cutting.bench.ts.
    const length = MEASURES * fragments + 2 * points
    const words = COUNTS + 2 * (fragments + 1) + rings + 1 + pairs
    const memory = new ArrayBuffer(8 * length + 4 * words)
    const numbers = new Float64Array(memory, 0, length)
    const layout = new Int32Array(memory, 8 * length, words)
    layout[0] = fragments
    layout[1] = rings
    layout[2] = pairs
    layout[3] = -1
    let at = COUNTS
    for (let i = 0; i <= fragments; i++) layout[at++] = this.#fragmentStart[i]!
    for (let i = 0; i <= rings; i++) layout[at++] = this.#ringStart[i]!
    this.#writeNeighbours(layout, at, fragments, pairs)
    this.#writePoints(cutter, source, numbers, MEASURES * fragments, points)
    this.#measure(cutter, numbers, fragments)
    return { layout, numbers, positions: NO_FLOATS, uvs: NO_FLOATS, indices: NO_INDICES }
  }

  /** Lists the rings of each face, the outer one first. Returns how many there are. */
  #listRings(cutter: PolygonCutter): number {
    const { rings } = cutter.faces
    if (cutter.isFloat) this.#findLines(cutter)
    this.#vertices = grown(this.#vertices, rings.start[rings.count]!)
    this.#ringStart = grown(this.#ringStart, rings.count + 1)
    this.#fragmentStart = grown(this.#fragmentStart, rings.faceCount + 1)
    let count = 0
    let fragment = 0
    this.#ringStart[0] = 0
    const hasHoles = rings.faceCount < rings.count
    for (let ring = 0; ring < rings.count; ring++) {
      if (!(rings.area[ring]! > 0)) continue
      this.#fragmentStart[fragment++] = count
      this.#addRing(cutter, ring, count++)
      if (!hasHoles) continue
      for (let hole = 0; hole < rings.count; hole++) {
        if (!(rings.area[hole]! > 0) && rings.face[hole] === rings.face[ring]) this.#addRing(cutter, hole, count++)
      }
    }
    this.#fragmentStart[fragment] = count
    return count
  }

  /** Adds a ring in the winding that the polygon was given in, without vertices that only a cut that is no more had made. */
  #addRing(cutter: PolygonCutter, ring: number, place: number): void {
    const { start, vertices } = cutter.faces.rings
    const begin = start[ring]!
    const end = start[ring + 1]!
    let at = this.#ringStart[place]!
    for (let i = begin; i < end; i++) {
      const vertex = vertices[i]!
      if (
        this.#isIdle(cutter, vertices[i === begin ? end - 1 : i - 1]!, vertex, vertices[i + 1 === end ? begin : i + 1]!)
      )
        continue
      this.#vertices[at++] = vertex
    }
    if (cutter.polygon.isReversed) this.#vertices.subarray(this.#ringStart[place]!, at).reverse()
    this.#ringStart[place + 1] = at
  }

  /** Whether a ring goes straight on in a vertex that was not the polygon's: where a cut met it that is no more. */
  #isIdle(cutter: PolygonCutter, before: number, vertex: number, after: number): boolean {
    if (cutter.faces.graph.degree[vertex] !== 2 || vertex < cutter.polygon.pointCount) return false
    if (cutter.isFloat) return this.#line[vertex]! >= 0
    const { x, y } = cutter.segments
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

  /** Lists pairs of faces on both sides of a cut, each both ways and once, in order. Returns how many there are. */
  #listNeighbours({ edges, faces }: PolygonCutter): number {
    const { isCut, count } = edges
    const { isDead } = faces.graph
    const fragments = faces.rings.faceCount
    let length = 0
    this.#pairs = grown(this.#pairs, 2 * count)
    const pairs = this.#pairs
    for (let edge = 0; edge < count; edge++) {
      if (isCut[edge] === 0 || isDead[edge] === 1) continue
      const left = faces.faceOf(2 * edge)
      const right = faces.faceOf(2 * edge + 1)
      pairs[length++] = left * fragments + right
      pairs[length++] = right * fragments + left
    }
    pairs.subarray(0, length).sort()
    let kept = 0
    for (let i = 0; i < length; i++) if (i === 0 || pairs[i] !== pairs[i - 1]) pairs[kept++] = pairs[i]!
    return kept
  }

  #writeNeighbours(layout: Int32Array, start: number, fragments: number, pairs: number): void {
    const first = start + fragments + 1
    let fragment = 0
    for (let i = 0; i < pairs; i++) {
      const pair = this.#pairs[i]!
      const of = Math.floor(pair / fragments)
      while (fragment <= of) layout[start + fragment++] = i
      layout[first + i] = pair - of * fragments
    }
    while (fragment <= fragments) layout[start + fragment++] = pairs
  }

  #writePoints(cutter: PolygonCutter, source: Polygon, numbers: Float64Array, start: number, points: number): void {
    const { polygon, segments, isFloat } = cutter
    const { step, originX, originY } = polygon.grid
    const { x, y } = segments
    const vertices = this.#vertices
    const { coords } = source
    const own = isFloat ? polygon.pointCount : 0
    let at = start
    for (let i = 0; i < points; i++) {
      const vertex = vertices[i]!
      if (vertex < own) {
        const point = polygon.source[vertex]!
        numbers[at++] = coords[2 * point]!
        numbers[at++] = coords[2 * point + 1]!
      } else {
        numbers[at++] = originX + x[vertex]! * step
        numbers[at++] = originY + y[vertex]! * step
      }
    }
  }

  /** Writes areas, centroids and boxes, computed about a corner of each fragment, where nothing is lost to its distance from the origin. */
  #measure(cutter: PolygonCutter, numbers: Float64Array, fragments: number): void {
    const { grid, isReversed } = cutter.polygon
    const { x, y } = cutter.segments
    const vertices = this.#vertices
    for (let fragment = 0; fragment < fragments; fragment++) {
      const firstRing = this.#fragmentStart[fragment]!
      const base = vertices[this.#ringStart[firstRing]!]!
      const baseX = x[base]!
      const baseY = y[base]!
      let doubled = 0
      let sumX = 0
      let sumY = 0
      for (let ring = firstRing; ring < this.#fragmentStart[fragment + 1]!; ring++) {
        const end = this.#ringStart[ring + 1]!
        let lastX = x[vertices[end - 1]!]! - baseX
        let lastY = y[vertices[end - 1]!]! - baseY
        for (let i = this.#ringStart[ring]!; i < end; i++) {
          const nextX = x[vertices[i]!]! - baseX
          const nextY = y[vertices[i]!]! - baseY
          const cross = lastX * nextY - nextX * lastY
          doubled += cross
          sumX += (lastX + nextX) * cross
          sumY += (lastY + nextY) * cross
          lastX = nextX
          lastY = nextY
        }
      }
      const at = MEASURES * fragment
      numbers[at] = ((isReversed ? -doubled : doubled) / 2) * grid.step * grid.step
      numbers[at + 1] = grid.originX + (baseX + sumX / (3 * doubled)) * grid.step
      numbers[at + 2] = grid.originY + (baseY + sumY / (3 * doubled)) * grid.step
      this.#writeBox(numbers, fragment, fragments, firstRing)
    }
  }

  #writeBox(numbers: Float64Array, fragment: number, fragments: number, ring: number): void {
    const points = MEASURES * fragments
    const begin = points + 2 * this.#ringStart[ring]!
    const end = points + 2 * this.#ringStart[ring + 1]!
    let minX = numbers[begin]!
    let minY = numbers[begin + 1]!
    let maxX = minX
    let maxY = minY
    for (let at = begin + 2; at < end; at += 2) {
      const px = numbers[at]!
      const py = numbers[at + 1]!
      if (px < minX) minX = px
      else if (px > maxX) maxX = px
      if (py < minY) minY = py
      else if (py > maxY) maxY = py
    }
    const at = MEASURES * fragment + 3
    numbers[at] = minX
    numbers[at + 1] = minY
    numbers[at + 2] = maxX
    numbers[at + 3] = maxY
  }
}
