import { stepOf } from './check-fragments.ts'
import { areaOf, judge, lengthOf, type Ring } from './rings.ts'

/** Nearer than so many steps, corners may go to either side of what they are near. */
const NEAR = 2
/** Of what is narrower than so many steps on the average, next to nothing is left. */
const THIN = 3

/** Why rings may be refused with `code`; nothing where they may not. */
export function reasonFor(code: unknown, rings: readonly Ring[]): 'far' | 'crossing' | 'near' | undefined {
  if (code === 'POLYGON_SIZE') return ratioOf(rings[0]!) > 2 ** 25 ? 'far' : undefined
  if (code !== 'POLYGON_SELF_INTERSECTS' && code !== 'POLYGON_HOLES' && code !== 'POLYGON_NO_AREA') return undefined
  if (code === 'POLYGON_NO_AREA') return rings.some(isThin) ? 'near' : undefined
  const { isCrossing, near } = judge(rings)
  if (isCrossing) return 'crossing'
  return near < NEAR * stepOf(rings[0]!) ? 'near' : undefined
}

function isThin(ring: Ring, _: number, [outer]: readonly Ring[]): boolean {
  return (2 * Math.abs(areaOf(ring))) / lengthOf(ring) < THIN * stepOf(outer!)
}

/** How many times as far from the origin as it is wide. */
function ratioOf(outer: Ring): number {
  const [xs, ys] = [outer.filter((_, i) => i % 2 === 0), outer.filter((_, i) => i % 2 === 1)]
  const extent = Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys))
  return Math.max(...outer.map(Math.abs)) / extent
}
