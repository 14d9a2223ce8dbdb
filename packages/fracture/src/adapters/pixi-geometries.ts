import { MeshGeometry } from 'pixi.js'
import type { FragmentMesh } from '../result/fragment.ts'

/** Geometries that are kept for the next fragments, at most. */
const MOST_SPARE = 4096

/** What PixiJS draws with others in one batch: such a geometry has nothing on the GPU. In numbers of `positions`. */
const MOST_BATCHED = 2 * 100

const NO_POSITIONS = new Float32Array(0)
const NO_INDICES = new Uint32Array(0)

/**
 * Geometries of fragments, used again.
 *
 * PERF: to make a geometry is up to half of what a fragment takes, and most of what the garbage collector has to do; to fill one is a tenth of that.
 * One that is spare holds no memory of a result.
 */
export class PixiGeometries {
  readonly #spare: MeshGeometry[] = []

  take({ positions, indices }: FragmentMesh, uvs: Float32Array): MeshGeometry {
    const geometry = positions.length <= MOST_BATCHED ? this.#spare.pop() : undefined
    if (geometry === undefined) return new MeshGeometry({ positions, uvs, indices })
    fill(geometry, positions, uvs, indices)
    return geometry
  }

  /** Takes back what {@link PixiGeometries.take} gave, once nothing is drawn with it. */
  give(geometry: MeshGeometry): void {
    if (geometry.positions.length > MOST_BATCHED || this.#spare.length >= MOST_SPARE) geometry.destroy(true)
    else {
      fill(geometry, NO_POSITIONS, NO_POSITIONS, NO_INDICES)
      this.#spare.push(geometry)
    }
  }
}

function fill(geometry: MeshGeometry, positions: Float32Array, uvs: Float32Array, indices: Uint32Array): void {
  geometry.positions = positions
  geometry.uvs = uvs
  geometry.indices = indices
}
