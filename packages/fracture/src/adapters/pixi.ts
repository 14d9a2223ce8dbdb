import { MillraceError } from '@millrace/kernel/errors'
import { checkOneOf } from '@millrace/kernel/options'
import { Container, Mesh, Sprite, Texture } from 'pixi.js'
import type { Bounds, PolygonInput } from '../polygon/polygon.ts'
import type { FractureResult } from '../result/fracture-result.ts'
import type { FractureAdapter } from './fracture-adapter.ts'
import { PixiFragment } from './pixi-fragment.ts'
import { PixiGeometries } from './pixi-geometries.ts'

export { PixiFragment } from './pixi-fragment.ts'

/** What is laid over the fragments, and where. */
export interface Skin {
  /** A frame of an atlas will do. It is not destroyed with the fragments. */
  readonly texture: Texture
  /** The box that the whole texture fills, in the coordinates of the polygon. */
  readonly box: Bounds
}

/** How things of PixiJS are fractured. */
export interface PixiAdapterOptions<Thing extends Container> {
  /**
   * The polygon of a thing, in its own coordinates: those in which its children stand. Not asked for a fragment, which is its own.
   * @default the box that the thing fills, without the transparent border that an atlas cut off
   */
  readonly polygonOf?: (thing: Thing) => PolygonInput
  /**
   * What to lay over the fragments: of a `Graphics`, a texture that the renderer made of it. Not asked for a fragment, which keeps what it has.
   * @default the texture of the thing over its local bounds, its anchor included; white where it has none
   */
  readonly skinOf?: (thing: Thing) => Skin
  /**
   * What becomes of the thing: it is destroyed with its children, though not its texture; or it stays where it is, with `visible` set to false.
   * A fragment is always destroyed.
   * @default "destroy"
   */
  readonly original?: 'destroy' | 'hide'
  /**
   * A container for all fragments, whose coordinates are those of the things' parents: they come in front of what it has. Cheaper than the default
   * where it has many children.
   * @default a container of their own, at the thing's place in its parent, which is destroyed with the last of them
   */
  readonly layer?: Container
  /**
   * Called when the fragments of a thing are in place, before that is hidden or destroyed: to give them bodies, or put them elsewhere. Those of
   * a thing without a parent are in a container that has none.
   */
  readonly onFragments?: (thing: Thing, fragments: readonly PixiFragment[], result: FractureResult) => void
}

/**
 * Makes an adapter to PixiJS 8. In the place of a thing comes a mesh for each fragment, with the thing's tint, alpha and blend mode, though not its mask
 * and filters: together they look as the thing did.
 *
 * Each stands in the coordinates of the thing's parent, with its scale, skew and rotation, and turns around its own centroid: a body of a physics engine sets
 * `position` and `rotation` as they are. A fragment can be fractured by the same adapter, and has its part of the texture still. When it is destroyed,
 * its geometry goes back to the adapter, which has up to 4,096 of them to spare.
 *
 * A thing that was destroyed meanwhile is let be, and `onFragments` does not hear of it. O(n) in all vertices, and O(m) in the children of the parent.
 * @throws {MillraceError} `OPTION_INVALID`; `FRAGMENT_WITHOUT_MESH` by `apply`, where a result was made without `mesh: true`.
 */
export function pixiAdapter<Thing extends Container = Container>(
  options: PixiAdapterOptions<Thing> = {},
): FractureAdapter<Thing> {
  return new PixiAdapter(options)
}

class PixiAdapter<Thing extends Container> implements FractureAdapter<Thing> {
  readonly needs = { mesh: true }
  readonly #polygonOf: (thing: Thing) => PolygonInput
  readonly #skinOf: (thing: Thing) => Skin
  readonly #geometries = new PixiGeometries()
  readonly #original: 'destroy' | 'hide'
  readonly #layer: Container | undefined
  readonly #onFragments: PixiAdapterOptions<Thing>['onFragments']

  constructor(options: PixiAdapterOptions<Thing>) {
    const { polygonOf = outlineOf, skinOf = coverOf, original = 'destroy', layer, onFragments } = options
    this.#polygonOf = polygonOf
    this.#skinOf = skinOf
    this.#original = checkOneOf('pixiAdapter', 'original', original, ['destroy', 'hide'])
    this.#layer = layer
    this.#onFragments = onFragments
  }

  polygonOf(thing: Thing): PolygonInput {
    const polygon = thing instanceof PixiFragment ? outlineOfFragment(thing) : this.#polygonOf(thing)
    if ('outer' in polygon && polygon.transform !== undefined) return polygon
    const { x, y, rotation, scale } = thing
    const transform = { x, y, rotation, scaleX: scale.x, scaleY: scale.y }
    return 'outer' in polygon ? { ...polygon, transform } : { outer: polygon, transform }
  }

  apply(thing: Thing, result: FractureResult): void {
    if (thing.destroyed) return
    const fragments = this.#fragmentsOf(thing, result)
    const home = this.#layer ?? groupInPlaceOf(thing)
    for (const fragment of fragments) home.addChild(fragment)
    this.#onFragments?.(thing, fragments, result)
    if (thing.destroyed) return
    if (this.#original === 'destroy' || thing instanceof PixiFragment) thing.destroy({ children: true })
    else thing.visible = false
  }

  #fragmentsOf(thing: Thing, { fragments }: FractureResult): PixiFragment[] {
    const skin = thing instanceof PixiFragment ? thing.skin : this.#skinOf(thing)
    const missing = fragments.find((fragment) => fragment.mesh === undefined)
    if (missing !== undefined) {
      const message = `pixiAdapter: fragment ${missing.index} has no mesh to draw; fracture with mesh: true`
      throw new MillraceError('FRAGMENT_WITHOUT_MESH', message, { detail: { fragment: missing.index } })
    }
    thing.updateLocalTransform()
    return fragments.map((fragment) => new PixiFragment(fragment, skin, thing, this.#geometries))
  }
}

/** A container beside `thing`, just in front of it, which is gone when all that was put in is gone. */
function groupInPlaceOf(thing: Container): Container {
  const group = new Container({ label: thing.label, zIndex: thing.zIndex })
  group.on('childRemoved', () => {
    if (group.children.length === 0) group.destroy()
  })
  const { parent } = thing
  parent?.addChildAt(group, parent.getChildIndex(thing) + 1)
  return group
}

function outlineOfFragment({ fragment: { outer, holes } }: PixiFragment): PolygonInput {
  return { outer, holes }
}

function outlineOf(thing: Container): PolygonInput {
  const { minX, minY, maxX, maxY } = thing instanceof Sprite ? thing.visualBounds : thing.getLocalBounds()
  return [minX, minY, maxX, minY, maxX, maxY, minX, maxY]
}

function coverOf(thing: Container): Skin {
  if (thing instanceof Sprite || thing instanceof Mesh) return { texture: thing.texture, box: boxOf(thing.bounds) }
  return { texture: Texture.WHITE, box: boxOf(thing.getLocalBounds()) }
}

/** A copy: PixiJS uses its own again. */
function boxOf({ minX, minY, maxX, maxY }: Bounds): Bounds {
  return { minX, minY, maxX, maxY }
}
