import { orientation } from './orientation.ts'
import type { Segments } from './segments.ts'

/** Whether a vertex that is not on the border of `segments` lies inside of it. Exact. O(border). */
export function isInBorder({ x, y, from, to, borderCount }: Segments, vertex: number): boolean {
  const px = x[vertex]!
  const py = y[vertex]!
  let winding = 0
  for (let border = 0; border < borderCount; border++) {
    const a = from[border]!
    const b = to[border]!
    if (y[a]! <= py === y[b]! <= py) continue
    const isUp = y[a]! <= py
    if (orientation(x[a]!, y[a]!, x[b]!, y[b]!, px, py) > 0 === isUp) winding += isUp ? 1 : -1
  }
  return winding !== 0
}
