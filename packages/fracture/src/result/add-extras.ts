import { convexParts } from '../mesh/convex-parts.ts'
import { type Earcut, triangulate } from '../mesh/triangulate.ts'
import { writeUvs } from '../mesh/uvs.ts'
import type { Bounds } from '../polygon/polygon.ts'
import { FractureResult } from './fracture-result.ts'
import { MEASURES, type PackedFragments } from './packed-fragments.ts'

/** What fragments come with when asked for. */
export interface Extras {
  readonly mesh: boolean
  readonly convex: boolean
  /** Most vertices of a convex part. */
  readonly maxPartVertices: number
}

/** The same fragments with meshes, their textures laid over `box`, and with convex parts, as asked for. */
export function addExtras(
  bare: PackedFragments,
  { mesh, convex, maxPartVertices }: Extras,
  box: Bounds,
  earcut: Earcut,
): PackedFragments {
  const { fragments } = new FractureResult(bare)
  const layout = [...bare.layout]
  let { numbers, positions, uvs, indices } = bare
  if (convex) {
    const parts = fragments.map(({ outer, holes }) => convexParts(outer, holes, earcut, maxPartVertices))
    layout[3] = parts.reduce((sum, list) => sum + list.length, 0)
    layout.push(...runningSums(parts.map((list) => list.length)))
    layout.push(...runningSums(parts.flat().map((part) => part.length / 2)))
    numbers = joined(Float64Array, [numbers, ...parts.flat()])
  }
  if (mesh) {
    const points = bare.numbers.subarray(MEASURES * fragments.length)
    positions = Float32Array.from(points)
    uvs = new Float32Array(points.length)
    writeUvs(points, box, uvs)
    const triangles = fragments.map(({ outer, holes }) => triangulate(outer, holes, earcut))
    layout.push(...runningSums(triangles.map((list) => list.length)))
    indices = joined(Uint32Array, triangles)
  }
  return { layout: Int32Array.from(layout), numbers, positions, uvs, indices }
}

/** 0, and the sums of the first, of the first two, and so on. */
function runningSums(lengths: readonly number[]): number[] {
  let sum = 0
  return [0, ...lengths.map((length) => (sum += length))]
}

type Numbers = Float64Array | Uint32Array

function joined<A extends Numbers>(kind: new (length: number) => A, arrays: readonly A[]): A {
  const whole = new kind(arrays.reduce((sum, array) => sum + array.length, 0))
  let at = 0
  for (const array of arrays) {
    whole.set(array, at)
    at += array.length
  }
  return whole
}
