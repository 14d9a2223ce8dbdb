import { MillraceError } from './errors.ts'

/** The values an option may have. */
export interface NumberRange {
  /** Least value allowed. */
  readonly min?: number
  /** Greatest value allowed. */
  readonly max?: number
  /** Every value must be greater than this. */
  readonly above?: number
  /** Every value must be less than this. */
  readonly below?: number
}

/**
 * Returns `value` when it is a number within `range`; `Infinity` only where `max` is `Infinity`.
 * @throws {MillraceError} `OPTION_INVALID`, naming the owner, the option, the value and what is allowed.
 */
export function checkNumber(owner: string, name: string, value: unknown, range: NumberRange = {}): number {
  if (typeof value !== 'number' || !inRange(value, range)) {
    const kind = range.max === Number.POSITIVE_INFINITY ? 'a number' : 'a finite number'
    refuse(owner, name, value, kind + describe(range))
  }
  return value
}

/**
 * Returns `value` when it is a safe integer within `range`.
 * @throws {MillraceError} `OPTION_INVALID`, naming the owner, the option, the value and what is allowed.
 */
export function checkInteger(owner: string, name: string, value: unknown, range: NumberRange = {}): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || !inRange(value, range)) {
    refuse(owner, name, value, `an integer${describe(range)}`)
  }
  return value
}

/**
 * Returns `value` when it is one of `allowed`.
 * @throws {MillraceError} `OPTION_INVALID`, naming the owner, the option, the value and what is allowed.
 */
export function checkOneOf<const T extends string>(
  owner: string,
  name: string,
  value: unknown,
  allowed: readonly T[],
): T {
  for (const candidate of allowed) if (value === candidate) return candidate
  return refuse(owner, name, value, `one of ${allowed.map((text) => JSON.stringify(text)).join(', ')}`)
}

/**
 * Returns `value` when it is an object, whose fields can then be looked at.
 * @throws {MillraceError} `OPTION_INVALID`, naming the owner, the option and the value.
 */
export function checkObject<T extends object>(owner: string, name: string, value: T): T {
  if (typeof value !== 'object' || value === null) refuse(owner, name, value, 'an object')
  return value
}

function inRange(value: number, { min = -Number.MAX_VALUE, max = Number.MAX_VALUE, above, below }: NumberRange) {
  return (
    value >= min && value <= max && (above === undefined || value > above) && (below === undefined || value < below)
  )
}

function describe({ min, max, above, below }: NumberRange): string {
  const bounds: string[] = []
  if (min !== undefined) bounds.push(`of at least ${min}`)
  if (above !== undefined) bounds.push(`above ${above}`)
  if (max !== undefined && max !== Number.POSITIVE_INFINITY) bounds.push(`at most ${max}`)
  if (below !== undefined) bounds.push(`below ${below}`)
  return bounds.length === 0 ? '' : ` ${bounds.join(' and ')}`
}

function refuse(owner: string, name: string, value: unknown, allowed: string): never {
  throw new MillraceError('OPTION_INVALID', `${owner}: ${name} must be ${allowed}, not ${show(value)}`, {
    detail: { owner, option: name, value },
  })
}

/** A value as a message names it, short and safe: whatever it is, it is not asked. */
export function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'function') return 'a function'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}
