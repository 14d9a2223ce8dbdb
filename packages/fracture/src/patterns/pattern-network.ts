import type { CutNetwork } from '../geometry/cut-network.ts'
import type { Polygon } from '../polygon/polygon.ts'
import type { CheckedParams } from './check-params.ts'
import { PatternFrame } from './pattern-frame.ts'
import { RandomSource } from './random-source.ts'
import { gridSeeds } from './seeds/grid-seeds.ts'
import { impactSeeds } from './seeds/impact-seeds.ts'
import { poissonSeeds } from './seeds/poisson-seeds.ts'
import { radialSeeds } from './seeds/radial-seeds.ts'
import { randomSeeds } from './seeds/random-seeds.ts'
import { chaoticSlices } from './slices/chaotic-slices.ts'
import { manualSlices } from './slices/manual-slices.ts'
import { gridSlices, parallelSlices } from './slices/parallel-slices.ts'
import { radialSlices } from './slices/radial-slices.ts'
import { spiderweb } from './slices/spiderweb.ts'
import { voronoiNetwork } from './voronoi-network.ts'

/**
 * The cuts that `params` make in `polygon`.
 *
 * All are finite and end at most a quarter of the longer side of the polygon's box outside of it. The same polygon and parameters give the same bytes on every engine.
 */
export function networkOf(polygon: Polygon, params: CheckedParams): CutNetwork {
  const frame = new PatternFrame(polygon)
  if (!(frame.unit > 0)) return { points: new Float64Array(0), cuts: new Int32Array(0) }
  if (params.pattern === 'manual-slices') return manualSlices(frame, params)
  const { points, cuts } = networkIn(frame, params, new RandomSource(params.seed))
  return { points: frame.toPolygon(points), cuts }
}

function networkIn(
  frame: PatternFrame,
  params: Exclude<CheckedParams, { pattern: 'manual-slices' }>,
  random: RandomSource,
): CutNetwork {
  switch (params.pattern) {
    case 'random':
      return voronoiNetwork(frame.reach, randomSeeds(frame, params, random))
    case 'poisson':
      return voronoiNetwork(frame.reach, poissonSeeds(frame, params, random))
    case 'impact':
      return voronoiNetwork(frame.reach, impactSeeds(frame, params, random))
    case 'grid':
      return voronoiNetwork(frame.reach, gridSeeds(frame, params, random))
    case 'radial':
      return voronoiNetwork(frame.reach, radialSeeds(frame, params, random))
    case 'spiderweb':
      return spiderweb(frame, params, random)
    case 'radial-slices':
      return radialSlices(frame, params, random)
    case 'parallel-slices':
      return parallelSlices(frame, params, random)
    case 'grid-slices':
      return gridSlices(frame, params, random)
    case 'chaotic-slices':
      return chaoticSlices(frame, params, random)
  }
}
