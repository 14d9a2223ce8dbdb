import type { CheckedParamsOf } from '../check-params.ts'
import type { PatternFrame } from '../pattern-frame.ts'
import type { RandomSource } from '../random-source.ts'

/** `rows × cols` seeds, row by row, each in a place of its own of the polygon's box, whether or not that is within the polygon. */
export function gridSeeds(
  { halfWidth, halfHeight }: PatternFrame,
  { rows, cols, jitter }: CheckedParamsOf<'grid'>,
  random: RandomSource,
): Float64Array {
  const seeds = new Float64Array(2 * rows * cols)
  const halfX = halfWidth / cols
  const halfY = halfHeight / rows
  let at = 0
  for (let row = 0; row < rows; row++) {
    for (let col = 0; col < cols; col++) {
      seeds[at++] = (2 * col + 1 - cols + random.within(jitter)) * halfX
      seeds[at++] = (2 * row + 1 - rows + random.within(jitter)) * halfY
    }
  }
  return seeds
}
