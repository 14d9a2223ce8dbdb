import type { ShapedRow } from '../statements/shape.ts'

/**
 * A number that tells rows apart, as a text for `int8`: the same for what is equal as JSON, whatever the order of its fields, and with odds of
 * 1 to 2^52 the same for anything else. It is of the intent's type too.
 */
export function rowHash({ item, source }: ShapedRow): string {
  return String(mixed(hashOfText(item.definition.type), hashOf(source)))
}

const BITS_32 = 2 ** 32
const BITS_52 = 2 ** 52

/** PERF: it walks the value and makes no text of it, which would have to be sorted. */
function hashOf(value: unknown): number {
  if (typeof value === 'string') return hashOfText(value)
  if (typeof value !== 'object' || value === null) return mixed(1, hashOfText(String(value)))
  if (value instanceof Uint8Array) return hashOfText(Buffer.from(value).toString('latin1'))
  if ('toJSON' in value && typeof value.toJSON === 'function') return hashOf(value.toJSON())
  let hash = 2
  if (Array.isArray(value)) {
    for (const element of value) hash = mixed(hash, hashOf(element))
    return hash
  }
  const fields = value as Readonly<Record<string, unknown>>
  // A sum has no order.
  for (const name in fields)
    if (fields[name] !== undefined) hash = (hash + mixed(hashOfText(name), hashOf(fields[name]))) % BITS_52
  return mixed(3, hash)
}

/** cyrb53, by bryc, of 52 bits. */
function hashOfText(text: string): number {
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    a = Math.imul(a ^ unit, 2654435761)
    b = Math.imul(b ^ unit, 1597334677)
  }
  return finished(a, b)
}

function mixed(first: number, second: number): number {
  const a = Math.imul(Math.imul(first ^ 0x9e3779b9, 2654435761) ^ (second / BITS_32), 2246822507)
  const b = Math.imul(Math.imul((first / BITS_32) ^ 0x85ebca6b, 1597334677) ^ second, 3266489909)
  return finished(a, b)
}

function finished(a: number, b: number): number {
  const low = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  const high = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909)
  return BITS_32 * (high & 0xfffff) + (low >>> 0)
}
