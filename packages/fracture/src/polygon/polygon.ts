/** A point, in whatever unit and axis direction its game has. */
export interface Point {
  readonly x: number
  readonly y: number
}

/** The box around something, its sides parallel to the axes. */
export interface Bounds {
  readonly minX: number
  readonly minY: number
  readonly maxX: number
  readonly maxY: number
}

/**
 * A closed line: points, pairs of numbers, or all numbers in one row `x0, y0, x1, y1, …`. The last point is joined to the first and need not
 * repeat it. Either winding will do.
 */
export type Ring =
  | readonly Point[]
  | readonly (readonly [x: number, y: number])[]
  | readonly number[]
  | Float64Array
  | Float32Array

/** Where an object stands and how it is turned; its polygon is in coordinates of its own, before that. */
export interface Transform {
  readonly x: number
  readonly y: number
  /** In radians. @default 0 */
  readonly rotation?: number
  /** @default 1 */
  readonly scaleX?: number
  /** @default 1 */
  readonly scaleY?: number
}

/** An area with one outer border, holes in it, and where it stands. */
export interface PolygonWithHoles {
  readonly outer: Ring
  readonly holes?: readonly Ring[]
  /** Kept as it is, and given to every fragment. */
  readonly transform?: Transform | undefined
}

/** What can be fractured: a ring alone, or with holes. A fragment is one too. */
export type PolygonInput = Ring | PolygonWithHoles

/** A polygon in a form that travels between threads: all points in one row, the outer ring first. */
export interface Polygon {
  /** `x0, y0, x1, y1, …` of all rings, one after the other; no ring repeats its first point. */
  readonly coords: Float64Array
  /** Of each ring, the number of points up to its end: the last is that of all points. */
  readonly ringEnds: Int32Array
}
