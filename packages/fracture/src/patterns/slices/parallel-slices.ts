import type { CutNetwork } from '../../geometry/cut-network.ts'
import type { Point } from '../../polygon/polygon.ts'
import type { CheckedParamsOf } from '../check-params.ts'
import { directionOf } from '../direction.ts'
import type { PatternFrame } from '../pattern-frame.ts'
import type { RandomSource } from '../random-source.ts'
import { SliceNetwork } from './slice-network.ts'

/** `sliceCount` lines that cut the polygon's box into stripes of the same width but for the jitter. */
export function parallelSlices(
  frame: PatternFrame,
  { sliceCount, angle, jitter }: CheckedParamsOf<'parallel-slices'>,
  random: RandomSource,
): CutNetwork {
  const network = new SliceNetwork(frame.reach)
  addStripes(network, frame, sliceCount, directionOf(angle), jitter, random)
  return network.finish()
}

/** Lines between `rows` rows along the angle and `cols` columns across. */
export function gridSlices(
  frame: PatternFrame,
  { rows, cols, angle, jitter }: CheckedParamsOf<'grid-slices'>,
  random: RandomSource,
): CutNetwork {
  const network = new SliceNetwork(frame.reach)
  const along = directionOf(angle)
  addStripes(network, frame, rows - 1, along, jitter, random)
  addStripes(network, frame, cols - 1, { x: -along.y, y: along.x }, jitter, random)
  return network.finish()
}

/** With a jitter of 1 each line is anywhere up to half way to its neighbours. */
function addStripes(
  network: SliceNetwork,
  { halfWidth, halfHeight }: PatternFrame,
  count: number,
  along: Point,
  jitter: number,
  random: RandomSource,
): void {
  const across = { x: -along.y, y: along.x }
  const halfBreadth = Math.abs(across.x) * halfWidth + Math.abs(across.y) * halfHeight
  for (let line = 0; line < count; line++) {
    const at = ((2 * (line + 1 + random.within(jitter / 2))) / (count + 1) - 1) * halfBreadth
    network.addLine({ x: at * across.x, y: at * across.y }, along)
  }
}
