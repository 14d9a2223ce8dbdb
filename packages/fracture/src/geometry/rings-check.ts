import { MillraceError } from '@millrace/kernel/errors'
import { exactCrossing } from './exact-crossing.ts'
import type { Grid } from './grid.ts'
import { isNear } from './is-near.ts'
import { orientation } from './orientation.ts'
import { isInRing } from './point-in-ring.ts'
import type { Pulse } from './pulse.ts'
import type { SegmentBoxes } from './segment-boxes.ts'
import type { Segments } from './segments.ts'

/** Whose rings they are, for what is said of them. */
interface Rings {
  readonly grid: Grid
  readonly source: Int32Array
  readonly ringCount: number
  readonly ringEnds: Int32Array
  /** Is filled with the edges that cross by very little, in pairs. */
  readonly touching: number[]
}

/** The square of the steps by which parts of the border must be apart to be clear of each other. */
const CLEARANCE_SQUARED = 64
/** The square of the steps by which an end may be beyond the edge that it touches: on the grid, it may have got there by rounding. */
const TOUCH_SQUARED = 4

/**
 * Looks whether rings are those of a polygon, and returns whether no two parts of them come near to each other. Parts that touch, or run one
 * on the other, are for the exact arrangement, which knows inside from outside.
 * @throws {MillraceError} `POLYGON_SELF_INTERSECTS` and `POLYGON_HOLES` where edges cross or, in a clear polygon, a hole is not
 * inside the outer ring or is inside another.
 */
export function areRingsClear(polygon: Rings, segments: Segments, boxes: SegmentBoxes, pulse: Pulse): boolean {
  const { firstBlock, endBlock, blockStart } = boxes
  let isClear = true
  for (let block = firstBlock; block < endBlock; block++) {
    pulse((block - firstBlock) / (endBlock - firstBlock))
    const end = blockStart[block - firstBlock + 1]!
    for (let edge = blockStart[block - firstBlock]!; edge < end; edge++) {
      if (!isClearOf(polygon, segments, boxes, edge, edge + 1, end)) isClear = false
      for (let other = boxes.nextNear(edge, block + 1, endBlock); other < endBlock; ) {
        const from = blockStart[other - firstBlock]!
        const to = blockStart[other - firstBlock + 1]!
        if (!isClearOf(polygon, segments, boxes, edge, from, to)) isClear = false
        other = boxes.nextNear(edge, other + 1, endBlock)
      }
    }
  }
  if (isClear && polygon.ringCount > 1) checkHoles(polygon, segments)
  return isClear
}

/** Whether an edge keeps its distance from those from `first` to `end`. */
function isClearOf(
  polygon: Rings,
  segments: Segments,
  boxes: SegmentBoxes,
  edge: number,
  first: number,
  end: number,
): boolean {
  let isClear = true
  for (let other = boxes.nextNear(edge, first, end); other < end; other = boxes.nextNear(edge, other + 1, end)) {
    if (!areClear(polygon, segments, edge, other)) isClear = false
  }
  return isClear
}

function areClear(polygon: Rings, segments: Segments, a: number, b: number): boolean {
  const { x, y, to } = segments
  const toA = to[a]!
  const toB = to[b]!
  if (isBeside(x, y, a, toA, b, toB) || isBeside(x, y, b, toB, a, toA)) return true
  const near = CLEARANCE_SQUARED
  if (toA === b) return !isNear(x, y, a, b, toB, near) && !isNear(x, y, toB, a, toA, near)
  if (toB === a) return !isNear(x, y, b, a, toA, near) && !isNear(x, y, toA, b, toB, near)
  if (doCross(segments, a, b) && doCross(segments, b, a)) {
    const touches =
      isNear(x, y, a, b, toB, TOUCH_SQUARED) ||
      isNear(x, y, toA, b, toB, TOUCH_SQUARED) ||
      isNear(x, y, b, a, toA, TOUCH_SQUARED) ||
      isNear(x, y, toB, a, toA, TOUCH_SQUARED)
    if (!touches) refuseCrossing(polygon, segments, a, b)
    polygon.touching.push(a, b)
    return false
  }
  return (
    !isNear(x, y, a, b, toB, near) &&
    !isNear(x, y, toA, b, toB, near) &&
    !isNear(x, y, b, a, toA, near) &&
    !isNear(x, y, toB, a, toA, near)
  )
}

/** Whether an edge lies on one side of the line of another, and not near. */
function isBeside(x: Float64Array, y: Float64Array, a: number, toA: number, b: number, toB: number): boolean {
  const ax = x[a]!
  const ay = y[a]!
  const dx = x[toA]! - ax
  const dy = y[toA]! - ay
  const side = dx * (y[b]! - ay) - dy * (x[b]! - ax)
  const sideTo = dx * (y[toB]! - ay) - dy * (x[toB]! - ax)
  const near = CLEARANCE_SQUARED * (dx * dx + dy * dy)
  return side * side > near && sideTo * sideTo > near && side > 0 === sideTo > 0
}

/** Whether the ends of one edge lie on both sides of the line of the other. Exact. */
function doCross({ x, y, to }: Segments, one: number, other: number): boolean {
  const a = to[other]!
  const b = to[one]!
  const side = orientation(x[other]!, y[other]!, x[a]!, y[a]!, x[one]!, y[one]!)
  const sideTo = orientation(x[other]!, y[other]!, x[a]!, y[a]!, x[b]!, y[b]!)
  return (side < 0 && sideTo > 0) || (side > 0 && sideTo < 0)
}

function refuseCrossing(polygon: Rings, { x, y, to }: Segments, a: number, b: number): never {
  const { grid, source } = polygon
  const toA = to[a]!
  const toB = to[b]!
  const place = new Float64Array(2)
  exactCrossing(x[a]!, y[a]!, x[toA]!, y[toA]!, x[b]!, y[b]!, x[toB]!, y[toB]!, place)
  const at = { x: grid.originX + place[0]! * grid.step, y: grid.originY + place[1]! * grid.step }
  const where = `at ${at.x}, ${at.y}`
  const [first = 0, second = 0] = [ringOf(polygon, a), ringOf(polygon, b)].sort((one, other) => one - other)
  if (first === second) {
    const ring = first === 0 ? 'the polygon' : `hole ${first - 1} of the polygon`
    throw new MillraceError(
      'POLYGON_SELF_INTERSECTS',
      `${ring} crosses itself ${where}: give its points in order along the border`,
      { detail: { ring: first, points: [source[a], source[b]], ...at } },
    )
  }
  const other = first === 0 ? 'the outer ring' : `hole ${first - 1}`
  throw new MillraceError(
    'POLYGON_HOLES',
    `hole ${second - 1} of the polygon crosses ${other} ${where}: a hole lies inside the outer ring, beside other holes`,
    { detail: { hole: second - 1, ...at } },
  )
}

function ringOf({ ringEnds, ringCount }: Rings, edge: number): number {
  for (let ring = 0; ring < ringCount; ring++) if (edge < ringEnds[ring]!) return ring
  return ringCount
}

function checkHoles({ ringEnds, ringCount }: Rings, { x, y }: Segments): void {
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
