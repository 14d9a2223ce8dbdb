import { MillraceError } from '@millrace/kernel/errors'
import type { Bounds } from '../polygon/polygon.ts'

/** The box of a polygon is as many steps of its grid wide, 2 to this power, … */
const RESOLUTION = 40
/** … unless it is so far from the origin that doubles are coarser there. What is left then must be no less than 2 to this. */
const LEAST_RESOLUTION = 26
/** Doubles have as many bits, one of which is kept back for what lies around the polygon. */
const DOUBLE_BITS = 52
/** Polygons are at least so large, and at most: squares of lengths must stay within what doubles hold. */
const LEAST_EXTENT = 1e-100
const MOST_EXTENT = 1e100

/**
 * A square grid over a polygon, fine beyond what anybody sees, on which cutting is done in whole numbers.
 *
 * A step is at most 2⁻³⁹ of the polygon's extent (the longer side of its box), a power of two, and never finer than doubles are at that
 * distance from the origin. So each point of the grid is a double exactly, and differences and comparisons of grid points have no error.
 */
export class Grid {
  /** The length of a step. */
  readonly step: number
  /** Where the grid has its point 0, 0: in the middle of the polygon. */
  readonly originX: number
  readonly originY: number
  /** Half the longer side of the polygon's box, in steps. */
  readonly reach: number
  /** Cuts are cut off so many steps from point 0, 0, either way: half the longer side outside of the box. */
  readonly most: number

  /** @throws {MillraceError} `POLYGON_SIZE` when the polygon is too large, too small, or too small for its distance from the origin; `POLYGON_NO_AREA`. */
  constructor(bounds: Bounds) {
    const extent = Math.max(bounds.maxX - bounds.minX, bounds.maxY - bounds.minY)
    const distance = Math.max(-bounds.minX, -bounds.minY, bounds.maxX, bounds.maxY)
    if (extent === 0) {
      throw new MillraceError('POLYGON_NO_AREA', 'the polygon has no area: all its points are one', {
        detail: { ring: 0 },
      })
    }
    if (!(extent >= LEAST_EXTENT && extent <= MOST_EXTENT)) {
      throw new MillraceError(
        'POLYGON_SIZE',
        `the polygon is ${extent} wide; it must be ${LEAST_EXTENT} to ${MOST_EXTENT}: give it in another unit`,
        { detail: { extent } },
      )
    }
    const finest = exponentOf(extent) - RESOLUTION
    const exponent = Math.max(finest, exponentOf(distance) - DOUBLE_BITS)
    if (exponent - finest > RESOLUTION - LEAST_RESOLUTION) {
      throw new MillraceError(
        'POLYGON_SIZE',
        `the polygon is ${extent} wide and lies ${distance} from the origin, ${Math.round(distance / extent)} times as far; at most ` +
          `${2 ** (DOUBLE_BITS - LEAST_RESOLUTION)} times is precise enough: give it coordinates of its own, and its place as transform`,
        { detail: { extent, distance, ratio: distance / extent } },
      )
    }
    this.step = 2 ** exponent
    this.originX = Math.round((bounds.minX + bounds.maxX) / 2 / this.step) * this.step
    this.originY = Math.round((bounds.minY + bounds.maxY) / 2 / this.step) * this.step
    this.reach = Math.ceil(extent / 2 / this.step)
    this.most = 2 * this.reach
  }
}

const bits = new DataView(new ArrayBuffer(8))

/** The least whole number whose power of two is not below `value`, a number above 0 that is not tiny: read off its bits, so the same on every engine. */
function exponentOf(value: number): number {
  bits.setFloat64(0, value)
  const high = bits.getUint32(0)
  const isPower = (high & 0xfffff) === 0 && bits.getUint32(4) === 0
  return (high >>> 20) - 1023 + (isPower ? 0 : 1)
}
