import { type Corners, cornersOf, turn } from './corners.ts'
import { clipEars } from './ear-clipping.ts'

/** What `earcut` exports: triangles of a polygon, given all its points in one row and where each hole begins. */
export type Earcut = (coords: ArrayLike<number>, holeStarts?: ArrayLike<number> | null) => number[]

/**
 * Cuts a polygon into triangles, and returns three numbers of vertices for each: those of the outer ring come first, then those of the holes.
 *
 * The triangles lie in the winding of `outer`, each has an area, none overlaps another, and together they are the polygon, exactly; a
 * vertex on a straight line between its neighbours is in none of them. The rings are simple, holes in the opposite winding;
 * a hole may touch another ring in a point.
 *
 * A convex polygon is cut at once, as a fan; others by earcut, about O(n log n). What earcut returns is checked, in O(n), and what does not pass
 * is cut again by {@link clipEars}: earcut works with rounded areas, and gives up vertices where they mislead it.
 */
export function triangulate(outer: Float64Array, holes: readonly Float64Array[], earcut: Earcut): Uint32Array {
  const corners = cornersOf(outer, holes)
  const triangles = triangulateCorners(corners, earcut)
  const { vertices } = corners
  for (let i = 0; i < triangles.length; i++) triangles[i] = vertices[triangles[i]!]!
  return triangles
}

/** The same, by numbers of corners. */
export function triangulateCorners(corners: Corners, earcut: Earcut): Uint32Array {
  const count = corners.vertices.length
  if (count < 3) return new Uint32Array(0)
  return corners.isConvex ? fan(count) : (tiling(corners, earcut) ?? clipEars(corners))
}

/**
 * What earcut returns, in the polygon's winding; or nothing, where that is not the polygon.
 *
 * As many triangles as `n` corners and `h` holes have, `n + 2h - 2`, are there only where earcut left out no corner: then their borders, added
 * up, are the rings. Where each of them also lies in the right winding, every point is in as many triangles as the rings wind around it: one
 * within the polygon, none outside.
 */
function tiling(corners: Corners, earcut: Earcut): Uint32Array | undefined {
  const { coords, ringEnds, winding } = corners
  const found = earcut(coords, ringEnds.slice(0, -1))
  if (found.length !== 3 * (coords.length / 2 + 2 * ringEnds.length - 4)) return undefined
  const triangles = new Uint32Array(found)
  const flips = turn(coords, found[0]!, found[1]!, found[2]!) * winding < 0
  for (let i = 0; i < triangles.length; i += 3) {
    const a = triangles[i]!
    const b = triangles[i + 1]!
    const c = triangles[i + 2]!
    const bend = turn(coords, a, b, c) * winding
    if (flips ? bend >= 0 : bend <= 0) return undefined
    if (flips) {
      triangles[i + 1] = c
      triangles[i + 2] = b
    }
  }
  return triangles
}

function fan(count: number): Uint32Array {
  const triangles = new Uint32Array(3 * (count - 2))
  for (let i = 0; i < count - 2; i++) {
    triangles[3 * i + 1] = i + 1
    triangles[3 * i + 2] = i + 2
  }
  return triangles
}
