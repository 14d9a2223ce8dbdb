import type { Container } from 'pixi.js'
import type { FractureAdapter } from '../../../src/adapters/fracture-adapter.ts'
import { type PixiAdapterOptions, PixiFragment, pixiAdapter } from '../../../src/adapters/pixi.ts'

type MakeAdapter = typeof pixiAdapter

/** Puts each fragment where its centroid is, as if the thing were not turned. */
export const unturned: MakeAdapter = (options) =>
  changing(options, ({ fragment, position }, thing) =>
    position.copyFrom(fragment.centroid).add(thing.position, position),
  )

/** Forgets that things are skewed. */
export const upright: MakeAdapter = (options) => changing(options, ({ skew }) => skew.set(0))

/** Lays the texture over each fragment by itself. */
export const wallpaper: MakeAdapter = (options) =>
  changing(options, (piece) => {
    piece.geometry.uvs = piece.fragment.mesh!.uvs
  })

function changing<Thing extends Container>(
  options: PixiAdapterOptions<Thing> | undefined,
  change: (piece: PixiFragment, thing: Thing) => void,
): FractureAdapter<Thing> {
  return pixiAdapter<Thing>({
    ...options,
    onFragments(thing, fragments, result) {
      for (const fragment of fragments) if (fragment instanceof PixiFragment) change(fragment, thing)
      options?.onFragments?.(thing, fragments, result)
    },
  })
}
