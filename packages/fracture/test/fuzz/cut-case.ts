import type { PlanarEdges } from '../../src/geometry/planar-edges.ts'
import { PolygonCutter } from '../../src/geometry/polygon-cutter.ts'
import { FractureResult } from '../../src/result/fracture-result.ts'
import type { Fragment } from '../../src/result/fragment.ts'
import { FragmentPacker } from '../../src/result/fragment-packer.ts'
import { checkFragments } from './check-fragments.ts'
import type { PolygonCase } from './polygon-case.ts'
import { areaOf } from './rings.ts'

/** Which arrangement cuts: the one in doubles as far as it is sure, or the exact one at once. */
export type Path = 'float' | 'exact'

/** Cuts cases, by one cutter for all of them, so that what is kept from one would show in the next. */
export class CaseCutter {
  readonly cutter: PolygonCutter
  readonly #packer: FragmentPacker

  constructor(cutter = new PolygonCutter(), packer = new FragmentPacker()) {
    this.cutter = cutter
    this.#packer = packer
  }

  /** The fragments of a case, not checked. */
  cut({ polygon, network, minFragmentArea }: PolygonCase, path: Path): FractureResult {
    const { cutter } = this
    cutter.lay(polygon, noPulse)
    // A border that is not clear of itself is for the exact arrangement.
    if (path === 'exact') cutter.polygon.isClear = false
    cutter.cut(network, minFragmentArea, noPulse)
    const packed = this.#packer.pack(cutter, polygon)
    // It lies in the packer's memory until the next.
    return new FractureResult({ ...packed, layout: packed.layout.slice(), numbers: packed.numbers.slice() })
  }

  /** The same; throws what {@link checkFragments} finds. */
  check(polygonCase: PolygonCase, path: Path): FractureResult {
    const result = this.cut(polygonCase, path)
    const { rings, minFragmentArea } = polygonCase
    const whole = rings.reduce((sum, ring, i) => sum + (i === 0 ? 1 : -1) * Math.abs(areaOf(ring)), 0)
    const leastArea = (minFragmentArea * whole) / mostFaces(this.cutter.edges)
    checkFragments(this.fragmentsOf(result), { rings, leastArea, network: polygonCase.network })
    return result
  }

  /** What is checked of a result. */
  fragmentsOf({ fragments }: FractureResult): readonly Fragment[] {
    return fragments
  }
}

function noPulse(): void {}

/** How many faces a planar graph has, but for the outer one, holes counted too: by Euler's formula. */
function mostFaces({ from, to, count }: PlanarEdges): number {
  const parents = new Map<number, number>()
  const rootOf = (vertex: number): number => {
    let root = vertex
    while (parents.get(root) !== root) root = parents.get(root)!
    parents.set(vertex, root)
    return root
  }
  let cycles = 0
  for (let edge = 0; edge < count; edge++) {
    for (const end of [from[edge]!, to[edge]!]) if (!parents.has(end)) parents.set(end, end)
    const [a, b] = [rootOf(from[edge]!), rootOf(to[edge]!)]
    if (a === b) cycles++
    else parents.set(a, b)
  }
  return Math.max(1, cycles)
}
