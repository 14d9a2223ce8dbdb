import { fracturePacked, fracturePolygon } from '../../../packages/fracture/src/fracture-polygon.ts'
import { PolygonCutter } from '../../../packages/fracture/src/geometry/polygon-cutter.ts'
import { checkParams } from '../../../packages/fracture/src/patterns/check-params.ts'
import { networkOf } from '../../../packages/fracture/src/patterns/pattern-network.ts'
import { readPolygon } from '../../../packages/fracture/src/polygon/read-polygon.ts'
import type { FractureResult } from '../../../packages/fracture/src/result/fracture-result.ts'
import { FragmentPacker } from '../../../packages/fracture/src/result/fragment-packer.ts'
import { MEASURES, ownCopy, type PackedFragments } from '../../../packages/fracture/src/result/packed-fragments.ts'
import type { Cutter } from './cutter.ts'

/** As a worker gives them, but that results are in memory of their own, as those of the others are. */
const HOOKS = { isCancelled: () => false, progress: () => {} }

/** What a worker runs: the polygon has been read and the parameters checked; seeds, Voronoi diagram, cutting, packing. */
export const kernel: Cutter<PackedFragments> = {
  name: 'ours, seeds and Voronoi diagram included',
  isSplitting: true,
  prepare({ star, params }) {
    const polygon = readPolygon(star)
    const checked = checkParams(params)
    return { cut: () => ownCopy(fracturePacked(polygon, checked, HOOKS)), areasOf: areasOfPacked }
  },
}

/** All that the user's call does. */
export const wholeFracture: Cutter<FractureResult> = {
  name: 'ours, fracturePolygon',
  isSplitting: true,
  prepare: ({ star, params }) => ({
    cut: () => fracturePolygon(star, params),
    areasOf: ({ fragments }) => fragments.map(({ area }) => area),
  }),
}

/** The Voronoi diagram is ready-made, as for all others: the star is checked, cut, and its pieces packed. */
export const kernelOnNetwork: Cutter<PackedFragments> = {
  name: 'ours',
  isSplitting: true,
  prepare({ star, params }) {
    const polygon = readPolygon(star)
    const checked = checkParams(params)
    const network = networkOf(polygon, checked)
    return {
      cut: () => {
        cutter.lay(polygon, noPulse)
        cutter.cut(network, checked.minFragmentArea, noPulse)
        return ownCopy(packer.pack(cutter, polygon))
      },
      areasOf: areasOfPacked,
    }
  },
}

const noPulse = () => {}
const cutter = new PolygonCutter()
const packer = new FragmentPacker()

function areasOfPacked({ layout, numbers }: PackedFragments): number[] {
  return Array.from({ length: layout[0]! }, (_, fragment) => numbers[MEASURES * fragment]!)
}
