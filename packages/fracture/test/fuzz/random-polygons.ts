import type { Chance } from './chance.ts'
import { areaOf, pairsOf, type Ring } from './rings.ts'

/** A polygon to be cut: the outer ring first. */
export interface RandomPolygon {
  readonly kind: string
  readonly rings: readonly Ring[]
}

type Kind = (chance: Chance) => readonly Ring[]

/** Polygons of about 1 to 100 units. */
const KINDS: Readonly<Record<string, { readonly share: number; readonly make: Kind }>> = {
  convex: { share: 8, make: (chance) => [circle(chance.int(3, 12), () => chance.between(50, 60))] },
  star: { share: 12, make: (chance) => [circle(chance.int(3, 24), () => chance.between(10, 100))] },
  untangled: { share: 10, make: untangled },
  comb: { share: 8, make: comb },
  lattice: { share: 16, make: lattice },
  rectangle: { share: 6, make: rectangle },
  spiral: { share: 6, make: spiral },
  needle: { share: 8, make: needle },
  annulus: { share: 6, make: annulus },
  'many holes': { share: 4, make: manyHoles },
  'holes that touch': { share: 10, make: touchingHoles },
  nested: {
    share: 4,
    make: (chance) => [circle(chance.int(20, 60), (at) => 60 + 30 * Math.cos(at * chance.int(2, 6)))],
  },
  'many points': { share: 0.25, make: (chance) => [circle(chance.int(500, 2000), () => chance.between(90, 100))] },
}

const names = Object.keys(KINDS)
const total = names.reduce((sum, name) => sum + KINDS[name]!.share, 0)

/** A polygon of any kind, of any size, anywhere, either way round, perhaps with points more than it takes. */
export function randomPolygon(chance: Chance): RandomPolygon {
  const kind = randomKind(chance)
  let rings = KINDS[kind]!.make(chance)
  if (chance.is(0.15)) rings = rings.map((ring) => withExtraPoints(chance, ring))
  if (chance.is(0.1)) rings = rings.map((ring) => withTinyEdge(chance, ring))
  rings = placed(chance, rings)
  if (chance.is(0.5)) rings = rings.map((ring) => pairsOf(ring).reverse().flat())
  // Holes may wind either way.
  return { kind, rings: rings.map((ring, i) => (i > 0 && chance.is(0.5) ? pairsOf(ring).reverse().flat() : ring)) }
}

function randomKind(chance: Chance): string {
  let left = chance.between(0, total)
  for (const name of names) {
    left -= KINDS[name]!.share
    if (left < 0) return name
  }
  return names[0]!
}

function circle(size: number, radius: (angle: number) => number, x = 0, y = 0): number[] {
  return Array.from({ length: size }, (_, i) => {
    const at = (2 * Math.PI * i) / size
    const r = radius(at)
    return [x + r * Math.cos(at), y + r * Math.sin(at)]
  }).flat()
}

/** Points of a small lattice, joined in any order, and turned round until no two sides meet. */
function untangled(chance: Chance): readonly Ring[] {
  const size = chance.int(4, 14)
  const seen = new Set<number>()
  while (seen.size < size) seen.add(chance.int(0, 255))
  const points = [...seen].map((at) => [at % 16, Math.floor(at / 16)] as const)
  const turn = (a: number, b: number, c: number) => {
    const [[ax, ay], [bx, by], [cx, cy]] = [points[a]!, points[b]!, points[c]!]
    return Math.sign((bx - ax) * (cy - ay) - (by - ay) * (cx - ax))
  }
  for (let rounds = 0; rounds < 60; rounds++) {
    let isTangled = false
    for (let i = 0; i < size; i++) {
      for (let j = i + 2; j < size - (i === 0 ? 1 : 0); j++) {
        const [a, b, c, d] = [i, i + 1, j, (j + 1) % size] as const
        if (turn(a, b, c) * turn(a, b, d) > 0 || turn(c, d, a) * turn(c, d, b) > 0) continue
        if (turn(a, b, c) === 0 && turn(a, b, d) === 0) continue
        points.splice(i + 1, j - i, ...points.slice(i + 1, j + 1).reverse())
        isTangled = true
      }
    }
    if (!isTangled) break
  }
  return [points.flat()]
}

/** A beam with teeth, some of them thin. */
function comb(chance: Chance): readonly Ring[] {
  const teeth = chance.int(2, 16)
  const thickness = chance.pick([0.5, 1e-3, 1e-6, 1e-9])
  const ring = [0, 0, 10 * teeth, 0]
  for (let tooth = teeth; tooth > 0; tooth--) {
    const x = 10 * tooth
    ring.push(x, 50, x - 10 * thickness, 50, x - 10 * thickness, chance.between(1, 20))
    if (thickness < 1) ring.push(x - 10, ring.at(-1)!)
  }
  return [ring]
}

/** Squares of a lattice that hang together: corners on straight lines, holes, and borders that touch in corners. */
function lattice(chance: Chance): readonly Ring[] {
  const side = chance.int(2, 7)
  const width = side + 2
  const all = chance.int(1, side * side)
  const taken = new Set([width * chance.int(1, side) + chance.int(1, side)])
  for (let tries = 0; tries < 3 * all; tries++) {
    const next = chance.pick([...taken]) + chance.pick([1, -1, width, -width])
    if (next % width > 0 && next % width <= side && next >= width && next < width * (side + 1)) taken.add(next)
  }
  return outlinesOf(taken, width, chance.is(0.5))
}

function outlinesOf(taken: ReadonlySet<number>, width: number, hasAllPoints: boolean): readonly Ring[] {
  // From each corner of the lattice, where the borders lead that leave it.
  const ways = new Map<number, number[]>()
  const corner = (cell: number, x: number, y: number) =>
    (cell % width) + x + (width + 1) * (Math.floor(cell / width) + y)
  for (const cell of taken) {
    const corners = [corner(cell, 0, 0), corner(cell, 1, 0), corner(cell, 1, 1), corner(cell, 0, 1)]
    ;[cell - width, cell + 1, cell + width, cell - 1].forEach((beside, i) => {
      if (taken.has(beside)) return
      const from = corners[i]!
      ways.set(from, [...(ways.get(from) ?? []), corners[(i + 1) % 4]!])
    })
  }
  const rings: number[][] = []
  while (ways.size > 0) {
    const [begin] = ways.keys() as Iterable<number>
    const corners: number[] = []
    let at = begin!
    let came = 0
    do {
      corners.push(at)
      const choices = ways.get(at)!
      // Where four borders meet, it goes left: so squares that meet in a corner only stay in one ring each.
      const turn = (to: number) => leftness(came, to - at, width + 1)
      const to = choices.reduce((best, choice) => (turn(choice) > turn(best) ? choice : best))
      if (choices.length === 1) ways.delete(at)
      else ways.set(at, choices.toSpliced(choices.indexOf(to), 1))
      came = to - at
      at = to
    } while (at !== begin)
    const kept = corners.filter((now, i) => {
      const before = corners.at(i - 1)!
      const after = corners[(i + 1) % corners.length]!
      return hasAllPoints || now - before !== after - now
    })
    rings.push(kept.flatMap((point) => [point % (width + 1), Math.floor(point / (width + 1))]))
  }
  return rings.sort((a, b) => Math.abs(areaOf(b)) - Math.abs(areaOf(a)))
}

/** 1 for a turn to the left, 0 straight on, -1 right. */
function leftness(came: number, goes: number, stride: number): number {
  const left: Record<number, number> = { 1: stride, [stride]: -1, [-1]: -stride, [-stride]: 1 }
  return came === 0 || goes === came ? 0 : left[came] === goes ? 1 : -1
}

function rectangle(chance: Chance): readonly Ring[] {
  const [width, height] = [chance.int(1, 64), chance.int(1, 64)]
  return [[0, 0, width, 0, width, height, 0, height]]
}

function spiral(chance: Chance): readonly Ring[] {
  const size = chance.int(8, 40)
  const width = chance.pick([0.5, 0.1, 1e-4, 1e-8])
  const arm = (radius: number) =>
    Array.from({ length: size }, (_, i) => {
      const at = i * 0.5
      return [(radius + at) * Math.cos(at), (radius + at) * Math.sin(at)] as const
    })
  return [[...arm(2), ...arm(2 + width).reverse()].flat()]
}

/** A triangle or a quadrangle as thin as 1e-9 of its length, in any direction. */
function needle(chance: Chance): readonly Ring[] {
  const width = 10 ** chance.between(-9, -1)
  const at = chance.is(0.3) ? 0 : chance.between(0, 7)
  const [cos, sin] = [Math.cos(at), Math.sin(at)]
  const flat = chance.is(0.5) ? [0, 0, 1, 0, chance.between(0.1, 0.9), width] : [0, 0, 1, 0, 1, width, 0, width]
  return [pairsOf(flat).flatMap(([x, y]) => [x * cos - y * sin, x * sin + y * cos])]
}

function annulus(chance: Chance): readonly Ring[] {
  const size = chance.int(3, 20)
  const inner = chance.pick([0.3, 0.6, 0.999, 1 - 1e-6])
  return [circle(size, () => 50), circle(size, () => 50 * inner)]
}

function manyHoles(chance: Chance): readonly Ring[] {
  const side = chance.int(2, 5)
  const holes: Ring[] = []
  for (let i = 0; i < side * side; i++) {
    if (chance.is(0.2)) continue
    const [x, y] = [10 * (i % side) + 5, 10 * Math.floor(i / side) + 5]
    holes.push(circle(chance.int(3, 6), () => chance.between(1, 4.5), x, y))
  }
  return [[0, 0, 10 * side, 0, 10 * side, 10 * side, 0, 10 * side], ...holes]
}

/** Holes that touch the outer ring or each other in a point or along a side: all on whole numbers. */
function touchingHoles(chance: Chance): readonly Ring[] {
  const outer = [0, 0, 12, 0, 12, 12, 0, 12]
  const holes: Ring[] = []
  const cells = [0, 1, 2, 3, 4, 5, 6, 7, 8].filter(() => chance.is(0.4))
  for (const cell of cells) {
    const [x, y] = [4 * (cell % 3), 4 * Math.floor(cell / 3)]
    holes.push(
      chance.pick([
        [x, y, x + 4, y, x + 4, y + 4, x, y + 4],
        [x + 2, y, x + 4, y + 2, x + 2, y + 4, x, y + 2],
        [x, y, x + 4, y, x + 2, y + 3],
        [x + 1, y, x + 3, y, x + 2, y + 4],
        [x, y, x + 4, y + 4, x, y + 4],
      ]),
    )
  }
  return [outer, ...(holes.length === 9 ? holes.slice(1) : holes)]
}

/** Points that repeat, points on straight lines, a last one that is the first again. */
function withExtraPoints(chance: Chance, ring: Ring): number[] {
  const points = pairsOf(ring)
  const longer = points.flatMap(([x, y], i) => {
    const [nextX, nextY] = points[(i + 1) % points.length]!
    return chance.pick([
      [[x, y]],
      [[x, y]],
      [
        [x, y],
        [x, y],
      ],
      [
        [x, y],
        [(x + nextX) / 2, (y + nextY) / 2],
      ],
    ] as const)
  })
  if (chance.is(0.3)) longer.push(longer[0]!)
  return longer.flat()
}

/** One corner cut off, by next to nothing. */
function withTinyEdge(chance: Chance, ring: Ring): number[] {
  const points = pairsOf(ring)
  const at = chance.int(0, points.length - 1)
  const [x, y] = points[at]!
  const [nextX, nextY] = points[(at + 1) % points.length]!
  const share = 10 ** chance.between(-13, -2)
  points.splice(at + 1, 0, [x + share * (nextX - x), y + share * (nextY - y)])
  return points.flat()
}

function placed(chance: Chance, rings: readonly Ring[]): readonly Ring[] {
  const scale = chance.pick([1, 1, 1, 1, 0.1, 2 ** -20, 1e-12, 1e12, 1e-3, 1e99 / 200])
  const mirror = chance.is(0.3) ? -1 : 1
  // In extents of about 100: up to what is too far to be cut.
  const away = chance.pick([0, 0, 0, 0, 1, 1e3, 1e4, 1e6, 2 ** 24]) * 10 * chance.pick([1, -1])
  const [x, y] = [away, chance.is(0.5) ? away : 0]
  const at = chance.is(0.2) ? chance.between(0, 7) : 0
  const [cos, sin] = [Math.cos(at), Math.sin(at)]
  return rings.map((ring) =>
    pairsOf(ring).flatMap(([px, py]) => [
      (px * cos - py * sin + x) * scale,
      ((px * sin + py * cos) * mirror + y) * scale,
    ]),
  )
}
