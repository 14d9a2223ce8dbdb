import { exactCrossing } from './exact-crossing.ts'
import { orientation } from './orientation.ts'
import type { PlanarEdges } from './planar-edges.ts'
import { PlanarGraph } from './planar-graph.ts'
import type { Pulse } from './pulse.ts'
import type { Segments } from './segments.ts'

/** An edge while it is made: both ends, how often the border runs along it, forwards less backwards, and whether a cut does. */
interface Edge {
  readonly from: number
  readonly to: number
  border: number
  isCut: boolean
}

/** Throws for a border that winds around the place x, y twice, or the wrong way. */
export type Refuse = (x: number, y: number) => never

/** One more than the numbers of vertices that an edge is known by. */
const MOST_VERTICES = 2 ** 26

/**
 * Arranges the border and the cuts whatever they do: touch, overlap, meet in a point, or come nearer than the grid is fine.
 *
 * By snap rounding: every pixel of the grid that has an end or a crossing is hot, and every segment becomes the line through the middles
 * of the hot pixels that it passes. Lines that did not cross do not cross then either; they may meet or run together. All that
 * decides is exact. Which side of an edge is inside follows from how often the border winds around it.
 * Hobby, "Practical segment intersection with finite precision output", Computational Geometry 13, 1999.
 *
 * O(c·s + v·s) for c cuts, s segments and v vertices, where all is long; less where it is short. For the rare polygon whose cuts come
 * too near to its corners.
 */
export function arrangeExactly(
  segments: Segments,
  touching: readonly number[],
  edges: PlanarEdges,
  refuse: Refuse,
  pulse: Pulse,
): void {
  const pixels = new HotPixels(segments)
  for (let i = 0; i < touching.length; i += 2) addCrossing(segments, touching[i]!, touching[i + 1]!, pixels)
  addCrossings(segments, pixels, pulse)
  pixels.sort()
  const made = new Map<number, Edge>()
  for (let segment = 0; segment < segments.count; segment++) {
    pulse(segment / segments.count / 2 + 1 / 2)
    addChain(segments, segment, pixels, made)
  }
  classify(segments, [...made.values()], edges, refuse)
}

/** The vertices of the arrangement, one a pixel. */
class HotPixels {
  readonly #segments: Segments
  readonly #byPlace = new Map<number, Map<number, number>>()
  readonly vertices: number[] = []

  constructor(segments: Segments) {
    this.#segments = segments
    for (let vertex = 0; vertex < segments.vertexCount; vertex++) {
      if (this.#find(segments.x[vertex]!, segments.y[vertex]!) === undefined) this.#keep(vertex)
    }
  }

  add(x: number, y: number): void {
    if (this.#find(x, y) === undefined) this.#keep(this.#segments.addVertex(x, y))
  }

  /** Puts them in the order of x. */
  sort(): void {
    const { x } = this.#segments
    this.vertices.sort((one, other) => x[one]! - x[other]! || one - other)
  }

  /** The first in that order that is not left of `least`. */
  firstFrom(least: number): number {
    const { x } = this.#segments
    let low = 0
    let high = this.vertices.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (x[this.vertices[middle]!]! < least) low = middle + 1
      else high = middle
    }
    return low
  }

  #find(x: number, y: number): number | undefined {
    return this.#byPlace.get(x)?.get(y)
  }

  #keep(vertex: number): void {
    const { x, y } = this.#segments
    let column = this.#byPlace.get(x[vertex]!)
    if (column === undefined) {
      column = new Map()
      this.#byPlace.set(x[vertex]!, column)
    }
    column.set(y[vertex]!, vertex)
    this.vertices.push(vertex)
  }
}

/** Adds where cuts cross the border and each other. */
function addCrossings(segments: Segments, pixels: HotPixels, pulse: Pulse): void {
  for (let cut = segments.borderCount; cut < segments.count; cut++) {
    pulse((cut - segments.borderCount) / segments.count / 2)
    for (let other = 0; other < cut; other++) addCrossing(segments, cut, other, pixels)
  }
}

const place = new Float64Array(2)

function addCrossing({ x, y, from, to }: Segments, one: number, other: number, pixels: HotPixels): void {
  const a = from[one]!
  const b = to[one]!
  const c = from[other]!
  const d = to[other]!
  if (Math.max(x[a]!, x[b]!) < Math.min(x[c]!, x[d]!) || Math.max(x[c]!, x[d]!) < Math.min(x[a]!, x[b]!)) return
  if (Math.max(y[a]!, y[b]!) < Math.min(y[c]!, y[d]!) || Math.max(y[c]!, y[d]!) < Math.min(y[a]!, y[b]!)) return
  const ofC = orientation(x[a]!, y[a]!, x[b]!, y[b]!, x[c]!, y[c]!)
  const ofD = orientation(x[a]!, y[a]!, x[b]!, y[b]!, x[d]!, y[d]!)
  // An end that lies on the other is a hot pixel anyhow.
  if (!((ofC < 0 && ofD > 0) || (ofC > 0 && ofD < 0))) return
  const ofA = orientation(x[c]!, y[c]!, x[d]!, y[d]!, x[a]!, y[a]!)
  const ofB = orientation(x[c]!, y[c]!, x[d]!, y[d]!, x[b]!, y[b]!)
  if (!((ofA < 0 && ofB > 0) || (ofA > 0 && ofB < 0))) return
  exactCrossing(x[a]!, y[a]!, x[b]!, y[b]!, x[c]!, y[c]!, x[d]!, y[d]!, place)
  pixels.add(place[0]!, place[1]!)
}

/** Adds the edges that a segment becomes. */
function addChain(segments: Segments, segment: number, pixels: HotPixels, made: Map<number, Edge>): void {
  const { x, y, from, to, borderCount } = segments
  const a = from[segment]!
  const b = to[segment]!
  const ax = x[a]!
  const ay = y[a]!
  const bx = x[b]!
  const by = y[b]!
  const minX = Math.min(ax, bx)
  const maxX = Math.max(ax, bx)
  const minY = Math.min(ay, by)
  const maxY = Math.max(ay, by)
  const chain: number[] = []
  for (let i = pixels.firstFrom(minX); i < pixels.vertices.length; i++) {
    const vertex = pixels.vertices[i]!
    if (x[vertex]! > maxX) break
    const py = y[vertex]!
    if (py >= minY && py <= maxY && passes(ax, ay, bx, by, x[vertex]!, py)) chain.push(vertex)
  }
  // By their places along it: the sign of a dot product is that of an orientation with the direction turned by a quarter.
  chain.sort((one, other) => orientation(0, 0, x[other]! - x[one]!, y[other]! - y[one]!, ay - by, bx - ax) * -1)
  for (let i = 1; i < chain.length; i++) addEdge(made, chain[i - 1]!, chain[i]!, segment >= borderCount)
}

/** Whether the segment from a to b, whose box p is in, passes the pixel around p, which has its left and lower sides. */
function passes(ax: number, ay: number, bx: number, by: number, px: number, py: number): boolean {
  const lowerLeft = orientation(2 * ax, 2 * ay, 2 * bx, 2 * by, 2 * px - 1, 2 * py - 1)
  if (lowerLeft === 0) return true
  const isLeft = lowerLeft > 0
  for (let corner = 1; corner < 4; corner++) {
    const cornerX = 2 * px + (corner & 1 ? 1 : -1)
    const cornerY = 2 * py + (corner & 2 ? 1 : -1)
    const side = orientation(2 * ax, 2 * ay, 2 * bx, 2 * by, cornerX, cornerY)
    if (side !== 0 && side > 0 !== isLeft) return true
  }
  return false
}

function addEdge(made: Map<number, Edge>, from: number, to: number, isCut: boolean): void {
  const low = Math.min(from, to)
  const high = Math.max(from, to)
  const key = low * MOST_VERTICES + high
  let edge = made.get(key)
  if (edge === undefined) {
    edge = { from: low, to: high, border: 0, isCut: false }
    made.set(key, edge)
  }
  if (isCut) edge.isCut = true
  else edge.border += from === low ? 1 : -1
}

/** Adds to `edges` the border and the cuts inside, by how often the border winds around the places beside each edge. */
function classify(segments: Segments, all: readonly Edge[], edges: PlanarEdges, refuse: Refuse): void {
  const { x, y } = segments
  const real = all.filter((edge) => edge.border !== 0 || edge.isCut)
  edges.clear()
  for (const { from, to } of real) edges.add(from, to, 1, -1)
  const graph = new PlanarGraph()
  graph.isDead = new Uint8Array(real.length)
  graph.join(edges, x, y, segments.vertexCount)
  const windings = windingsOf(segments, real, graph)
  /** 1 for an inside. Where edges that touch have crossed by rounding, thin places may be wound around twice, or the wrong way. */
  const inside = (half: number): number => {
    const winding = windings[half]!
    if ((winding < 0 || winding > 1) && !isThin(graph, half, x, y)) {
      refuse(x[graph.origin[half]!]!, y[graph.origin[half]!]!)
    }
    return winding > 0 ? 1 : 0
  }
  edges.clear()
  for (const [index, { from, to }] of real.entries()) {
    if (graph.isDead[index] === 1) continue
    const left = inside(2 * index)
    const right = inside(2 * index + 1)
    if (left === 1 && right === 1) edges.add(from, to, 1, -1)
    else if (left === 1) edges.add(from, to, 0, -1)
    else if (right === 1) edges.add(to, from, 0, -1)
  }
}

/** Whether the face of a half-edge is thinner than two steps. */
function isThin({ origin, next }: PlanarGraph, begin: number, x: Float64Array, y: Float64Array): boolean {
  const baseX = x[origin[begin]!]!
  const baseY = y[origin[begin]!]!
  let doubled = 0
  let length = 0
  let half = begin
  do {
    const ax = x[origin[half]!]! - baseX
    const ay = y[origin[half]!]! - baseY
    const bx = x[origin[half ^ 1]!]! - baseX
    const by = y[origin[half ^ 1]!]! - baseY
    doubled += ax * by - bx * ay
    length += Math.hypot(bx - ax, by - ay)
    half = next[half]!
  } while (half !== begin)
  return Math.abs(doubled) <= 2 * length
}

/** How often the border winds around the place left of each half-edge: the same all around a face, and known of the one beyond an edge. */
function windingsOf(segments: Segments, edges: readonly Edge[], { next, isDead }: PlanarGraph): Int32Array {
  const border = edges.filter((edge) => edge.border !== 0)
  const windings = new Int32Array(2 * edges.length)
  const isKnown = new Uint8Array(2 * edges.length)
  const begun: number[] = []
  const tell = (half: number, winding: number) => {
    if (isKnown[half] === 1) return
    begun.push(half)
    for (let other = half; isKnown[other] === 0; other = next[other]!) {
      isKnown[other] = 1
      windings[other] = winding
    }
  }
  for (const [index, edge] of edges.entries()) {
    if (isDead[index] === 1 || isKnown[2 * index + 1] === 1) continue
    tell(2 * index + 1, windingRightOf(segments, edge, border))
    for (let begin = begun.pop(); begin !== undefined; begin = begun.pop()) {
      let half = begin
      do {
        const across = edges[half >> 1]!.border
        tell(half ^ 1, windings[half]! + ((half & 1) === 1 ? across : -across))
        half = next[half]!
      } while (half !== begin)
    }
  }
  return windings
}

/** How often the border winds around the place just right of the middle of `edge`: counted along a ray that leaves to that side. */
function windingRightOf({ x, y }: Segments, edge: Edge, border: readonly Edge[]): number {
  // Twice as fine, the middle is on the grid too.
  const middleX = x[edge.from]! + x[edge.to]!
  const middleY = y[edge.from]! + y[edge.to]!
  const dx = x[edge.to]! - x[edge.from]!
  const dy = y[edge.to]! - y[edge.from]!
  // The ray leaves along x or along y, whichever the edge does not run along. Towards larger x is right of an edge that goes up.
  const isAlongX = dy !== 0
  let winding = 0
  for (const other of border) {
    if (other === edge) continue
    let { from, to } = other
    let up = other.border
    const u = isAlongX ? y : x
    const middle = isAlongX ? middleY : middleX
    if (2 * u[from]! > middle) {
      ;[from, to] = [to, from]
      up = -up
    }
    if (!(2 * u[from]! <= middle && 2 * u[to]! > middle)) continue
    const side = orientation(2 * x[from]!, 2 * y[from]!, 2 * x[to]!, 2 * y[to]!, middleX, middleY)
    // Going up along y, the ray to the right meets what it is left of; along x, the ray upwards meets what it is right of.
    if (isAlongX ? side > 0 : side < 0) winding += isAlongX ? up : -up
  }
  const isRayOnRight = isAlongX ? dy > 0 : dx < 0
  return isRayOnRight ? winding : winding - edge.border
}
