import { checkObject, checkOneOf } from '@millrace/kernel/options'
import { numberRoom } from '../polygon/number-slab.ts'
import type { Point } from '../polygon/polygon.ts'
import type { FractureParams, FracturePattern } from './fracture-params.ts'
import { type Fields, NumberReader, OWNER, refuse } from './param-field.ts'
import { fieldsOf, PATTERNS } from './pattern-fields.ts'

/** Parameters of which every field has a value within its bounds; only the place of a middle is left to the polygon. */
type Checked<P> = P extends unknown
  ? { readonly [K in keyof P]-?: K extends 'center' | 'impact' ? Point | undefined : NonNullable<P[K]> }
  : never

/** What {@link checkParams} returns: frozen, complete, and good as parameters itself. */
export type CheckedParams = Checked<FractureParams>

/** The checked parameters of one pattern. */
export type CheckedParamsOf<P extends FracturePattern> = Extract<CheckedParams, { pattern: P }>

/**
 * Checks `params` and fills in the defaults, in a frozen copy.
 *
 * What it returned it returns again at once: who breaks many objects alike checks the parameters first, and gives all of them the copy.
 * @throws {MillraceError} `OPTION_INVALID`, for a value out of bounds, a pattern that does not exist, or a field that the pattern does not have.
 */
export function checkParams(params: FractureParams = {}): CheckedParams {
  if (isChecked(params)) return params
  const seed = last?.seedOf(params)
  if (last !== undefined && seed !== undefined) return seed === last.seed ? last.checked : withSeed(last.checked, seed)
  if (Array.isArray(params)) refuse('params', params, 'they must be an object, not an array')
  const given = checkObject(OWNER, 'params', params) as Fields
  const pattern = checkOneOf(OWNER, 'pattern', given.pattern ?? 'random', PATTERNS)
  const fields = fieldsOf(pattern)
  for (const name of Object.keys(given)) {
    if (name !== 'pattern' && !Object.hasOwn(fields, name) && given[name] !== undefined)
      refuseField(name, given, pattern)
  }
  const values: Record<string, unknown> = { pattern }
  for (const name of Object.keys(fields)) values[name] = fields[name]!.check(name, given[name], given)
  const result = remember(values)
  if (isPlain(given)) last = new LastParams(given, result)
  return result
}

/** How one polygon is cut: parameters that many may share, but for the seed. */
export interface CutParams {
  /** Checked. The seed is the one in `numbers`, which may be another. */
  readonly common: CheckedParams
  /** As {@link encodeParams} gives them: what travels, and what a result is found by. */
  readonly numbers: Float64Array
}

/**
 * Checks `params` as {@link checkParams} does. PERF: of those that differ from the ones before by the seed alone no copy is made;
 * bench/fracture/mass-destruction.bench.ts.
 */
export function cutParamsOf(params: FractureParams = {}): CutParams {
  const seed = last?.seedOf(params)
  const common = last === undefined || seed === undefined ? checkParams(params) : last.checked
  const numbers = encodeParams(common)
  return { common, numbers: seed === undefined || seed === last?.seed ? numbers : numbersWithSeed(numbers, seed) }
}

/** All of them in one, with the seed. */
export function wholeParams({ common, numbers }: CutParams): CheckedParams {
  return numbers === encodeParams(common) ? common : withSeed(common, numbers[SEED_AT]!)
}

/** PERF: what breaks together is mostly given the same parameters, but for the seed; those of the call before need neither be checked nor encoded again. */
let last: LastParams | undefined

class LastParams {
  readonly checked: CheckedParams
  readonly seed: number
  readonly #names: readonly string[]
  readonly #values: readonly unknown[]

  constructor(given: Fields, checked: CheckedParams) {
    this.checked = checked
    this.seed = checked.seed
    this.#names = Object.keys(given)
    this.#values = Object.values(given)
  }

  /**
   * The seed of `params`, where they say the same, field by field, or differ in nothing but a seed that is one; whether they are the
   * same object does not matter, as it may have been changed.
   */
  seedOf(params: unknown): number | undefined {
    if (typeof params !== 'object' || params === null || Object.getPrototypeOf(params) !== Object.prototype)
      return undefined
    const given = params as Fields
    let fields = 0
    let seed: unknown
    for (const name in given) {
      if (this.#names[fields] !== name) return undefined
      if (this.#values[fields] !== given[name]) {
        if (name !== 'seed') return undefined
        seed = given[name]
      }
      fields++
    }
    if (fields !== this.#names.length) return undefined
    if (seed === undefined) return this.seed
    return isPlainSeed(seed) ? seed : undefined
  }
}

/** Whether a seed is good as it is. */
function isPlainSeed(seed: unknown): seed is number {
  return typeof seed === 'number' && seed >>> 0 === seed && !Object.is(seed, -0)
}

/** Whether what is in it cannot change without being another value. */
function isPlain(given: Fields): boolean {
  if (Object.getPrototypeOf(given) !== Object.prototype) return false
  return Object.values(given).every((value) => typeof value !== 'object')
}

/**
 * Checked parameters as a row of numbers, in which they travel to other threads; equal parameters are equal numbers, so it does as a key too.
 *
 * It is made once for each object that {@link checkParams} returned: read it, do not write.
 */
export function encodeParams(params: CheckedParams): Float64Array {
  return numbersOf(params) ?? encode(params)
}

function encode(params: CheckedParams): Float64Array {
  const fields = fieldsOf(params.pattern)
  const values: Fields = { ...params }
  const numbers: number[] = [PATTERNS.indexOf(params.pattern)]
  for (const name of Object.keys(fields)) fields[name]!.write(values[name], numbers)
  // Adding 0 turns -0, which is equal and has other bits, into 0.
  const encoded = Float64Array.from(numbers, (number) => number + 0)
  keepNumbers(params, encoded)
  return encoded
}

/** The parameters of which {@link encodeParams} made `numbers`. */
export function decodeParams(numbers: Float64Array): CheckedParams {
  const reader = new NumberReader(numbers)
  const pattern = PATTERNS[reader.next()]!
  const fields = fieldsOf(pattern)
  const values: Record<string, unknown> = { pattern }
  for (const name of Object.keys(fields)) values[name] = fields[name]!.read(reader)
  return remember(values)
}

function remember(values: Fields): CheckedParams {
  return new Remembered(values) as unknown as CheckedParams
}

function refuseField(name: string, given: Fields, pattern: FracturePattern): never {
  const owners = PATTERNS.filter((other) => Object.hasOwn(fieldsOf(other), name))
  const fields = Object.keys(fieldsOf(pattern)).join(', ')
  refuse(
    name,
    given[name],
    owners.length > 0
      ? `${name} belongs to ${owners.join(', ')}, and the pattern is ${pattern}: leave it out, or choose another pattern`
      : `there is no ${name}; the pattern ${pattern} has ${fields}`,
  )
}

/** Whether it is a copy that was checked, its numbers once it is encoded, and the same with another seed. */
let isChecked: (params: unknown) => params is CheckedParams
let numbersOf: (params: CheckedParams) => Float64Array | undefined
let keepNumbers: (params: CheckedParams, numbers: Float64Array) => void
let withSeed: (params: CheckedParams, seed: number) => CheckedParams

/** Where the seed is in the numbers: behind the pattern. */
const SEED_AT = 1

function numbersWithSeed(numbers: Float64Array, seed: number): Float64Array {
  const own = numberRoom(numbers.length)
  own.set(numbers)
  own[SEED_AT] = seed
  return own
}

/** Checked parameters: frozen, but for what is known of them here alone. */
class Remembered {
  #numbers: Float64Array | undefined

  constructor(values: object, seed?: number) {
    Object.assign(this, values)
    if (seed !== undefined) Object.assign(this, { seed })
    Object.freeze(this)
  }

  static {
    isChecked = (params): params is CheckedParams => typeof params === 'object' && params !== null && #numbers in params
    numbersOf = (params) => (params as unknown as Remembered).#numbers
    keepNumbers = (params, numbers) => {
      ;(params as unknown as Remembered).#numbers = numbers
    }
    withSeed = (params, seed) => {
      const copy = new Remembered(params, seed)
      copy.#numbers = numbersWithSeed(encodeParams(params), seed)
      return copy as unknown as CheckedParams
    }
  }
}
