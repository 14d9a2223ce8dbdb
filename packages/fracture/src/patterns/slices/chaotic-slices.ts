import type { CutNetwork } from '../../geometry/cut-network.ts'
import type { CheckedParamsOf } from '../check-params.ts'
import { randomDirection } from '../direction.ts'
import type { PatternFrame } from '../pattern-frame.ts'
import type { RandomSource } from '../random-source.ts'
import { randomSeeds } from '../seeds/random-seeds.ts'
import { SliceNetwork } from './slice-network.ts'

/** Lines in any direction, each through a place somewhere in the polygon, so that it cuts. */
export function chaoticSlices(
  frame: PatternFrame,
  { sliceCount }: CheckedParamsOf<'chaotic-slices'>,
  random: RandomSource,
): CutNetwork {
  const network = new SliceNetwork(frame.reach)
  const places = randomSeeds(frame, { fragmentCount: sliceCount, minCellDistance: 0, edgePadding: 0 }, random)
  for (let at = 0; at < places.length; at += 2) {
    network.addLine({ x: places[at]!, y: places[at + 1]! }, randomDirection(random))
  }
  return network.finish()
}
