import { areaOf } from '../star.ts'
import type { Cutter } from './cutter.ts'

/** Far more than the pieces of any star of the bench have together. */
const MOST_DOUBLES = 4096

/** The pieces of one star, one after the other. */
interface PackedPieces {
  readonly coords: Float64Array
  /** Of each piece, the end of its doubles. */
  readonly ends: Int32Array
}

/**
 * The least that a hand could do: Sutherland and Hodgman (1974) on typed arrays, each cell a row of half-planes whose numbers are ready, two
 * buffers in turns, nothing allocated but what comes out, and nothing checked. The box is left out, in which every star lies.
 *
 * It is **wrong** on concave polygons: what falls apart within a cell is joined by edges of no width. Only the areas are right.
 */
export const sutherlandHodgman: Cutter<PackedPieces> = {
  name: 'bare Sutherland-Hodgman',
  isSplitting: false,
  prepare({ star, cells }) {
    const sides = Float64Array.from(cells.flatMap((cell) => cell.sides.flatMap(({ a, b, c }) => [a, b, c])))
    const sideEnds = new Int32Array(cells.length)
    let end = 0
    for (const [cell, { sides: own }] of cells.entries()) {
      end += own.length
      sideEnds[cell] = end
    }
    return {
      cut: () => cutAll(star, sides, sideEnds),
      areasOf: ({ coords, ends }) =>
        Array.from(ends, (to, cell) => areaOf(coords, cell === 0 ? 0 : ends[cell - 1]!, to)),
    }
  },
}

const one = new Float64Array(MOST_DOUBLES)
const other = new Float64Array(MOST_DOUBLES)
const pieces = new Float64Array(MOST_DOUBLES)

function cutAll(star: Float64Array, sides: Float64Array, sideEnds: Int32Array): PackedPieces {
  const ends = new Int32Array(sideEnds.length)
  let end = 0
  let side = 0
  for (let cell = 0; cell < sideEnds.length; cell++) {
    const lastSide = sideEnds[cell]! - 1
    let from = star
    let length = star.length
    let to = one
    for (; side < lastSide && length > 0; side++) {
      length = cutBySide(from, length, sides, side, to, 0)
      from = to
      to = to === one ? other : one
    }
    end = length === 0 ? end : cutBySide(from, length, sides, lastSide, pieces, end)
    side = lastSide + 1
    ends[cell] = end
  }
  // What comes out is the caller's own, as everybody else's is.
  return { coords: pieces.slice(0, end), ends }
}

/** Writes what lies on the right side of one line, and returns where it ends. */
function cutBySide(
  from: Float64Array,
  length: number,
  sides: Float64Array,
  side: number,
  to: Float64Array,
  start: number,
): number {
  const a = sides[3 * side]!
  const b = sides[3 * side + 1]!
  const c = sides[3 * side + 2]!
  let x = from[length - 2]!
  let y = from[length - 1]!
  let height = a * x + b * y - c
  let end = start
  for (let at = 0; at < length; at += 2) {
    const nextX = from[at]!
    const nextY = from[at + 1]!
    const next = a * nextX + b * nextY - c
    if (next >= 0) {
      if (height < 0) {
        const share = height / (height - next)
        to[end++] = x + share * (nextX - x)
        to[end++] = y + share * (nextY - y)
      }
      to[end++] = nextX
      to[end++] = nextY
    } else if (height >= 0) {
      const share = height / (height - next)
      to[end++] = x + share * (nextX - x)
      to[end++] = y + share * (nextY - y)
    }
    x = nextX
    y = nextY
    height = next
  }
  return end
}
