/** The outline of a kind of object, around its middle, in pixels; {@link UNIT} of them are one brick's height. */
export interface Shape {
  readonly outer: Float64Array
  readonly holes: readonly Float64Array[]
  readonly width: number
  readonly height: number
}

/** Pixels of a brick's height. */
export const UNIT = 32

type Pairs = readonly (readonly [x: number, y: number])[]

/** A shape by points in units, y downwards, moved so that its box is around 0. */
export function shapeOf(outer: Pairs, holes: readonly Pairs[] = []): Shape {
  const [left, right] = extent(outer, 0)
  const [top, bottom] = extent(outer, 1)
  const ring = (points: Pairs) =>
    Float64Array.from(points.flatMap(([x, y]) => [(x - (left + right) / 2) * UNIT, (y - (top + bottom) / 2) * UNIT]))
  return {
    outer: ring(outer),
    holes: holes.map(ring),
    width: (right - left) * UNIT,
    height: (bottom - top) * UNIT,
  }
}

export function box(width: number, height: number): Shape {
  return shapeOf([
    [0, 0],
    [width, 0],
    [width, height],
    [0, height],
  ])
}

/** Wide below, narrow above. */
export function trapezoid(above: number, below: number, height: number): Shape {
  return shapeOf([
    [(below - above) / 2, 0],
    [(below + above) / 2, 0],
    [below, height],
    [0, height],
  ])
}

export function round(radius: number, points: number): Shape {
  return shapeOf(circle(radius, points))
}

export function gear(radius: number, teeth: number, hole: number): Shape {
  const outer = Array.from({ length: teeth * 4 }, (_, index) => {
    const tooth = Math.floor(index / 4)
    const [share, out] = [
      [0, 0.84],
      [0.16, 1],
      [0.5, 1],
      [0.66, 0.84],
    ][index % 4] as [number, number]
    return at(radius * out, ((tooth + share) / teeth) * 2 * Math.PI - Math.PI / 2)
  })
  return shapeOf(outer, [circle(hole, 14).reverse()])
}

export function star(radius: number, points: number): Shape {
  return shapeOf(
    Array.from({ length: points * 2 }, (_, index) =>
      at(radius * (index % 2 === 0 ? 1 : 0.45), (index / points) * Math.PI - Math.PI / 2),
    ),
  )
}

/** A window with a pointed arch: each side is an arc around the foot of the other. */
export function arch(width: number, height: number): Shape {
  const rise = width * Math.sin(Math.PI / 3)
  const right = Array.from({ length: 8 }, (_, index) => {
    const turn = ((index / 7) * Math.PI) / 3
    return [width * Math.cos(turn), rise - width * Math.sin(turn)] as const
  })
  const left = right.slice(0, -1).map(([x, y]) => [width - x, y] as const)
  return shapeOf([[0, height], ...left, ...right.reverse(), [width, height]])
}

/** What a potter turns, by half widths from its top to its foot. */
export function turned(halves: readonly number[], height: number): Shape {
  const side = halves.map((half, index) => [half, (index / (halves.length - 1)) * height] as const)
  return shapeOf([...side, ...side.map(([half, y]) => [-half, y] as const).reverse()])
}

export function heart(size: number): Shape {
  return shapeOf(
    Array.from({ length: 26 }, (_, index) => {
      const turn = (index / 26) * 2 * Math.PI
      const y = 13 * Math.cos(turn) - 5 * Math.cos(2 * turn) - 2 * Math.cos(3 * turn) - Math.cos(4 * turn)
      return [(size / 32) * 16 * Math.sin(turn) ** 3, (-size / 32) * y] as const
    }),
  )
}

/** The corners of a shape that reach farthest in 12 directions: what a collider can be made of. */
export function reachOf(ring: ArrayLike<number>): { x: number; y: number }[] {
  const found = new Set<number>()
  for (let direction = 0; direction < 12; direction++) {
    const [x, y] = at(1, (direction / 12) * 2 * Math.PI + 0.01)
    let best = 0
    for (let point = 0; point < ring.length; point += 2) {
      if (ring[point]! * x + ring[point + 1]! * y > ring[best]! * x + ring[best + 1]! * y) best = point
    }
    found.add(best)
  }
  return [...found].map((point) => ({ x: ring[point]!, y: ring[point + 1]! }))
}

function circle(radius: number, points: number): (readonly [number, number])[] {
  return Array.from({ length: points }, (_, index) => at(radius, ((index + 0.5) / points) * 2 * Math.PI))
}

function at(radius: number, turn: number): readonly [number, number] {
  return [radius * Math.cos(turn), radius * Math.sin(turn)]
}

function extent(points: Pairs, axis: 0 | 1): readonly [number, number] {
  const along = points.map((point) => point[axis])
  return [Math.min(...along), Math.max(...along)]
}
