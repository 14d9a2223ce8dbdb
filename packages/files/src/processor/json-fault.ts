/** Where a text stops being JSON. */
export interface JsonFault {
  /** What stands there, for a sentence: `unexpected "}"` or `unexpected end`. */
  readonly what: string
  /** UTF-16 units from the start. */
  readonly offset: number
  /** From 1. */
  readonly line: number
  /** From 1, in UTF-16 units. */
  readonly column: number
}

const BLANK = /[ \t\r\n]*/y
const TOKEN = /[{}[\],:]|"[^"\\]*(?:\\[\s\S][^"\\]*)*"|[-+.\w]+/y

/** What may follow, by what was read last. */
type Expected = 'value' | 'value or ]' | 'key' | 'key or }' | ':' | ', or close' | 'end'

/**
 * Finds where `text`, which `JSON.parse` refused, stops being JSON; `JSON.parse` itself tells the place of some faults only.
 *
 * O(text), without recursion.
 */
export function jsonFault(text: string): JsonFault {
  const open: string[] = []
  let expected: Expected = 'value'
  let offset = 0
  for (;;) {
    BLANK.lastIndex = offset
    BLANK.test(text)
    offset = BLANK.lastIndex
    TOKEN.lastIndex = offset
    const token = TOKEN.exec(text)?.[0]
    const next: Expected | undefined = token === undefined ? undefined : follow(token, expected, open)
    if (token === undefined || next === undefined) return faultAt(text, offset)
    expected = next
    offset += token.length
  }
}

/** What is expected after `token`, or undefined where it may not stand. Keeps `open`, the brackets not yet closed. */
function follow(token: string, expected: Expected, open: string[]): Expected | undefined {
  const after = () => (open.length === 0 ? 'end' : ', or close')
  switch (token) {
    case '{':
    case '[':
      if (expected !== 'value' && expected !== 'value or ]') return undefined
      open.push(token)
      return token === '{' ? 'key or }' : 'value or ]'
    case '}':
      if (expected !== 'key or }' && !(expected === ', or close' && open.at(-1) === '{')) return undefined
      open.pop()
      return after()
    case ']':
      if (expected !== 'value or ]' && !(expected === ', or close' && open.at(-1) === '[')) return undefined
      open.pop()
      return after()
    case ',':
      if (expected !== ', or close') return undefined
      return open.at(-1) === '{' ? 'key' : 'value'
    case ':':
      return expected === ':' ? 'value' : undefined
  }
  if (!isScalar(token)) return undefined
  if (expected === 'key' || expected === 'key or }') return token.startsWith('"') ? ':' : undefined
  return expected === 'value' || expected === 'value or ]' ? after() : undefined
}

function isScalar(token: string): boolean {
  try {
    JSON.parse(token)
    return true
  } catch {
    return false
  }
}

function faultAt(text: string, offset: number): JsonFault {
  let line = 1
  let start = 0
  for (let feed = text.indexOf('\n'); feed !== -1 && feed < offset; feed = text.indexOf('\n', start)) {
    line++
    start = feed + 1
  }
  const character = text.codePointAt(offset)
  const what =
    character === undefined ? 'unexpected end' : `unexpected ${JSON.stringify(String.fromCodePoint(character))}`
  return { what, offset, line, column: offset - start + 1 }
}
