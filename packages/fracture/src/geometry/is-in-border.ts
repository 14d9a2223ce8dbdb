import type { Segments } from './segments.ts'
import { windingStep } from './winding-step.ts'

/** Whether a vertex that is not on the border of `segments` lies inside of it. Exact. O(border). */
export function isInBorder({ x, y, from, to, borderCount }: Segments, vertex: number): boolean {
  const px = x[vertex]!
  const py = y[vertex]!
  let winding = 0
  for (let border = 0; border < borderCount; border++) winding += windingStep(x, y, from[border]!, to[border]!, px, py)
  return winding !== 0
}
