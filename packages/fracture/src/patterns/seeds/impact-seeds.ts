import type { CheckedParamsOf } from '../check-params.ts'
import { randomDirection } from '../direction.ts'
import type { PatternFrame } from '../pattern-frame.ts'
import type { RandomSource } from '../random-source.ts'
import { SeedBed } from './seed-bed.ts'

/**
 * `fragmentCount` seeds in the polygon, dense around the impact and fewer away from it; an impact outside of the polygon's box arrives at the nearest point of the box.
 *
 * The share `u` of seeds is within `u / (u + falloff (1 - u))` of the way to the box's farthest corner: near the impact rings have `falloff` times as many seeds as on average, far away that much fewer.
 * The curve takes the place of a power, which engines round as they like.
 */
export function impactSeeds(
  frame: PatternFrame,
  params: CheckedParamsOf<'impact'>,
  random: RandomSource,
): Float64Array {
  const bed = new SeedBed(frame, params)
  const { x, y } = frame.pointOf(params.impact)
  const impact = {
    x: Math.max(-frame.halfWidth, Math.min(frame.halfWidth, x)),
    y: Math.max(-frame.halfHeight, Math.min(frame.halfHeight, y)),
  }
  const farthest = frame.farthestFrom(impact)
  bed.fill(random, (proposal) => {
    const u = random.next()
    const radius = (farthest * u) / (u + params.falloff * (1 - u))
    const direction = randomDirection(random)
    proposal.x = impact.x + radius * direction.x
    proposal.y = impact.y + radius * direction.y
  })
  return bed.seeds
}
