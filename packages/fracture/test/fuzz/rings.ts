import { orient2d } from 'robust-predicates'

/** `x0, y0, x1, y1, …` */
export type Ring = readonly number[]

type Pair = readonly [x: number, y: number]

export function pairsOf(ring: ArrayLike<number>): Pair[] {
  return Array.from({ length: ring.length / 2 }, (_, i) => [ring[2 * i]!, ring[2 * i + 1]!])
}

/** Above 0 where it turns from x to y; measured from its first point. */
export function areaOf(ring: ArrayLike<number>): number {
  const baseX = ring[0]!
  const baseY = ring[1]!
  let doubled = 0
  let lastX = ring[ring.length - 2]! - baseX
  let lastY = ring[ring.length - 1]! - baseY
  for (let i = 0; i < ring.length; i += 2) {
    const x = ring[i]! - baseX
    const y = ring[i + 1]! - baseY
    doubled += lastX * y - x * lastY
    lastX = x
    lastY = y
  }
  return doubled / 2
}

export function lengthOf(ring: ArrayLike<number>): number {
  let length = 0
  for (let i = 0; i < ring.length; i += 2) {
    const next = (i + 2) % ring.length
    length += Math.hypot(ring[next]! - ring[i]!, ring[next + 1]! - ring[i + 1]!)
  }
  return length
}

/** 1 where c lies on the side towards which x turns to y, seen from a to b; -1 on the other, 0 on the line. Exact. */
export function sideOf(ax: number, ay: number, bx: number, by: number, cx: number, cy: number): number {
  return -Math.sign(orient2d(ax, ay, bx, by, cx, cy))
}

/** Whether a point that is on no edge lies within rings, by the number of edges to the right of it. Exact. */
export function isWithin(rings: readonly ArrayLike<number>[], x: number, y: number): boolean {
  let isInside = false
  for (const ring of rings) {
    let lastX = ring[ring.length - 2]!
    let lastY = ring[ring.length - 1]!
    for (let i = 0; i < ring.length; i += 2) {
      const nextX = ring[i]!
      const nextY = ring[i + 1]!
      if (lastY > y !== nextY > y) {
        const side = nextY > lastY ? sideOf(lastX, lastY, nextX, nextY, x, y) : sideOf(nextX, nextY, lastX, lastY, x, y)
        if (side > 0) isInside = !isInside
      }
      lastX = nextX
      lastY = nextY
    }
  }
  return isInside
}

export function distanceTo(px: number, py: number, ax: number, ay: number, bx: number, by: number): number {
  const dx = bx - ax
  const dy = by - ay
  const squared = dx * dx + dy * dy
  const share = squared === 0 ? 0 : Math.max(0, Math.min(1, ((px - ax) * dx + (py - ay) * dy) / squared))
  return Math.hypot(px - ax - share * dx, py - ay - share * dy)
}

/**
 * How far rings are from being those of a polygon with holes beside each other: what is `crossing` is none; `near` is the least distance between two
 * edges that are not neighbours (0 where they touch), and between a corner and the edge after next. O(n²).
 */
export function judge(rings: readonly Ring[]): { readonly isCrossing: boolean; readonly near: number } {
  const edges: number[][] = []
  for (const ring of rings) {
    const first = edges.length
    const corners = pairsOf(ring).filter(([x, y], i) => {
      const [lastX, lastY] = [ring.at(2 * i - 2)!, ring.at(2 * i - 1)!]
      return x !== lastX || y !== lastY
    })
    corners.forEach(([x, y], i) => {
      const [toX, toY] = corners[(i + 1) % corners.length]!
      edges.push([x, y, toX, toY, i === 0 ? first + corners.length - 1 : edges.length - 1])
    })
  }
  let near = Number.POSITIVE_INFINITY
  let isCrossing = false
  for (let i = 0; i < edges.length; i++) {
    const [ax, ay, bx, by, beforeI] = edges[i] as [number, number, number, number, number]
    for (let j = i + 1; j < edges.length; j++) {
      const [cx, cy, dx, dy, beforeJ] = edges[j] as [number, number, number, number, number]
      if (beforeJ === i) near = Math.min(near, distanceTo(ax, ay, cx, cy, dx, dy), distanceTo(dx, dy, ax, ay, bx, by))
      else if (beforeI === j)
        near = Math.min(near, distanceTo(cx, cy, ax, ay, bx, by), distanceTo(bx, by, cx, cy, dx, dy))
      else {
        if (
          sideOf(ax, ay, bx, by, cx, cy) * sideOf(ax, ay, bx, by, dx, dy) < 0 &&
          sideOf(cx, cy, dx, dy, ax, ay) * sideOf(cx, cy, dx, dy, bx, by) < 0
        ) {
          isCrossing = true
          near = 0
        }
        near = Math.min(
          near,
          distanceTo(ax, ay, cx, cy, dx, dy),
          distanceTo(bx, by, cx, cy, dx, dy),
          distanceTo(cx, cy, ax, ay, bx, by),
          distanceTo(dx, dy, ax, ay, bx, by),
        )
      }
    }
  }
  return { isCrossing, near }
}
