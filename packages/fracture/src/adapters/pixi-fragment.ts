import { type Container, type DestroyOptions, Mesh, type Texture } from 'pixi.js'
import { writeUvs } from '../mesh/uvs.ts'
import type { Bounds } from '../polygon/polygon.ts'
import type { Fragment } from '../result/fragment.ts'
import type { PixiGeometries } from './pixi-geometries.ts'

/**
 * A fragment on the stage: a mesh in the coordinates of the thing it was part of, around whose centroid it turns. Its geometry is its own, and
 * goes when it is destroyed.
 */
export class PixiFragment extends Mesh {
  /** What it is a picture of. */
  readonly fragment: Fragment
  /** What it is covered with: the same for all fragments of one thing. */
  readonly skin: { readonly texture: Texture; readonly box: Bounds }

  readonly #geometries: PixiGeometries

  /**
   * A fragment of `thing`, placed in the thing's parent so that it looks as if that were still whole. The thing's local transform is up to
   * date, and the fragment has a mesh.
   */
  constructor(fragment: Fragment, skin: PixiFragment['skin'], thing: Container, geometries: PixiGeometries) {
    const mesh = fragment.mesh!
    const uvs = new Float32Array(mesh.positions.length)
    writeUvs(mesh.positions, skin.box, uvs)
    super({ geometry: geometries.take(mesh, uvs), texture: skin.texture })
    this.fragment = fragment
    this.skin = skin
    this.#geometries = geometries
    const { x, y } = fragment.centroid
    const { a, b, c, d, tx, ty } = thing.localTransform
    this.pivot.set(x, y)
    this.position.set(a * x + c * y + tx, b * x + d * y + ty)
    this.scale.copyFrom(thing.scale)
    this.skew.copyFrom(thing.skew)
    this.rotation = thing.rotation
    this.tint = thing.tint
    this.alpha = thing.alpha
    this.blendMode = thing.blendMode
    this.visible = thing.visible
    if ('roundPixels' in thing) this.roundPixels = thing.roundPixels === true
  }

  override destroy(options?: DestroyOptions): void {
    if (this.destroyed) return
    const { geometry } = this
    super.destroy(options)
    this.#geometries.give(geometry)
  }
}
