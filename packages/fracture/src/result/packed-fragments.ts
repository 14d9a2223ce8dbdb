/**
 * Fragments in the form in which they travel between threads and lie in the cache.
 *
 * `layout` begins with four counts: fragments, rings, neighbours, convex parts (-1 when none were asked for). Then, each with one more for
 * its end: where each fragment's rings begin, where each ring's points begin, where each fragment's neighbours begin. Then the neighbours.
 * Then, when convex parts were asked for, where each fragment's parts begin and where each part's points begin. Then, when there is a mesh,
 * where each fragment's indices begin.
 *
 * `numbers` has seven a fragment (area, centroid x and y, the box's least x and y and greatest x and y), then the points of all rings, then those of all parts.
 */
export interface PackedFragments {
  readonly layout: Int32Array
  readonly numbers: Float64Array
  /** The vertices of all meshes, those of a fragment where its points are among those of all rings; empty without meshes. */
  readonly positions: Float32Array
  readonly uvs: Float32Array
  readonly indices: Uint32Array
}

export const COUNTS = 4
/** Numbers a fragment has before all points. */
export const MEASURES = 7

/** The memory that they need, in bytes. */
export function packedBytes({ numbers, layout, positions, uvs, indices }: PackedFragments): number {
  return numbers.byteLength + layout.byteLength + positions.byteLength + uvs.byteLength + indices.byteLength
}

/** The same in memory of its own, in one piece. O(bytes). */
export function ownCopy(packed: PackedFragments): PackedFragments {
  const memory = new ArrayBuffer(packedBytes(packed))
  let at = 0
  const copy = <A extends Float64Array | Float32Array | Int32Array | Uint32Array>(
    source: A,
    View: new (memory: ArrayBuffer, at: number, length: number) => A,
  ): A => {
    // PERF: what is empty is nobody's memory: a view takes longer to make than a few hundred numbers to copy; bench/fracture/cutting.bench.ts.
    if (source.length === 0) return source
    const own = new View(memory, at, source.length)
    own.set(source)
    at += source.byteLength
    return own
  }
  return {
    // The doubles first: they must begin at a multiple of 8.
    numbers: copy(packed.numbers, Float64Array),
    layout: copy(packed.layout, Int32Array),
    positions: copy(packed.positions, Float32Array),
    uvs: copy(packed.uvs, Float32Array),
    indices: copy(packed.indices, Uint32Array),
  }
}
