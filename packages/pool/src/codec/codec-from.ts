import { MillraceError } from '@millrace/kernel/errors'
import type { Codec } from './codec.ts'
import { nameOf } from './codec-faults.ts'
import { list } from './list.ts'
import { optional } from './optional.ts'
import { record } from './record.ts'
import { boolean, number } from './scalars.ts'
import { string } from './string.ts'
import {
  float32Array,
  float64Array,
  int8Array,
  int16Array,
  int32Array,
  uint8Array,
  uint16Array,
  uint32Array,
} from './typed-arrays.ts'

const plain: ReadonlyMap<unknown, Codec<unknown>> = new Map(
  [
    number,
    boolean,
    string,
    float64Array,
    float32Array,
    int32Array,
    uint32Array,
    int16Array,
    uint16Array,
    int8Array,
    uint8Array,
  ].map((codec: Codec<unknown>) => [codec.shape, codec]),
)

/** Deeper than any codec: a shape may contain itself. */
const MAX_DEPTH = 64

/**
 * Makes the codec whose `shape` this is; its values have the same bytes.
 *
 * The shape may come from anywhere: what describes no codec is refused, with bounded work.
 * @throws {MillraceError} `CODEC_SHAPE_INVALID`.
 */
export function codecFrom(shape: unknown): Codec<unknown> {
  return codecAt(shape, 'shape', 1)
}

function codecAt(shape: unknown, path: string, depth: number): Codec<unknown> {
  const codec = plain.get(shape)
  if (codec !== undefined) return codec
  if (depth > MAX_DEPTH) throw invalid(path.slice(0, 80), `it is more than ${MAX_DEPTH} deep`)
  if (!isObject(shape)) {
    throw invalid(path, `there is no codec ${typeof shape === 'string' ? JSON.stringify(shape) : nameOf(shape)}`)
  }
  const [entry, ...others] = Object.entries(shape)
  if (entry !== undefined && others.length === 0) {
    const [kind, inner] = entry
    if (kind === 'list') return list(codecAt(inner, `${path}.list`, depth + 1))
    if (kind === 'optional') return optional(codecAt(inner, `${path}.optional`, depth + 1))
    if (kind === 'record' && isObject(inner)) {
      const fields = Object.entries(inner).map(([name, field]) => [
        name,
        codecAt(field, `${path}.record.${name}`, depth + 1),
      ])
      return record(Object.fromEntries(fields))
    }
  }
  throw invalid(path, `{ ${Object.keys(shape).join(', ')} } describes no codec`)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(path: string, fault: string): MillraceError {
  return new MillraceError(
    'CODEC_SHAPE_INVALID',
    `codecFrom: ${path}: ${fault}; give it the shape of a codec, made by the same version of Millrace`,
    { detail: { path } },
  )
}
