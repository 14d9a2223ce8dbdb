import type { CutNetwork } from '../../geometry/cut-network.ts'
import type { Bounds, Point } from '../../polygon/polygon.ts'
import { LineSpan } from '../line-span.ts'

/** Collects points and cuts, and makes a network of what is within reach of the polygon: a cut that leaves the reach ends there. */
export class SliceNetwork {
  readonly #reach: Bounds
  readonly #points: number[] = []
  readonly #cuts: number[] = []
  readonly #span = new LineSpan()

  constructor(reach: Bounds) {
    this.#reach = reach
  }

  /** Returns the number of a new point, which may be anywhere. */
  addPoint(x: number, y: number): number {
    return this.#points.push(x, y) / 2 - 1
  }

  /** Joins two points. */
  addCut(from: number, to: number): void {
    const x = this.#points[2 * from]!
    const y = this.#points[2 * from + 1]!
    const toX = this.#points[2 * to]!
    const toY = this.#points[2 * to + 1]!
    const dx = toX - x
    const dy = toY - y
    if (Number.isFinite(dx) && Number.isFinite(dy)) {
      if (!this.#span.clip(this.#reach, x, y, dx, dy, 0, 1)) return
      this.#cuts.push(
        this.#span.from === 0 ? from : this.#addPointAt(x, y, dx, dy, this.#span.from),
        this.#span.to === 1 ? to : this.#addPointAt(x, y, dx, dy, this.#span.to),
      )
    } else {
      // The ends are farther from each other than the greatest number: each half can be measured.
      const middle = this.addPoint(x / 2 + toX / 2, y / 2 + toY / 2)
      this.addCut(from, middle)
      this.addCut(middle, to)
    }
  }

  /** Cuts from a point straight on. */
  addRay(from: number, direction: Point): void {
    const x = this.#points[2 * from]!
    const y = this.#points[2 * from + 1]!
    const { x: dx, y: dy } = direction
    if (!this.#span.clip(this.#reach, x, y, dx, dy, 0, Number.POSITIVE_INFINITY)) return
    const start = this.#span.from === 0 ? from : this.#addPointAt(x, y, dx, dy, this.#span.from)
    this.#cuts.push(start, this.#addPointAt(x, y, dx, dy, this.#span.to))
  }

  /** Cuts from end to end, through a place. */
  addLine({ x, y }: Point, { x: dx, y: dy }: Point): void {
    if (!this.#span.clip(this.#reach, x, y, dx, dy, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)) return
    const { from, to } = this.#span
    this.#cuts.push(this.#addPointAt(x, y, dx, dy, from), this.#addPointAt(x, y, dx, dy, to))
  }

  /** The network, without the points that no cut has. */
  finish(): CutNetwork {
    const numbers = new Int32Array(this.#points.length / 2).fill(-1)
    const points: number[] = []
    const cuts = Int32Array.from(this.#cuts, (point) => {
      if (numbers[point] === -1) {
        numbers[point] = points.push(this.#points[2 * point]!, this.#points[2 * point + 1]!) / 2 - 1
      }
      return numbers[point]!
    })
    return { points: Float64Array.from(points), cuts }
  }

  /** A point at the edge of the reach; of a line from very far away, rounding would miss it. */
  #addPointAt(x: number, y: number, dx: number, dy: number, at: number): number {
    const { minX, minY, maxX, maxY } = this.#reach
    return this.addPoint(Math.max(minX, Math.min(maxX, x + at * dx)), Math.max(minY, Math.min(maxY, y + at * dy)))
  }
}
