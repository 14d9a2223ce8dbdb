import type { CutNetwork } from './cut-network.ts'
import type { Grid } from './grid.ts'
import { grown } from './grown.ts'
import type { Segments } from './segments.ts'

/** How near to the box a cut has to come to matter, in steps. */
const NEAR = 16

/** Lays cuts on the grid of a polygon. Kept from polygon to polygon. */
export class CutLayer {
  #pointX = new Float64Array(64)
  #pointY = new Float64Array(64)
  /** The vertex made of a point, or -1. */
  #vertexOf = new Int32Array(64)
  /** What is left of a cut, as shares of its length. */
  #enters = 0
  #leaves = 1

  /** Adds to the border in `segments` what of the cuts lies on the polygon of `grid` or near. O(points + cuts). */
  lay({ step, originX, originY, reach, most }: Grid, { points, cuts }: CutNetwork, segments: Segments): void {
    segments.clearCuts()
    const count = points.length / 2
    this.#pointX = grown(this.#pointX, count)
    this.#pointY = grown(this.#pointY, count)
    this.#vertexOf = grown(this.#vertexOf, count)
    const pointX = this.#pointX
    const pointY = this.#pointY
    for (let point = 0; point < count; point++) {
      pointX[point] = (points[2 * point]! - originX) / step
      pointY[point] = (points[2 * point + 1]! - originY) / step
      this.#vertexOf[point] = -1
    }
    const near = reach + NEAR
    for (let cut = 0; cut < cuts.length; cut += 2) {
      const a = cuts[cut]!
      const b = cuts[cut + 1]!
      const ax = pointX[a]!
      const ay = pointY[a]!
      const bx = pointX[b]!
      const by = pointY[b]!
      if ((ax < -near && bx < -near) || (ax > near && bx > near)) continue
      if ((ay < -near && by < -near) || (ay > near && by > near)) continue
      const isAInside = ax <= most && ax >= -most && ay <= most && ay >= -most
      const isBInside = bx <= most && bx >= -most && by <= most && by >= -most
      if (!(isAInside && isBInside) && !this.#clip(ax, ay, bx - ax, by - ay, most)) continue
      const from = isAInside ? this.#vertex(segments, a) : this.#clipped(segments, a, b, this.#enters, most)
      const to = isBInside ? this.#vertex(segments, b) : this.#clipped(segments, a, b, this.#leaves, most)
      if (segments.x[from] !== segments.x[to] || segments.y[from] !== segments.y[to]) segments.add(from, to)
    }
  }

  #vertex(segments: Segments, point: number): number {
    const known = this.#vertexOf[point]!
    if (known >= 0) return known
    const vertex = segments.addVertex(rounded(this.#pointX[point]!), rounded(this.#pointY[point]!))
    this.#vertexOf[point] = vertex
    return vertex
  }

  #clipped(segments: Segments, a: number, b: number, share: number, most: number): number {
    const x = this.#pointX[a]! + share * (this.#pointX[b]! - this.#pointX[a]!)
    const y = this.#pointY[a]! + share * (this.#pointY[b]! - this.#pointY[a]!)
    return segments.addVertex(rounded(Math.max(-most, Math.min(x, most))), rounded(Math.max(-most, Math.min(y, most))))
  }

  /** Finds what of a cut lies in the square, from -most to most both ways: Liang and Barsky, 1984. False when nothing does. */
  #clip(ax: number, ay: number, dx: number, dy: number, most: number): boolean {
    this.#enters = 0
    this.#leaves = 1
    return this.#clipAxis(ax, dx, most) && this.#clipAxis(ay, dy, most)
  }

  #clipAxis(start: number, length: number, most: number): boolean {
    if (length === 0) return start >= -most && start <= most
    const one = (-most - start) / length
    const other = (most - start) / length
    this.#enters = Math.max(this.#enters, Math.min(one, other))
    this.#leaves = Math.min(this.#leaves, Math.max(one, other))
    return this.#enters < this.#leaves
  }
}

/** To the middle of the pixel, which has its lower side and not its upper one. */
function rounded(steps: number): number {
  return Math.floor(steps + 0.5)
}
