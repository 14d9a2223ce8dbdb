import type { CutNetwork } from '../../geometry/cut-network.ts'
import type { CheckedParamsOf } from '../check-params.ts'
import type { PatternFrame } from '../pattern-frame.ts'
import { SliceNetwork } from './slice-network.ts'

/** The given lines, as they are in the polygon's coordinates: what lies in its reach keeps its bits. */
export function manualSlices(frame: PatternFrame, { slices }: CheckedParamsOf<'manual-slices'>): CutNetwork {
  const network = new SliceNetwork(frame.reachInPolygon())
  for (const slice of slices) {
    let last = -1
    for (const { x, y } of slice) {
      const next = network.addPoint(x, y)
      if (last >= 0) network.addCut(last, next)
      last = next
    }
  }
  return network.finish()
}
