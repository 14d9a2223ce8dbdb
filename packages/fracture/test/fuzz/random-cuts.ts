import type { CutNetwork } from '../../src/geometry/cut-network.ts'
import type { FractureParams, FracturePattern } from '../../src/patterns/fracture-params.ts'
import { PATTERNS } from '../../src/patterns/pattern-fields.ts'
import type { Polygon } from '../../src/polygon/polygon.ts'
import type { Chance } from './chance.ts'

/** Parameters of any pattern. Grids are mostly without jitter, so that they go exactly through corners and along sides. */
export function randomParams(chance: Chance, polygon: Polygon): FractureParams {
  const pattern: FracturePattern = chance.pick(PATTERNS)
  const any = {
    seed: chance.int(0, 1e9),
    ...(chance.is(0.4) ? { minFragmentArea: chance.pick([0, 0, 1e-6, 0.01, 0.1]) } : {}),
  }
  const seeded = {
    ...any,
    fragmentCount: chance.is(0.05) ? chance.int(30, 100) : chance.int(2, 20),
    edgePadding: chance.pick([0, 5, 1e6]),
    minCellDistance: chance.pick([0, 0, 1, 1e9]),
  }
  const jitter = chance.pick([0, 0, 0.3, 1])
  const rowsAndCols = { rows: chance.int(1, 8), cols: chance.int(1, 8), jitter }
  const center = chance.is(0.5) ? cornerOf(chance, polygon) : undefined
  const rings = {
    ...any,
    ...(center ? { center } : {}),
    ringCount: chance.int(1, 4),
    pointsPerRing: chance.int(3, 12),
    radialVariation: chance.pick([0, 0, 0.2, 1]),
  }
  const angle = chance.pick([0, 0, Math.PI / 2, Math.PI / 4, chance.between(0, 7)])
  const slices = {
    ...any,
    sliceCount: chance.int(2, 12),
    ...(pattern === 'chaotic-slices' ? {} : { jitter }),
  }
  switch (pattern) {
    case 'random':
      return { pattern, ...seeded }
    case 'poisson':
      return { pattern, ...seeded, poissonAttempts: chance.int(1, 30) }
    case 'impact':
      return { pattern, ...seeded, ...(center ? { impact: center } : {}), falloff: chance.between(0.1, 10) }
    case 'grid':
      return { pattern, ...any, ...rowsAndCols }
    case 'radial':
    case 'spiderweb':
      return { pattern, ...rings }
    case 'radial-slices':
      return { pattern, ...slices, ...(center ? { center } : {}) }
    case 'parallel-slices':
      return { pattern, ...slices, angle }
    case 'grid-slices':
      return { pattern, ...any, ...rowsAndCols, angle }
    case 'chaotic-slices':
      return { pattern, ...slices }
    case 'manual-slices':
      return { pattern, ...any, slices: Array.from({ length: chance.int(0, 6) }, () => line(chance, polygon)) }
  }
}

function line(chance: Chance, polygon: Polygon): { x: number; y: number }[] {
  return Array.from({ length: chance.int(2, 5) }, () => place(chance, polygon))
}

/** Any network: cuts that cross, overlap, lead nowhere, run along sides and through corners, are all one, or all meet where none ends. */
export function randomNetwork(chance: Chance, polygon: Polygon): CutNetwork {
  const middle = place(chance, polygon)
  const corner = cornerOf(chance, polygon)
  const reach = Math.hypot(corner.x - middle.x, corner.y - middle.y)
  const around = (angle: number, radius: number) => [
    middle.x + radius * Math.cos(angle),
    middle.y + radius * Math.sin(angle),
  ]
  const points: number[][] = []
  const cuts: number[][] = []
  const join = (...ends: number[][]) => {
    ends.forEach((end, i) => {
      points.push(end)
      if (i > 0) cuts.push([points.length - 2, points.length - 1])
    })
  }
  const kind = chance.int(0, 9)
  if (kind === 0) {
    for (let line = chance.int(2, 6); line > 0; line--) {
      const angle = chance.between(0, 7)
      join(around(angle, reach * chance.between(0.1, 2)), around(angle + Math.PI, reach * chance.between(0.1, 2)))
    }
  } else if (kind === 1) {
    for (let ring = chance.int(2, 5); ring > 0; ring--) {
      const square = [0, 1, 2, 3, 0].map((side) => around((side * Math.PI) / 2, reach * 0.1 * ring))
      join(...square)
    }
  } else {
    for (let point = chance.int(2, 16); point > 0; point--) {
      const { x, y } = place(chance, polygon)
      points.push([x, y])
    }
    const any = () => [chance.int(0, points.length - 1), chance.int(0, points.length - 1)]
    const first = any()
    for (let cut = chance.int(1, 20); cut > 0; cut--) cuts.push(kind === 2 ? first : any())
  }
  return { points: Float64Array.from(points.flat()), cuts: Int32Array.from(cuts.flat()) }
}

function cornerOf(chance: Chance, { coords }: Polygon): { x: number; y: number } {
  const point = chance.int(0, coords.length / 2 - 1)
  return { x: coords[2 * point]!, y: coords[2 * point + 1]! }
}

/** A corner, the middle of two, a place anywhere in or around, a few steps of the grid from a corner, or far outside. */
function place(chance: Chance, polygon: Polygon): { x: number; y: number } {
  const one = cornerOf(chance, polygon)
  const other = cornerOf(chance, polygon)
  const anywhere = chance.next()
  const share = chance.pick([0, 0, 0.5, 0.25, 1.5, -1, 30, -1e6, anywhere, anywhere, chance.int(-9, 9) * 2 ** -40])
  const turned = chance.is(0.3) ? { x: other.x, y: one.y } : other
  return { x: one.x + share * (turned.x - one.x), y: one.y + share * (turned.y - one.y) }
}
