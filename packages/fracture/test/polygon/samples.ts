import type { PolygonInput } from '../../src/polygon/polygon.ts'

export const square = [0, 0, 10, 0, 10, 10, 0, 10]
const circleOf = (size: number) =>
  Array.from({ length: 2 * size }, (_, i) => {
    const at = (2 * Math.PI * (i >> 1)) / size
    return 100 * (i % 2 === 0 ? Math.cos(at) : Math.sin(at))
  })
const square2 = (x: number, y: number, size: number) => [x, y, x + size, y, x + size, y + size, x, y + size]

/** What is refused, with the code, and what of the message matters. */
export const refused: readonly (readonly [what: string, polygon: unknown, code: string, message: RegExp])[] = [
  ['nothing', undefined, 'POLYGON_INVALID', /must be a ring of points/],
  ['null', null, 'POLYGON_INVALID', /must be a ring of points or \{ outer, holes \}, not null/],
  ['a string', '0 0 1 0 1 1', 'POLYGON_INVALID', /must be a ring of points/],
  ['a number', 5, 'POLYGON_INVALID', /must be a ring of points/],
  ['an object without rings', {}, 'POLYGON_INVALID', /the outer ring must be a list of points/],
  ['no outer ring', { outer: undefined }, 'POLYGON_INVALID', /the outer ring must be a list of points/],
  ['no points', [], 'POLYGON_INVALID', /0 points; it takes three/],
  [
    'two points',
    [
      { x: 0, y: 0 },
      { x: 1, y: 1 },
    ],
    'POLYGON_INVALID',
    /2 points; it takes three/,
  ],
  ['a last x without y', [0, 0, 1, 0, 1, 1, 0], 'POLYGON_INVALID', /7 numbers; a last x has no y/],
  ['NaN', [0, 0, Number.NaN, 0, 1, 1], 'POLYGON_INVALID', /NaN as x of point 1/],
  ['∞', [0, 0, 1, Number.POSITIVE_INFINITY, 1, 1], 'POLYGON_INVALID', /Infinity as y of point 1/],
  [
    '-∞',
    [
      { x: 0, y: 0 },
      { x: 1, y: 0 },
      { x: 1, y: Number.NEGATIVE_INFINITY },
    ],
    'POLYGON_INVALID',
    /-Infinity as y of point 2/,
  ],
  ['numbers as strings', [0, 0, '1', 0, 1, 1], 'POLYGON_INVALID', /"?1"? as x of point 1/],
  ['a gap among numbers', gap([0, 0, 1, 0, 1, 1], 3), 'POLYGON_INVALID', /undefined as y of point 1/],
  [
    'a gap among points',
    gap(
      [
        [0, 0],
        [1, 0],
        [1, 1],
      ],
      1,
    ),
    'POLYGON_INVALID',
    /point 1 undefined/,
  ],
  ['null among points', [{ x: 0, y: 0 }, null, { x: 1, y: 1 }], 'POLYGON_INVALID', /point 1 null/],
  ['points without y', [{ x: 0 }, { x: 1 }, { x: 2 }], 'POLYGON_INVALID', /undefined as y of point 0/],
  ['holes that are no list', { outer: square, holes: 5 }, 'POLYGON_INVALID', /has as holes 5/],
  ['a hole of two points', { outer: square, holes: [[1, 1, 2, 2]] }, 'POLYGON_INVALID', /hole 0 has 2 points/],
  ['100,001 points', circleOf(100_001), 'POLYGON_INVALID', /100001 points; at most/],
  ['a bow tie', [0, 0, 10, 10, 10, 0, 0, 10.5], 'POLYGON_SELF_INTERSECTS', /crosses itself at 5\.\d+, 5\.\d+/],
  ['a bow tie without area', [0, 0, 10, 10, 10, 0, 0, 10], 'POLYGON_NO_AREA', /no area/],
  ['a ring twice around', [...square, ...square], 'POLYGON_SELF_INTERSECTS', /crosses itself/],
  ['points on a line', [0, 0, 5, 5, 10, 10], 'POLYGON_NO_AREA', /no area: its points lie on a line/],
  ['points on any line', [0, 0, 0.1, 0.3, 0.7, 2.1, 0.2, 0.6], 'POLYGON_NO_AREA', /no area/],
  ['there and back', [0, 0, 10, 0, 5, 0], 'POLYGON_NO_AREA', /no area/],
  ['one point', [3, 3, 3, 3, 3, 3], 'POLYGON_NO_AREA', /no area/],
  ['a needle thinner than the grid', [0, 0, 1, 0.7, 0.5, 0.35 + 1e-13], 'POLYGON_NO_AREA', /no area/],
  [
    'a hole on a line',
    { outer: square, holes: [[1, 1, 2, 2, 3, 3]] },
    'POLYGON_NO_AREA',
    /hole 0 of the polygon has no area/,
  ],
  [
    'a hole outside',
    { outer: square, holes: [square2(20, 0, 5)] },
    'POLYGON_HOLES',
    /hole 0 of the polygon lies outside/,
  ],
  [
    'a hole that crosses',
    { outer: square, holes: [square2(8, 8, 5)] },
    'POLYGON_HOLES',
    /hole 0 of the polygon crosses the outer ring/,
  ],
  [
    'a hole in a hole',
    { outer: square, holes: [square2(1, 1, 8), square2(2, 2, 2)] },
    'POLYGON_HOLES',
    /hole 1 of the polygon lies inside hole 0/,
  ],
  [
    'holes that cross',
    { outer: square, holes: [square2(1, 1, 4), square2(3, 3, 4)] },
    'POLYGON_HOLES',
    /hole 1 of the polygon crosses hole 0/,
  ],
  ['one hole twice', { outer: square, holes: [square2(1, 1, 4), square2(1, 1, 4)] }, 'POLYGON_HOLES', /overlap/],
  ['a hole as large as the polygon', { outer: square, holes: [square] }, 'POLYGON_NO_AREA', /no area/],
  [
    'a hole around the polygon',
    { outer: square, holes: [square2(-5, -5, 20)] },
    'POLYGON_HOLES',
    /outside of the outer ring/,
  ],
  ['too large', square.map((value) => value * 1e200), 'POLYGON_SIZE', /give it in another unit/],
  ['wider than numbers are', [-1e308, 0, 1e308, 0, 0, 1e308], 'POLYGON_SIZE', /give it in another unit/],
  ['too small', square.map((value) => value * 1e-200), 'POLYGON_SIZE', /give it in another unit/],
  ['too far away', square.map((value) => value + 1e10), 'POLYGON_SIZE', /times as far.*as transform/],
]

function gap<T>(list: T[], at: number): T[] {
  delete list[at]
  return list
}

/** What is mended, or is all right as it is: how many fragments there are, and their area. */
export const mended: readonly (readonly [what: string, polygon: PolygonInput, fragments: number, area: number])[] = [
  [
    'points',
    [
      { x: 0, y: 0 },
      { x: 10, y: 0 },
      { x: 10, y: 10 },
      { x: 0, y: 10 },
    ],
    2,
    100,
  ],
  [
    'pairs',
    [
      [0, 0],
      [10, 0],
      [10, 10],
      [0, 10],
    ],
    2,
    100,
  ],
  ['a Float32Array', Float32Array.from(square), 2, 100],
  ['the other way round', [0, 0, 0, 10, 10, 10, 10, 0], 2, 100],
  ['a last point that is the first', [...square, 0, 0], 2, 100],
  ['points that repeat', [0, 0, 0, 0, 10, 0, 10, 10, 10, 10, 10, 10, 0, 10], 2, 100],
  ['points on straight sides', [0, 0, 5, 0, 10, 0, 10, 5, 10, 10, 0, 10], 2, 100],
  ['a spike without width', [0, 0, 10, 0, 10, 10, 10, 12, 10, 10, 0, 10], 2, 100],
  ['a hole that winds as the outer ring', { outer: square, holes: [square2(2, 2, 2)] }, 2, 96],
  ['a hole that touches in a point', { outer: square, holes: [[0, 2, 4, 0.5, 4, 3]] }, 2, 95],
  ['a hole along a side', { outer: square, holes: [square2(0, 1, 2)] }, 2, 96],
  ['holes that touch in a point', { outer: square, holes: [square2(1, 1, 2), square2(3, 3, 1)] }, 2, 95],
  ['holes along each other', { outer: square, holes: [square2(1, 1, 2), square2(3, 1, 2)] }, 2, 92],
  ['1e12', square.map((value) => value * 1e12), 2, 100e24],
  ['1e-12', square.map((value) => value * 1e-12), 2, 100e-24],
  ['touching itself in a corner', [0, 0, 10, 0, 10, 4, 5, 6, 10, 8, 10, 12, 0, 12, 0, 8, 5, 6, 0, 4], 2, 100],
]
