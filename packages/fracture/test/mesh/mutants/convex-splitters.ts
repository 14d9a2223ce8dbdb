import { convexParts } from '../../../src/mesh/convex-parts.ts'
import { triangulate } from '../../../src/mesh/triangulate.ts'
import { pairs } from '../shapes.ts'

type ConvexParts = typeof convexParts

/** Merges nothing. */
export const splitting: ConvexParts = (outer, holes, earcut) => {
  const points = [outer, ...holes].flatMap(pairs)
  const triangles = pairs([...triangulate(outer, holes, earcut)]).flat()
  return Array.from({ length: triangles.length / 3 }, (_, i) =>
    Float64Array.from(triangles.slice(3 * i, 3 * i + 3).flatMap((vertex) => points[vertex]!)),
  )
}

/** Takes the polygon as it is. */
export const whole: ConvexParts = (outer) => [outer]

/** Leaves out the last part. */
export const losing: ConvexParts = (...args) => convexParts(...args).slice(0, -1)

/** Has one part twice. */
export const doubling: ConvexParts = (...args) => {
  const parts = convexParts(...args)
  return [...parts.slice(1), ...parts.slice(-1)]
}

/** Knows no limit. */
export const boundless: ConvexParts = (outer, holes, earcut) => convexParts(outer, holes, earcut)
