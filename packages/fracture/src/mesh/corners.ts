import { orient2d } from 'robust-predicates'

/** The vertices at which the rings of a polygon bend, or touch each other: all that a triangulation needs. */
export interface Corners {
  /** `x0, y0, x1, y1, …` of all rings, one after the other, the outer one first. */
  readonly coords: readonly number[]
  /** The number of each corner among all vertices of the polygon. */
  readonly vertices: readonly number[]
  /** Of each ring, the number of corners up to its end. */
  readonly ringEnds: readonly number[]
  /** 1 where the outer ring turns the way that {@link turn} counts as positive, else -1. */
  readonly winding: 1 | -1
  /** Whether there are no holes and the ring bends to one side only. */
  readonly isConvex: boolean
}

/**
 * Finds the corners of a polygon. Where three vertices lie on one line is decided exactly, so without the middle one the area is the same; it stays all the same where
 * another ring has it too.
 *
 * The rings are simple, holes in the opposite winding of `outer`. O(n).
 */
export function cornersOf(outer: Float64Array, holes: readonly Float64Array[]): Corners {
  // PERF: plain arrays; to make the typed ones takes longer than all else where there are six corners.
  const coords: number[] = []
  const vertices: number[] = []
  const ringEnds: number[] = []
  let vertex = 0
  let lefts = 0

  for (let r = 0; r <= holes.length; r++) {
    const ring = r === 0 ? outer : holes[r - 1]!
    const n = ring.length
    let ax = ring[n - 2]!
    let ay = ring[n - 1]!
    let bx = ring[0]!
    let by = ring[1]!
    for (let i = 0; i < n; i += 2) {
      const next = i + 2 < n ? i + 2 : 0
      const cx = ring[next]!
      const cy = ring[next + 1]!
      const bend = orient2d(ax, ay, bx, by, cx, cy)
      if (bend !== 0 || (holes.length > 0 && isOnAnother(outer, holes, r, bx, by))) {
        if (bend > 0) lefts++
        coords.push(bx, by)
        vertices.push(vertex)
      }
      vertex++
      ax = bx
      ay = by
      bx = cx
      by = cy
    }
    ringEnds.push(vertices.length)
  }

  const isConvex = holes.length === 0 && (lefts === 0 || lefts === vertices.length)
  return { coords, vertices, ringEnds, winding: windingOf(coords, ringEnds[0]!), isConvex }
}

/** Whether a ring other than the `r`-th has the point too: there they touch, and a triangulation has to open one to the other. */
function isOnAnother(outer: Float64Array, holes: readonly Float64Array[], r: number, x: number, y: number): boolean {
  for (let other = 0; other <= holes.length; other++) {
    if (other === r) continue
    const ring = other === 0 ? outer : holes[other - 1]!
    for (let i = 0; i < ring.length; i += 2) if (ring[i] === x && ring[i + 1] === y) return true
  }
  return false
}

/** Above 0 where the way from `a` over `b` to `c` bends to one side, below 0 to the other, 0 where it is straight; the sign is exact. */
export function turn(coords: readonly number[], a: number, b: number, c: number): number {
  return orient2d(
    coords[2 * a]!,
    coords[2 * a + 1]!,
    coords[2 * b]!,
    coords[2 * b + 1]!,
    coords[2 * c]!,
    coords[2 * c + 1]!,
  )
}

/** The way round of the first `count` corners: at the leftmost of them, the lowest of those, no ring can bend inwards. */
function windingOf(coords: readonly number[], count: number): 1 | -1 {
  let first = 0
  for (let i = 1; i < count; i++) {
    const byX = coords[2 * i]! - coords[2 * first]!
    if (byX < 0 || (byX === 0 && coords[2 * i + 1]! < coords[2 * first + 1]!)) first = i
  }
  return turn(coords, (first || count) - 1, first, first + 1 < count ? first + 1 : 0) < 0 ? -1 : 1
}
