import { fails, holds, randomFrom, type Shape } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { test } from 'vitest'
import { PlanarEdges } from '../../src/geometry/planar-edges.ts'
import { PlanarGraph } from '../../src/geometry/planar-graph.ts'

const SIDE = 5

/** Some of the sides of a lattice of squares, and of their diagonals one a square, each any way round. */
function randomEdges(seed: number, share: number): PlanarEdges {
  const random = randomFrom(seed)
  const edges = new PlanarEdges()
  const add = (from: number, to: number) => {
    if (random() > share) return
    if (random() < 0.5) edges.add(from, to, 1, 0)
    else edges.add(to, from, 1, 0)
  }
  for (let at = 0; at < SIDE * SIDE; at++) {
    const [hasRight, hasAbove] = [at % SIDE < SIDE - 1, at < SIDE * (SIDE - 1)]
    if (hasRight) add(at, at + 1)
    if (hasAbove) add(at, at + SIDE)
    if (hasRight && hasAbove) random() < 0.5 ? add(at, at + SIDE + 1) : add(at + 1, at + SIDE)
  }
  return edges
}

const x = Float64Array.from({ length: SIDE * SIDE }, (_, at) => at % SIDE)
const y = Float64Array.from({ length: SIDE * SIDE }, (_, at) => Math.floor(at / SIDE))

/** What is left has no loose ends, each half-edge is followed by the next to its right, and there are as many faces as Euler says. */
const isJoined = (make: () => Shape<PlanarGraph>) =>
  fc.property(
    fc.array(fc.tuple(fc.integer(), fc.double({ min: 0.2, max: 1, noNaN: true })), { minLength: 1, maxLength: 3 }),
    (all) => {
      const graph = make()
      return all.every(([seed, share]) => {
        const edges = randomEdges(seed, share)
        graph.isDead = new Uint8Array(edges.count)
        graph.join(edges, x, y, SIDE * SIDE)
        return (
          hasNoLooseEnds(edges, graph) &&
          turnsRight(edges, graph) &&
          facesOf(edges, graph) === eulersFaces(edges, graph)
        )
      })
    },
  )

function live(edges: PlanarEdges, { isDead }: Shape<PlanarGraph>): number[] {
  return Array.from({ length: 2 * edges.count }, (_, half) => half).filter((half) => isDead[half >> 1] === 0)
}

function hasNoLooseEnds(edges: PlanarEdges, graph: Shape<PlanarGraph>): boolean {
  const degree = new Map<number, number>()
  for (const half of live(edges, graph)) degree.set(graph.origin[half]!, (degree.get(graph.origin[half]!) ?? 0) + 1)
  return x.every((_, vertex) => (degree.get(vertex) ?? 0) === graph.degree[vertex] && degree.get(vertex) !== 1)
}

function turnsRight(edges: PlanarEdges, graph: Shape<PlanarGraph>): boolean {
  const { origin, next } = graph
  const angle = (half: number) => {
    const [from, to] = [origin[half]!, origin[half ^ 1]!]
    return Math.atan2(y[to]! - y[from]!, x[to]! - x[from]!)
  }
  const all = live(edges, graph)
  return all.every((half) => {
    const back = angle(half ^ 1)
    const turn = (other: number) => (back - angle(other) + 4 * Math.PI - 1e-9) % (2 * Math.PI)
    const choices = all.filter((other) => origin[other] === origin[half ^ 1] && other !== (half ^ 1))
    return next[half] === choices.reduce((best, other) => (turn(other) < turn(best) ? other : best))
  })
}

function facesOf(edges: PlanarEdges, graph: Shape<PlanarGraph>): number {
  const seen = new Set<number>()
  let faces = 0
  for (const begin of live(edges, graph)) {
    if (seen.has(begin)) continue
    faces++
    for (let half = begin; !seen.has(half); half = graph.next[half]!) seen.add(half)
  }
  return faces
}

/** Rings around faces: each component has one around it, and as many as it has cycles. */
function eulersFaces(edges: PlanarEdges, graph: Shape<PlanarGraph>): number {
  const parent = new Map<number, number>()
  const rootOf = (vertex: number): number => {
    const above = parent.get(vertex) ?? vertex
    return above === vertex ? vertex : rootOf(above)
  }
  let cycles = 0
  const roots = new Set<number>()
  for (const half of live(edges, graph)) {
    if (half % 2 === 1) continue
    const [a, b] = [rootOf(graph.origin[half]!), rootOf(graph.origin[half + 1]!)]
    if (a === b) cycles++
    else parent.set(a, b)
  }
  for (const half of live(edges, graph)) roots.add(rootOf(graph.origin[half]!))
  return cycles + roots.size
}

test('half-edges are followed by the next to the right, loose ends left out', () =>
  holds(isJoined(() => new PlanarGraph())))

class Mirrored extends PlanarGraph {
  override join(edges: PlanarEdges, xs: Float64Array, ys: Float64Array, vertexCount: number): void {
    super.join(
      edges,
      xs,
      ys.map((value) => -value),
      vertexCount,
    )
  }
}

class Loose extends PlanarGraph {
  override join(edges: PlanarEdges, xs: Float64Array, ys: Float64Array, vertexCount: number): void {
    super.join(edges, xs, ys, vertexCount)
    this.isDead.fill(0)
  }
}

test('a graph that turns left, or keeps loose ends, is found out', async () => {
  await fails(isJoined(() => new Mirrored()))
  await fails(isJoined(() => new Loose()))
})
