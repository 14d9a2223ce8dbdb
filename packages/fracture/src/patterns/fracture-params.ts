import type { Point } from '../polygon/polygon.ts'

interface AnyParams {
  /** Any integer of 32 bits, signed or not: the same polygon, parameters and seed give the same bytes, wherever they are cut. @default 0 */
  readonly seed?: number
  /**
   * A fragment smaller than this share of the mean one goes to the neighbour with which it shares the longest border, and so does one smaller than a
   * tenth that is thinner than a thousandth of the polygon; 0 to 0.1, and with 0 all stay as they are. @default 0.01
   */
  readonly minFragmentArea?: number
  /** Whether fragments come with triangles and UVs; needs earcut. @default false */
  readonly mesh?: boolean
  /** Whether fragments come with convex parts; needs earcut. @default false */
  readonly convex?: boolean
  /** Most vertices of a convex part, 3 to 1000: Box2D takes 8, planck 12. @default 1000 */
  readonly maxPartVertices?: number
}

interface SeededParams extends AnyParams {
  /** How many Voronoi cells, 2 to 100; a concave polygon may fall into more fragments than it has cells. @default 10 */
  readonly fragmentCount?: number
  /** Least distance between two seeds, at least 0, as far as there is room for so many. @default 0 */
  readonly minCellDistance?: number
  /** How far seeds stay away from the box around the polygon, at least 0; never more than a quarter of its shorter side. @default 5 */
  readonly edgePadding?: number
}

/** Cells around seeds that lie anywhere. */
export interface RandomParams extends SeededParams {
  readonly pattern?: 'random'
}

/** Cells around seeds that keep their distance: even in size, with no order to be seen. */
export interface PoissonParams extends SeededParams {
  readonly pattern: 'poisson'
  /** Tries to place a seed beside another until that one is given up, 1 to 1000. @default 30 */
  readonly poissonAttempts?: number
}

/** Small cells around the place of an impact, larger ones away from it. */
export interface ImpactParams extends SeededParams {
  readonly pattern: 'impact'
  /** Where it was hit, in the polygon's coordinates; from outside of its box, it arrives at the nearest point of the box. @default the middle of its box */
  readonly impact?: Point | undefined
  /**
   * How quickly cells grow with the distance, 0.1 to 10: 1 gives as many seeds to each ring of the same width, and more gives that many times as many to rings near the impact.
   * @default 1
   */
  readonly falloff?: number
}

/** Cells in rows and columns. */
export interface GridParams extends AnyParams {
  readonly pattern: 'grid'
  /** 1 to 32. @default 3 */
  readonly rows?: number
  /** 1 to 32. @default 3 */
  readonly cols?: number
  /** How far a seed may move from the middle of its place, as a share of half the place, 0 to 1. @default 0.3 */
  readonly jitter?: number
}

interface RingParams extends AnyParams {
  /** The middle, in the polygon's coordinates; farther away than 1024 times its box, it is taken to be there. @default the middle of its box */
  readonly center?: Point | undefined
  /** 1 to 20. @default as many as there are `ringRadii`, or else 3 */
  readonly ringCount?: number
  /**
   * Where the rings are, as shares of the distance from the middle to the box's farthest corner: ascending, above 0 and at most 1, as many as there are rings.
   * @default evenly spaced between 0 and 1: 0.25, 0.5 and 0.75
   */
  readonly ringRadii?: readonly number[]
  /** 3 to 64. @default 8 */
  readonly pointsPerRing?: number
  /** How far a point may lie off its place, along the ring and across: 0, not at all, to 1, half way to the next. @default 0.2 */
  readonly radialVariation?: number
}

/** Voronoi cells around a seed in the middle and others on rings. */
export interface RadialParams extends RingParams {
  readonly pattern: 'radial'
}

/** A spider's web: straight spokes from the middle, joined by the threads of the rings. */
export interface SpiderwebParams extends RingParams {
  readonly pattern: 'spiderweb'
}

/** Straight slices from one point outwards. */
export interface RadialSlicesParams extends AnyParams {
  readonly pattern: 'radial-slices'
  /** In the polygon's coordinates; farther away than 1024 times its box, it is taken to be there. @default the middle of the polygon's box */
  readonly center?: Point | undefined
  /** How many rays leave the middle, 2 to 200. @default 8 */
  readonly sliceCount?: number
  /** How far each ray may be off: 0, not at all, to 1, half way to the next. @default 0.2 */
  readonly jitter?: number
}

/** Straight slices side by side. */
export interface ParallelSlicesParams extends AnyParams {
  readonly pattern: 'parallel-slices'
  /** 1 to 200. @default 5 */
  readonly sliceCount?: number
  /** The direction of the slices, in radians. @default 0, along x */
  readonly angle?: number
  /** How far each slice may be off: 0, not at all, to 1, half way to the next. @default 0.2 */
  readonly jitter?: number
}

/** Slices along both axes of a grid that may be turned, one fewer than there are rows and columns. */
export interface GridSlicesParams extends AnyParams {
  readonly pattern: 'grid-slices'
  /** 1 to 32. @default 3 */
  readonly rows?: number
  /** 1 to 32. @default 3 */
  readonly cols?: number
  /** In radians. @default 0 */
  readonly angle?: number
  /** How far each slice may be off: 0, not at all, to 1, half way to the next. @default 0 */
  readonly jitter?: number
}

/** Slices anywhere, in any direction. */
export interface ChaoticSlicesParams extends AnyParams {
  readonly pattern: 'chaotic-slices'
  /** 1 to 100. @default 5 */
  readonly sliceCount?: number
}

/** Your own slices, each straight from point to point, two or more; what of them ends within the polygon, and so separates nothing, does not cut. */
export interface ManualSlicesParams extends AnyParams {
  readonly pattern: 'manual-slices'
  /** In the polygon's coordinates, each of 2 points or more; at most 1,000 points in all. */
  readonly slices: readonly (readonly Point[])[]
}

/** How a polygon is fractured. */
export type FractureParams =
  | RandomParams
  | PoissonParams
  | ImpactParams
  | GridParams
  | RadialParams
  | SpiderwebParams
  | RadialSlicesParams
  | ParallelSlicesParams
  | GridSlicesParams
  | ChaoticSlicesParams
  | ManualSlicesParams

/** The name of a way to fracture. */
export type FracturePattern = NonNullable<FractureParams['pattern']>
