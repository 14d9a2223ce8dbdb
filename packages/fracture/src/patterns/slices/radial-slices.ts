import type { CutNetwork } from '../../geometry/cut-network.ts'
import type { CheckedParamsOf } from '../check-params.ts'
import { directionAt } from '../direction.ts'
import type { PatternFrame } from '../pattern-frame.ts'
import type { RandomSource } from '../random-source.ts'
import { SliceNetwork } from './slice-network.ts'

/** Rays from a middle that all share; with a jitter of 1 each is anywhere up to half way to its neighbours. */
export function radialSlices(
  frame: PatternFrame,
  { center, sliceCount, jitter }: CheckedParamsOf<'radial-slices'>,
  random: RandomSource,
): CutNetwork {
  const network = new SliceNetwork(frame.reach)
  const { x, y } = frame.pointOf(center)
  const middle = network.addPoint(x, y)
  for (let slice = 0; slice < sliceCount; slice++) {
    network.addRay(middle, directionAt((slice + random.within(jitter / 2)) / sliceCount))
  }
  return network.finish()
}
