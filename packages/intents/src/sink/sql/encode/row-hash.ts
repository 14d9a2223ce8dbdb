import type { ShapedRow } from '../statements/shape.ts'

/**
 * A number that tells rows apart: the same for equal rows, and with the odds of 1 to 2^53 different for others. As a text for `int8`.
 *
 * It is of what is written and of the intent's type, whatever the order in which the row had its fields (cyrb53, by bryc).
 */
export function rowHash({ item, texts, change }: ShapedRow): string {
  const { type } = item.definition
  const text = change === undefined ? texts.map((part) => part ?? '\0').join('\u0001') : canonical({ ...change, key: texts[0] })
  return String(hash(`${type}\0${text}`))
}

function hash(text: string): number {
  let a = 0xdeadbeef
  let b = 0x41c6ce57
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    a = Math.imul(a ^ unit, 2654435761)
    b = Math.imul(b ^ unit, 1597334677)
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  return 4294967296 * (2097151 & b) + (a >>> 0)
}

/** JSON with the fields of objects in the order of their names. */
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if ('toJSON' in value && typeof value.toJSON === 'function') return canonical(value.toJSON())
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  const fields = Object.entries(value).filter(([, field]) => field !== undefined)
  if (fields.length > 1) fields.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`).join(',')}}`
}
