import type { Container } from 'pixi.js'
import type { Body } from 'planck'
import type { Kind } from './kinds.ts'

/** An outline in its own coordinates, with holes. */
export interface Outline {
  readonly outer: Float64Array
  readonly holes: readonly Float64Array[]
}

/** Something to be broken: an object, or a piece of one. Where it is, its view says. */
export interface Thing extends Outline {
  readonly kind: Kind
  /** The number of the plane in which it stands. */
  readonly plane: number
  readonly view: Container
  /** Of the circle around it, in the hall's unit. */
  readonly radius: number
  readonly isPiece: boolean
  /** Asked to be broken, and not yet so. */
  isBreaking: boolean
  isGone: boolean
  /** While it has one, this moves it; else it flies, or hangs. */
  body: Body | undefined
  /** When it came to be, in the hall's seconds. */
  readonly bornAt: number
  /** When it last moved. */
  movedAt: number
  vx: number
  vy: number
  spin: number
  /** When it begins to fade; infinite while it does not. */
  fadesAt: number
}

/** A thing that is as yet whole and at rest, but for what `own` says. */
export function makeThing(
  own: Omit<Thing, 'isBreaking' | 'isGone' | 'body' | 'movedAt' | 'vx' | 'vy' | 'spin' | 'fadesAt'> & Partial<Thing>,
): Thing {
  return {
    isBreaking: false,
    isGone: false,
    body: undefined,
    movedAt: own.bornAt,
    vx: 0,
    vy: 0,
    spin: 0,
    fadesAt: Number.POSITIVE_INFINITY,
    ...own,
  }
}

/** Whether a point, in the hall's unit, lies in `thing`. */
export function covers(thing: Thing, point: { readonly x: number; readonly y: number }): boolean {
  const { x, y } = thing.view.position
  if (Math.hypot(point.x - x, point.y - y) > thing.radius) return false
  const at = localOf(thing, point)
  return isIn(thing.outer, at) && !thing.holes.some((hole) => isIn(hole, at))
}

/** A point of the hall in the coordinates of `thing`. */
export function localOf({ view }: Thing, point: { readonly x: number; readonly y: number }): { x: number; y: number } {
  const [cos, sin] = [Math.cos(view.rotation), Math.sin(view.rotation)]
  const [x, y] = [point.x - view.x, point.y - view.y]
  return {
    x: (x * cos + y * sin) / view.scale.x + view.pivot.x,
    y: (y * cos - x * sin) / view.scale.y + view.pivot.y,
  }
}

/** How far a ring reaches from a point. */
export function reach(ring: ArrayLike<number>, x: number, y: number): number {
  let most = 0
  for (let at = 0; at < ring.length; at += 2) most = Math.max(most, Math.hypot(ring[at]! - x, ring[at + 1]! - y))
  return most
}

function isIn(ring: ArrayLike<number>, { x, y }: { readonly x: number; readonly y: number }): boolean {
  let inside = false
  for (let at = 0, before = ring.length - 2; at < ring.length; before = at, at += 2) {
    const [ax, ay, bx, by] = [ring[at]!, ring[at + 1]!, ring[before]!, ring[before + 1]!]
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside
  }
  return inside
}
