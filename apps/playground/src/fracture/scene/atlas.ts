import { seededRandom } from '@millrace/kernel/seeded-random'
import { CanvasSource, Rectangle, Texture } from 'pixi.js'
import { KINDS, type KindName } from '../world/kinds.ts'
import { paint } from './paint.ts'

const SIDE = 2048
/** Pixels of the picture for a shape's pixel. */
const FINE = 2
const GAP = 3

/** Pictures of every kind of object, painted into one canvas: all that is drawn has one texture. */
export function paintAtlas(): ReadonlyMap<KindName, readonly Texture[]> {
  const canvas = new OffscreenCanvas(SIDE, SIDE)
  const context = canvas.getContext('2d')
  if (context === null) throw new Error('This browser has no 2D canvas.')
  const random = seededRandom(7)
  const source = new CanvasSource({ resource: canvas, resolution: FINE, autoGenerateMipmaps: true })
  let [x, y, row] = [GAP, GAP, 0]
  const names = Object.keys(KINDS) as KindName[]
  // The tallest first, so that rows are full.
  names.sort((a, b) => KINDS[b].shape.height - KINDS[a].shape.height)
  return new Map(
    names.map((name) => {
      const { shape, material, variants } = KINDS[name]
      const [width, height] = [Math.ceil(shape.width), Math.ceil(shape.height)]
      const textures = Array.from({ length: variants }, () => {
        if (x + width + GAP > SIDE / FINE) [x, y, row] = [GAP, y + row + GAP, 0]
        context.setTransform(FINE, 0, 0, FINE, (x + shape.width / 2) * FINE, (y + shape.height / 2) * FINE)
        paint(context, material, shape, random)
        const texture = new Texture({ source, frame: new Rectangle(x, y, shape.width, shape.height) })
        x += width + GAP
        row = Math.max(row, height)
        return texture
      })
      return [name, textures]
    }),
  )
}
