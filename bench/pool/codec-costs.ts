import {
  boolean,
  type Codec,
  float32Array,
  float64Array,
  int8Array,
  int16Array,
  int32Array,
  list,
  memoryOn,
  number,
  optional,
  record,
  string,
  uint8Array,
  uint16Array,
  uint32Array,
  type ValueOf,
} from '@millrace/pool'
import { AHEAD, type Bench } from '../harness/bench.ts'
import { comparePerItem, type Pass, type PerItemContender } from '../harness/per-item.ts'
import { seededRandom } from '../harness/random.ts'
import { DOUBLES, polygonOf } from './polygon.ts'

const VALUES = 1000
const CHARACTERS = 24
const POINTS = 16

const point = record({ x: number, y: number })
const points = list(point)
const body = record({
  x: number,
  y: number,
  vx: number,
  vy: number,
  angle: number,
  spin: number,
  mass: number,
  age: number,
})

/** Has a part of each kind. */
const mixed = record({
  name: string,
  isOpen: boolean,
  tags: list(string),
  parent: optional(body),
  outline: float64Array,
})

const random = seededRandom(11)
const valuesOf = <T>(make: (index: number) => T): readonly T[] =>
  Array.from({ length: VALUES }, (_, index) => make(index))
const textOf = (first: number, count: number) =>
  String.fromCharCode(...Array.from({ length: CHARACTERS }, () => first + Math.floor(random() * count)))

const polygons = valuesOf(polygonOf)
const bodies = valuesOf((): ValueOf<typeof body> => {
  const [x, y, vx, vy] = [random(), random(), random(), random()]
  return { x, y, vx, vy, angle: random(), spin: random(), mass: random(), age: random() }
})
const pointLists = valuesOf(() => Array.from({ length: POINTS }, () => ({ x: random(), y: random() })))
const asciiTexts = valuesOf(() => textOf(0x20, 95))
const greekTexts = valuesOf(() => textOf(0x3b1, 24))

/** Where each value lies for a moment: shared, as the pool's window is. */
const memory = memoryOn(new SharedArrayBuffer(4096))
const { buffer, f64, u8, u16 } = memory
const codes = new Array<number>(CHARACTERS).fill(0)
/** The value of the moment leaves the loop by here: one that nobody else can see, a compiler does not make. */
const out: { value: unknown } = { value: undefined }

const sumOfPolygon = (polygon: Float64Array) => polygon.length + polygon[0]! + polygon[DOUBLES - 1]!
const sumOfBody = ({ x, age }: ValueOf<typeof body>) => x + age
const sumOfPoints = (items: ValueOf<typeof points>) => items.length + items[0]!.x + items[POINTS - 1]!.y
const sumOfText = (text: string) => text.length + text.charCodeAt(CHARACTERS - 1)

/** Beside what the platform has, and beside the least that code by hand could do: it knows the one shape, and checks nothing. */
export default async function codecCosts(bench: Bench): Promise<void> {
  useAllKinds()
  await compareWays(bench, {
    name: 'float64-array-of-64',
    codec: float64Array,
    values: polygons,
    sumOf: sumOfPolygon,
    throughJson: (polygon) => Float64Array.from(JSON.parse(JSON.stringify(Array.from(polygon))) as number[]),
    byHand: polygonsByHand,
    context: [
      { name: 'by hand, a loop', pass: polygonsInLoop },
      { name: 'by hand, slice for a view', pass: polygonsSliced },
    ],
  })
  await compareWays(bench, {
    name: 'record-of-8-numbers',
    codec: body,
    values: bodies,
    sumOf: sumOfBody,
    byHand: bodiesByHand,
  })
  await compareWays(bench, {
    name: 'string-of-24-ascii',
    codec: string,
    values: asciiTexts,
    sumOf: sumOfText,
    byHand: asciiByHand,
  })
  await compareWays(bench, {
    name: 'string-of-24-greek',
    codec: string,
    values: greekTexts,
    sumOf: sumOfText,
    byHand: greekByHand,
  })
  await compareWays(bench, {
    name: 'list-of-16-records-of-2',
    codec: points,
    values: pointLists,
    sumOf: sumOfPoints,
    byHand: pointsByHand,
  })
}

interface Ways<T> {
  readonly name: string
  readonly codec: Codec<T>
  readonly values: readonly T[]
  /** Of what came out: a few of its numbers. */
  readonly sumOf: (value: T) => number
  readonly throughJson?: (value: T) => T
  readonly byHand: Pass
  readonly context?: readonly PerItemContender[]
}

async function compareWays<T>(bench: Bench, ways: Ways<T>): Promise<void> {
  const { name, codec, values, sumOf, throughJson = (value) => JSON.parse(JSON.stringify(value)) as T } = ways
  const through = (copy: (value: T) => T) => () => {
    let sum = 0
    for (const value of values) {
      const copied = copy(value)
      out.value = copied
      sum += sumOf(copied)
    }
    return sum
  }
  await comparePerItem(bench, {
    id: `pool/codec-${name}`,
    items: VALUES,
    ours: through((value) => codec.decode(memory, 0, codec.encode(value, memory, 0))),
    peers: [
      { name: 'structuredClone', goal: AHEAD, pass: through((value) => structuredClone(value)) },
      { name: 'JSON', pass: through(throughJson) },
      { name: 'by hand', pass: ways.byHand },
      ...(ways.context ?? []),
    ],
  })
}

/** No kind of value has the engine to itself, as none has in a program whose tasks take several. */
function useAllKinds(): void {
  const through = <T>(codec: Codec<T>, value: T) => codec.decode(memory, 0, codec.encode(value, memory, 0))
  for (let index = 0; index < VALUES; index++) {
    through(float64Array, polygons[index]!)
    through(float32Array, Float32Array.of(index))
    through(int32Array, Int32Array.of(index))
    through(uint32Array, Uint32Array.of(index))
    through(int16Array, Int16Array.of(index))
    through(uint16Array, Uint16Array.of(index))
    through(int8Array, Int8Array.of(index))
    through(uint8Array, Uint8Array.of(index))
    through(body, bodies[index]!)
    through(mixed, {
      name: asciiTexts[index]!,
      isOpen: index % 2 === 0,
      tags: [greekTexts[index]!],
      parent: bodies[index]!,
      outline: polygons[index]!,
    })
    through(points, pointLists[index]!)
    through(string, asciiTexts[index]!)
    through(string, greekTexts[index]!)
  }
}

function polygonsByHand(): number {
  let sum = 0
  for (const polygon of polygons) {
    f64.set(polygon)
    const copied = new Float64Array(buffer, 0, DOUBLES)
    out.value = copied
    sum += sumOfPolygon(copied)
  }
  return sum
}

function polygonsInLoop(): number {
  let sum = 0
  for (const polygon of polygons) {
    for (let index = 0; index < DOUBLES; index++) f64[index] = polygon[index]!
    const copied = new Float64Array(buffer, 0, DOUBLES)
    out.value = copied
    sum += sumOfPolygon(copied)
  }
  return sum
}

function polygonsSliced(): number {
  let sum = 0
  for (const polygon of polygons) {
    f64.set(polygon)
    const copied = f64.slice(0, DOUBLES)
    out.value = copied
    sum += sumOfPolygon(copied)
  }
  return sum
}

function bodiesByHand(): number {
  let sum = 0
  for (const { x, y, vx, vy, angle, spin, mass, age } of bodies) {
    f64[0] = x
    f64[1] = y
    f64[2] = vx
    f64[3] = vy
    f64[4] = angle
    f64[5] = spin
    f64[6] = mass
    f64[7] = age
    const copied = {
      x: f64[0],
      y: f64[1],
      vx: f64[2],
      vy: f64[3],
      angle: f64[4],
      spin: f64[5],
      mass: f64[6],
      age: f64[7],
    }
    out.value = copied
    sum += sumOfBody(copied)
  }
  return sum
}

function pointsByHand(): number {
  let sum = 0
  for (const items of pointLists) {
    for (let index = 0; index < POINTS; index++) {
      const { x, y } = items[index]!
      f64[2 * index] = x
      f64[2 * index + 1] = y
    }
    const copied: ValueOf<typeof points> = []
    for (let index = 0; index < POINTS; index++) copied.push({ x: f64[2 * index]!, y: f64[2 * index + 1]! })
    out.value = copied
    sum += sumOfPoints(copied)
  }
  return sum
}

function asciiByHand(): number {
  let sum = 0
  for (const text of asciiTexts) {
    for (let index = 0; index < CHARACTERS; index++) u8[index] = text.charCodeAt(index)
    for (let index = 0; index < CHARACTERS; index++) codes[index] = u8[index]!
    const copied = String.fromCharCode(...codes)
    out.value = copied
    sum += sumOfText(copied)
  }
  return sum
}

function greekByHand(): number {
  let sum = 0
  for (const text of greekTexts) {
    for (let index = 0; index < CHARACTERS; index++) u16[index] = text.charCodeAt(index)
    for (let index = 0; index < CHARACTERS; index++) codes[index] = u16[index]!
    const copied = String.fromCharCode(...codes)
    out.value = copied
    sum += sumOfText(copied)
  }
  return sum
}
