import type { CutNetwork } from '../../src/geometry/cut-network.ts'
import { checkParams } from '../../src/patterns/check-params.ts'
import type { FractureParams } from '../../src/patterns/fracture-params.ts'
import { networkOf } from '../../src/patterns/pattern-network.ts'
import type { Polygon } from '../../src/polygon/polygon.ts'
import { Chance } from './chance.ts'
import { randomNetwork, randomParams } from './random-cuts.ts'
import { randomPolygon } from './random-polygons.ts'
import type { Ring } from './rings.ts'

/** One thing to be cut, and how. */
export interface PolygonCase {
  readonly kind: string
  readonly rings: readonly Ring[]
  readonly polygon: Polygon
  /** Without them, the network is any. */
  readonly params: FractureParams | undefined
  readonly network: CutNetwork
  readonly minFragmentArea: number
}

/** The case of a seed. */
export function caseOf(seed: number): PolygonCase {
  const chance = new Chance(seed)
  const { kind, rings } = randomPolygon(chance)
  const polygon = polygonOf(rings)
  if (chance.is(0.25)) {
    const network = randomNetwork(chance, polygon)
    return { kind, rings, polygon, params: undefined, network, minFragmentArea: chance.pick([0, 0.0005, 0.05]) }
  }
  const params = randomParams(chance, polygon)
  const checked = checkParams(params)
  return {
    kind,
    rings,
    polygon,
    params,
    network: networkOf(polygon, checked),
    minFragmentArea: checked.minFragmentArea,
  }
}

function polygonOf(rings: readonly Ring[]): Polygon {
  let points = 0
  return {
    coords: Float64Array.from(rings.flat()),
    ringEnds: Int32Array.from(rings, (ring) => (points += ring.length / 2)),
  }
}

/** Enough of a case to have it again without its seed. */
export function showCase({ kind, rings, params, network, minFragmentArea }: PolygonCase): string {
  const { points, cuts } = network
  const how = params ?? { points: [...points], cuts: [...cuts], minFragmentArea }
  return `${kind}\nrings: ${JSON.stringify(rings)}\ncuts: ${JSON.stringify(how)}`.slice(0, 6000)
}
