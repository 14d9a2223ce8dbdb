import { seededRandom } from '../harness/random.ts'

/** Vertices of every star, half of them in its dents. */
const STAR_POINTS = 32
const RADIUS = 100
/** How far the dents lie from the middle, as a share of the radius, at least and at most. */
const [DEEPEST, SHALLOWEST] = [0.4, 0.65]

/**
 * A concave star about the origin, `x0, y0, x1, y1, …`, counterclockwise where y points up. No two numbers give the same one.
 *
 * `points` above 32 make one that takes longer to cut.
 */
export function starOf(number: number, points: number = STAR_POINTS): Float64Array {
  const random = seededRandom(number + 1)
  const coords = new Float64Array(2 * points)
  for (let point = 0; point < points; point++) {
    const share = point % 2 === 0 ? 1 - 0.1 * random() : DEEPEST + (SHALLOWEST - DEEPEST) * random()
    const angle = (2 * Math.PI * (point + 0.4 * random())) / points
    coords[2 * point] = RADIUS * share * Math.cos(angle)
    coords[2 * point + 1] = RADIUS * share * Math.sin(angle)
  }
  return coords
}

/** The area within a closed line, below 0 where it runs clockwise; 0 where there is no line. */
export function areaOf(coords: ArrayLike<number>, from = 0, to: number = coords.length): number {
  if (from === to) return 0
  let twice = 0
  let [x, y] = [coords[to - 2]!, coords[to - 1]!]
  for (let at = from; at < to; at += 2) {
    const [nextX, nextY] = [coords[at]!, coords[at + 1]!]
    twice += x * nextY - nextX * y
    x = nextX
    y = nextY
  }
  return twice / 2
}
