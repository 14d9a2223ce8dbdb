import { messageOf } from '@millrace/kernel/test/property'
import { describe, expect, it } from 'vitest'
import { checkParams } from '../../src/patterns/check-params.ts'
import type { FractureParams, FracturePattern } from '../../src/patterns/fracture-params.ts'
import { PATTERNS } from '../../src/patterns/pattern-fields.ts'

/** As plain JavaScript gives them. */
const check = (params: unknown) => checkParams(params as FractureParams)

const refusal = (params: unknown) => messageOf('OPTION_INVALID', () => check(params))

describe('checkParams', () => {
  it('fills in the defaults', () => {
    expect(checkParams()).toEqual({
      pattern: 'random',
      seed: 0,
      minFragmentArea: 0.01,
      mesh: false,
      convex: false,
      maxPartVertices: 1000,
      fragmentCount: 10,
      minCellDistance: 0,
      edgePadding: 5,
    })
    expect(checkParams({ pattern: 'spiderweb' })).toMatchObject({
      center: undefined,
      ringCount: 3,
      ringRadii: [0.25, 0.5, 0.75],
      pointsPerRing: 8,
      radialVariation: 0.2,
    })
    expect(checkParams({ pattern: 'poisson' })).toMatchObject({ poissonAttempts: 30 })
    expect(checkParams({ pattern: 'impact' })).toMatchObject({ impact: undefined, falloff: 1 })
    expect(checkParams({ pattern: 'grid' })).toMatchObject({ rows: 3, cols: 3, jitter: 0.3 })
    expect(checkParams({ pattern: 'radial-slices' })).toMatchObject({ sliceCount: 8, jitter: 0.2 })
    expect(checkParams({ pattern: 'parallel-slices' })).toMatchObject({ sliceCount: 5, angle: 0, jitter: 0.2 })
    expect(checkParams({ pattern: 'grid-slices' })).toMatchObject({ rows: 3, cols: 3, angle: 0, jitter: 0 })
    expect(checkParams({ pattern: 'chaotic-slices' })).toMatchObject({ sliceCount: 5 })
  })

  it('takes undefined for a field left out, of another pattern too', () => {
    expect(check({ pattern: undefined, seed: undefined, rows: undefined })).toEqual(checkParams())
  })

  it('has as many rings as radii', () => {
    expect(checkParams({ pattern: 'radial', ringRadii: [0.1, 1] })).toMatchObject({ ringCount: 2, ringRadii: [0.1, 1] })
  })

  it('takes seeds with the same 32 bits for one', () => {
    expect(checkParams({ seed: -1 })).toEqual(checkParams({ seed: 2 ** 32 - 1 }))
  })

  it('copies, freezes, and knows its copy again', () => {
    const center = { x: 1, y: 2 }
    const params = checkParams({ pattern: 'radial', center })
    center.x = 5
    expect(params).toMatchObject({ center: { x: 1, y: 2 } })
    expect(Object.isFrozen(params)).toBe(true)
    expect(checkParams(params)).toBe(params)
    const slices = [
      [
        { x: 0, y: 0 },
        { x: 1, y: 1 },
      ],
    ]
    const manual = checkParams({ pattern: 'manual-slices', slices })
    slices[0]![0]!.x = 9
    expect(manual).toMatchObject({
      slices: [
        [
          { x: 0, y: 0 },
          { x: 1, y: 1 },
        ],
      ],
    })
  })

  it('takes equal parameters for the same, and sees when they were changed', async () => {
    const params = { pattern: 'grid', rows: 4 }
    const first = check(params)
    expect(check(params)).toBe(first)
    expect(check({ ...params })).toBe(first)
    params.rows = 5
    expect(check(params)).toMatchObject({ rows: 5 })
    expect(check({ pattern: 'grid' })).toMatchObject({ rows: 3 })
    expect(check({ pattern: 'grid', rows: undefined, cols: 4 })).toMatchObject({ rows: 3, cols: 4 })
    expect(check(Object.create({ pattern: 'grid', rows: 9 }))).toMatchObject({ rows: 9 })
    expect(check({})).toMatchObject({ pattern: 'random' })
    params.rows = 500
    expect(await refusal(params)).toContain('not 500')
    const center = { x: 1, y: 2 }
    check({ pattern: 'radial', center })
    center.x = 7
    expect(check({ pattern: 'radial', center })).toMatchObject({ center: { x: 7, y: 2 } })
  })

  it('refuses what it does not know, and says what there is', async () => {
    expect(await refusal({ pattern: 'voronoi' })).toBe(
      `fracture params: pattern must be one of ${PATTERNS.map((name) => `"${name}"`).join(', ')}, not "voronoi"`,
    )
    expect(await refusal({ fragmentcount: 5 })).toBe(
      'fracture params: there is no fragmentcount; the pattern random has seed, minFragmentArea, mesh, convex, maxPartVertices, fragmentCount, minCellDistance, edgePadding',
    )
    expect(await refusal({ rows: 5 })).toBe(
      'fracture params: rows belongs to grid, grid-slices, and the pattern is random: leave it out, or choose another pattern',
    )
    expect(await refusal({ pattern: 'grid', toString: 1 })).toContain('there is no toString')
    expect(await refusal(null)).toBe('fracture params: params must be an object, not null')
    expect(await refusal([])).toBe('fracture params: they must be an object, not an array')
    expect(await refusal('random')).toContain('must be an object')
    expect(await refusal({ pattern: 'manual-slices' })).toContain('slices must be an array of lines')
  })

  it('names the field, the value and the bounds', async () => {
    expect(await refusal({ fragmentCount: 1e6 })).toBe(
      'fracture params: fragmentCount must be an integer of at least 2 and at most 100, not 1000000',
    )
    expect(await refusal({ pattern: 'radial', ringCount: 2, ringRadii: [0.5] })).toBe(
      'fracture params: ringRadii must be as many as there are rings: 2 (ringCount), not 1',
    )
    expect(await refusal({ pattern: 'radial', ringRadii: [0.5, 0.4] })).toBe(
      'fracture params: ringRadii[1] must be a finite number above 0.5 and at most 1, not 0.4',
    )
    expect(await refusal({ pattern: 'impact', impact: { x: 1 } })).toBe(
      'fracture params: impact.y must be a finite number, not undefined',
    )
  })

  const badNumbers = (low: unknown, high: unknown) => [low, high, Number.NaN, '3', null, {}]
  const anyFields = {
    seed: [-(2 ** 31) - 1, 2 ** 32, 0.5, Number.NaN, '3', null],
    minFragmentArea: badNumbers(-0.001, 0.11),
    mesh: [0, 1, 'true', null, {}],
    convex: [0, 1, 'false', null, {}],
    maxPartVertices: [...badNumbers(2, 1001), 3.5],
  }
  const seeded = {
    ...anyFields,
    fragmentCount: [...badNumbers(1, 101), 0, 2.5, Number.POSITIVE_INFINITY],
    minCellDistance: badNumbers(-1, Number.POSITIVE_INFINITY),
    edgePadding: badNumbers(-1, Number.POSITIVE_INFINITY),
  }
  const places = [
    null,
    3,
    'middle',
    [1, 2],
    {},
    { x: 1, y: Number.NaN },
    { x: Number.POSITIVE_INFINITY, y: 0 },
    { x: '1', y: 0 },
  ]
  const rings = {
    ...anyFields,
    center: places,
    ringCount: [...badNumbers(0, 21), 1.5],
    ringRadii: [
      3,
      '1',
      null,
      {},
      [],
      [0],
      [1.1],
      [-1],
      [Number.NaN],
      ['0.5'],
      [0.5, 0.5],
      Array(21).fill(0.5),
      Array(1),
    ],
    pointsPerRing: [...badNumbers(2, 65), 3.5],
    radialVariation: badNumbers(-0.1, 1.1),
  }
  const grid = { ...anyFields, rows: badNumbers(0, 33), cols: badNumbers(0, 33), jitter: badNumbers(-0.1, 1.1) }
  const angle = badNumbers(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)
  const point = { x: 0, y: 0 }
  const bad: Record<FracturePattern, Record<string, readonly unknown[]>> = {
    random: seeded,
    poisson: { ...seeded, poissonAttempts: badNumbers(0, 1001) },
    impact: { ...seeded, impact: places, falloff: badNumbers(0.09, 10.5) },
    grid,
    radial: rings,
    spiderweb: rings,
    'radial-slices': { ...anyFields, center: places, sliceCount: badNumbers(1, 201), jitter: badNumbers(-0.1, 1.1) },
    'parallel-slices': { ...anyFields, sliceCount: badNumbers(0, 201), angle, jitter: badNumbers(-0.1, 1.1) },
    'grid-slices': { ...grid, angle },
    'chaotic-slices': { ...anyFields, sliceCount: badNumbers(0, 101) },
    'manual-slices': {
      ...anyFields,
      slices: [
        undefined,
        null,
        3,
        {},
        'all',
        [3],
        [[]],
        [[point]],
        [[point, 3]],
        [[point, null]],
        [[point, { x: 0 }]],
        Array(1),
        [Array(2)],
        [Array(1e9)],
        Array(1e9),
        Array(501).fill([point, point]),
      ],
    },
  }

  it.each(
    PATTERNS.flatMap((pattern) => Object.entries(bad[pattern]).map(([name, values]) => ({ pattern, name, values }))),
  )('refuses every bad $name of $pattern', async ({ pattern, name, values }) => {
    const needed = pattern === 'manual-slices' ? { slices: [] } : {}
    for (const value of values) {
      const message = await refusal({ pattern, ...needed, [name]: value })
      expect(message.startsWith(`fracture params: ${name}`)).toBe(true)
      expect(message.length).toBeLessThan(200)
    }
  })

  it('has every field of every pattern in the table of bad values', () => {
    for (const pattern of PATTERNS) {
      const params = checkParams({ pattern, ...(pattern === 'manual-slices' ? { slices: [] } : {}) } as FractureParams)
      expect(Object.keys(bad[pattern]).toSorted()).toEqual(
        Object.keys(params)
          .filter((name) => name !== 'pattern')
          .toSorted(),
      )
    }
  })

  it('takes every bound itself', () => {
    checkParams({ fragmentCount: 2, minFragmentArea: 0, seed: -(2 ** 31) })
    checkParams({ fragmentCount: 100, minFragmentArea: 0.1, seed: 2 ** 32 - 1 })
    checkParams({ pattern: 'grid', rows: 1, cols: 32, jitter: 1 })
    checkParams({ pattern: 'radial', ringCount: 20, pointsPerRing: 64, radialVariation: 1 })
    checkParams({ pattern: 'manual-slices', slices: Array(500).fill([point, point]) })
  })
})
