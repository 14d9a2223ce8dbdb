import { didYouMean } from './did-you-mean.ts'
import { formatDuration, parseDuration } from './duration.ts'
import type { Fault, Fields, NumberRange } from './fields.ts'
import { BrokenReference, type References } from './references.ts'

/** What all fields of a manifest are read with. */
export interface FieldsContext {
  readonly references: References
  /** Unknown fields are faults, not warnings. */
  readonly isStrict: boolean
  /** Is told all that is wrong, in the order in which it is read. */
  readonly onFault: (fault: Fault) => void
}

/**
 * {@link Fields} over a plain value, as JSON or YAML gave it.
 *
 * What is faulty is told once, and read on with the fallback; where there is none, with the least value there is. Fields within what is no mapping are not
 * told of: that it is none has been said. O(1) a field, O(fields) at the end; allocates a list of names.
 */
export class FieldsReader implements Fields {
  readonly path: string
  readonly #values: Readonly<Record<string, unknown>>
  readonly #context: FieldsContext
  readonly #asked: string[] = []
  /** What is no mapping, or within what is none, has no fields: that has been told, and nothing more is. */
  readonly isMapping: boolean
  #hasEnded = false

  constructor(value: unknown, path: string, context: FieldsContext, isKnownWrong = false) {
    this.path = path
    this.#context = context
    const isThere = value !== undefined && value !== null
    const isMapping = isThere && typeof value === 'object' && !Array.isArray(value)
    this.#values = isMapping ? (value as Record<string, unknown>) : EMPTY
    this.isMapping = (isMapping || !isThere) && !isKnownWrong
    if (!this.isMapping && !isKnownWrong) this.#tell(path, `must be a mapping of fields, not ${show(value)}`, false)
  }

  /** Of all fields that are there. */
  get names(): readonly string[] {
    return Object.keys(this.#values)
  }

  has(name: string): boolean {
    this.#asked.push(name)
    return this.peek(name) !== undefined
  }

  /** As it is written; undefined where there is none. It counts as not asked for. */
  peek(name: string): unknown {
    return Object.hasOwn(this.#values, name) ? (this.#values[name] ?? undefined) : undefined
  }

  /** As it is written; undefined where there is none. */
  raw(name: string): unknown {
    this.#asked.push(name)
    return this.peek(name)
  }

  string(name: string, fallback?: string): string {
    const value = this.#take(name, fallback)
    if (value === undefined) return fallback ?? ''
    return this.#text(this.#at(name), value) ?? fallback ?? ''
  }

  integer(name: string, range: NumberRange, fallback?: number): number {
    const value = this.#take(name, fallback)
    const least = fallback ?? range.min ?? 0
    return value === undefined ? least : (this.#integer(this.#at(name), value, range) ?? least)
  }

  boolean(name: string, fallback: boolean): boolean {
    const value = this.#resolved(name, this.#take(name, fallback))
    if (value === undefined) return fallback
    if (typeof value === 'boolean') return value
    if (value === 'true' || value === 'false') return value === 'true'
    this.fault(name, `must be true or false, not ${this.#show(name)}`)
    return fallback
  }

  durationMs(name: string, range: NumberRange, fallback?: number): number {
    const value = this.#resolved(name, this.#take(name, fallback))
    const least = fallback ?? range.min ?? 0
    if (value === undefined) return least
    const ms = parseDuration(value)
    if (ms !== undefined && ms >= (range.min ?? 0) && ms <= (range.max ?? Number.MAX_SAFE_INTEGER)) return ms
    const bounds = bounded(range, formatDuration)
    this.fault(name, `must be a duration such as 30s, 1m30s or 500ms${bounds}, not ${this.#show(name)}`)
    return least
  }

  oneOf<const Value extends string>(name: string, values: readonly Value[], fallback?: Value): Value {
    const least = fallback ?? values[0]!
    const value = this.#resolved(name, this.#take(name, fallback))
    return value === undefined ? least : (this.#match(name, value, values) ?? least)
  }

  /** One of `values`, or, when that is told to be faulty, none: where nothing else can be read without it. */
  kind<const Value extends string>(name: string, values: readonly Value[]): Value | undefined {
    const value = this.#resolved(name, this.#take(name, undefined))
    return value === undefined ? undefined : this.#match(name, value, values)
  }

  strings(name: string, fallback?: readonly string[]): readonly string[] {
    return this.#list(name, fallback, (at, value) => this.#text(at, value)) ?? fallback ?? []
  }

  integers(name: string, range: NumberRange, fallback?: readonly number[]): readonly number[] {
    return this.#list(name, fallback, (at, value) => this.#integer(at, value, range)) ?? fallback ?? []
  }

  record(name: string): Readonly<Record<string, string>> {
    const value = this.#take(name, null)
    if (value === undefined) return EMPTY as Readonly<Record<string, string>>
    if (typeof value !== 'object' || Array.isArray(value)) {
      this.fault(name, `must be a mapping of names to text, not ${this.#show(name)}`)
      return {}
    }
    const entries: [string, string][] = []
    for (const [key, entry] of Object.entries(value as object)) {
      const at = `${this.#at(name)}.${key}`
      // Numbers are often left without quotes where any text may stand.
      const text = typeof entry === 'number' || typeof entry === 'boolean' ? String(entry) : this.#text(at, entry)
      if (text !== undefined) entries.push([key, text])
    }
    // Not by assignment: a field may be called __proto__.
    return Object.fromEntries(entries)
  }

  any(name: string): unknown {
    return this.#deep(this.#at(name), this.#take(name, null), 0)
  }

  rest(): Readonly<Record<string, unknown>> {
    const left = Object.keys(this.#values).filter((name) => !this.#asked.includes(name))
    return Object.fromEntries(left.map((name) => [name, this.any(name)]))
  }

  within(name: string): FieldsReader {
    return new FieldsReader(this.#take(name, null), this.#at(name), this.#context, !this.isMapping)
  }

  each(name: string): readonly FieldsReader[] {
    const value = this.#take(name, null)
    if (value === undefined) return []
    if (!Array.isArray(value)) {
      this.fault(name, `must be a list, not ${this.#show(name)}`)
      return []
    }
    return value.map((item, index) => new FieldsReader(item ?? '', `${this.#at(name)}[${index}]`, this.#context))
  }

  fault(name: string, message: string): void {
    this.#tell(this.#at(name), message, false)
  }

  warn(name: string, message: string): void {
    this.#tell(this.#at(name), message, true)
  }

  /** @param others are known too, though nobody asked for them. */
  end(others: readonly string[] = []): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    const unknown = Object.keys(this.#values).filter((name) => !this.#asked.includes(name) && !others.includes(name))
    if (unknown.length === 0) return
    const shown = [...new Set([...this.#asked, ...others])].filter((field) => !LEGACY.includes(field)).sort()
    for (const [index, name] of unknown.entries()) {
      const meant = index < MOST_HINTS ? didYouMean(name, shown) : ''
      const hint = meant === '' ? ` Known here: ${shown.join(', ')}.` : meant
      this.#tell(this.#at(name), `is not a known field.${hint}`, !this.#context.isStrict)
    }
  }

  #match<const Value extends string>(name: string, value: unknown, values: readonly Value[]): Value | undefined {
    for (const candidate of values) if (candidate === value) return candidate
    const meant = typeof value === 'string' ? didYouMean(value, values) : ''
    this.fault(name, `must be one of ${values.join(', ')}, not ${this.#show(name)}.${meant}`)
    return undefined
  }

  #at(name: string): string {
    if (name === '') return this.path
    const shown = name.length > 80 ? `${name.slice(0, 80)}…` : name
    return this.path === '' ? shown : `${this.path}.${shown}`
  }

  /** @param fallback is undefined where the field is required. */
  #take(name: string, fallback: unknown): unknown {
    const value = this.raw(name)
    if (value === undefined && fallback === undefined) this.fault(name, 'is missing')
    return value
  }

  #text(at: string, value: unknown): string | undefined {
    if (typeof value !== 'string') {
      const quotes = typeof value === 'number' || typeof value === 'boolean' ? ': put it in quotes' : ''
      this.#tell(at, `must be text, not ${show(value)}${quotes}`, false)
      return undefined
    }
    try {
      return this.#context.references.resolve(value)
    } catch (error) {
      if (!(error instanceof BrokenReference)) throw error
      this.#tell(at, error.message, false)
      return undefined
    }
  }

  #integer(at: string, value: unknown, range: NumberRange): number | undefined {
    const { references } = this.#context
    let number = value
    if (typeof value === 'string' && references.isReference(value)) {
      const text = this.#text(at, value)
      if (text === undefined) return undefined
      number = /^-?\d+$/.test(text) ? Number(text) : text
    }
    const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = range
    if (typeof number === 'number' && Number.isSafeInteger(number) && number >= min && number <= max) return number
    this.#tell(at, `must be a whole number${bounded(range, String)}, not ${show(value)}`, false)
    return undefined
  }

  #list<Item>(
    name: string,
    fallback: readonly Item[] | undefined,
    read: (at: string, value: unknown) => Item | undefined,
  ): readonly Item[] | undefined {
    const value = this.#take(name, fallback)
    if (value === undefined) return undefined
    if (!Array.isArray(value)) {
      this.fault(name, `must be a list, not ${this.#show(name)}`)
      return undefined
    }
    const items: Item[] = []
    for (const [index, entry] of value.entries()) {
      const item = read(`${this.#at(name)}[${index}]`, entry)
      if (item !== undefined) items.push(item)
    }
    return items
  }

  /** A value with its reference resolved; undefined if that leads nowhere, which is then told. */
  #resolved(name: string, value: unknown): unknown {
    if (typeof value !== 'string' || !this.#context.references.isReference(value)) return value
    return this.#text(this.#at(name), value)
  }

  #deep(at: string, value: unknown, depth: number): unknown {
    if (typeof value === 'string') return this.#text(at, value)
    if (typeof value !== 'object' || value === null) return value
    if (depth > MAX_DEPTH) {
      this.#tell(at, `is nested more than ${MAX_DEPTH} deep`, false)
      return undefined
    }
    if (Array.isArray(value)) return value.map((item, index) => this.#deep(`${at}[${index}]`, item, depth + 1))
    const entries = Object.entries(value)
    return Object.fromEntries(entries.map(([key, item]) => [key, this.#deep(`${at}.${key}`, item, depth + 1)]))
  }

  #show(name: string): string {
    return show(this.peek(name))
  }

  #tell(field: string, message: string, isWarning: boolean): void {
    if (!this.isMapping && field !== this.path) return
    this.#context.onFault({ field, message: this.#context.references.hide(message), isWarning })
  }
}

const EMPTY: Readonly<Record<string, unknown>> = Object.freeze({})
/** For so many unknown fields it is looked for what was meant: each takes a while, and more are not told. */
const MOST_HINTS = 50
/** Not to be recommended. */
const LEGACY = ['retries', 'max_failures']
const MAX_DEPTH = 64
const MAX_SHOWN = 80

/** A value as it is written, short. */
function show(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value)
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'a mapping' : String(value)
}

function bounded({ min, max }: NumberRange, write: (value: number) => string): string {
  const bounds: string[] = []
  if (min !== undefined) bounds.push(`of at least ${write(min)}`)
  if (max !== undefined) bounds.push(`${min === undefined ? 'of ' : ''}at most ${write(max)}`)
  return bounds.length === 0 ? '' : ` ${bounds.join(' and ')}`
}
