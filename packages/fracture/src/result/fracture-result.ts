import type { Bounds, Point, Transform } from '../polygon/polygon.ts'
import type { Fragment, FragmentMesh } from './fragment.ts'
import { COUNTS, MEASURES, type PackedFragments, packedBytes } from './packed-fragments.ts'

/**
 * The fragments of a polygon.
 *
 * They are made when they are asked for, as views of memory that lies packed: a result costs its receiver little until then. Results of
 * the same polygon may share that memory, so nobody writes to it.
 */
export class FractureResult {
  /** As it lies packed: what travels from the worker. */
  readonly packed: PackedFragments
  /** Where the polygon was said to stand. */
  readonly transform: Transform | undefined
  #fragments: readonly Fragment[] | undefined

  constructor(packed: PackedFragments, transform?: Transform) {
    this.packed = packed
    this.transform = transform
  }

  /** How many fragments there are, at least 1. */
  get count(): number {
    return this.packed.layout[0]!
  }

  /** The fragments: in an order that follows from the polygon and its cuts. The first look makes them, O(fragments); the list is kept. */
  get fragments(): readonly Fragment[] {
    this.#fragments ??= fragmentsOf(this)
    return this.#fragments
  }

  /** The memory that the packed fragments take. */
  get byteLength(): number {
    return packedBytes(this.packed)
  }
}

/** PERF: half the time that `Array.from` takes; bench/fracture/mass-destruction.bench.ts. */
function fragmentsOf(result: FractureResult): readonly Fragment[] {
  const fragments: Fragment[] = []
  for (let index = 0; index < result.count; index++) fragments.push(new PackedFragment(result, index))
  return fragments
}

class PackedFragment implements Fragment {
  readonly index: number
  readonly #result: FractureResult
  #holes: readonly Float64Array[] | undefined
  #mesh: FragmentMesh | undefined
  #convexParts: readonly Float64Array[] | undefined

  constructor(result: FractureResult, index: number) {
    this.#result = result
    this.index = index
  }

  get outer(): Float64Array {
    return this.#ring(this.#firstRing)
  }

  get holes(): readonly Float64Array[] {
    const first = this.#firstRing + 1
    this.#holes ??= Array.from({ length: this.#endRing - first }, (_, hole) => this.#ring(first + hole))
    return this.#holes
  }

  get transform(): Transform | undefined {
    return this.#result.transform
  }

  get area(): number {
    return this.#measure(0)
  }

  get centroid(): Point {
    return { x: this.#measure(1), y: this.#measure(2) }
  }

  get bounds(): Bounds {
    return { minX: this.#measure(3), minY: this.#measure(4), maxX: this.#measure(5), maxY: this.#measure(6) }
  }

  get neighbours(): Int32Array {
    const { layout } = this.#result.packed
    const starts = this.#ringStarts + layout[1]! + 1
    const first = starts + layout[0]! + 1
    return layout.subarray(first + layout[starts + this.index]!, first + layout[starts + this.index + 1]!)
  }

  get mesh(): FragmentMesh | undefined {
    if (this.#result.packed.positions.length > 0) this.#mesh ??= this.#readMesh()
    return this.#mesh
  }

  get convexParts(): readonly Float64Array[] | undefined {
    if (this.#result.packed.layout[3]! >= 0) this.#convexParts ??= this.#readParts()
    return this.#convexParts
  }

  #measure(which: number): number {
    return this.#result.packed.numbers[MEASURES * this.index + which]!
  }

  get #firstRing(): number {
    return this.#result.packed.layout[COUNTS + this.index]!
  }

  get #endRing(): number {
    return this.#result.packed.layout[COUNTS + this.index + 1]!
  }

  /** Where the places of the rings' points begin in the layout. */
  get #ringStarts(): number {
    return COUNTS + this.#result.count + 1
  }

  /** Where what was asked for besides begins in the layout. */
  get #extras(): number {
    const { layout } = this.#result.packed
    return this.#ringStarts + layout[1]! + 1 + layout[0]! + 1 + layout[2]!
  }

  #ring(ring: number): Float64Array {
    const { layout, numbers } = this.#result.packed
    const points = MEASURES * this.#result.count
    const at = this.#ringStarts + ring
    return numbers.subarray(points + 2 * layout[at]!, points + 2 * layout[at + 1]!)
  }

  #readMesh(): FragmentMesh {
    const { layout, positions, uvs, indices } = this.#result.packed
    const begin = 2 * layout[this.#ringStarts + this.#firstRing]!
    const end = 2 * layout[this.#ringStarts + this.#endRing]!
    const parts = layout[3]!
    const at = this.#extras + (parts < 0 ? 0 : layout[0]! + 1 + parts + 1) + this.index
    return {
      positions: positions.subarray(begin, end),
      uvs: uvs.subarray(begin, end),
      indices: indices.subarray(layout[at]!, layout[at + 1]!),
    }
  }

  #readParts(): Float64Array[] {
    const { layout, numbers } = this.#result.packed
    const at = this.#extras
    const places = at + layout[0]! + 1
    const points = MEASURES * this.#result.count + 2 * layout[this.#ringStarts + layout[1]!]!
    const parts: Float64Array[] = []
    for (let part = layout[at + this.index]!; part < layout[at + this.index + 1]!; part++) {
      parts.push(numbers.subarray(points + 2 * layout[places + part]!, points + 2 * layout[places + part + 1]!))
    }
    return parts
  }
}
