import { MillraceError } from '@millrace/kernel/errors'
import type { Bounds, Polygon } from '../polygon/polygon.ts'
import { Grid } from './grid.ts'
import { grown } from './grown.ts'
import type { Pulse } from './pulse.ts'
import { areRingsClear } from './rings-check.ts'
import type { SegmentBoxes } from './segment-boxes.ts'
import type { Segments } from './segments.ts'
import { signedArea } from './signed-area.ts'

/** A polygon on its grid: all rings run with the inside on their left. Kept from polygon to polygon. */
export class GridPolygon {
  grid = new Grid({ minX: 0, minY: 0, maxX: 1, maxY: 1 })
  /** The box around the polygon as it was given. */
  bounds: Bounds = { minX: 0, minY: 0, maxX: 1, maxY: 1 }
  /** Of each vertex, its number in the polygon as it was given. */
  source = new Int32Array(128)
  ringCount = 0
  ringEnds = new Int32Array(8)
  /** Whether the outer ring was given the other way round: so are the fragments' then. */
  isReversed = false
  /** Edges of the border that cross by so little that they count as touching, in pairs. */
  readonly touching: number[] = []
  /** Whether no two parts of the border come so near to each other that cutting must look closely. */
  isClear = false

  /**
   * Lays `polygon` on a grid of its own: its border is all that `segments` and `boxes` have then. Points that repeat the one before
   * are left out, on the grid; so is a last one that repeats the first. O(n²) at worst, for n points, with few steps for most pairs.
   * @throws {MillraceError} `POLYGON_SIZE`, `POLYGON_NO_AREA`, `POLYGON_SELF_INTERSECTS`, `POLYGON_HOLES`.
   */
  lay({ coords, ringEnds }: Polygon, segments: Segments, boxes: SegmentBoxes, pulse: Pulse): void {
    this.bounds = boundsOf(coords, ringEnds[0]!)
    this.grid = new Grid(this.bounds)
    this.source = grown(this.source, ringEnds[ringEnds.length - 1]!)
    this.ringEnds = grown(this.ringEnds, ringEnds.length)
    this.ringCount = 0
    segments.clear()
    let start = 0
    for (let ring = 0; ring < ringEnds.length; ring++) {
      this.#layRing(coords, start, ringEnds[ring]!, ring, segments)
      start = ringEnds[ring]!
    }
    boxes.addBorder(segments, this.grid.most)
    this.touching.length = 0
    this.isClear = areRingsClear(this, segments, boxes, pulse)
  }

  #layRing(coords: Float64Array, start: number, end: number, ring: number, segments: Segments): void {
    const { step, originX, originY } = this.grid
    const first = segments.vertexCount
    segments.reserve(first + end - start)
    const { x, y } = segments
    const { source } = this
    let count = first
    for (let point = start; point < end; point++) {
      const gridX = Math.floor((coords[2 * point]! - originX) / step + 0.5)
      const gridY = Math.floor((coords[2 * point + 1]! - originY) / step + 0.5)
      if (count > first && gridX === x[count - 1] && gridY === y[count - 1]) continue
      x[count] = gridX
      y[count] = gridY
      source[count++] = point
    }
    while (count > first && x[count - 1] === x[first] && y[count - 1] === y[first]) count--
    const area = count - first < 3 ? 0 : signedArea(x, y, first, count)
    // Narrower than a step all along, nothing of the ring's form is left.
    if (Math.abs(area) <= lengthAlongAxes(x, y, first, count)) refuseLine(ring)
    if (ring === 0) this.isReversed = area < 0
    if (area < 0 === (ring === 0)) {
      x.subarray(first, count).reverse()
      y.subarray(first, count).reverse()
      source.subarray(first, count).reverse()
    }
    segments.vertexCount = count
    for (let vertex = first; vertex < count; vertex++) segments.add(vertex, vertex + 1 < count ? vertex + 1 : first)
    segments.borderCount = count
    this.ringEnds[this.ringCount++] = count
  }
}

function lengthAlongAxes(x: Float64Array, y: Float64Array, first: number, end: number): number {
  let length = 0
  let last = end - 1
  for (let point = first; point < end; point++) {
    length += Math.abs(x[point]! - x[last]!) + Math.abs(y[point]! - y[last]!)
    last = point
  }
  return length
}

function refuseLine(ring: number): never {
  const which = ring === 0 ? 'the polygon' : `hole ${ring - 1} of the polygon`
  throw new MillraceError('POLYGON_NO_AREA', `${which} has no area: its points lie on a line`, { detail: { ring } })
}

function boundsOf(coords: Float64Array, points: number): Bounds {
  let minX = coords[0]!
  let minY = coords[1]!
  let maxX = minX
  let maxY = minY
  for (let i = 2; i < 2 * points; i += 2) {
    const x = coords[i]!
    const y = coords[i + 1]!
    if (x < minX) minX = x
    else if (x > maxX) maxX = x
    if (y < minY) minY = y
    else if (y > maxY) maxY = y
  }
  return { minX, minY, maxX, maxY }
}
