import { querySystem } from '@millrace/frame/bitecs'
import type { Sea } from '../sea/sea.ts'
import { Visits } from './visits.ts'

const MOST_NEIGHBOURS = 6
const REACH = 2.6

/** Decides where a fish wants to go: with its neighbours, round with the water, and along its course. */
export function aiSystem(sea: Sea) {
  const { Position, Velocity, Wish, Course, Detail, Fear } = sea.components
  const query = [Position, Velocity, Wish]
  const visits = new Visits(sea, query)
  const { cells, radius } = sea

  const decide = (fish: number): void => {
    const seconds = visits.note(fish)
    // Far away, it thinks at every other visit.
    if (Detail.level[fish] === 2 && ((visits.count >> 8) + fish) % 2 === 0) return
    const x = Position.x[fish]!
    const y = Position.y[fish]!
    const z = Position.z[fish]!
    let alongX = 0
    let alongY = 0
    let alongZ = 0
    let towardsX = 0
    let towardsY = 0
    let towardsZ = 0
    let neighbours = 0
    for (let side = 0; side <= 1; side++) {
      let other = cells.firstAt(x, y, z - side * Math.sign(x) * REACH)
      for (let seen = 0; other !== 0 && seen < MOST_NEIGHBOURS; seen++) {
        alongX += Velocity.x[other]!
        alongY += Velocity.y[other]!
        alongZ += Velocity.z[other]!
        towardsX += Position.x[other]! - x
        towardsY += Position.y[other]! - y
        towardsZ += Position.z[other]! - z
        neighbours++
        other = cells.after(other)
      }
    }
    const share = neighbours === 0 ? 0 : 1 / neighbours
    const away = Math.sqrt(x * x + z * z) || 1
    const goX = Course.x[fish]! - x
    const goY = Course.y[fish]! - y
    const goZ = Course.z[fish]! - z
    const far = Math.sqrt(goX * goX + goY * goY + goZ * goZ) || 1
    // The middle stays free.
    const outwards = away < radius * 0.42 ? 4 : 0
    const haste = 1 + 1.6 * Fear.level[fish]!
    Wish.x[fish] =
      (-z / away) * 3.2 * haste +
      (x / away) * outwards +
      alongX * share * 0.3 +
      towardsX * share * 0.5 +
      (goX / far) * 1.8
    Wish.y[fish] = alongY * share * 0.3 + towardsY * share * 0.3 + (goY / far) * 1.2
    Wish.z[fish] =
      (x / away) * 3.2 * haste +
      (z / away) * outwards +
      alongZ * share * 0.3 +
      towardsZ * share * 0.5 +
      (goZ / far) * 1.8
    Fear.level[fish] = Fear.level[fish]! * Math.max(0, 1 - 0.9 * seconds)

    if ((far < 3 || sea.seconds > Course.until[fish]!) && Course.asked[fish] === 0) sea.onLost(fish)
  }

  return {
    visits,
    system: querySystem(sea.world, {
      name: 'decide',
      type: 'AI',
      cost: 0.9,
      everyFrames: 4,
      query,
      each: decide,
      chunk: 128,
    }),
  }
}
