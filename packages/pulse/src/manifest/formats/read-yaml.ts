import { CORE_SCHEMA, constructFromEvents, EVENT_ID, type Event, mergeTag, parseEvents, YAMLException } from 'js-yaml'
import { MAX_DEFINITIONS_BYTES, MAX_ITEM_BYTES } from './piece.ts'

/** A text of YAML as monitors in JSON. */
export interface YamlItems {
  /** As JSON: all but the monitors; undefined if there is none. */
  readonly definitions: string | undefined
  /** Whether there is a list of monitors, be it empty. */
  readonly hasList: boolean
  readonly texts: readonly string[]
  /** By monitor: the line it begins on, from 1. */
  readonly lines: Uint32Array
  readonly faults: readonly YamlFault[]
}

export interface YamlFault {
  readonly line: number
  readonly message: string
  readonly monitor?: string
}

const schema = CORE_SCHEMA.withTags(mergeTag)
/** Aliases cost nothing until they are written out. */
const MAX_ALIASES = 200_000
const MAX_MERGED_KEYS = 2_000_000
/** Nodes and characters of all that aliases bring to a text, when it is written out. */
const MAX_WRITTEN = 67_108_864

/** Characters of what stands before monitors, which is read again for each where one is faulty. */
const MAX_READ_AGAIN = 33_554_432

/**
 * Reads a document: a mapping with `monitors`, or a list of monitors. It never throws, and what aliases multiply is bounded.
 * @param indent is where the dashes of the monitors stand; if it is given, what is faulty spoils only the monitor it stands in.
 */
export function readYaml(text: string, indent?: number): YamlItems {
  try {
    return readDocument(text)
  } catch (error) {
    const fault = faultOf(error)
    if (indent === undefined) return { ...NOTHING, faults: [fault] }
    return readApart(text, indent, fault)
  }
}

function readDocument(text: string): YamlItems {
  const events = parseEvents(text, { maxDepth: 100 })
  const documents = constructFromEvents(events, {
    source: text,
    schema,
    maxAliases: MAX_ALIASES,
    maxTotalMergeKeys: MAX_MERGED_KEYS,
  })
  const faults: YamlFault[] = []
  if (documents.length > 1) faults.push({ line: lineOf(text, secondDocument(events, text)), message: MANY_DOCUMENTS })
  const root = documents[0]
  const json = writer(text)
  let monitors: unknown = root
  let definitions: string | undefined
  if (typeof root === 'object' && root !== null && !Array.isArray(root)) {
    const { monitors: list, ...rest } = root as Record<string, unknown>
    monitors = list
    definitions = json(rest, MAX_DEFINITIONS_BYTES)
    if (definitions === undefined) faults.push({ line: 1, message: `is too large beside its monitors, ${GROWN}` })
  } else if (root !== undefined && root !== null && !Array.isArray(root)) {
    faults.push({ line: 1, message: 'is not a manifest: write a mapping with monitors' })
  }
  if (!Array.isArray(monitors)) {
    if (monitors !== undefined && monitors !== null && monitors !== root) faults.push({ line: 1, message: NO_LIST })
    return { ...NOTHING, definitions, faults }
  }
  const starts = itemLines(text, events, Array.isArray(root))
  const texts: string[] = []
  const lines: number[] = []
  for (const [index, monitor] of monitors.entries()) {
    const written = json(monitor, MAX_ITEM_BYTES)
    const line = starts[index] ?? 1
    if (written === undefined) faults.push({ line, message: `is too large, ${GROWN}`, ...named(monitor) })
    else {
      texts.push(written)
      lines.push(line)
    }
  }
  return { definitions, hasList: true, texts, lines: Uint32Array.from(lines), faults }
}

const NOTHING = { definitions: undefined, hasList: false, texts: [], lines: new Uint32Array() }
const NO_LIST = 'has monitors that are no list: write each below, behind a dash'
const MANY_DOCUMENTS = 'is a second document: a manifest is one, so remove the line ---'
const GROWN = 'in itself or by what its aliases bring: write less, or without aliases'

/** Writes values as JSON, of which those are bounded in which aliases may multiply. */
function writer(text: string): (value: unknown, max: number) => string | undefined {
  const hasAliases = text.includes('*')
  // What is no number in JSON is to be told as it is written.
  const replace = /\.(?:inf|nan)\b/i.test(text)
    ? (_: string, value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? `.${value}` : value)
    : undefined
  let left = MAX_WRITTEN
  return (value, max) => {
    if (hasAliases) {
      const size = writtenSize(value, Math.min(max, left))
      if (size === undefined) return undefined
      left -= size
    }
    const json = JSON.stringify(value, replace) ?? 'null'
    return json.length > max ? undefined : json
  }
}

/** About the characters of a value in JSON; undefined if they are more than `max`. It takes no longer than that. */
function writtenSize(root: unknown, max: number): number | undefined {
  let size = 0
  const open: unknown[] = [root]
  while (open.length > 0) {
    const value = open.pop()
    size += typeof value === 'string' ? value.length + 2 : 2
    if (typeof value === 'object' && value !== null) {
      for (const [key, child] of Object.entries(value)) {
        size += key.length
        open.push(child)
        if (size + open.length > max) return undefined
      }
    }
    if (size > max) return undefined
  }
  return size
}

/** Of each monitor the line it begins on. */
function itemLines(text: string, events: readonly Event[], isRoot: boolean): number[] {
  const lines: number[] = []
  let line = 1
  // Kept: within one long line it is not looked for again for each monitor.
  let newline = newlineFrom(text, 0)
  let depth = 0
  let isWithin = isRoot
  const itemDepth = isRoot ? 1 : 2
  // The first event is the document itself.
  for (let index = 1; index < events.length; index++) {
    const event = events[index]!
    if (event.type === EVENT_ID.POP) {
      depth--
      if (depth < itemDepth) isWithin = isRoot && depth > 0
      continue
    }
    if (depth === itemDepth && isWithin) {
      const start = startOf(event)
      for (; newline < start; newline = newlineFrom(text, newline + 1)) line++
      lines.push(line)
    }
    if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE) depth++
    else if (depth === 1 && !isRoot && event.type === EVENT_ID.SCALAR) {
      // A key at the top, or a plain value: the list behind the key `monitors` is the one.
      isWithin =
        text.slice(event.valueStart, event.valueEnd) === 'monitors' && events[index + 1]?.type === EVENT_ID.SEQUENCE
    }
  }
  return lines
}

/** `Infinity` if there is none. */
function newlineFrom(text: string, from: number): number {
  const at = text.indexOf('\n', from)
  return at === -1 ? Number.POSITIVE_INFINITY : at
}

function startOf(event: Event): number {
  if (event.type === EVENT_ID.SCALAR) return event.valueStart
  if (event.type === EVENT_ID.ALIAS) return event.anchorStart
  return event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE ? event.start : 0
}

/** Where the second document begins. */
function secondDocument(events: readonly Event[], text: string): number {
  let documents = 0
  for (const event of events) {
    if (documents === 2 && event.type !== EVENT_ID.POP) return startOf(event)
    if (event.type === EVENT_ID.DOCUMENT) documents++
  }
  return text.length
}

/** Reads each monitor by itself, with what stands before them all. */
function readApart(text: string, indent: number, whole: YamlFault): YamlItems {
  const dash = new RegExp(`^ {${indent}}-(?=[ \\r\\n]|$)`, 'gm')
  const starts = Array.from(text.matchAll(dash), ({ index }) => index)
  const texts: string[] = []
  const lines: number[] = []
  const faults: YamlFault[] = []
  const head = text.slice(0, starts[0] ?? text.length)
  if (head.length * starts.length > MAX_READ_AGAIN) return { ...NOTHING, faults: [whole] }
  const headLines = lineOf(head, head.length) - 1
  let line = headLines + 1
  for (const [index, start] of starts.entries()) {
    const item = text.slice(start, starts[index + 1] ?? text.length)
    try {
      const read = readDocument(head + item)
      texts.push(...read.texts)
      for (const _ of read.texts) lines.push(line)
      for (const fault of read.faults) faults.push({ ...fault, line: fault.line - headLines + line - 1 })
    } catch (error) {
      const fault = faultOf(error)
      // What is wrong before the first monitor is wrong with each.
      if (fault.line <= headLines) return { ...NOTHING, faults: [whole] }
      const name = /^\s*(?:- +)?name: *["']?([^"'\r\n#]+)/m.exec(item)?.[1]?.trim()
      faults.push({
        ...fault,
        line: fault.line - headLines + line - 1,
        ...(name === undefined ? {} : { monitor: name.slice(0, 200) }),
      })
    }
    line += lineOf(item, item.length) - 1
  }
  if (faults.length === 0) faults.push(whole)
  return { ...NOTHING, hasList: true, texts, lines: Uint32Array.from(lines), faults }
}

function faultOf(error: unknown): YamlFault {
  if (error instanceof YAMLException) {
    const { reason, mark } = error
    const hint = HINTS.find(([part]) => part.test(reason))?.[1]
    return {
      line: (mark?.line ?? 0) + 1,
      message: `is not valid YAML: ${reason}${hint === undefined ? '' : `: ${hint}`}`,
    }
  }
  return { line: 1, message: `cannot be read: ${error instanceof Error ? error.message : String(error)}` }
}

/** What to do, by what js-yaml says. */
const HINTS: readonly (readonly [RegExp, string])[] = [
  [/tab/i, 'indent with spaces'],
  [/duplicated mapping key/i, 'remove one of the two'],
  [/unidentified alias|undefined alias|alias/i, 'define its anchor before the monitors'],
  [/indentation/i, 'indent it like its neighbours'],
]

function lineOf(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line++
  return line
}

function named(monitor: unknown): { readonly monitor?: string } {
  const name = typeof monitor === 'object' && monitor !== null ? (monitor as { name?: unknown }).name : undefined
  return typeof name === 'string' ? { monitor: name.slice(0, 200) } : {}
}
