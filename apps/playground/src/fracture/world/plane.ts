import { Container } from 'pixi.js'
import { type Body, BoxShape, PolygonShape, World } from 'planck'
import { SUBSTANCES } from './kinds.ts'
import { reachOf } from './shapes.ts'
import type { Thing } from './thing.ts'

/** Of the hall's unit, in one of planck's. */
const METRE = 40
/** Of the hall's unit, in a second by the second. */
export const GRAVITY = 1100

/** Of a collider, in square metres: planck cannot do with less. */
const LEAST_AREA = 0.002
const LONGEST_STEP_S = 1 / 30

/** A plane of the hall: what stands in it meets nothing of the others, so each is a world of its own. */
export class Plane {
  readonly things = new Set<Thing>()
  /** All that is seen of the plane; its things are in {@link Plane.stand}. */
  readonly view = new Container()
  readonly stand = new Container()
  readonly floor: number
  readonly scale: number
  readonly number: number
  readonly #world = new World({
    gravity: { x: 0, y: GRAVITY / METRE },
    allowSleep: true,
    // Debris may touch a little before it bounces; to be exact would take most of a step.
    continuousPhysics: false,
  })
  #dueSeconds = 0

  constructor(number: number, floor: number, scale: number) {
    this.number = number
    this.view.addChild(this.stand)
    this.floor = floor
    this.scale = scale
    const ground = this.#world.createBody({ type: 'static', position: { x: 0, y: floor / METRE + 10 } })
    ground.createFixture({ shape: new BoxShape(1000, 10), friction: 0.8 })
  }

  /** Gives `thing` a body, of convex rings in its own coordinates. Returns false when it is too small for one. */
  embody(thing: Thing, rings: readonly ArrayLike<number>[], hangs = false): boolean {
    const { view, kind } = thing
    const scale = view.scale.x / METRE
    const outlines = rings
      .map((ring) =>
        reachOf(ring).map(({ x, y }) => ({ x: (x - view.pivot.x) * scale, y: (y - view.pivot.y) * scale })),
      )
      .filter((corners) => areaOf(corners) > LEAST_AREA)
    if (outlines.length === 0) return false
    thing.body = this.#world.createBody({
      type: hangs ? 'static' : 'dynamic',
      position: { x: view.x / METRE, y: view.y / METRE },
      angle: view.rotation,
      linearVelocity: { x: thing.vx / METRE, y: thing.vy / METRE },
      angularVelocity: thing.spin,
      // What was laid out stands as it is, until something touches it.
      awake: thing.isPiece,
      angularDamping: 0.4,
      userData: thing,
    })
    const { density } = SUBSTANCES[kind.material]
    for (const corners of outlines) {
      thing.body.createFixture({ shape: new PolygonShape(corners), density, friction: 0.65, restitution: 0.08 })
    }
    return true
  }

  disembody(thing: Thing): void {
    if (thing.body === undefined) return
    takeSpeed(thing)
    this.#world.destroyBody(thing.body)
    thing.body = undefined
  }

  /** Lets planck find out what touches what, which wakes all of it, and puts it back to sleep. */
  settle(): void {
    this.#world.step(1e-6, 1, 1)
    for (let body: Body | null = this.#world.getBodyList(); body !== null; body = body.getNext()) body.setAwake(false)
  }

  /** Time that is to be stepped; what was not, for want of time, is lost beyond one long step. */
  pass(seconds: number): void {
    this.#dueSeconds = Math.min(this.#dueSeconds + seconds, LONGEST_STEP_S)
  }

  /** Steps what is due, and moves the views of all that moved. */
  step(now: number): void {
    if (this.#dueSeconds === 0) return
    this.#world.step(this.#dueSeconds, 5, 2)
    this.#dueSeconds = 0
    for (let body: Body | null = this.#world.getBodyList(); body !== null; body = body.getNext()) {
      if (!body.isAwake() || !body.isDynamic()) continue
      const thing = body.getUserData() as Thing
      // What is in pieces has its body until the next frame or so.
      if (thing.isGone) continue
      const { x, y } = body.getPosition()
      thing.view.position.set(x * METRE, y * METRE)
      thing.view.rotation = body.getAngle()
      thing.movedAt = now
    }
  }

  /** Pushes all that has a body within `radius` of a point away from it. */
  push(x: number, y: number, radius: number, speed: number): void {
    const [cx, cy, r] = [x / METRE, y / METRE, radius / METRE]
    this.#world.queryAABB({ lowerBound: { x: cx - r, y: cy - r }, upperBound: { x: cx + r, y: cy + r } }, (fixture) => {
      const body = fixture.getBody()
      if (!body.isDynamic()) return true
      const at = body.getPosition()
      const away = Math.hypot(at.x - cx, at.y - cy)
      if (away > r) return true
      const push = (speed / METRE) * (1 - away / r) * body.getMass()
      const [dx, dy] = [(at.x - cx) / Math.max(away, 0.01), (at.y - cy) / Math.max(away, 0.01)]
      body.applyLinearImpulse({ x: dx * push, y: dy * push - push * 0.3 }, at, true)
      return true
    })
  }
}

function areaOf(corners: readonly { readonly x: number; readonly y: number }[]): number {
  let twice = 0
  corners.forEach(({ x, y }, index) => {
    const next = corners[(index + 1) % corners.length]!
    twice += x * next.y - next.x * y
  })
  return Math.abs(twice) / 2
}

/** Notes how fast a thing moves that has a body. */
export function takeSpeed(thing: Thing): void {
  if (thing.body === undefined) return
  const { x, y } = thing.body.getLinearVelocity()
  thing.vx = x * METRE
  thing.vy = y * METRE
  thing.spin = thing.body.getAngularVelocity()
}
