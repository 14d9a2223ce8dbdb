import type { CheckedParamsOf } from '../check-params.ts'
import { directionAt } from '../direction.ts'
import type { PatternFrame } from '../pattern-frame.ts'
import type { RandomSource } from '../random-source.ts'
import { RingPlaces } from '../ring-places.ts'

/** A seed in the middle and `pointsPerRing` on each ring, ring by ring, within the polygon or not. */
export function radialSeeds(
  frame: PatternFrame,
  params: CheckedParamsOf<'radial'>,
  random: RandomSource,
): Float64Array {
  const { ringCount, pointsPerRing } = params
  const center = frame.pointOf(params.center)
  const farthest = frame.farthestFrom(center)
  const places = new RingPlaces(params, random)
  const seeds = new Float64Array(2 * (1 + ringCount * pointsPerRing))
  seeds[0] = center.x
  seeds[1] = center.y
  let at = 2
  for (let ring = 0; ring < ringCount; ring++) {
    for (let point = 0; point < pointsPerRing; point++) {
      const direction = directionAt(places.turnsOf(point))
      const radius = farthest * places.radiusOf(ring)
      seeds[at++] = center.x + radius * direction.x
      seeds[at++] = center.y + radius * direction.y
    }
  }
  return seeds
}
