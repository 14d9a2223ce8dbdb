import { MillraceError } from '@millrace/kernel/errors'
import type { ProcessedRecord, Processor } from '../processor/processor.ts'
import { toldBriefly } from './told-briefly.ts'

/** Longest record, characters: on its way it is held some times over, and V8 has no string longer than eight of it. */
export const MAX_RECORD_CHARS = 64 * 1024 * 1024

// Taken before any processor is loaded: one that puts another function in its place meets only itself.
const { stringify } = JSON

/**
 * The whole record as one line of JSON: `path` and `hash` first, then the processor's own keys in its order, so that the same
 * contents give the same bytes.
 * @throws {MillraceError} `RECORD_INVALID` where the output is no object of plain JSON or has a key of the engine's,
 * `RECORD_TOO_LARGE` above {@link MAX_RECORD_CHARS}.
 */
export function recordLine(path: string, hash: string, output: ProcessedRecord, { name }: Processor): string {
  const kind = output === null ? 'null' : Array.isArray(output) ? 'an array' : typeof output
  if (kind !== 'object') {
    throw new MillraceError(
      'RECORD_INVALID',
      `The processor "${name}" gave ${kind} for ${path}. A record is an object of plain JSON.`,
    )
  }
  const body = bodyOf(path, output, name)
  if (body.length > MAX_RECORD_CHARS) throw tooLarge(path, name, body.length)
  const head = `{"path":${stringify(path)},"hash":"${hash}"`
  return body === '{}' ? `${head}}` : `${head},${body.slice(1)}`
}

function bodyOf(path: string, output: ProcessedRecord, name: string): string {
  let body: string | undefined
  let ownsHead: boolean
  try {
    body = stringify(output)
    if (!body?.startsWith('{')) throw new TypeError('its toJSON gives no object')
    const told: object = 'toJSON' in output ? JSON.parse(body) : output
    ownsHead = 'path' in told || 'hash' in told
  } catch (error) {
    if (isTooLong(error)) throw tooLarge(path, name)
    throw new MillraceError(
      'RECORD_INVALID',
      `The record that the processor "${name}" gave for ${path} is not plain JSON: ${toldBriefly(error)}`,
      { cause: error },
    )
  }
  if (!ownsHead) return body
  throw new MillraceError(
    'RECORD_INVALID',
    `The processor "${name}" gave a record with the key "path" or "hash" for ${path}; these are the engine's. Name yours differently.`,
  )
}

/** V8 cannot make the string at all. */
function isTooLong(error: unknown): boolean {
  return error instanceof RangeError && error.message === 'Invalid string length'
}

function tooLarge(path: string, name: string, chars?: number): MillraceError {
  const size = chars === undefined ? 'more characters than a string can hold' : `${chars} characters`
  return new MillraceError(
    'RECORD_TOO_LARGE',
    `The record that the processor "${name}" gave for ${path} has ${size} of JSON; ${MAX_RECORD_CHARS} are allowed. Have it say less, or exclude the file.`,
    { detail: { path, processor: name, maxChars: MAX_RECORD_CHARS, ...(chars !== undefined && { chars }) } },
  )
}
