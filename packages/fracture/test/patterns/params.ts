import fc from 'fast-check'
import type { FractureParams } from '../../src/patterns/fracture-params.ts'

const share = fc.double({ min: 0, max: 1, noNaN: true })
const place = fc.record({ x: fc.integer({ min: -500, max: 500 }), y: fc.integer({ min: -500, max: 500 }) })
const angle = fc.double({ min: -10, max: 10, noNaN: true })

const any = {
  seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  minFragmentArea: fc.double({ min: 0, max: 0.1, noNaN: true }),
  mesh: fc.boolean(),
  convex: fc.boolean(),
  maxPartVertices: fc.integer({ min: 3, max: 1000 }),
}
const seeded = {
  ...any,
  fragmentCount: fc.oneof(fc.integer({ min: 2, max: 12 }), fc.integer({ min: 2, max: 100 })),
  minCellDistance: fc.constantFrom(0, 0.1, 5, 20, 1e6),
  edgePadding: fc.constantFrom(0, 3, 5, 40, 1e9),
}
const ascending = fc
  .uniqueArray(fc.integer({ min: 1, max: 100 }), { minLength: 1, maxLength: 8 })
  .map((shares) => shares.toSorted((a, b) => a - b).map((share) => share / 100))
const rings = {
  ...any,
  center: place,
  ringRadii: ascending,
  pointsPerRing: fc.integer({ min: 3, max: 12 }),
  radialVariation: share,
}
const lines = fc.array(fc.array(place, { minLength: 2, maxLength: 5 }), { maxLength: 5 })

const paramsOf = <T>(pattern: FractureParams['pattern'], fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record({ pattern: fc.constant(pattern), ...fields }, { requiredKeys: ['pattern'] }) as fc.Arbitrary<FractureParams>

/** Parameters of the patterns that place seeds one by one. */
export const placedParams = fc.oneof(
  paramsOf('random', seeded),
  paramsOf('poisson', { ...seeded, poissonAttempts: fc.integer({ min: 1, max: 50 }) }),
  paramsOf('impact', { ...seeded, impact: place, falloff: fc.double({ min: 0.1, max: 10, noNaN: true }) }),
)

const count = fc.integer({ min: 1, max: 9 })

/** Parameters of any pattern, with any of their fields left out. */
export const anyParams: fc.Arbitrary<FractureParams> = fc.oneof(
  placedParams,
  paramsOf('grid', { ...any, rows: count, cols: count, jitter: share }),
  paramsOf('radial', rings),
  paramsOf('spiderweb', rings),
  paramsOf('radial-slices', { ...any, center: place, sliceCount: fc.integer({ min: 2, max: 30 }), jitter: share }),
  paramsOf('parallel-slices', { ...any, sliceCount: count, angle, jitter: share }),
  paramsOf('grid-slices', { ...any, rows: count, cols: count, angle, jitter: share }),
  paramsOf('chaotic-slices', { ...any, sliceCount: count }),
  fc.record({ pattern: fc.constant('manual-slices' as const), slices: lines, seed: any.seed }),
)
