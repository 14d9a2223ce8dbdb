import { MillraceError } from '@millrace/kernel/errors'
import { PolygonCutter } from './geometry/polygon-cutter.ts'
import type { Earcut } from './mesh/triangulate.ts'
import { type CheckedParams, checkParams } from './patterns/check-params.ts'
import type { FractureParams } from './patterns/fracture-params.ts'
import { networkOf } from './patterns/pattern-network.ts'
import type { Polygon, PolygonInput } from './polygon/polygon.ts'
import { readPolygon } from './polygon/read-polygon.ts'
import { addExtras } from './result/add-extras.ts'
import { FractureResult } from './result/fracture-result.ts'
import { FragmentPacker } from './result/fragment-packer.ts'
import { ownCopy, type PackedFragments } from './result/packed-fragments.ts'

/** What cutting asks and tells meanwhile. */
export interface CutHooks {
  /** Asked at each cut: whether to go on is no use. @default never */
  readonly isCancelled?: () => boolean
  /** Told at each cut: the share that is done, 0 to 1. */
  readonly progress?: (share: number) => void
  /** For meshes and convex parts: what `earcut` exports. */
  readonly earcut?: Earcut | undefined
}

const cutter = new PolygonCutter()
const packer = new FragmentPacker()

/**
 * Fractures a polygon here and now: on this thread, in one go.
 *
 * The fragments cover the polygon and do not overlap; borders that two of them share are the same bits in both; all rings are simple. The
 * same polygon, parameters and seed give the same bytes. O(cuts × (points + cuts)).
 *
 * Precise to the polygon's extent times 2⁻³⁹ (about 10⁻¹²), or, farther from the origin than 4,096 extents, to that distance times 2⁻⁵¹: points
 * that are nearer to one another than that may become one.
 * @throws {MillraceError} `POLYGON_INVALID`, `POLYGON_SIZE`, `POLYGON_NO_AREA`, `POLYGON_SELF_INTERSECTS`, `POLYGON_HOLES` for what is not
 * a polygon, `OPTION_INVALID` for parameters, `EARCUT_MISSING` when a mesh or convex parts are asked for without it.
 */
export function fracturePolygon(polygon: PolygonInput, params?: FractureParams, hooks: CutHooks = {}): FractureResult {
  const packed = fracturePacked(readPolygon(polygon), checkParams(params), hooks)
  return new FractureResult(ownCopy(packed), 'outer' in polygon ? polygon.transform : undefined)
}

/**
 * The same from and to the forms that travel between threads. What it returns may lie in memory that the next call uses again: {@link ownCopy} it, or
 * be done with it before.
 */
export function fracturePacked(polygon: Polygon, params: CheckedParams, hooks: CutHooks = {}): PackedFragments {
  const { isCancelled, progress, earcut } = hooks
  const pulse = (share: number) => {
    if (isCancelled?.() === true) throw new MillraceError('FRACTURE_CANCELLED', 'the fracture was cancelled')
    progress?.(share)
  }
  cutter.lay(polygon, pulse)
  cutter.cut(networkOf(polygon, params), params.minFragmentArea, pulse)
  const packed = packer.pack(cutter, polygon)
  if (!params.mesh && !params.convex) return packed
  if (earcut === undefined) {
    throw new MillraceError(
      'EARCUT_MISSING',
      'meshes and convex parts need earcut: install it, and give it where fragments are cut (npm install earcut)',
    )
  }
  return addExtras(packed, params, cutter.polygon.bounds, earcut)
}
