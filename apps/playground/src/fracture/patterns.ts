import type { FractureParams, FracturePattern } from '@millrace/fracture'
import type { Outline } from './world/thing.ts'

/** A way to break things that the page offers. */
export interface Pattern {
  readonly name: FracturePattern
  readonly label: string
  readonly key: string
}

/** In the order of their keys. */
export const PATTERNS: readonly Pattern[] = [
  { name: 'impact', label: 'Impact', key: '1' },
  { name: 'random', label: 'Voronoi', key: '2' },
  { name: 'poisson', label: 'Even', key: '3' },
  { name: 'grid', label: 'Tiles', key: '4' },
  { name: 'radial', label: 'Rings', key: '5' },
  { name: 'spiderweb', label: 'Web', key: '6' },
  { name: 'radial-slices', label: 'Star', key: '7' },
  { name: 'parallel-slices', label: 'Slices', key: '8' },
  { name: 'chaotic-slices', label: 'Chaos', key: '9' },
  { name: 'grid-slices', label: 'Dice', key: 'g' },
  { name: 'manual-slices', label: 'Blade', key: 'b' },
]

interface Blow {
  readonly pattern: FracturePattern
  readonly pieces: number
  readonly seed: number
  /** Where it was hit, in the outline's coordinates. @default its middle */
  readonly at?: { readonly x: number; readonly y: number } | undefined
  /** The blade's way, in the outline's coordinates. */
  readonly slice?: readonly { readonly x: number; readonly y: number }[] | undefined
}

/** The parameters that break `outline` into about so many pieces. */
export function paramsFor({ outer }: Outline, { pattern, pieces, seed, at, slice }: Blow): FractureParams {
  const side = Math.max(1, Math.round(Math.sqrt(pieces)))
  const common = { seed, convex: true, mesh: true }
  const ring = { ...common, ...(at && { center: at }) }
  switch (pattern) {
    case 'impact':
      return { ...common, pattern, fragmentCount: pieces, edgePadding: 0, falloff: 1.4, ...(at && { impact: at }) }
    case 'random':
    case 'poisson':
      return { ...common, pattern, fragmentCount: pieces, edgePadding: 0 }
    case 'grid':
      return { ...common, pattern, rows: side, cols: Math.ceil(pieces / side), jitter: 0.45 }
    case 'radial':
    case 'spiderweb':
      return {
        ...ring,
        pattern,
        ringCount: Math.max(1, Math.round(pieces / 8)),
        pointsPerRing: Math.min(12, Math.max(5, side * 2)),
      }
    case 'radial-slices':
      return { ...ring, pattern, sliceCount: pieces, jitter: 0.5 }
    case 'parallel-slices':
      return { ...common, pattern, sliceCount: Math.max(1, pieces - 1), angle: (seed % 7) * 0.45, jitter: 0.5 }
    case 'grid-slices':
      return { ...common, pattern, rows: side, cols: side, angle: (seed % 7) * 0.22 }
    case 'chaotic-slices':
      return { ...common, pattern, sliceCount: Math.max(2, Math.round(Math.sqrt(pieces * 1.6))) }
    case 'manual-slices':
      return { ...common, pattern, slices: [slice ?? across(outer, seed)] }
  }
}

/** A slice right through, for who has drawn none. */
function across(outer: ArrayLike<number>, seed: number): { x: number; y: number }[] {
  const far = Math.max(...Array.from(outer, Math.abs)) * 2
  const turn = (seed * 2.399) % Math.PI
  const [x, y] = [Math.cos(turn) * far, Math.sin(turn) * far]
  return [
    { x: -x, y: -y },
    { x, y },
  ]
}
