import { defineBatchSystem } from '@millrace/frame'
import type { Sea } from '../sea/sea.ts'

/** Where something fell into the water. */
export interface Splash {
  x: number
  y: number
  z: number
}

/** A job a fish: it flees from the splash. */
export function startleSystem(sea: Sea, splash: Splash, done: () => void) {
  const { Position, Velocity, Fear } = sea.components

  return defineBatchSystem<number, void>({
    name: 'startle',
    type: 'Physics',
    cost: 0.01,
    recurring: false,
    run: (_frame, fish) => {
      const dx = Position.x[fish]! - splash.x
      const dy = Position.y[fish]! - splash.y
      const dz = Position.z[fish]! - splash.z
      const away = Math.hypot(dx, dy, dz) || 1
      const fright = Math.max(0, 1 - away / (sea.radius * 0.5))
      Velocity.x[fish] = Velocity.x[fish]! + (dx / away) * 16 * fright
      Velocity.y[fish] = Velocity.y[fish]! + (dy / away) * 8 * fright
      Velocity.z[fish] = Velocity.z[fish]! + (dz / away) * 16 * fright
      Fear.level[fish] = Math.max(Fear.level[fish]!, fright)
      done()
    },
  })
}

/** The fish that a splash frightens. O(n). */
export function* nearby(sea: Sea, splash: Splash): Generator<number, void, void> {
  const { Position } = sea.components
  const reach = (sea.radius * 0.5) ** 2
  for (let fish = 1; fish <= sea.count; fish++) {
    const dx = Position.x[fish]! - splash.x
    const dy = Position.y[fish]! - splash.y
    const dz = Position.z[fish]! - splash.z
    if (dx * dx + dy * dy + dz * dz < reach) yield fish
  }
}
