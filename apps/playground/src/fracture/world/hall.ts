import type { Fragment } from '@millrace/fracture'
import { type Container, Sprite, type Texture } from 'pixi.js'
import type { Light } from '../scene/light.ts'
import { KINDS, type KindName } from './kinds.ts'
import { layOut, PLANES, type Place } from './layout.ts'
import { GRAVITY, Plane } from './plane.ts'
import { covers, makeThing, type Outline, reach, type Thing } from './thing.ts'

/** Pieces with a body: how few and how many there may be at most. */
const BODIES = { least: 60, most: 420 } as const
/** What a step of one plane's physics should take, in ms. */
const STEP_MS = 1.5
/** Pieces that are seen, at most. */
const MOST_PIECES = 5000
const FADE_S = 0.9

/** A point of the hall, in its unit. */
export interface At {
  readonly x: number
  readonly y: number
}

/** Everything that stands, hangs, flies and lies in the hall. */
export class Hall {
  readonly planes: readonly Plane[] = PLANES.map(({ floor, scale }, number) => new Plane(number, floor, scale))
  readonly whole = new Set<Thing>()
  /** The oldest first. */
  readonly pieces = new Set<Thing>()
  readonly flying = new Set<Thing>()
  /** In the hall's time, which may run slowly. */
  seconds = 0
  readonly width: number
  readonly #light: Light
  readonly #bodies = new Set<Thing>()
  #litAt = 0
  /** Follows what physics can step in a frame. */
  #mostBodies: number = BODIES.most

  constructor(
    pictures: ReadonlyMap<KindName, readonly Texture[]>,
    light: Light,
    layout: { readonly count: number; readonly width: number; readonly seed: number },
  ) {
    this.width = layout.width
    this.#light = light
    light.width = layout.width
    light.lamps.length = 0
    for (const place of layOut(layout.count, layout.width, layout.seed)) this.#place(place, pictures)
    for (const plane of this.planes) plane.settle()
  }

  /** The thing at a point, the nearest plane first. */
  thingAt(at: At): Thing | undefined {
    for (const plane of this.planes.toReversed()) {
      let found: Thing | undefined
      const point = { x: at.x - plane.view.x, y: at.y }
      for (const thing of plane.things) if (thing.view.alpha > 0.5 && covers(thing, point)) found = thing
      if (found !== undefined) return found
    }
    return undefined
  }

  /** The things that a way leads across, in all planes. */
  thingsAcross(way: readonly At[]): Set<Thing> {
    const found = new Set<Thing>()
    way.forEach((to, index) => {
      const from = way[index - 1]
      if (from === undefined) return
      const steps = Math.ceil(Math.hypot(to.x - from.x, to.y - from.y) / 6)
      for (let step = 0; step <= steps; step++) {
        const [x, y] = [from.x + ((to.x - from.x) * step) / steps, from.y + ((to.y - from.y) * step) / steps]
        for (const plane of this.planes) {
          const at = { x: x - plane.view.x, y }
          for (const thing of plane.things) if (!found.has(thing) && covers(thing, at)) found.add(thing)
        }
      }
    })
    return found
  }

  /** Takes in a piece of `parent`, shown by `view`, that flies apart from `from`. */
  addPiece(parent: Thing, outline: Outline, view: Container, from: At, speed: number, random: () => number): Thing {
    const radius = reach(outline.outer, view.pivot.x, view.pivot.y) * Math.abs(view.scale.x)
    const [dx, dy] = [view.x - from.x, view.y - from.y]
    const away = Math.max(8, Math.hypot(dx, dy))
    const strength = (speed * (0.35 + 0.9 * random())) / (1 + (away / 90) ** 1.5)
    const piece = makeThing({
      outer: outline.outer,
      holes: outline.holes,
      kind: parent.kind,
      plane: parent.plane,
      view,
      radius,
      isPiece: true,
      bornAt: this.seconds,
      vx: parent.vx + (dx / away) * strength,
      vy: parent.vy + (dy / away) * strength - speed * 0.22 * random(),
      spin: ((random() - 0.5) * speed) / 60,
    })
    this.pieces.add(piece)
    this.flying.add(piece)
    this.#planeOf(parent).things.add(piece)
    return piece
  }

  /** Gives a piece a body, if there is one to spare: else the oldest that has lain for a while loses its own, and fades. */
  embody(piece: Thing, { convexParts, outer }: Fragment): void {
    if (piece.isGone || piece.body !== undefined) return
    if (this.#bodies.size >= this.#mostBodies) {
      const [oldest] = this.#bodies
      if (oldest === undefined || this.seconds - oldest.bornAt < 1.5) return
      this.#fade(oldest)
    }
    if (!this.#planeOf(piece).embody(piece, convexParts ?? [outer])) return
    this.flying.delete(piece)
    this.#bodies.add(piece)
  }

  /** Takes the body of what is broken out of its world. */
  disembody(thing: Thing): void {
    this.#planeOf(thing).disembody(thing)
    this.#bodies.delete(thing)
  }

  /** Takes out what its pieces have replaced; its body stays until {@link Hall.disembody}. */
  remove(thing: Thing): void {
    thing.isGone = true
    this.#planeOf(thing).things.delete(thing)
    this.whole.delete(thing)
    this.pieces.delete(thing)
    this.flying.delete(thing)
  }

  /** Steps the physics of all planes, one after the other. Returns between, so that a frame can end. */
  *step(): Generator<void, void, void> {
    for (const plane of this.planes) {
      const startMs = performance.now()
      plane.step(this.seconds)
      const most = this.#mostBodies + (performance.now() - startMs > STEP_MS ? -4 : 1)
      this.#mostBodies = Math.min(BODIES.most, Math.max(BODIES.least, most))
      yield
    }
  }

  /** Moves what flies. Returns at times, so that a frame can end. */
  *fly(): Generator<void, void, void> {
    let count = 0
    for (const thing of this.flying) {
      if (++count % 64 === 0) yield
      const seconds = Math.min(this.seconds - thing.movedAt, 0.1)
      thing.movedAt = this.seconds
      if (seconds <= 0 || thing.isGone) continue
      const { view } = thing
      thing.vy += GRAVITY * seconds
      const y = view.y + thing.vy * seconds
      const ground = this.#planeOf(thing).floor - thing.radius * 0.4
      view.position.set(view.x + thing.vx * seconds, Math.min(y, ground))
      view.rotation += thing.spin * seconds
      if (y < ground) continue
      if (thing.fadesAt === Number.POSITIVE_INFINITY)
        thing.fadesAt = this.seconds + 1.2 + ((thing.vx * 7919) % 1) ** 2 * 2
      thing.vy *= thing.vy > 120 ? -0.32 : 0
      thing.vx *= 0.6
      thing.spin *= 0.55
    }
  }

  /** Fades what is to fade, and takes out what has. Returns at times, so that a frame can end. */
  *cleanUp(): Generator<void, void, void> {
    let spare = this.#bodies.size - this.#mostBodies
    for (const piece of this.#bodies) {
      if (spare-- <= 0 || this.seconds - piece.bornAt < 1.5) break
      this.#fade(piece)
      yield
    }
    let tooMany = this.pieces.size - MOST_PIECES
    let count = 0
    for (const piece of this.pieces) {
      if (++count % 128 === 0) yield
      if (tooMany-- > 0) this.#fade(piece)
      const faded = (this.seconds - piece.fadesAt) / FADE_S
      if (faded <= 0 || piece.isGone || piece.isBreaking) continue
      if (faded < 1) {
        piece.view.alpha = 1 - faded
        continue
      }
      this.remove(piece)
      this.disembody(piece)
      piece.view.destroy()
    }
  }

  /** Lights what has moved, or all of it. Returns at times, so that a frame can end. */
  *shine(): Generator<void, void, void> {
    let count = 0
    this.#light.follow(this.seconds - this.#litAt)
    this.#litAt = this.seconds
    for (const plane of this.planes) {
      for (const thing of plane.things) {
        if (++count % 64 === 0) yield
        if (!thing.isGone) thing.view.tint = this.#light.tintOf(thing)
      }
    }
  }

  close(): void {
    for (const plane of this.planes) {
      // What looks at them still, over several frames, finds them gone.
      for (const thing of plane.things) thing.isGone = true
      plane.things.clear()
      plane.view.destroy({ children: true })
    }
    this.whole.clear()
    this.pieces.clear()
    this.flying.clear()
  }

  #planeOf({ plane }: Thing): Plane {
    return this.planes[plane]!
  }

  #fade(piece: Thing): void {
    this.disembody(piece)
    if (piece.isGone) return
    this.flying.add(piece)
    piece.movedAt = this.seconds
    piece.fadesAt = Math.min(piece.fadesAt, this.seconds)
  }

  #place(
    { kind: name, variant, plane: number, x, y, scale, hangs }: Place,
    pictures: ReadonlyMap<KindName, readonly Texture[]>,
  ): void {
    const kind = KINDS[name]
    const plane = this.planes[number]!
    const texture = pictures.get(name)?.[variant]
    if (texture === undefined) throw new Error(`There is no picture of a ${name}.`)
    const view = new Sprite({ texture, anchor: 0.5, position: { x, y }, scale })
    const { outer, holes } = kind.shape
    const radius = reach(outer, 0, 0) * scale
    const thing = makeThing({ outer, holes, kind, plane: number, view, radius, isPiece: false, bornAt: 0 })
    plane.stand.addChild(view)
    plane.things.add(thing)
    plane.embody(thing, [outer], hangs)
    this.whole.add(thing)
    if (kind.material === 'lantern') this.#light.lamps.push({ thing, x, y, brightness: 1 })
  }
}
