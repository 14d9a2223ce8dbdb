import { MillraceError } from '@millrace/kernel/errors'
import { show } from '@millrace/kernel/options'
import type { PolygonInput } from '../polygon/polygon.ts'
import type { FractureResult } from '../result/fracture-result.ts'

/**
 * Joins an engine to the fracture of its objects: says what polygon a `Thing` is, and puts the fragments in its place.
 *
 * Both are called on the caller's thread, and one after the other: `polygonOf` when the thing is handed over, `apply` in a later frame, within what that frame has left for
 * it. `apply` is called at most once for each call of `polygonOf`, and never after that fracture was cancelled or has failed. The game
 * goes on meanwhile: the thing may have moved, or be gone.
 */
export interface FractureAdapter<Thing> {
  /** What fragments must come with for `apply`; asked for whatever the parameters say. */
  readonly needs?: FragmentNeeds
  /** The polygon of `thing`, in its own coordinates, and where it stands. Read, not kept. */
  polygonOf(thing: Thing): PolygonInput
  /** Replaces `thing` by its fragments. Its duration is measured, so that as many are applied in a frame as fit. */
  apply(thing: Thing, result: FractureResult): void
}

/** What fragments can come with. */
export interface FragmentNeeds {
  readonly mesh?: boolean
  readonly convex?: boolean
}

/** @throws {MillraceError} `OPTION_INVALID`. */
export function checkAdapter<Thing>(owner: string, adapter: FractureAdapter<Thing>): FractureAdapter<Thing> {
  if (typeof adapter?.polygonOf === 'function' && typeof adapter.apply === 'function') return adapter
  throw new MillraceError(
    'OPTION_INVALID',
    `${owner}: adapter must have polygonOf() and apply(), as what pixiAdapter() returns has, not ${show(adapter)}`,
    { detail: { owner, option: 'adapter', value: adapter } },
  )
}
