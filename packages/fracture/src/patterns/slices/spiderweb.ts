import type { CutNetwork } from '../../geometry/cut-network.ts'
import type { CheckedParamsOf } from '../check-params.ts'
import { directionAt } from '../direction.ts'
import type { PatternFrame } from '../pattern-frame.ts'
import type { RandomSource } from '../random-source.ts'
import { RingPlaces } from '../ring-places.ts'
import { SliceNetwork } from './slice-network.ts'

/**
 * Straight spokes from a middle out of the polygon, and threads from each to the next, one a ring. Spokes and threads share the points at which they meet.
 */
export function spiderweb(frame: PatternFrame, params: CheckedParamsOf<'spiderweb'>, random: RandomSource): CutNetwork {
  const { ringCount, pointsPerRing } = params
  const network = new SliceNetwork(frame.reach)
  const center = frame.pointOf(params.center)
  const farthest = frame.farthestFrom(center)
  const places = new RingPlaces(params, random)
  const middle = network.addPoint(center.x, center.y)
  /** Where threads meet spokes, spoke by spoke. */
  const knots: number[] = []
  for (let spoke = 0; spoke < pointsPerRing; spoke++) {
    const direction = directionAt(places.turnsOf(spoke))
    let last = middle
    for (let ring = 0; ring < ringCount; ring++) {
      const radius = farthest * places.radiusOf(ring)
      const knot = network.addPoint(center.x + radius * direction.x, center.y + radius * direction.y)
      network.addCut(last, knot)
      knots.push(knot)
      last = knot
    }
    network.addRay(last, direction)
  }
  for (let knot = 0; knot < knots.length; knot++) {
    network.addCut(knots[knot]!, knots[(knot + ringCount) % knots.length]!)
  }
  return network.finish()
}
