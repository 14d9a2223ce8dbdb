import { booleanOp, ClipType, FillRule, type Paths64 } from 'clipper2-ts'
import polybool, { type PolyBoolPolygon } from 'polybooljs'
import { stepOf } from './check-fragments.ts'
import { areaOf, lengthOf, pairsOf, type Ring } from './rings.ts'

/** Whether an oracle finds the fragments to be the polygon; both have cases at which they fail, but not the same ones. */
export function isConfirmed(
  rings: readonly Ring[],
  fragments: readonly Rings[],
  first: 'clipper' | 'polybool',
): boolean {
  const byClipper = () => clipperDifference(rings, fragments) <= 1
  // Its sweep goes another way then.
  const byClipperTurned = () => clipperDifference(rings.map(turned), fragments.map(turnedFragment)) <= 1
  const byPolybool = () => polyboolDifference(rings, fragments) <= POLYBOOL_ALLOWS
  return first === 'clipper'
    ? agrees(byClipper) || agrees(byPolybool) || agrees(byClipperTurned)
    : agrees(byPolybool) || agrees(byClipper)
}

/** The same a quarter round, exactly. */
function turned(ring: ArrayLike<number>): number[] {
  return Array.from(ring, (_, i) => (i % 2 === 0 ? -ring[i + 1]! : ring[i - 1]!))
}

function turnedFragment({ outer, holes }: Rings): Rings {
  return { outer: turned(outer), holes: holes.map(turned) }
}

/** What the oracles look at of a fragment. */
interface Rings {
  readonly outer: ArrayLike<number>
  readonly holes: readonly ArrayLike<number>[]
}

/** Above polybooljs's epsilon of 1e-10, times the edges of a polygon. */
const POLYBOOL_ALLOWS = 1e-6

function agrees(oracle: () => boolean): boolean {
  try {
    return oracle()
  } catch {
    // Some degenerate input makes them throw.
    return false
  }
}

/**
 * The area that is in the polygon or in one of its fragments and not in both, by clipper2, as a share of what is allowed: a step along all borders, and
 * as much for clipper's own rounding, which puts crossings on whole numbers. It has the polygon's grid as those: it takes up to 2⁶¹, by big integers.
 */
function clipperDifference(rings: readonly Ring[], fragments: readonly Rings[]): number {
  const step = stepOf(rings[0]!)
  const [baseX, baseY] = [rings[0]![0]!, rings[0]![1]!]
  const path = (ring: ArrayLike<number>) =>
    pairsOf(ring).map(([x, y]) => ({ x: Math.round((x - baseX) / step), y: Math.round((y - baseY) / step) }))
  const pieces: Paths64 = []
  let length = 0
  for (const { outer, holes } of fragments) {
    const isReversed = areaOf(outer) < 0
    for (const ring of [outer, ...holes]) {
      length += lengthOf(ring) / step
      pieces.push(isReversed ? path(ring).reverse() : path(ring))
    }
  }
  const union = booleanOp(ClipType.Union, pieces, null, FillRule.NonZero)
  const whole = booleanOp(ClipType.Union, rings.map(path), null, FillRule.EvenOdd)
  const difference = booleanOp(ClipType.Xor, union, whole, FillRule.NonZero)
  const area = difference.reduce((sum, ring) => sum + areaOf(ring.flatMap(({ x, y }) => [x, y])), 0)
  return Math.abs(area) / (2 * length)
}

/** The same by polybooljs, which calls equal what is nearer than 1e-10: as a share of the polygon's area. */
function polyboolDifference(rings: readonly Ring[], fragments: readonly Rings[]): number {
  const [baseX, baseY] = [rings[0]![0]!, rings[0]![1]!]
  const extent = stepOf(rings[0]!) * 2 ** 40
  const regions = (list: readonly ArrayLike<number>[]): PolyBoolPolygon => ({
    regions: list.map((ring) => pairsOf(ring).map(([x, y]) => [(x - baseX) / extent, (y - baseY) / extent])),
    inverted: false,
  })
  const areaOfAll = ({ regions: list }: PolyBoolPolygon) =>
    list.reduce((sum, ring) => sum + Math.abs(areaOf(ring.flat())), 0)
  const union = fragments
    .map(({ outer, holes }) => regions([outer, ...holes]))
    .reduce((sum, piece) => polybool.union(sum, piece))
  const whole = regions(rings)
  return areaOfAll(polybool.xor(union, whole)) / areaOfAll(whole)
}
