import { querySystem } from '@millrace/frame/bitecs'
import type { Sea } from '../sea/sea.ts'
import { Visits } from './visits.ts'

/** Nearer than this, squared, fish push each other away. */
const PERSONAL = 0.9
const MOST_NEIGHBOURS = 5
const MOST_SPEED = 9

/** Moves a fish through the eddies of the water, the way it wants to go, and keeps it off its neighbours. */
export function physicsSystem(sea: Sea) {
  const { Position, Velocity, Wish, Fear } = sea.components
  const query = [Position, Velocity]
  const visits = new Visits(sea, query)
  const { cells, radius, depth } = sea

  const swim = (fish: number): void => {
    const seconds = visits.note(fish)
    const now = sea.seconds
    const x = Position.x[fish]!
    const y = Position.y[fish]!
    const z = Position.z[fish]!
    const grip = (2.4 * seconds) / (1 + 2.4 * seconds)
    let vx = Velocity.x[fish]!
    let vy = Velocity.y[fish]!
    let vz = Velocity.z[fish]!
    vx += (Wish.x[fish]! - vx) * grip
    vy += (Wish.y[fish]! - vy) * grip
    vz += (Wish.z[fish]! - vz) * grip

    vx += (Math.sin(y * 0.21 + now * 0.7) + Math.cos(z * 0.17 - now * 0.4)) * seconds
    vy += (Math.sin(z * 0.19 - now * 0.5) + Math.cos(x * 0.23 + now * 0.6)) * seconds * 0.5
    vz += (Math.sin(x * 0.18 + now * 0.3) + Math.cos(y * 0.2 - now * 0.8)) * seconds

    const push = 5 * seconds
    let other = cells.firstAt(x, y, z)
    for (let seen = 0; other !== 0 && seen < MOST_NEIGHBOURS; seen++) {
      const dx = x - Position.x[other]!
      const dy = y - Position.y[other]!
      const dz = z - Position.z[other]!
      const apart = dx * dx + dy * dy + dz * dz
      if (apart < PERSONAL && other !== fish) {
        const by = (push * (PERSONAL - apart)) / (apart + 0.05)
        vx += dx * by
        vy += dy * by
        vz += dz * by
      }
      other = cells.after(other)
    }

    const out = (x * x + z * z) / (radius * radius) + (y * y) / (depth * depth) - 1
    if (out > 0) {
      const back = Math.min(out, 1) * 6 * seconds
      vx -= (x / radius) * back
      vy -= (y / depth) * back
      vz -= (z / radius) * back
    }
    const speed = Math.sqrt(vx * vx + vy * vy + vz * vz)
    const most = MOST_SPEED * (1 + Fear.level[fish]!)
    const slow = speed > most ? most / speed : 1
    Velocity.x[fish] = vx * slow
    Velocity.y[fish] = vy * slow
    Velocity.z[fish] = vz * slow
    Position.x[fish] = x + vx * slow * seconds
    Position.y[fish] = y + vy * slow * seconds
    Position.z[fish] = z + vz * slow * seconds
    cells.move(fish, Position.x[fish]!, Position.y[fish]!, Position.z[fish]!)
  }

  return {
    visits,
    system: querySystem(sea.world, {
      name: 'swim',
      type: 'Physics',
      cost: 0.8,
      everyFrames: 2,
      query,
      each: swim,
      chunk: 128,
    }),
  }
}
