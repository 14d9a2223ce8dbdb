import type { CheckedParams } from '../patterns/check-params.ts'
import type { Polygon } from '../polygon/polygon.ts'

/** What the time of cutting a polygon grows with: its points times the cuts of the pattern, about. */
export function workSizeOf(polygon: Polygon, params: CheckedParams): number {
  return (polygon.coords.length / 2) * cutsOf(params)
}

/** About how many pieces a pattern cuts a plain polygon into. */
function cutsOf(params: CheckedParams): number {
  switch (params.pattern) {
    case 'random':
    case 'poisson':
    case 'impact':
      return params.fragmentCount
    case 'grid':
    case 'grid-slices':
      return params.rows * params.cols
    case 'radial':
    case 'spiderweb':
      return params.ringCount * params.pointsPerRing
    case 'chaotic-slices':
      // Any two lines may cross.
      return 1 + params.sliceCount + (params.sliceCount * (params.sliceCount - 1)) / 2
    case 'radial-slices':
    case 'parallel-slices':
      return params.sliceCount
    case 'manual-slices':
      return params.slices.reduce((points, slice) => points + slice.length, 1)
  }
}
