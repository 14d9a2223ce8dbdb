import type { FractureParams, FracturePattern } from './fracture-params.ts'
import {
  booleanField,
  integerField,
  numberField,
  type ParamField,
  pointField,
  ringCountField,
  ringRadiiField,
  seedField,
  slicesField,
} from './param-field.ts'

const anyFields = {
  seed: seedField,
  minFragmentArea: numberField(0.01, { min: 0, max: 0.1 }),
  mesh: booleanField,
  convex: booleanField,
  maxPartVertices: integerField(1000, { min: 3, max: 1000 }),
}

const seededFields = {
  ...anyFields,
  fragmentCount: integerField(10, { min: 2, max: 100 }),
  minCellDistance: numberField(0, { min: 0 }),
  edgePadding: numberField(5, { min: 0 }),
}

const share = (fallback: number) => numberField(fallback, { min: 0, max: 1 })

const ringFields = {
  ...anyFields,
  center: pointField,
  ringCount: ringCountField,
  ringRadii: ringRadiiField,
  pointsPerRing: integerField(8, { min: 3, max: 64 }),
  radialVariation: share(0.2),
}

const rowsAndCols = { rows: integerField(3, { min: 1, max: 32 }), cols: integerField(3, { min: 1, max: 32 }) }

/** The parameters of each pattern, with defaults and bounds, in the order in which they travel. */
const PATTERN_FIELDS = {
  random: seededFields,
  poisson: { ...seededFields, poissonAttempts: integerField(30, { min: 1, max: 1000 }) },
  impact: { ...seededFields, impact: pointField, falloff: numberField(1, { min: 0.1, max: 10 }) },
  grid: { ...anyFields, ...rowsAndCols, jitter: share(0.3) },
  radial: ringFields,
  spiderweb: ringFields,
  'radial-slices': {
    ...anyFields,
    center: pointField,
    sliceCount: integerField(8, { min: 2, max: 200 }),
    jitter: share(0.2),
  },
  'parallel-slices': {
    ...anyFields,
    sliceCount: integerField(5, { min: 1, max: 200 }),
    angle: numberField(0),
    jitter: share(0.2),
  },
  'grid-slices': { ...anyFields, ...rowsAndCols, angle: numberField(0), jitter: share(0) },
  'chaotic-slices': { ...anyFields, sliceCount: integerField(5, { min: 1, max: 100 }) },
  'manual-slices': { ...anyFields, slices: slicesField },
} satisfies { [P in FracturePattern]: Record<Exclude<keyof ParamsOf<P>, 'pattern'>, ParamField> }

/** All patterns, in the order of their numbers. */
export const PATTERNS = Object.keys(PATTERN_FIELDS) as FracturePattern[]

/** The parameters of the pattern `P`. */
type ParamsOf<P extends FracturePattern> = Extract<FractureParams, { pattern?: P }>

/** The parameters of `pattern`, by name. */
export function fieldsOf(pattern: FracturePattern): Readonly<Record<string, ParamField>> {
  return PATTERN_FIELDS[pattern]
}
