import { autoDetectRenderer, Container, Graphics, type Renderer, Sprite, Texture } from 'pixi.js'
import type { At, Hall } from '../world/hall.ts'
import { HALL_HEIGHT } from '../world/layout.ts'
import { paintBackdrop, paintGlow, paintMist, paintShaft, paintVignette } from './backdrop.ts'
import { type Light, SHAFTS, SLANT } from './light.ts'
import { Sparks } from './sparks.ts'

/** Shows a hall on a canvas. */
export class Stage {
  readonly sparks: Sparks
  /** Without, nothing is drawn, and all goes on. */
  isDrawn = true
  readonly #canvas: HTMLCanvasElement
  readonly #renderer: Renderer | undefined
  readonly #root = new Container()
  readonly #room = new Container()
  readonly #backdrop = new Sprite()
  readonly #vignette = new Sprite(Texture.from(paintVignette()))
  readonly #shafts: readonly Sprite[]
  readonly #glow = Texture.from(paintGlow(64))
  readonly #mist = Texture.from(paintMist())
  readonly #flash: Sprite
  readonly #blade = new Graphics({ blendMode: 'add', alpha: 0 })
  #glows: { readonly sprite: Sprite; readonly lamp: Light['lamps'][number] }[] = []
  #hall: Hall | undefined
  #scale = 1
  #left = 0
  #shake = 0
  /** Pixels drawn for each of the page's. */
  #detail = Math.min(devicePixelRatio, 2)
  readonly #lean = { x: 0, y: 0 }
  readonly leanTo = { x: 0, y: 0 }

  /** `onFault` hears why nothing can be drawn, if so: where there is no WebGL. */
  static async on(canvas: HTMLCanvasElement, onFault: (fault: unknown) => void): Promise<Stage> {
    const rendering = autoDetectRenderer({
      canvas,
      preference: 'webgl',
      antialias: true,
      background: '#040914',
      width: Math.max(1, canvas.clientWidth),
      height: Math.max(1, canvas.clientHeight),
      resolution: Math.min(devicePixelRatio, 2),
    })
    return new Stage(
      canvas,
      await rendering.catch((fault: unknown) => {
        onFault(fault)
        return undefined
      }),
    )
  }

  private constructor(canvas: HTMLCanvasElement, renderer: Renderer | undefined) {
    this.#canvas = canvas
    this.#renderer = renderer
    this.sparks = new Sparks(this.#glow)
    const shaft = Texture.from(paintShaft())
    this.#shafts = SHAFTS.map(() => new Sprite({ texture: shaft, blendMode: 'add' }))
    this.#flash = new Sprite({ texture: this.#glow, anchor: 0.5, blendMode: 'add', alpha: 0 })
    this.#root.addChild(this.#room, this.#vignette)
  }

  /** How wide a hall is that fills the canvas. */
  get widthNeeded(): number {
    const { clientWidth, clientHeight } = this.#canvas
    return Math.max(420, (clientWidth / Math.max(1, clientHeight)) * HALL_HEIGHT)
  }

  show(hall: Hall, light: Light): void {
    this.#hall?.close()
    this.#hall = hall
    this.#room.removeChildren()
    const before = this.#backdrop.texture
    this.#backdrop.texture = Texture.from(paintBackdrop(hall.width + 80))
    this.#backdrop.x = -40
    if (before !== Texture.EMPTY) before.destroy(true)
    this.#room.addChild(this.#backdrop)
    this.#glows = []
    for (const plane of hall.planes) {
      const cords = new Graphics()
      for (const thing of hall.whole) {
        if (thing.plane === plane.number && thing.body?.isStatic() === true) {
          cords.moveTo(thing.view.x, -20).lineTo(thing.view.x, thing.view.y - thing.radius * 0.8)
        }
      }
      cords.stroke({ width: 1.6 * plane.scale, color: 0x05080f, alpha: 0.85 })
      plane.view.addChildAt(cords, 0)
      this.#room.addChild(plane.view)
      for (const lamp of light.lamps) {
        if (lamp.thing.plane !== plane.number) continue
        const sprite = new Sprite({ texture: this.#glow, anchor: 0.5, blendMode: 'add', tint: 0xff9d45, alpha: 0.5 })
        sprite.scale.set(6.2 * plane.scale)
        this.#glows.push({ sprite, lamp })
        plane.view.addChild(sprite)
      }
      if (plane.number === 2) continue
      const mist = new Sprite({
        texture: this.#mist,
        x: -40,
        y: plane.floor - 420,
        width: hall.width + 80,
        height: 560,
        alpha: 0.85,
      })
      this.#room.addChild(mist)
      this.#shafts.forEach((sprite, index) => {
        if (index % 2 === plane.number) this.#room.addChild(sprite)
      })
    }
    this.#room.addChild(this.sparks.view, this.#blade, this.#flash)
    this.fit()
  }

  /** Makes the picture as large as the canvas. */
  fit(): void {
    const { clientWidth: width, clientHeight: height } = this.#canvas
    if (this.#hall === undefined || width === 0 || height === 0) return
    this.#renderer?.resize(width, height, this.#detail)
    this.#scale = Math.min(height / HALL_HEIGHT, width / this.#hall.width)
    // A window that has changed its shape since sees the floor and what stands on it.
    this.#scale = Math.max(this.#scale, Math.min(height / HALL_HEIGHT, (width / this.#hall.width) * 1.25))
    this.#left = (width - this.#hall.width * this.#scale) / 2
    this.#vignette.setSize(width, height)
  }

  /** The point of the hall that is seen at a point of the canvas. */
  pointAt(x: number, y: number): At {
    return { x: (x - this.#room.x) / this.#room.scale.x, y: (y - this.#room.y) / this.#room.scale.y }
  }

  /** Shows the way of a blade, which then fades. */
  trail(way: readonly At[]): void {
    this.#blade.clear()
    for (const { width, color } of [
      { width: 14, color: 0x301408 },
      { width: 6, color: 0x8a4526 },
      { width: 2, color: 0xfff0e6 },
    ]) {
      this.#blade.poly([...way], false).stroke({ width, color, cap: 'round', join: 'round' })
    }
    this.#blade.alpha = 1
  }

  /** A blow at a point: a flash, and the more it shakes. */
  blow({ x, y }: At, strength: number): void {
    this.#flash.position.set(x, y)
    this.#flash.alpha = Math.min(1, 0.55 + strength * 0.4)
    this.#flash.scale.set(2.4 + strength * 9)
    this.#shake = Math.min(1, this.#shake + strength)
  }

  /** Draws coarser from now on, where it is not as coarse as can be. */
  coarsen(): void {
    if (this.#detail <= 0.5) return
    this.#detail = Math.max(0.5, this.#detail * 0.7)
    this.fit()
  }

  /** Draws. `isCalm` leaves out what moves for beauty's sake. */
  draw(seconds: number, deltaSeconds: number, isCalm: boolean): void {
    const hall = this.#hall
    if (hall === undefined || !this.isDrawn) return
    const { clientHeight: height } = this.#canvas
    this.#shake *= Math.exp(-5 * deltaSeconds)
    this.#flash.alpha *= isCalm ? 0 : Math.exp(-9 * deltaSeconds)
    this.#blade.alpha *= Math.exp(-3 * deltaSeconds)
    const shake = isCalm ? 0 : this.#shake * 9
    this.#room.scale.set(this.#scale)
    this.#room.position.set(
      this.#left + Math.sin(seconds * 61) * shake,
      height - HALL_HEIGHT * this.#scale + Math.cos(seconds * 53) * shake,
    )
    const follow = 1 - Math.exp(-4 * deltaSeconds)
    this.#lean.x += ((isCalm ? 0 : this.leanTo.x) - this.#lean.x) * follow
    hall.planes.forEach((plane) => {
      plane.view.x = -this.#lean.x * (plane.number - 1) * 10
    })
    this.#shafts.forEach((shaft, index) => {
      const sway = isCalm ? 0 : Math.sin(seconds * 0.3 + index * 1.7)
      shaft.position.set((SHAFTS[index] ?? 0) * hall.width - 620 * SLANT - 95 + sway * 8, 10)
      shaft.height = HALL_HEIGHT
      shaft.alpha = 0.78 + 0.22 * sway
    })
    for (const { sprite, lamp } of this.#glows) {
      sprite.position.set(lamp.x, lamp.y)
      const flicker = isCalm ? 1 : 0.93 + 0.07 * Math.sin(seconds * 5 + sprite.x)
      sprite.alpha = 0.55 * lamp.brightness * flicker
      sprite.visible = lamp.brightness > 0
    }
    this.#renderer?.render({ container: this.#root })
  }
}
