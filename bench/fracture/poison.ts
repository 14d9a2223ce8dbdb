import { fracturePolygon } from '@millrace/fracture'
import { largeObjectOf } from './objects.ts'

const POISON_MS = 100
const FEWEST_POINTS = 500
const MOST_POINTS = 10_000

/** So many vertices that to cut such an object takes about 100 ms on this thread, by trial. */
export function poisonPointsHere(): number {
  let points = 2000
  for (let trial = 0; trial < 8; trial++) {
    const { polygon, params } = largeObjectOf(0, points)
    const ms = Math.min(...[0, 1, 2].map(() => msOf(() => fracturePolygon(polygon, params))))
    if (Math.abs(ms - POISON_MS) < 0.05 * POISON_MS || points === MOST_POINTS) break
    points = Math.min(MOST_POINTS, Math.max(FEWEST_POINTS, Math.round((points * POISON_MS) / ms)))
  }
  return points
}

/** Processor time: others may be busy. */
function msOf(work: () => unknown): number {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
