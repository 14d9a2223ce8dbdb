import { type Corners, cornersOf } from '../../../src/mesh/corners.ts'
import type { Earcut, triangulate } from '../../../src/mesh/triangulate.ts'

type Triangulate = typeof triangulate

/** Takes what earcut returns. */
export const trusting: Triangulate = (outer, holes, earcut) => cut(cornersOf(outer, holes), earcut)

/** Takes every polygon for a convex one. */
export const fanning: Triangulate = (outer) =>
  Uint32Array.from({ length: 3 * (outer.length / 2 - 2) }, (_, i) => (i % 3 === 0 ? 0 : Math.floor(i / 3) + (i % 3)))

/** Fills the holes. */
export const filling: Triangulate = (outer, _, earcut) => cut(cornersOf(outer, []), earcut)

function cut({ coords, vertices, ringEnds, winding }: Corners, earcut: Earcut): Uint32Array {
  const triangles = Uint32Array.from(earcut(coords, ringEnds.slice(0, -1)), (corner) => vertices[corner]!)
  return winding < 0 ? triangles.reverse() : triangles
}
