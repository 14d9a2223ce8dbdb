import type { FractureParams } from '@millrace/fracture'
import { checkParams } from '../../packages/fracture/src/patterns/check-params.ts'
import { PatternFrame } from '../../packages/fracture/src/patterns/pattern-frame.ts'
import { RandomSource } from '../../packages/fracture/src/patterns/random-source.ts'
import { randomSeeds } from '../../packages/fracture/src/patterns/seeds/random-seeds.ts'
import { cellsOf } from './cells.ts'
import type { Scene } from './cutters/cutter.ts'
import { objectOf } from './objects.ts'

/** Stars end at 100. */
const HALF_BOX = 110

/** Stars, each with the cells around the seeds that ours takes for it. `minFragmentArea` is that of ours; the others have no such word. */
export function scenesOf(count: number, options: { readonly minFragmentArea?: number } = {}): Scene[] {
  return Array.from({ length: count }, (_, number) => {
    const { polygon: star, params: usual } = objectOf(number)
    const params = { ...usual, ...options }
    return { number, star, params, cells: cellsOf(seedsOf(star, params), HALF_BOX) }
  })
}

function seedsOf(polygon: Float64Array, params: FractureParams): Float64Array {
  const checked = checkParams(params)
  if (checked.pattern !== 'random') throw new Error(`no seeds of pattern ${checked.pattern} are known here`)
  const frame = new PatternFrame({ coords: polygon, ringEnds: Int32Array.of(polygon.length / 2) })
  return frame.toPolygon(randomSeeds(frame, checked, new RandomSource(checked.seed)))
}
