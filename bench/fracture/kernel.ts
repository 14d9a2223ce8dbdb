import { FractureResult } from '@millrace/fracture'
import { fracturePacked } from '../../packages/fracture/src/fracture-polygon.ts'
import { checkParams } from '../../packages/fracture/src/patterns/check-params.ts'
import { readPolygon } from '../../packages/fracture/src/polygon/read-polygon.ts'
import { ownCopy, type PackedFragments } from '../../packages/fracture/src/result/packed-fragments.ts'
import type { BreakableObject } from './objects.ts'

export type { PackedFragments }

const NO_HOOKS = { isCancelled: () => false, progress: () => {} }

/** What our workers do, for those who have their own way to and from workers. */
export function cutObject({ polygon, params }: BreakableObject): PackedFragments {
  return ownCopy(fracturePacked(readPolygon(polygon), checkParams(params), NO_HOOKS))
}

/** What it stands for, on the thread that asked. */
export function resultOf(packed: PackedFragments): FractureResult {
  return new FractureResult(packed)
}
