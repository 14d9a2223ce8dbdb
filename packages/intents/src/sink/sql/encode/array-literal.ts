const TO_ESCAPE = /["\\]/
const EVERY_TO_ESCAPE = /["\\]/g

/**
 * Texts as an array literal of PostgreSQL's.
 *
 * PERF: `pg`'s own conversion of arrays takes several times as long, because it asks of each element what it is.
 */
export function arrayLiteral(texts: readonly (string | null)[]): string {
  let literal = '{'
  for (let at = 0; at < texts.length; at++) {
    const text = texts[at] ?? null
    if (at > 0) literal += ','
    if (text === null) literal += 'NULL'
    else literal += TO_ESCAPE.test(text) ? `"${text.replace(EVERY_TO_ESCAPE, '\\$&')}"` : `"${text}"`
  }
  return `${literal}}`
}

/** Numbers, as texts, as an array literal: they need no quotes. */
export function numberArrayLiteral(texts: readonly (string | null)[]): string {
  return `{${texts.map((text) => text ?? 'NULL').join(',')}}`
}

/** JSON texts as one JSON array. */
export function jsonArray(texts: readonly (string | null)[]): string {
  return `[${texts.map((text) => text ?? 'null').join(',')}]`
}
