/** A straight cut through the whole plane: what lies in the cell has `a·x + b·y ≥ c`. */
export interface Side {
  readonly a: number
  readonly b: number
  readonly c: number
}

/** What of the plane is nearer to one seed than to any other. */
export interface Cell {
  /** Its border within a box, counterclockwise where y points up: `x0, y0, x1, y1, …`. */
  readonly ring: readonly number[]
  /** The lines along that border, without the sides of the box. */
  readonly sides: readonly Side[]
}

/** The Voronoi cells of `seeds`, closed by a square box about the origin. Quadratic, and made only once for each scene. */
export function cellsOf(seeds: ArrayLike<number>, halfBox: number): Cell[] {
  const count = seeds.length / 2
  return Array.from({ length: count }, (_, own) => {
    let ring: readonly number[] = [-halfBox, -halfBox, halfBox, -halfBox, halfBox, halfBox, -halfBox, halfBox]
    const between = Array.from({ length: count }, (_, other) => bisector(seeds, own, other))
    for (let other = 0; other < count; other++) if (other !== own) ring = cutRing(ring, between[other]!)
    const isAlong = ({ a, b, c }: Side) => {
      const tolerance = 1e-9 * halfBox * Math.hypot(a, b)
      let on = 0
      for (let at = 0; at < ring.length; at += 2) if (Math.abs(a * ring[at]! + b * ring[at + 1]! - c) < tolerance) on++
      return on > 1
    }
    return { ring, sides: between.filter((side, other) => other !== own && isAlong(side)) }
  })
}

function bisector(seeds: ArrayLike<number>, own: number, other: number): Side {
  const [x, y, otherX, otherY] = [seeds[2 * own]!, seeds[2 * own + 1]!, seeds[2 * other]!, seeds[2 * other + 1]!]
  return { a: x - otherX, b: y - otherY, c: (x * x + y * y - otherX * otherX - otherY * otherY) / 2 }
}

/** What of a convex ring lies on the right side of a line. */
function cutRing(ring: readonly number[], { a, b, c }: Side): number[] {
  const kept: number[] = []
  let [x, y] = [ring.at(-2)!, ring.at(-1)!]
  let height = a * x + b * y - c
  for (let at = 0; at < ring.length; at += 2) {
    const [nextX, nextY] = [ring[at]!, ring[at + 1]!]
    const next = a * nextX + b * nextY - c
    if (height < 0 !== next < 0) {
      const share = height / (height - next)
      kept.push(x + share * (nextX - x), y + share * (nextY - y))
    }
    if (next >= 0) kept.push(nextX, nextY)
    x = nextX
    y = nextY
    height = next
  }
  return kept
}
