import { defineBatchSystem } from '@millrace/frame'
import type { Sea } from '../sea/sea.ts'

const CANDIDATES = 8
const SAMPLES = 6

/** A job a fish: looks along a few ways ahead, and takes the one on which there are fewest others. */
export function planCourseSystem(sea: Sea, done: () => void) {
  const { Position, Course } = sea.components
  const { cells, radius, depth } = sea

  return defineBatchSystem<number, void>({
    name: 'plan course',
    type: 'AI',
    cost: 0.01,
    recurring: false,
    run: (_frame, fish) => {
      const x = Position.x[fish]!
      const y = Position.y[fish]!
      const z = Position.z[fish]!
      const heading = Math.atan2(z, x)
      let fewest = Number.POSITIVE_INFINITY
      for (let candidate = 0; candidate < CANDIDATES; candidate++) {
        const angle = heading + 0.5 + 1.2 * Math.random()
        const away = radius * (0.5 + 0.45 * Math.random())
        const toX = Math.cos(angle) * away
        const toY = (Math.random() * 1.6 - 0.8) * depth
        const toZ = Math.sin(angle) * away
        let crowd = 0
        for (let sample = 1; sample <= SAMPLES; sample++) {
          const part = sample / SAMPLES
          let other = cells.firstAt(x + (toX - x) * part, y + (toY - y) * part, z + (toZ - z) * part)
          for (; other !== 0; other = cells.after(other)) crowd++
        }
        if (crowd >= fewest) continue
        fewest = crowd
        Course.x[fish] = toX
        Course.y[fish] = toY
        Course.z[fish] = toZ
      }
      Course.until[fish] = sea.seconds + 5 + 5 * Math.random()
      Course.asked[fish] = 0
      done()
    },
  })
}
