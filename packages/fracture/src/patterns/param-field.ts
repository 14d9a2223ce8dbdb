import { MillraceError } from '@millrace/kernel/errors'
import { checkInteger, checkNumber, checkObject, type NumberRange, show } from '@millrace/kernel/options'
import type { Point } from '../polygon/polygon.ts'

/** Who is named in errors of parameters. */
export const OWNER = 'fracture params'

/** Fields by name: as they were given, or as far as they are checked. */
export type Fields = Readonly<Record<string, unknown>>

/** One parameter: how it is checked, and how it travels in a row of numbers. */
export interface ParamField {
  /**
   * Returns the value to go on with: the default for `undefined`, else `value` itself or a frozen copy.
   * @throws {MillraceError} `OPTION_INVALID`.
   */
  check(name: string, value: unknown, given: Fields): unknown
  write(value: unknown, numbers: number[]): void
  read(numbers: NumberReader): unknown
}

/** Reads a row of numbers from its beginning. */
export class NumberReader {
  readonly #numbers: Float64Array
  #at = 0

  constructor(numbers: Float64Array) {
    this.#numbers = numbers
  }

  next(): number {
    return this.#numbers[this.#at++]!
  }

  /** As many of what `read` gives as the next number says. */
  list<T>(read: () => T): readonly T[] {
    return Object.freeze(Array.from({ length: this.next() }, read))
  }
}

export function integerField(fallback: number, range: NumberRange): ParamField {
  return {
    check: (name, value) => (value === undefined ? fallback : checkInteger(OWNER, name, value, range)),
    ...oneNumber,
  }
}

export function numberField(fallback: number, range: NumberRange = {}): ParamField {
  return {
    check: (name, value) => (value === undefined ? fallback : checkNumber(OWNER, name, value, range)),
    ...oneNumber,
  }
}

const oneNumber: Pick<ParamField, 'write' | 'read'> = {
  write: (value, numbers) => numbers.push(value as number),
  read: (numbers) => numbers.next(),
}

/** Seeds with the same lowest 32 bits are one seed. */
export const seedField: ParamField = {
  check: (name, value = 0) => checkInteger(OWNER, name, value, { min: -(2 ** 31), max: 2 ** 32 - 1 }) >>> 0,
  ...oneNumber,
}

export const booleanField: ParamField = {
  check: (name, value = false) =>
    typeof value === 'boolean' ? value : refuse(name, value, `${name} must be true or false, not ${show(value)}`),
  write: (value, numbers) => numbers.push(value ? 1 : 0),
  read: (numbers) => numbers.next() !== 0,
}

/** A point, or `undefined`; that is two NaN as numbers. */
export const pointField: ParamField = {
  check: (name, value) => (value === undefined ? undefined : checkPoint(name, value)),
  write(value, numbers) {
    const { x, y } = (value as Point | undefined) ?? { x: Number.NaN, y: Number.NaN }
    numbers.push(x, y)
  },
  read(numbers) {
    const point = readPoint(numbers)
    return Number.isNaN(point.x) ? undefined : point
  },
}

const MAX_RINGS = 20

/** Without a count there are as many rings as radii. */
export const ringCountField: ParamField = {
  check: (name, value, { ringRadii }) =>
    value === undefined && Array.isArray(ringRadii) && ringRadii.length >= 1 && ringRadii.length <= MAX_RINGS
      ? ringRadii.length
      : checkInteger(OWNER, name, value === undefined ? 3 : value, { min: 1, max: MAX_RINGS }),
  ...oneNumber,
}

/** One radius a ring; evenly spaced, they divide the way to the farthest corner into one part more than there are rings. */
export const ringRadiiField: ParamField = {
  check(name, value, given) {
    const count = ringCountField.check('ringCount', given.ringCount, given) as number
    if (value === undefined) return Object.freeze(Array.from({ length: count }, (_, ring) => (ring + 1) / (count + 1)))
    if (!Array.isArray(value)) {
      return refuse(name, value, `${name} must be an array of numbers, not ${show(value)}`)
    }
    if (value.length !== count) {
      refuse(name, value, `${name} must be as many as there are rings: ${count} (ringCount), not ${value.length}`)
    }
    const radii: number[] = []
    for (let ring = 0; ring < count; ring++) {
      radii.push(checkNumber(OWNER, `${name}[${ring}]`, value[ring], { above: radii[ring - 1] ?? 0, max: 1 }))
    }
    return Object.freeze(radii)
  },
  write(value, numbers) {
    const radii = value as readonly number[]
    numbers.push(radii.length)
    for (const radius of radii) numbers.push(radius)
  },
  read: (numbers) => numbers.list(() => numbers.next()),
}

const MAX_SLICE_POINTS = 1000

export const slicesField: ParamField = {
  check(name, value) {
    if (!Array.isArray(value)) {
      return refuse(name, value, `${name} must be an array of lines, each an array of points, not ${show(value)}`)
    }
    let left = MAX_SLICE_POINTS
    const slices = Array.from(value, (slice: unknown, index) => {
      const place = `${name}[${index}]`
      if (!Array.isArray(slice)) return refuse(place, slice, `${place} must be an array of points, not ${show(slice)}`)
      if (slice.length < 2) {
        return refuse(place, slice, `${place} must have at least 2 points, not ${slice.length}`)
      }
      left -= slice.length
      if (left < 0) return refuse(name, value, `${name} must have at most ${MAX_SLICE_POINTS} points in all, not more`)
      return Object.freeze(Array.from(slice, (point: unknown, at) => checkPoint(`${place}[${at}]`, point)))
    })
    return Object.freeze(slices)
  },
  write(value, numbers) {
    const slices = value as readonly (readonly Point[])[]
    numbers.push(slices.length)
    for (const slice of slices) {
      numbers.push(slice.length)
      for (const { x, y } of slice) numbers.push(x, y)
    }
  },
  read: (numbers) => numbers.list(() => numbers.list(() => readPoint(numbers))),
}

function checkPoint(name: string, value: unknown): Point {
  const { x, y } = checkObject(OWNER, name, value as Partial<Point>)
  return Object.freeze({ x: checkNumber(OWNER, `${name}.x`, x), y: checkNumber(OWNER, `${name}.y`, y) })
}

function readPoint(numbers: NumberReader): Point {
  return Object.freeze({ x: numbers.next(), y: numbers.next() })
}

/** Throws `OPTION_INVALID` for the parameter `option`. */
export function refuse(option: string, value: unknown, what: string): never {
  throw new MillraceError('OPTION_INVALID', `${OWNER}: ${what}`, { detail: { owner: OWNER, option, value } })
}
