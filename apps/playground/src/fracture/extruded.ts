import type { Bounds, Fragment } from '@millrace/fracture'
import { type BufferGeometry, ExtrudeGeometry, type Material, Mesh, Path, Shape, Vector2 } from 'three'

/** How a flat fragment becomes a body. */
export interface ExtrusionOptions {
  /** How thick it is, in the polygon's unit. */
  readonly depth: number
  /** What the texture is laid over: the box around the whole polygon. Faces show their part of it, the walls its pixels along their edge. */
  readonly box: Bounds
}

/**
 * Makes a fragment a body with depth, holes included, whose origin is its centroid. Group 0 is front and back, group 1 the walls.
 *
 * three's y points upwards: a polygon whose y points downwards stands on its head, until `scale.y` is -1.
 */
export function extrudedGeometry({ outer, holes, centroid }: Fragment, options: ExtrusionOptions): BufferGeometry {
  const shape = new Shape(pointsOf(outer))
  shape.holes = holes.map((hole) => new Path(pointsOf(hole)))
  const uvAt = planarUvs(options.box)
  const geometry = new ExtrudeGeometry(shape, {
    depth: options.depth,
    bevelEnabled: false,
    UVGenerator: {
      generateTopUV: (_, vertices, ...corners) => corners.map((corner) => uvAt(vertices, corner)),
      generateSideWallUV: (_, vertices, ...corners) => corners.map((corner) => uvAt(vertices, corner)),
    },
  })
  return geometry.translate(-centroid.x, -centroid.y, -options.depth / 2)
}

/** The same as a mesh, where the fragment is: a physics engine sets its position and its turn. */
export function extrudedMesh(fragment: Fragment, options: ExtrusionOptions, material: Material | Material[]): Mesh {
  const mesh = new Mesh(extrudedGeometry(fragment, options), material)
  mesh.position.set(fragment.centroid.x, fragment.centroid.y, 0)
  return mesh
}

function pointsOf(ring: Float64Array): Vector2[] {
  return Array.from({ length: ring.length / 2 }, (_, i) => new Vector2(ring[2 * i], ring[2 * i + 1]))
}

/** Where a vertex lies in the box: three hands all vertices over in one row of threes. */
function planarUvs({ minX, minY, maxX, maxY }: Bounds): (vertices: readonly number[], vertex: number) => Vector2 {
  return (vertices, vertex) =>
    new Vector2(
      ((vertices[3 * vertex] ?? 0) - minX) / (maxX - minX),
      ((vertices[3 * vertex + 1] ?? 0) - minY) / (maxY - minY),
    )
}
