import { MillraceError } from '@millrace/kernel/errors'
import { show } from '@millrace/kernel/options'
import { numberRoom } from './number-slab.ts'
import type { Polygon, PolygonInput } from './polygon.ts'

/** More points than anybody fractures; it bounds what one call may take. */
const MOST_POINTS = 10_000

/**
 * Reads a polygon from any of the forms in which users have one, into memory of its own.
 *
 * Only the form is checked: rings of at least three points, all numbers finite. Whether they make a polygon is found out where it is
 * cut. O(points); allocates the two arrays.
 * @throws {MillraceError} `POLYGON_INVALID`, naming the ring, the point and what is wrong with it.
 */
export function readPolygon(input: PolygonInput): Polygon {
  const { outer, holes } = partsOf(input)
  let length = lengthOf(outer, 0)
  for (let hole = 0; hole < holes.length; hole++) length += lengthOf(holes[hole], hole + 1)
  if (length > 2 * MOST_POINTS) {
    throw invalid(`has ${length / 2} points; at most ${MOST_POINTS} can be cut`, { points: length / 2 })
  }
  const coords = numberRoom(length)
  const ringEnds = holes.length === 0 ? endsOfOne(length / 2) : new Int32Array(1 + holes.length)
  let end = readRing(outer, 0, coords, 0)
  ringEnds[0] = end / 2
  for (let hole = 0; hole < holes.length; hole++) {
    end = readRing(holes[hole], hole + 1, coords, end)
    ringEnds[hole + 1] = end / 2
  }
  return { coords, ringEnds }
}

const NO_HOLES: readonly unknown[] = []

/** The ends of one ring, by its points: the same for all polygons without holes. */
const endsOfSingle: Int32Array[] = Array.from({ length: 1025 }, (_, points) => Int32Array.of(points))

function endsOfOne(points: number): Int32Array {
  return endsOfSingle[points] ?? Int32Array.of(points)
}

function partsOf(input: PolygonInput): { readonly outer: unknown; readonly holes: readonly unknown[] } {
  if (typeof input !== 'object' || input === null) {
    throw invalid(`must be a ring of points or { outer, holes }, not ${show(input)}`, {})
  }
  if (!('outer' in input)) return { outer: input, holes: NO_HOLES }
  const { outer, holes = NO_HOLES }: { readonly outer: unknown; readonly holes?: unknown } = input
  if (!Array.isArray(holes)) throw invalid(`has as holes ${show(holes)}; holes are a list of rings`, {})
  return { outer, holes }
}

type Numbers = readonly number[] | Float64Array | Float32Array

function isNumbers(ring: readonly unknown[] | Numbers): ring is Numbers {
  return !Array.isArray(ring) || typeof ring[0] === 'number'
}

/** How many numbers a ring has. */
function lengthOf(ring: unknown, index: number): number {
  if (!Array.isArray(ring) && !(ring instanceof Float64Array) && !(ring instanceof Float32Array)) {
    throw invalid(`${nameOf(index)} must be a list of points, or of numbers x0, y0, x1, y1, …, not ${show(ring)}`, {
      ring: index,
    })
  }
  const length = isNumbers(ring) ? ring.length : 2 * ring.length
  if (length % 2 === 1) throw invalid(`${nameOf(index)} has ${length} numbers; a last x has no y`, { ring: index })
  if (length < 6) {
    throw invalid(`${nameOf(index)} has ${length / 2} points; it takes three`, { ring: index, points: length / 2 })
  }
  return length
}

/** Writes a ring's numbers from `at` on, and returns where they end. */
function readRing(ring: unknown, index: number, coords: Float64Array, at: number): number {
  // PERF: what is a row of doubles already is copied as it is; bench/fracture/end-to-end.bench.ts.
  if (ring instanceof Float64Array) {
    coords.set(ring, at)
    for (let i = 0; i < ring.length; i++) {
      const value = ring[i]!
      // Infinite, or not a number.
      if (value - value !== 0) checked(value, index, i >> 1, i % 2 === 0 ? 'x' : 'y')
    }
    return at + ring.length
  }
  const points = ring as readonly unknown[] | Numbers
  if (isNumbers(points)) {
    for (let i = 0; i < points.length; i++) coords[at + i] = checked(points[i], index, i >> 1, i % 2 === 0 ? 'x' : 'y')
    return at + points.length
  }
  for (let point = 0; point < points.length; point++) {
    const value = points[point]
    let x: unknown
    let y: unknown
    if (Array.isArray(value)) [x, y] = value
    else if (typeof value === 'object' && value !== null) ({ x, y } = value as { x?: unknown; y?: unknown })
    else throw invalid(`${nameOf(index)} has as point ${point} ${show(value)}, not { x, y }`, { ring: index, point })
    coords[at + 2 * point] = checked(x, index, point, 'x')
    coords[at + 2 * point + 1] = checked(y, index, point, 'y')
  }
  return at + 2 * points.length
}

function checked(value: unknown, ring: number, point: number, axis: 'x' | 'y'): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw invalid(`${nameOf(ring)} has ${show(value)} as ${axis} of point ${point}; it must be a finite number`, {
    ring,
    point,
    value,
  })
}

function nameOf(ring: number): string {
  return ring === 0 ? 'the outer ring' : `hole ${ring - 1}`
}

function invalid(fault: string, detail: Record<string, unknown>): MillraceError {
  const what = fault.startsWith('the ') || fault.startsWith('hole ') ? `polygon: ${fault}` : `the polygon ${fault}`
  return new MillraceError('POLYGON_INVALID', what, { detail })
}
