import { querySystem } from '@millrace/frame/bitecs'
import { addComponent, hasComponent, removeComponent } from 'bitecs'
import type { Sea } from '../sea/sea.ts'
import { Visits } from './visits.ts'

/** How much of a fish may stick out of a plane. */
const MARGIN = 1.2

/** Finds out which fish the camera can see; only those have the component Visible. */
export function visibilitySystem(sea: Sea) {
  const { Position, Visible } = sea.components
  const query = [Position]
  const visits = new Visits(sea, query)
  const { planes } = sea.sight

  const cull = (fish: number): void => {
    visits.note(fish)
    const x = Position.x[fish]!
    const y = Position.y[fish]!
    const z = Position.z[fish]!
    let isInside = true
    for (let at = 0; at < 24 && isInside; at += 4) {
      isInside = planes[at]! * x + planes[at + 1]! * y + planes[at + 2]! * z + planes[at + 3]! >= -MARGIN
    }
    if (isInside === hasComponent(sea.world, fish, Visible)) return
    if (isInside) {
      Visible.since[fish] = sea.seconds
      addComponent(sea.world, fish, Visible)
    } else {
      removeComponent(sea.world, fish, Visible)
      sea.matrices.fill(0, (fish - 1) * 16, fish * 16)
    }
  }

  return {
    visits,
    system: querySystem(sea.world, { name: 'cull', type: 'Visibility', cost: 0.2, everyFrames: 3, query, each: cull }),
  }
}
