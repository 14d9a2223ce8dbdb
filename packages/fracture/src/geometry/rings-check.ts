import { MillraceError } from '@millrace/kernel/errors'
import { exactCrossing } from './exact-crossing.ts'
import type { GridPolygon } from './grid-polygon.ts'
import { grown } from './grown.ts'
import { orientation } from './orientation.ts'
import { isInRing } from './point-in-ring.ts'
import { squaredDistance } from './squared-distance.ts'

/** Parts of the border that are nearer than so many steps are not clear of each other. */
const CLEARANCE = 8
/** More edges than that are sorted first, so that each is held against its neighbours only. */
const SORTED_FROM = 128

/** Looks whether rings are those of a polygon. Kept from polygon to polygon. */
export class RingsCheck {
  #minX = new Float64Array(128)
  #maxX = new Float64Array(128)
  #minY = new Float64Array(128)
  #maxY = new Float64Array(128)
  /** Where the edge from a point leads, and of which ring it is. */
  #next = new Int32Array(128)
  #ring = new Int32Array(128)
  #order = new Int32Array(128)
  readonly #place = new Float64Array(2)

  /**
   * Returns whether no two parts of the border come near to each other; those that touch, or run one on the other, are for the exact
   * arrangement, which knows inside from outside.
   * @throws {MillraceError} `POLYGON_SELF_INTERSECTS` and `POLYGON_HOLES` where edges cross or, in a clear polygon, a hole is
   * not inside the outer ring or is inside another.
   */
  look(polygon: GridPolygon): boolean {
    const { pointCount: count } = polygon
    this.#measure(polygon)
    const order = this.#order
    const isSorted = count > SORTED_FROM
    if (isSorted) {
      const minX = this.#minX
      order.subarray(0, count).sort((a, b) => minX[a]! - minX[b]!)
    }
    let isClear = true
    for (let i = 0; i < count; i++) {
      const a = order[i]!
      const minX = this.#minX[a]! - CLEARANCE
      const maxX = this.#maxX[a]! + CLEARANCE
      const minY = this.#minY[a]! - CLEARANCE
      const maxY = this.#maxY[a]! + CLEARANCE
      for (let j = i + 1; j < count; j++) {
        const b = order[j]!
        if (this.#minX[b]! > maxX) {
          if (isSorted) break
          continue
        }
        if (this.#maxX[b]! < minX || this.#minY[b]! > maxY || this.#maxY[b]! < minY) continue
        if (!this.#areClear(polygon, a, b)) isClear = false
      }
    }
    if (isClear) this.#lookAtHoles(polygon)
    return isClear
  }

  #measure({ x, y, ringEnds, ringCount, pointCount }: GridPolygon): void {
    this.#minX = grown(this.#minX, pointCount)
    this.#maxX = grown(this.#maxX, pointCount)
    this.#minY = grown(this.#minY, pointCount)
    this.#maxY = grown(this.#maxY, pointCount)
    this.#next = grown(this.#next, pointCount)
    this.#ring = grown(this.#ring, pointCount)
    this.#order = grown(this.#order, pointCount)
    let start = 0
    for (let ring = 0; ring < ringCount; ring++) {
      const end = ringEnds[ring]!
      for (let point = start; point < end; point++) {
        const next = point + 1 < end ? point + 1 : start
        this.#minX[point] = Math.min(x[point]!, x[next]!)
        this.#maxX[point] = Math.max(x[point]!, x[next]!)
        this.#minY[point] = Math.min(y[point]!, y[next]!)
        this.#maxY[point] = Math.max(y[point]!, y[next]!)
        this.#next[point] = next
        this.#ring[point] = ring
        this.#order[point] = point
      }
      start = end
    }
  }

  /** Whether the edges from the points `a` and `b` on keep their distance. */
  #areClear(polygon: GridPolygon, a: number, b: number): boolean {
    const { x, y } = polygon
    const toA = this.#next[a]!
    const toB = this.#next[b]!
    if (isBeside(x, y, a, toA, b, toB) || isBeside(x, y, b, toB, a, toA)) return true
    const near = CLEARANCE * CLEARANCE
    const isNearB = (point: number) => squaredDistance(x[point]!, y[point]!, x[b]!, y[b]!, x[toB]!, y[toB]!) < near
    const isNearA = (point: number) => squaredDistance(x[point]!, y[point]!, x[a]!, y[a]!, x[toA]!, y[toA]!) < near
    if (toA === b) return !isNearB(a) && !isNearA(toB)
    if (toB === a) return !isNearA(b) && !isNearB(toA)
    const ofA = this.#side(polygon, b, toB, a) * this.#side(polygon, b, toB, toA)
    const ofB = this.#side(polygon, a, toA, b) * this.#side(polygon, a, toA, toB)
    if (ofA < 0 && ofB < 0) this.#refuseCrossing(polygon, a, b)
    return !isNearB(a) && !isNearB(toA) && !isNearA(b) && !isNearA(toB)
  }

  #side({ x, y }: GridPolygon, from: number, to: number, point: number): number {
    return Math.sign(orientation(x[from]!, y[from]!, x[to]!, y[to]!, x[point]!, y[point]!))
  }

  #refuseCrossing(polygon: GridPolygon, a: number, b: number): never {
    const { x, y, grid, source } = polygon
    const toA = this.#next[a]!
    const toB = this.#next[b]!
    exactCrossing(x[a]!, y[a]!, x[toA]!, y[toA]!, x[b]!, y[b]!, x[toB]!, y[toB]!, this.#place)
    const at = {
      x: grid.originX + this.#place[0]! * grid.step,
      y: grid.originY + this.#place[1]! * grid.step,
    }
    const where = `at ${at.x}, ${at.y}`
    const [first, second] = [this.#ring[a]!, this.#ring[b]!].sort((one, other) => one - other)
    if (first === second) {
      const ring = first === 0 ? 'the polygon' : `hole ${first! - 1} of the polygon`
      throw new MillraceError(
        'POLYGON_SELF_INTERSECTS',
        `${ring} crosses itself ${where}: give its points in order along the border`,
        { detail: { ring: first, points: [source[a]!, source[b]!], ...at } },
      )
    }
    const other = first === 0 ? 'the outer ring' : `hole ${first! - 1}`
    throw new MillraceError(
      'POLYGON_HOLES',
      `hole ${second! - 1} of the polygon crosses ${other} ${where}: a hole lies inside the outer ring, beside other holes`,
      { detail: { hole: second! - 1, ...at } },
    )
  }

  #lookAtHoles({ x, y, ringEnds, ringCount }: GridPolygon): void {
    for (let ring = 1; ring < ringCount; ring++) {
      const point = ringEnds[ring - 1]!
      for (let other = 0; other < ringCount; other++) {
        if (other === ring) continue
        const start = other === 0 ? 0 : ringEnds[other - 1]!
        if (isInRing(x, y, start, ringEnds[other]!, x[point]!, y[point]!) === (other === 0)) continue
        const fault = other === 0 ? 'lies outside of the outer ring' : `lies inside hole ${other - 1}`
        throw new MillraceError('POLYGON_HOLES', `hole ${ring - 1} of the polygon ${fault}: leave it out, or mend it`, {
          detail: { hole: ring - 1 },
        })
      }
    }
  }
}

/** Whether an edge lies on one side of the line of another, and not near. */
function isBeside(x: Float64Array, y: Float64Array, a: number, toA: number, b: number, toB: number): boolean {
  const ax = x[a]!
  const ay = y[a]!
  const dx = x[toA]! - ax
  const dy = y[toA]! - ay
  const side = dx * (y[b]! - ay) - dy * (x[b]! - ax)
  const sideTo = dx * (y[toB]! - ay) - dy * (x[toB]! - ax)
  const near = CLEARANCE * CLEARANCE * (dx * dx + dy * dy)
  return side * side > near && sideTo * sideTo > near && side > 0 === sideTo > 0
}
