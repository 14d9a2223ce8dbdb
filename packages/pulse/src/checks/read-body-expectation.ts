import { jsonPathParser, re2js } from '../host/rare-packages.ts'
import type { Fields } from '../manifest/fields.ts'
import type { BodyExpectation } from './check.ts'

/** Instructions of a compiled pattern: its time is this times the bytes of the body. */
const MAX_PROGRAM = 1000
const REMEMBERED = 256

/** Reads `body_contains`, `body_regex` and `json_path: { path, equals }`; undefined if there is none of them. */
export function readBodyExpectation(fields: Fields): BodyExpectation | undefined {
  const contains = fields.has('body_contains') ? fields.string('body_contains') : undefined
  const regex = fields.has('body_regex') ? fields.string('body_regex') : undefined
  if (regex !== undefined) tell(fields, 'body_regex', regexFault(regex))
  const json = fields.has('json_path') ? readJson(fields.within('json_path')) : undefined
  if (contains === undefined && regex === undefined && json === undefined) return undefined
  return {
    ...(contains !== undefined && { contains }),
    ...(regex !== undefined && { regex }),
    ...(json !== undefined && { json }),
  }
}

function readJson(fields: Fields): BodyExpectation['json'] {
  const path = fields.string('path')
  tell(fields, 'path', pathFault(path))
  const json = fields.has('equals') ? { path, equals: fields.any('equals') } : { path }
  fields.end()
  return json
}

function tell(fields: Fields, name: string, fault: string | undefined): void {
  if (fault !== undefined) fields.fault(name, fault)
}

/** What is wrong with a pattern in the syntax of RE2, and where; undefined if nothing is. */
const regexFault = remembered((pattern) => {
  try {
    const size = re2js().RE2JS.compile(pattern).programSize()
    if (size <= MAX_PROGRAM) return undefined
    return `is too large a pattern: it comes to ${size} instructions, at most ${MAX_PROGRAM} are taken; repeat less in it`
  } catch (error) {
    const { error: what, input }: { error?: unknown; input?: unknown } = Object(error)
    if (typeof what !== 'string' || typeof input !== 'string') return `is no pattern: ${String(error)}`
    const at = what.startsWith('missing') ? pattern.length : Math.max(0, pattern.indexOf(input))
    return `is no pattern of RE2: ${what} at character ${at + 1}; look-around and back-references are not taken`
  }
})

/** What is wrong with a path of RFC 9535, and where; undefined if nothing is. */
const pathFault = remembered((path) => {
  try {
    jsonPathParser().default(path)
    return undefined
  } catch (error) {
    const { location }: { location?: { start?: { offset?: unknown } } } = Object(error)
    const offset = location?.start?.offset
    const where = typeof offset === 'number' ? ` at character ${offset + 1}` : ''
    return `is no JSONPath (RFC 9535)${where}; one looks like $.status or $.items[0].name`
  }
})

/** Of a million monitors most say the same. */
function remembered(judge: (text: string) => string | undefined): (text: string) => string | undefined {
  const known = new Map<string, string | undefined>()
  return (text) => {
    if (known.has(text)) return known.get(text)
    const fault = judge(text)
    if (known.size === REMEMBERED) known.clear()
    known.set(text, fault)
    return fault
  }
}
