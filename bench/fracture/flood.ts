import type { Scene } from './debris.ts'
import type { Destroyer } from './destroyers/destroyer.ts'
import { runFrames } from './frame-loop.ts'
import { objectOf } from './objects.ts'

/** So many objects are broken and not yet debris, at most: a game that goes on breaking. */
const MOST_BROKEN = 2000

/** Breaks `count` objects, as fast as they become debris, and tells how many there were in a second of time on the wall. */
export async function flood(destroyer: Destroyer, scene: Scene, first: number, count: number): Promise<number> {
  const objects = Array.from({ length: count }, (_, place) => objectOf(first + place))
  let broken = 0
  let done = 0
  const startedAt = performance.now()
  let endedAt = startedAt
  const onResult = (result: Parameters<Scene['add']>[0]) => {
    scene.add(result)
    done++
    endedAt = performance.now()
  }
  await runFrames(() => {
    if (done === count) return false
    while (broken < count && broken - done < MOST_BROKEN) destroyer.destroy(objects[broken++]!, onResult)
    destroyer.frame()
    return true
  })
  return count / ((endedAt - startedAt) / 1000)
}
