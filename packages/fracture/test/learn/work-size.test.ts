import { describe, expect, it } from 'vitest'
import { checkParams, type FractureParams } from '../../src/index.ts'
import { workSizeOf } from '../../src/learn/work-size.ts'

const polygon = { coords: new Float64Array(20), ringEnds: Int32Array.of(10) }

describe('workSizeOf', () => {
  it.each<[FractureParams, number]>([
    [{}, 100],
    [{ pattern: 'poisson', fragmentCount: 40 }, 400],
    [{ pattern: 'impact', fragmentCount: 4 }, 40],
    [{ pattern: 'grid', rows: 4, cols: 5 }, 200],
    [{ pattern: 'grid-slices', rows: 2, cols: 3 }, 60],
    [{ pattern: 'radial', ringCount: 2, pointsPerRing: 6 }, 120],
    [{ pattern: 'spiderweb' }, 240],
    [{ pattern: 'radial-slices', sliceCount: 7 }, 70],
    [{ pattern: 'parallel-slices', sliceCount: 9 }, 90],
    [{ pattern: 'chaotic-slices', sliceCount: 3 }, 70],
    [
      {
        pattern: 'manual-slices',
        slices: [
          [
            { x: 0, y: 0 },
            { x: 1, y: 1 },
          ],
        ],
      },
      30,
    ],
  ])('of %j and ten points is %i', (params, size) => {
    expect(workSizeOf(polygon, checkParams(params))).toBe(size)
  })
})
