import earcut from 'earcut'
import { fracturePolygon } from '../../src/fracture-polygon.ts'
import type { FractureParams } from '../../src/patterns/fracture-params.ts'
import type { FractureResult } from '../../src/result/fracture-result.ts'
import { checkFragments, stepOf } from './check-fragments.ts'
import { CaseCutter } from './cut-case.ts'
import { isConfirmed } from './oracles.ts'
import { caseOf, type PolygonCase, showCase } from './polygon-case.ts'
import { reasonFor } from './refusals.ts'
import { areaOf, lengthOf } from './rings.ts'

/** Which of so many cases is looked at in the ways that take longer. */
export interface Shares {
  readonly exact: number
  readonly whole: number
  readonly clipper: number
  readonly polybool: number
}

/** What polybooljs rarely fails at: nothing touches, nothing is thin. */
const EASY = ['convex', 'star', 'nested']

/** Runs cases by their seeds, and counts what they were. */
export class Fuzzer {
  cases = 0
  fragments = 0
  /** Cases that the arrangement in doubles had to give up. */
  exact = 0
  readonly refused = { far: 0, crossing: 0, near: 0 }
  readonly #cutter: CaseCutter
  readonly #shares: Shares

  constructor(shares: Shares, cutter = new CaseCutter()) {
    this.#shares = shares
    this.#cutter = cutter
  }

  /** @throws {Error} what is wrong with the case of `seed`, and the case itself. */
  run(seed: number): void {
    const polygonCase = caseOf(seed)
    try {
      this.#run(seed, polygonCase)
    } catch (cause) {
      const what = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)
      throw new Error(`case ${seed} (new Fuzzer(shares).run(${seed})): ${what}\n${showCase(polygonCase)}`, { cause })
    }
  }

  #run(seed: number, polygonCase: PolygonCase): void {
    const { rings, params, kind } = polygonCase
    const { exact, whole, clipper, polybool } = this.#shares
    this.cases++
    let result: FractureResult
    try {
      result = this.#cutter.check(polygonCase, 'float')
    } catch (error) {
      const reason = reasonFor((error as { code?: unknown }).code, rings)
      if (reason === undefined) throw error
      this.refused[reason]++
      return
    }
    this.fragments += result.count
    const { isFloat } = this.#cutter.cutter
    if (!isFloat) this.exact++
    if (isFloat && seed % exact === 0) this.#compare(polygonCase)
    if (seed % whole === 1 && bytesOf(new CaseCutter().cut(polygonCase, 'float')) !== bytesOf(result)) {
      throw new Error('other bytes from a cutter that is new')
    }
    if (seed % whole === 0 && params !== undefined) this.#runWhole(polygonCase, params, result)
    const { fragments } = result
    if (seed % clipper === 0 && !isConfirmed(rings, fragments, 'clipper')) {
      throw new Error('no other library finds the fragments to be the polygon')
    }
    if (seed % polybool === 0 && EASY.includes(kind) && !isConfirmed(rings, fragments, 'polybool')) {
      throw new Error('no other library finds the fragments to be the polygon')
    }
  }

  /** Both arrangements find the same faces, within a step. */
  #compare(polygonCase: PolygonCase): void {
    this.#cutter.check(polygonCase, 'exact')
    // Where slivers are joined, it may be a tie who takes them.
    const all = { ...polygonCase, minFragmentArea: 0 }
    const [float, exact] = [this.#cutter.cut(all, 'float'), this.#cutter.cut(all, 'exact')].map(({ fragments }) =>
      fragments.map(({ area, outer }) => ({ area, length: lengthOf(outer) })).sort((a, b) => a.area - b.area),
    ) as [Face[], Face[]]
    if (float.length !== exact.length) throw new Error(`${float.length} faces in doubles, ${exact.length} exactly`)
    const step = stepOf(polygonCase.rings[0]!)
    const length = float.reduce((sum, face) => sum + face.length, 0)
    float.forEach(({ area }, i) => {
      const other = exact[i]!.area
      if (Math.abs(area - other) > 2 * step * length) throw new Error(`a face of ${area} in doubles, ${other} exactly`)
    })
  }

  /** By the way users have it: the same bytes again, whatever was in between, with meshes and convex parts. */
  #runWhole({ rings }: PolygonCase, params: FractureParams, expected: FractureResult): void {
    const [outer, ...holes] = rings as [number[], ...number[][]]
    const once = fracturePolygon({ outer, holes }, params)
    if (bytesOf(once) !== bytesOf(expected)) throw new Error('other bytes from another cutter')
    fracturePolygon([0, 0, 7, 1, 3, 5], { pattern: 'grid' })
    const extra = fracturePolygon({ outer, holes }, { ...params, mesh: true, convex: true }, { earcut })
    checkFragments(extra.fragments, { rings, leastArea: 0 })
    checkExtras(extra)
    if (bytesOf(fracturePolygon({ outer, holes }, params)) !== bytesOf(expected)) throw new Error('other bytes again')
  }
}

interface Face {
  readonly area: number
  readonly length: number
}

function bytesOf({ packed: { layout, numbers } }: FractureResult): string {
  const bytes = (array: Int32Array | Float64Array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength)
  return `${bytes(layout).toString('base64')} ${bytes(numbers).toString('base64')}`
}

/** Meshes and convex parts cover their fragments: all wind the same way, and their areas add up. */
function checkExtras({ fragments }: FractureResult): void {
  for (const { index, outer, holes, mesh, convexParts } of fragments) {
    const points = [...outer, ...holes.flatMap((hole) => [...hole])]
    const winding = Math.sign(areaOf(outer))
    const area = [outer, ...holes].reduce((sum, ring) => sum + areaOf(ring), 0) * winding
    const corner = (vertex: number) => [points[2 * vertex]!, points[2 * vertex + 1]!]
    const indices = [...mesh!.indices]
    const triangles = Array.from({ length: indices.length / 3 }, (_, i) =>
      indices.slice(3 * i, 3 * i + 3).flatMap(corner),
    )
    for (const [name, parts] of [
      ['triangles', triangles],
      ['convex parts', convexParts!],
    ] as const) {
      // Each is as exact as its corners are: of needles, a sum has little left.
      const allowed = parts.reduce((sum, part) => sum + lengthOf(part) ** 2, 0) * 2 ** -50
      const sum = parts.reduce((all, part) => all + areaOf(part), 0) * winding
      if (!(Math.abs(sum - area) <= allowed)) throw new Error(`${name} of fragment ${index} cover ${sum}, not ${area}`)
    }
  }
}
