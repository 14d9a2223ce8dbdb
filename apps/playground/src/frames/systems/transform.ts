import { querySystem } from '@millrace/frame/bitecs'
import type { Sea } from '../sea/sea.ts'
import { Visits } from './visits.ts'

/** Turns where a fish is, and where it swims, into the matrix by which it is drawn. */
export function transformSystem(sea: Sea) {
  const { Position, Velocity, Visible, Fear } = sea.components
  const query = [Position, Velocity, Visible]
  const visits = new Visits(sea, query, Visible.since)
  const { matrices } = sea

  const transform = (fish: number): void => {
    visits.note(fish)
    const vx = Velocity.x[fish]!
    const vy = Velocity.y[fish]!
    const vz = Velocity.z[fish]!
    const speed = Math.sqrt(vx * vx + vy * vy + vz * vz) || 1
    let forwardX = vx / speed
    const forwardY = vy / speed
    let forwardZ = vz / speed
    const flat = Math.sqrt(forwardX * forwardX + forwardZ * forwardZ) || 1
    // It swims by waving from side to side.
    const wave = 0.28 * Math.sin(sea.seconds * (5 + speed) + fish)
    const cos = 1 - (wave * wave) / 2
    const sideX = forwardZ / flat
    const sideZ = -forwardX / flat
    forwardX = forwardX * cos + sideX * wave
    forwardZ = forwardZ * cos + sideZ * wave
    const upX = forwardY * sideZ
    const upY = forwardZ * sideX - forwardX * sideZ
    const upZ = -forwardY * sideX
    const size = (0.75 + 0.5 * ((fish * 0.618) % 1)) * (1 + 0.35 * Fear.level[fish]!)

    const at = (fish - 1) * 16
    matrices[at] = sideX * size
    matrices[at + 2] = sideZ * size
    matrices[at + 4] = upX * size
    matrices[at + 5] = upY * size
    matrices[at + 6] = upZ * size
    matrices[at + 8] = forwardX * size
    matrices[at + 9] = forwardY * size
    matrices[at + 10] = forwardZ * size
    matrices[at + 12] = Position.x[fish]!
    matrices[at + 13] = Position.y[fish]!
    matrices[at + 14] = Position.z[fish]!
    matrices[at + 15] = 1
  }

  return {
    visits,
    system: querySystem(sea.world, { name: 'transform', type: 'Transform', cost: 0.4, query, each: transform }),
  }
}
