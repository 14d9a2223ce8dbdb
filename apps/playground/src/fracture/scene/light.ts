import { SUBSTANCES } from '../world/kinds.ts'
import { HALL_HEIGHT, PLANES } from '../world/layout.ts'
import type { Thing } from '../world/thing.ts'

/** A lamp's light: as long as the lamp is whole, where that is. */
export interface Lamp {
  readonly thing: Thing
  x: number
  y: number
  /** 0 to 1. */
  brightness: number
}

/** Of the planes, the farthest first: what falls on everything there. */
const AMBIENT = [
  [0.2, 0.28, 0.42],
  [0.3, 0.34, 0.44],
  [0.2, 0.225, 0.29],
] as const
const MOON = [0.62, 0.76, 0.94] as const
const LAMP = [1.05, 0.68, 0.34] as const
/** How far a lamp reaches, in the hall's unit. */
const REACH = 210

/** Where the light of each window meets the floor, as a share of the hall's width, and how far it slants. */
export const SHAFTS = [0.16, 0.42, 0.7, 0.95] as const
export const SLANT = 0.26

/** What light falls on things. */
export class Light {
  readonly lamps: Lamp[] = []
  width = HALL_HEIGHT

  /** Lets lights follow their lamps, and those of broken ones go out. */
  follow(seconds: number): void {
    for (const lamp of this.lamps) {
      const { thing } = lamp
      if (thing.isGone) lamp.brightness = Math.max(0, lamp.brightness - seconds * 1.6)
      else Object.assign(lamp, { x: thing.view.x, y: thing.view.y })
    }
  }

  /** The tint of `thing` where it is now. */
  tintOf({ view: { x, y }, plane, kind }: Thing): number {
    const ambient = AMBIENT[plane]!
    const moon = this.#moonAt(x, y) * (plane === 2 ? 0.75 : 1)
    let lamp = 0
    for (const { thing, brightness, x: atX, y: atY } of this.lamps) {
      if (brightness === 0) continue
      const apart = Math.abs(thing.plane - plane)
      const [dx, dy] = [x - atX, y - atY]
      lamp += (brightness * (1 - apart * 0.3)) / (1 + (3.2 * (dx * dx + dy * dy)) / (REACH * REACH)) ** 1.6
    }
    const { glow } = SUBSTANCES[kind.material]
    const own = glow * (0.72 + 0.28 * PLANES[plane]!.scale)
    let tint = 0
    for (let channel = 0; channel < 3; channel++) {
      const lit = ambient[channel]! + MOON[channel]! * moon + LAMP[channel]! * lamp
      tint = (tint << 8) | Math.round(255 * Math.min(1, lit * (1 - own) + own))
    }
    return tint
  }

  #moonAt(x: number, y: number): number {
    let light = 0
    for (const share of SHAFTS) {
      const middle = share * this.width + (y - 800) * SLANT
      const off = (x - middle) / 95
      light += Math.exp(-off * off)
    }
    // Less the higher: there is the windows' wall, behind.
    return Math.min(1, light) * (0.55 + 0.45 * Math.min(1, y / 800))
  }
}
