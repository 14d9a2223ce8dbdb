import type { Bounds, Point, PolygonWithHoles, Transform } from '../polygon/polygon.ts'

/** Triangles of a fragment as graphics take them: three numbers of vertices each, in the winding of the outer ring. */
export interface FragmentMesh {
  /** `x0, y0, x1, y1, …`: the points of the outer ring, then of the holes. */
  readonly positions: Float32Array
  /** Where each vertex lies in the box around the polygon that was fractured, 0 to 1 both ways: its place in a texture laid over it. */
  readonly uvs: Float32Array
  readonly indices: Uint32Array
}

/**
 * A piece of a polygon. It can be fractured again as it is.
 *
 * Its arrays are views of memory that all fragments of a result share: read them, copy what you change.
 */
export interface Fragment extends PolygonWithHoles {
  /** Its number among the fragments of the result. */
  readonly index: number
  /** `x0, y0, x1, y1, …`, in the winding that the outer ring of the whole had. Points on a border shared with a neighbour are the same bits there. */
  readonly outer: Float64Array
  /** In the opposite winding. */
  readonly holes: readonly Float64Array[]
  readonly transform: Transform | undefined
  /** The middle of its area, which for a concave fragment may lie outside of it. */
  readonly centroid: Point
  /** Without its holes; above 0. */
  readonly area: number
  readonly bounds: Bounds
  /** The numbers of the fragments with which it shares a border longer than a point, ascending. */
  readonly neighbours: Int32Array
  /** When asked for by `mesh: true`. */
  readonly mesh: FragmentMesh | undefined
  /** When asked for by `convex: true`: convex rings in the winding of `outer` that cover the fragment, for colliders. */
  readonly convexParts: readonly Float64Array[] | undefined
}
