import type { CutNetwork } from '../../src/geometry/cut-network.ts'
import type { Bounds } from '../../src/polygon/polygon.ts'
import type { Fragment } from '../../src/result/fragment.ts'
import { areaOf, distanceTo, isWithin, lengthOf, type Ring, sideOf } from './rings.ts'

/** What the fragments are held against. */
export interface Expected {
  /** The polygon's rings as they were given, the outer one first. */
  readonly rings: readonly Ring[]
  /** What a fragment has at least, where there is a neighbour to take what has less. */
  readonly leastArea: number
  /** What it was cut by, as far as that is known. */
  readonly network?: CutNetwork
}

/** How far corners and crossings may have moved, in steps: put into a pixel, and drawn into another. */
const MOVED = 1.5

/** What a fragment has on one side of an edge. */
interface Side {
  readonly fragment: number
  readonly from: number
  readonly to: number
}

/**
 * Throws at the first thing by which `fragments` are not those of the polygon. It shares no code with what is tested, and what it says of edges that meet,
 * windings and insides is exact.
 *
 * Why this proves that nothing overlaps. Each fragment's rings wind around its inside once. Edges of two neighbours are the same, the other way
 * round, so in the sum of all windings only edges without a neighbour are left; those lie along the polygon's border, and their windings add up to what the
 * polygon's area is. So as many fragments as the polygon winds around a place are there: one. A place within each is counted besides.
 */
export function checkFragments(fragments: readonly Fragment[], expected: Expected): void {
  expect(fragments.length > 0, 'there is no fragment')
  const step = stepOf(expected.rings[0]!)
  const net = new Net()
  fragments.forEach((fragment, index) => {
    expect(fragment.index === index, `fragment ${index} says it is ${fragment.index}`)
    checkRings(fragment, net, Math.sign(areaOf(expected.rings[0]!)))
    checkMeasures(fragment, step)
  })
  net.checkCrossings()
  const borders = checkBorders(fragments, net)
  checkLines(borders, net, expected, step)
  checkAreas(fragments, expected, step)
  for (const fragment of fragments) checkPlace(fragment, fragments)
}

/** The step of a polygon's grid: its extent's, 2⁻⁴⁰ of the next power of two, or what doubles have where it lies. */
export function stepOf(outer: Ring): number {
  const { minX, minY, maxX, maxY } = boundsOf(outer)
  const extent = Math.max(maxX - minX, maxY - minY)
  const farthest = Math.max(-minX, -minY, maxX, maxY)
  return Math.max(2 ** (Math.ceil(Math.log2(extent)) - 40), 2 ** (Math.ceil(Math.log2(farthest)) - 52))
}

function boundsOf(ring: ArrayLike<number>): Bounds {
  let minX = Number.POSITIVE_INFINITY
  let minY = Number.POSITIVE_INFINITY
  let maxX = Number.NEGATIVE_INFINITY
  let maxY = Number.NEGATIVE_INFINITY
  for (let i = 0; i < ring.length; i += 2) {
    minX = Math.min(minX, ring[i]!)
    maxX = Math.max(maxX, ring[i]!)
    minY = Math.min(minY, ring[i + 1]!)
    maxY = Math.max(maxY, ring[i + 1]!)
  }
  return { minX, minY, maxX, maxY }
}

function expect(holds: boolean, fault: string): asserts holds {
  if (!holds) throw new Error(fault)
}

/** All vertices by their bits, and all edges. */
class Net {
  readonly x: number[] = []
  readonly y: number[] = []
  readonly sides: Side[] = []
  readonly #byPlace = new Map<number, Map<number, number>>()

  vertex(x: number, y: number): number {
    let column = this.#byPlace.get(x)
    if (column === undefined) {
      column = new Map()
      this.#byPlace.set(x, column)
    }
    let vertex = column.get(y)
    if (vertex === undefined) {
      vertex = this.x.push(x) - 1
      this.y.push(y)
      column.set(y, vertex)
    }
    expect(
      Object.is(this.x[vertex], x) && Object.is(this.y[vertex], y),
      `a vertex at ${x}, ${y} has zeros of two signs`,
    )
    return vertex
  }

  /** No two edges meet but in an end of both, or are the same. */
  checkCrossings(): void {
    const { x, y, sides } = this
    const seen = new Set<number>()
    const edges = sides.filter(({ from, to }) => {
      const key = Math.min(from, to) * 2 ** 26 + Math.max(from, to)
      return !seen.has(key) && seen.add(key)
    })
    const left = edges.map(({ from, to }) => Math.min(x[from]!, x[to]!))
    const order = edges.map((_, edge) => edge).sort((a, b) => left[a]! - left[b]!)
    for (let i = 0; i < order.length; i++) {
      const { from: a, to: b } = edges[order[i]!]!
      const right = Math.max(x[a]!, x[b]!)
      const [low, high] = y[a]! < y[b]! ? [y[a]!, y[b]!] : [y[b]!, y[a]!]
      for (let j = i + 1; j < order.length && left[order[j]!]! <= right; j++) {
        const { from: c, to: d } = edges[order[j]!]!
        if ((y[c]! > high && y[d]! > high) || (y[c]! < low && y[d]! < low)) continue
        if (this.#meet(a, b, c, d))
          throw new Error(`edges meet: ${this.show(a)} ${this.show(b)}, ${this.show(c)} ${this.show(d)}`)
      }
    }
  }

  show(vertex: number): string {
    return `(${this.x[vertex]}, ${this.y[vertex]})`
  }

  #meet(a: number, b: number, c: number, d: number): boolean {
    if (a === c || a === d) return this.#isOn(a, b, a === c ? d : c) || this.#isOn(a, a === c ? d : c, b)
    if (b === c || b === d) return this.#isOn(b, a, b === c ? d : c) || this.#isOn(b, b === c ? d : c, a)
    const [ofC, ofD, ofA, ofB] = [this.#side(a, b, c), this.#side(a, b, d), this.#side(c, d, a), this.#side(c, d, b)]
    if (ofC * ofD < 0 && ofA * ofB < 0) return true
    return this.#isOn(a, b, c) || this.#isOn(a, b, d) || this.#isOn(c, d, a) || this.#isOn(c, d, b)
  }

  #side(a: number, b: number, c: number): number {
    const { x, y } = this
    return sideOf(x[a]!, y[a]!, x[b]!, y[b]!, x[c]!, y[c]!)
  }

  /** Whether vertex `c` lies on the edge. */
  #isOn(a: number, b: number, c: number): boolean {
    const { x, y } = this
    if (x[c]! < Math.min(x[a]!, x[b]!) || x[c]! > Math.max(x[a]!, x[b]!)) return false
    if (y[c]! < Math.min(y[a]!, y[b]!) || y[c]! > Math.max(y[a]!, y[b]!)) return false
    return this.#side(a, b, c) === 0
  }
}

/** Rings are simple, wind as the polygon and its holes do, and what they enclose hangs together. */
function checkRings({ index, outer, holes }: Fragment, net: Net, winding: number): void {
  const rings = [outer, ...holes]
  /** Sets of rings, and of vertices that two of them have: what hangs together twice encloses a place. */
  const parts: number[] = rings.map((_, ring) => ring)
  const rootOf = (part: number): number => (parts[part] === part ? part : rootOf(parts[part]!))
  const partOfVertex = new Map<number, number>()
  const firstRing = new Map<number, number>()
  rings.forEach((ring, r) => {
    const name = r === 0 ? `the outer ring of fragment ${index}` : `hole ${r - 1} of fragment ${index}`
    expect(ring.length >= 6, `${name} has ${ring.length / 2} points`)
    const vertices: number[] = []
    for (let i = 0; i < ring.length; i += 2) vertices.push(net.vertex(ring[i]!, ring[i + 1]!))
    expect(new Set(vertices).size === vertices.length, `${name} comes to a vertex twice`)
    const turn = Math.sign(areaOf(ring))
    expect(turn === (r === 0 ? winding : -winding), `${name} winds the wrong way, by ${areaOf(ring)}`)
    vertices.forEach((from, i) => {
      net.sides.push({ fragment: index, from, to: vertices[(i + 1) % vertices.length]! })
      const first = firstRing.get(from)
      if (first === undefined) firstRing.set(from, r)
      else {
        let part = partOfVertex.get(from)
        if (part === undefined) {
          part = parts.push(first) - 1
          partOfVertex.set(from, part)
        }
        expect(rootOf(part) !== rootOf(r), `fragment ${index} falls apart at ${net.show(from)}`)
        parts[rootOf(part)] = rootOf(r)
      }
    })
    if (r > 0) {
      expect(isRingIn(ring, outer), `${name} is not in its outer ring`)
      holes.forEach((other, o) => {
        if (o !== r - 1) expect(!isRingIn(ring, other), `${name} is in hole ${o}`)
      })
    }
  })
}

/** Whether a ring that crosses no other is in one: told by a corner that is not on it, or by the middle of a side. */
function isRingIn(ring: Float64Array, other: Float64Array): boolean {
  const corners = new Set<string>()
  for (let i = 0; i < other.length; i += 2) corners.add(`${other[i]},${other[i + 1]}`)
  for (let i = 0; i < ring.length; i += 2) {
    if (!corners.has(`${ring[i]},${ring[i + 1]}`)) return isWithin([other], ring[i]!, ring[i + 1]!)
  }
  return isWithin([other], (ring[0]! + ring[2]!) / 2, (ring[1]! + ring[3]!) / 2)
}

/** What a fragment says of its area, its middle and its box. */
function checkMeasures({ index, outer, holes, area, centroid, bounds }: Fragment, step: number): void {
  const baseX = outer[0]!
  const baseY = outer[1]!
  let doubled = 0
  let sumX = 0
  let sumY = 0
  let length = 0
  for (const ring of [outer, ...holes]) {
    length += lengthOf(ring)
    let ax = ring[ring.length - 2]! - baseX
    let ay = ring[ring.length - 1]! - baseY
    for (let i = 0; i < ring.length; i += 2) {
      const bx = ring[i]! - baseX
      const by = ring[i + 1]! - baseY
      const cross = ax * by - bx * ay
      doubled += cross
      sumX += (ax + bx) * cross
      sumY += (ay + by) * cross
      ax = bx
      ay = by
    }
  }
  const own = Math.abs(doubled / 2)
  const off = MOVED * step * length
  expect(area > 0 && Math.abs(area - own) <= off, `fragment ${index} says its area is ${area}, not ${own}`)
  const box = boundsOf(outer)
  const x = baseX + sumX / doubled / 3
  const y = baseY + sumY / doubled / 3
  const far = (Math.max(box.maxX - box.minX, box.maxY - box.minY) * off) / own + MOVED * step
  expect(
    Math.abs(centroid.x - x) <= far && Math.abs(centroid.y - y) <= far,
    `fragment ${index} says its middle is ${centroid.x}, ${centroid.y}, not ${x}, ${y}`,
  )
  const isBox =
    bounds.minX === box.minX && bounds.minY === box.minY && bounds.maxX === box.maxX && bounds.maxY === box.maxY
  expect(isBox, `fragment ${index} says its box is ${JSON.stringify(bounds)}, not ${JSON.stringify(box)}`)
}

/** Each edge has one fragment on either side; neighbours know each other. Returns the edges that have nobody on the other side. */
function checkBorders(fragments: readonly Fragment[], { sides }: Net): Set<Side> {
  const byWay = new Map<number, number>()
  for (const { fragment, from, to } of sides) {
    const key = from * 2 ** 26 + to
    expect(!byWay.has(key), `fragments ${byWay.get(key)} and ${fragment} have the same edge the same way`)
    byWay.set(key, fragment)
  }
  const neighbours = fragments.map(() => new Set<number>())
  const borders = new Set<Side>()
  for (const side of sides) {
    const other = byWay.get(side.to * 2 ** 26 + side.from)
    if (other === undefined) borders.add(side)
    else {
      expect(other !== side.fragment, `fragment ${other} is on both sides of an edge`)
      neighbours[side.fragment]!.add(other)
    }
  }
  fragments.forEach((fragment, index) => {
    const found = [...neighbours[index]!].sort((a, b) => a - b).join()
    expect(
      fragment.neighbours.join() === found,
      `fragment ${index} has neighbours ${fragment.neighbours.join()}, not ${found}`,
    )
  })
  return borders
}

/** Straight lines, and how far off each may be. */
class Lines {
  readonly #ends: number[] = []
  readonly #most: number[] = []

  add(ax: number, ay: number, bx: number, by: number, most: number): void {
    this.#ends.push(ax, ay, bx, by)
    this.#most.push(most)
  }

  addRings(rings: readonly Ring[], most: number): this {
    for (const ring of rings) {
      for (let i = 0; i < ring.length; i += 2) {
        const next = (i + 2) % ring.length
        this.add(ring[i]!, ring[i + 1]!, ring[next]!, ring[next + 1]!, most)
      }
    }
    return this
  }

  /** Where a cut comes from far away, doubles tell its place less well. */
  addCuts({ points, cuts }: CutNetwork, most: number): this {
    for (let cut = 0; cut < cuts.length; cut += 2) {
      const [a, b] = [2 * cuts[cut]!, 2 * cuts[cut + 1]!]
      const [ax, ay, bx, by] = [points[a]!, points[a + 1]!, points[b]!, points[b + 1]!]
      this.add(ax, ay, bx, by, most + (Math.abs(bx - ax) + Math.abs(by - ay)) * 2 ** -50)
    }
    return this
  }

  /** Whether the line from a to b runs along one of these, or along several that are in line, told by places between. */
  follow(ax: number, ay: number, bx: number, by: number): boolean {
    for (let line = 0; line < this.#most.length; line++) {
      if (this.#isNear(ax, ay, line) && this.#isNear(bx, by, line)) return true
    }
    for (let i = 0; i <= 8; i++) {
      let isAny = false
      for (let line = 0; line < this.#most.length && !isAny; line++) {
        isAny = this.#isNear(ax + (i / 8) * (bx - ax), ay + (i / 8) * (by - ay), line)
      }
      if (!isAny) return false
    }
    return true
  }

  #isNear(x: number, y: number, line: number): boolean {
    const ends = this.#ends
    const most = this.#most[line]!
    const at = 4 * line
    const [ax, ay, bx, by] = [ends[at]!, ends[at + 1]!, ends[at + 2]!, ends[at + 3]!]
    if (x < Math.min(ax, bx) - most || x > Math.max(ax, bx) + most) return false
    if (y < Math.min(ay, by) - most || y > Math.max(ay, by) + most) return false
    return distanceTo(x, y, ax, ay, bx, by) <= most
  }
}

/** Edges that have nobody beyond lie along the polygon's border, others along its cuts. */
function checkLines(borders: ReadonlySet<Side>, net: Net, { rings, network }: Expected, step: number): void {
  const { x, y } = net
  const outline = new Lines().addRings(rings, 2 * MOVED * step)
  const cuts = new Lines().addRings(rings, 2 * MOVED * step)
  if (network !== undefined) cuts.addCuts(network, 2 * MOVED * step)
  for (const side of net.sides) {
    const { fragment, from, to } = side
    const isBorder = borders.has(side)
    if (!isBorder && (network === undefined || from < to)) continue
    expect(
      (isBorder ? outline : cuts).follow(x[from]!, y[from]!, x[to]!, y[to]!),
      `fragment ${fragment} has ${isBorder ? 'nobody beyond' : 'no cut along'} ${net.show(from)} ${net.show(to)}`,
    )
  }
}

/** All areas add up, and none is too small. */
function checkAreas(fragments: readonly Fragment[], { rings, leastArea }: Expected, step: number): void {
  const whole = rings.reduce((sum, ring, i) => sum + (i === 0 ? 1 : -1) * Math.abs(areaOf(ring)), 0)
  const length = rings.reduce((sum, ring) => sum + lengthOf(ring), 0)
  let sum = 0
  for (const { outer, holes } of fragments) {
    sum += Math.abs(areaOf(outer))
    for (const hole of holes) sum -= Math.abs(areaOf(hole))
  }
  const off = Math.abs(sum - whole)
  expect(
    off <= step * length,
    `areas add up to ${sum}, not ${whole}: off by ${off / (step * length)} of what is allowed`,
  )
  for (const { index, area, neighbours } of fragments) {
    expect(
      neighbours.length === 0 || area >= leastArea * (1 - 1e-9) - step * length,
      `fragment ${index} is smaller than ${leastArea} and has neighbours: ${area}`,
    )
  }
}

/** A place within a fragment is within no other. */
function checkPlace({ index, outer, holes }: Fragment, fragments: readonly Fragment[]): void {
  const rings = [outer, ...holes]
  const ys: number[] = []
  for (let i = 1; i < outer.length; i += 2) ys.push(outer[i]!)
  const y = widestGap(ys, 1)
  const xs: number[] = []
  for (const ring of rings) {
    let ax = ring[ring.length - 2]!
    let ay = ring[ring.length - 1]!
    for (let i = 0; i < ring.length; i += 2) {
      const bx = ring[i]!
      const by = ring[i + 1]!
      if (ay > y !== by > y) xs.push(ax + ((y - ay) / (by - ay)) * (bx - ax))
      ax = bx
      ay = by
    }
  }
  const x = widestGap(xs, 2)
  // As thin as doubles are fine, it has no such place.
  if (!isWithin(rings, x, y)) return
  for (const other of fragments) {
    const { minX, minY, maxX, maxY } = other.bounds
    if (other.index === index || x < minX || x > maxX || y < minY || y > maxY) continue
    expect(
      !isWithin([other.outer, ...other.holes], x, y),
      `fragments ${index} and ${other.index} overlap at ${x}, ${y}`,
    )
  }
}

/** The middle of the widest gap between numbers, or between every second one and the next. */
function widestGap(numbers: number[], stride: number): number {
  numbers.sort((a, b) => a - b)
  let widest = 0
  for (let i = 0; i + 1 < numbers.length; i += stride) {
    if (numbers[i + 1]! - numbers[i]! > numbers[widest + 1]! - numbers[widest]!) widest = i
  }
  return (numbers[widest]! + numbers[widest + 1]!) / 2
}
