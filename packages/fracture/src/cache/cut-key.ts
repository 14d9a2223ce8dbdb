import type { Polygon } from '../polygon/polygon.ts'

/** A polygon in its own coordinates and how it is cut: what results are found by. */
export interface CutKey {
  /** 32 bits, of all the rest. */
  readonly hash: number
  readonly coords: Float64Array
  readonly ringEnds: Int32Array
  readonly params: Float64Array
}

const SEED = 0x9747b28c

/** The key of a polygon and its parameters as numbers, of the same memory: neither may change while it is used. O(points). */
export function cutKeyOf({ coords, ringEnds }: Polygon, params: Float64Array): CutKey {
  const mixed = mixWords(mixNumbers(mixNumbers(SEED, coords), params), ringEnds, ringEnds.length)
  return { hash: finish(mixed), coords, ringEnds, params }
}

/** Whether two keys are the same, bit by bit. */
export function isSameCut(one: CutKey, other: CutKey): boolean {
  return isSame(one.coords, other.coords) && isSame(one.ringEnds, other.ringEnds) && isSame(one.params, other.params)
}

/** The memory that a key keeps, in bytes. */
export function bytesOf({ coords, ringEnds, params }: CutKey): number {
  return coords.byteLength + ringEnds.byteLength + params.byteLength
}

/** Numbers on their way to be read as words. PERF: a view of each polygon's own would cost more; bench/fracture/cache.bench.ts. */
let numbers = new Float64Array(256)
let words = new Int32Array(numbers.buffer)

function mixNumbers(seed: number, values: Float64Array): number {
  if (values.length > numbers.length) {
    numbers = new Float64Array(2 * values.length)
    words = new Int32Array(numbers.buffer)
  }
  numbers.set(values)
  return mixWords(seed, words, 2 * values.length)
}

/** MurmurHash3 of 32 bits (Austin Appleby, public domain), word by word, … */
function mixWords(seed: number, words: Int32Array, count: number): number {
  let hash = seed
  for (let index = 0; index < count; index++) {
    let word = Math.imul(words[index]!, 0xcc9e2d51)
    word = Math.imul((word << 15) | (word >>> 17), 0x1b873593)
    hash ^= word
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0
  }
  return hash ^ count
}

/** … and its last step. */
function finish(mixed: number): number {
  let hash = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) | 0
}

function isSame(one: Float64Array | Int32Array, other: Float64Array | Int32Array): boolean {
  if (one.length !== other.length) return false
  for (let index = 0; index < one.length; index++) if (!Object.is(one[index], other[index])) return false
  return true
}
