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

/** The same in memory of its own, in one piece. */
export function ownCopy({ layout, numbers, positions, uvs, indices }: PackedFragments): PackedFragments {
  const memory = new ArrayBuffer(numbers.byteLength + layout.byteLength)
  const ownNumbers = new Float64Array(memory, 0, numbers.length)
  const ownLayout = new Int32Array(memory, numbers.byteLength, layout.length)
  ownNumbers.set(numbers)
  ownLayout.set(layout)
  return { layout: ownLayout, numbers: ownNumbers, positions, uvs, indices }
}
