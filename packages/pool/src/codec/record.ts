import { MillraceError } from '@millrace/kernel/errors'
import { Codec, NO_ROOM, type ValueOf } from './codec.ts'
import { mismatch, nameOf, within } from './codec-faults.ts'
import type { CodecMemory } from './codec-memory.ts'
import type { CodecShape } from './codec-shape.ts'
import { bytesOfPart, readPart, writePart } from './parts.ts'

type Fields = Readonly<Record<string, Codec<unknown>>>

type OptionalKey<F extends Fields> = { [K in keyof F]: undefined extends ValueOf<F[K]> ? K : never }[keyof F]

/** The values of a record with these fields. */
export type RecordOf<F extends Fields> = Plain<
  { [K in Exclude<keyof F, OptionalKey<F>>]: ValueOf<F[K]> } & { [K in OptionalKey<F>]?: ValueOf<F[K]> }
>
type Plain<T> = { [K in keyof T]: T[K] }

type Values = Record<string, unknown>

/*
 * The fields one after the other, in their order. No code is made at runtime: it would be faster, but pages may forbid
 * it.
 */
class RecordCodec extends Codec<Values> {
  readonly shape: CodecShape
  readonly minBytes: number
  readonly #names: readonly string[]
  readonly #codecs: readonly Codec<unknown>[]
  /** PERF: a copy of it has all fields, and to set one costs less than to add it; bench/pool/codecs.bench.ts. */
  readonly #blank: Values

  constructor(fields: Fields) {
    const entries = Object.entries(fields)
    super(entries.map(([, codec]) => codec))
    if (entries.length === 0 || Object.hasOwn(fields, '__proto__')) {
      throw new MillraceError(
        'CODEC_SHAPE_INVALID',
        `a record has one field or more, and none named __proto__; given were ${JSON.stringify(Object.keys(fields))}`,
        { detail: { fields: Object.keys(fields) } },
      )
    }
    this.shape = { record: Object.fromEntries(entries.map(([name, codec]) => [name, codec.shape])) }
    this.minBytes = entries.reduce((bytes, [, codec]) => bytes + codec.minBytes, 0)
    this.#names = entries.map(([name]) => name)
    this.#codecs = entries.map(([, codec]) => codec)
    this.#blank = Object.fromEntries(entries.map(([name]) => [name, undefined]))
  }

  bytesOf(value: Values): number {
    checkObject(value)
    const names = this.#names
    let bytes = 0
    let index = 0
    try {
      for (; index < names.length; index++) bytes += bytesOfPart(this.#codecs[index]!, value[names[index]!])
    } catch (error) {
      throw within(names[index]!, error)
    }
    return bytes
  }

  write(value: Values, memory: CodecMemory, at: number, end: number): number {
    checkObject(value)
    const names = this.#names
    const codecs = this.#codecs
    let next = at
    let index = 0
    try {
      for (; index < names.length && next !== NO_ROOM; index++) {
        next = writePart(codecs[index]!, value[names[index]!], memory, next, end)
      }
    } catch (error) {
      throw within(names[index]!, error)
    }
    return next
  }

  read(memory: CodecMemory, at: number, end: number): Values {
    const names = this.#names
    const codecs = this.#codecs
    const value = { ...this.#blank }
    let next = at
    for (let index = 0; index < names.length; index++) {
      value[names[index]!] = readPart(codecs[index]!, memory, next, end)
      next = memory.end
    }
    return value
  }
}

function checkObject(value: unknown): void {
  if (typeof value !== 'object' || value === null) throw mismatch('an Object', nameOf(value))
}

/**
 * Objects with these fields: the bytes of each, in the order given. Fields that are not named do not travel; an
 * `optional` one may be left out, and is read as `undefined`.
 * @throws {MillraceError} `CODEC_SHAPE_INVALID` when there is no field, or one named `__proto__`.
 */
export function record<const F extends Fields>(fields: F): Codec<RecordOf<F>> {
  return new RecordCodec(fields) as Codec<RecordOf<F>>
}
