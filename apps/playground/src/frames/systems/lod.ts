import { querySystem } from '@millrace/frame/bitecs'
import type { Sea } from '../sea/sea.ts'
import { Visits } from './visits.ts'

const BRIGHTNESS = [1, 0.72, 0.5]

/** Gives a fish its level of detail, by its distance from the camera: how bright it is, and how often it thinks. */
export function lodSystem(sea: Sea) {
  const { Position, Velocity, Visible, Detail, Fear } = sea.components
  const query = [Position, Visible, Detail]
  const visits = new Visits(sea, query, Visible.since)
  const { colours, radius } = sea
  const { position } = sea.sight

  const refine = (fish: number): void => {
    visits.note(fish)
    const dx = Position.x[fish]! - position.x
    const dy = Position.y[fish]! - position.y
    const dz = Position.z[fish]! - position.z
    const away = Math.sqrt(dx * dx + dy * dy + dz * dz) / radius
    const before = Detail.level[fish]!
    // A level is left only well past its end, or those at the border would flicker.
    const level = away < (before === 0 ? 0.85 : 0.75) ? 0 : away < (before === 2 ? 1.3 : 1.4) ? 1 : 2
    Detail.level[fish] = level
    const bright = BRIGHTNESS[level]!
    const speed = Math.abs(Velocity.x[fish]!) + Math.abs(Velocity.z[fish]!)
    const warm = Math.min(1, Math.max(0, (speed - 4) / 8) + Fear.level[fish]!)
    const at = (fish - 1) * 3
    colours[at] = (0.08 + 1.15 * warm) * bright
    colours[at + 1] = (0.62 - 0.12 * warm + 0.16 * ((fish * 0.37) % 1)) * bright
    colours[at + 2] = (0.72 - 0.6 * warm) * bright
  }

  return {
    visits,
    system: querySystem(sea.world, { name: 'refine', type: 'LOD', cost: 0.2, everyFrames: 6, query, each: refine }),
  }
}
