/** A monitor's text with its name and one text of its `config` left out. */
interface Template<Read> {
  /** What stands before the first, between the two, and behind. */
  readonly parts: readonly [string, string, string]
  readonly isNameFirst: boolean
  readonly field: string
  readonly config: Readonly<Record<string, unknown>>
  /** What became of the monitor it was learned from. */
  readonly read: Read
}

/** What a text is, once a template is found to fit. */
export interface Fitting<Read> {
  readonly name: string
  /** The `config` of the one it is like, and the field of it in which this one has another text. */
  readonly config: Readonly<Record<string, unknown>>
  readonly field: string
  readonly text: string
  /** What became of the one it is like. */
  readonly like: Read
}

/** So many shapes are remembered, the latest first. */
const MAX_TEMPLATES = 8
/** Longer texts are not worth it. */
const MAX_LENGTH = 4096
/** After so many templates of no use, only every so often two monitors are looked at. */
const PATIENCE = 32
const RARELY = 100
/** A text in JSON with this in it is not what it means: an escape, or what JSON does not allow. */
const ESCAPED = /[^ -[\]-\uffff]/
const NAME_MARK = 'millrace name'
const FIELD_MARK = 'millrace field'

/**
 * Reads the JSON of monitors that are alike without parsing it.
 *
 * A template is learned from two monitors that differ in their names and in one text of their `config`. It fits a text that is the same around both, where
 * both are texts without an escape: what stands before a text is then read the same, so that the text begins there, and its first quote ends it.
 */
export class MonitorTemplates<Read> {
  readonly #templates: Template<Read>[] = []
  #lastConfig: Readonly<Record<string, unknown>> | undefined
  /** Templates learned since one fitted. */
  #unused = 0
  #seen = 0

  /** What a text is; undefined if no template fits. */
  fit(text: string): Fitting<Read> | undefined {
    const templates = this.#templates
    for (let index = 0; index < templates.length; index++) {
      const template = templates[index]!
      const [before, between, behind] = template.parts
      // PERF: to compare a slice takes a sixth of the time that `startsWith` takes; bench/pulse/loading.bench.ts.
      if (text.slice(0, before.length) !== before) continue
      const firstEnd = text.indexOf('"', before.length)
      if (firstEnd === -1 || text.slice(firstEnd, firstEnd + between.length) !== between) continue
      const secondStart = firstEnd + between.length
      const secondEnd = text.length - behind.length
      if (secondEnd < secondStart || text.slice(secondEnd) !== behind) continue
      if (text.indexOf('"', secondStart) !== secondEnd) continue
      const first = text.slice(before.length, firstEnd)
      const second = text.slice(secondStart, secondEnd)
      if (ESCAPED.test(first) || ESCAPED.test(second)) continue
      this.#unused = 0
      if (index > 0) {
        templates.splice(index, 1)
        templates.unshift(template)
      }
      const [name, value] = template.isNameFirst ? [first, second] : [second, first]
      return { name, config: template.config, field: template.field, text: value, like: template.read }
    }
    return undefined
  }

  /** Learns from a monitor that was parsed and read, and had no fault. @param unwrap finds the monitor in what its text parses to. */
  learn(text: string, monitor: unknown, read: Read, unwrap: (value: unknown) => unknown): void {
    // Where nothing is alike, learning costs more than it is worth.
    if (this.#unused > PATIENCE && ++this.#seen % RARELY > 1) return
    const config = configOf(monitor)
    const last = this.#lastConfig
    this.#lastConfig = config
    if (config === undefined || last === undefined || text.length > MAX_LENGTH) return
    // Where a mark stands already, it shows nothing.
    if (text.includes(NAME_MARK) || text.includes(FIELD_MARK)) return
    const field = onlyDifference(last, config)
    if (field === undefined) return
    const name = (monitor as { readonly name: string }).name
    const template = templateOf(text, name, field, config, read)
    if (template === undefined || !isRight(template, monitor, unwrap)) return
    this.#unused++
    this.#templates.unshift(template)
    if (this.#templates.length > MAX_TEMPLATES) this.#templates.pop()
  }
}

function templateOf<Read>(
  text: string,
  name: string,
  field: string,
  config: Readonly<Record<string, unknown>>,
  read: Read,
): Template<Read> | undefined {
  const [nameStart, nameEnd] = placeOf(text, 'name', name)
  const [fieldStart, fieldEnd] = placeOf(text, field, config[field] as string)
  if (nameStart === -1 || fieldStart === -1) return undefined
  const isNameFirst = nameStart < fieldStart
  const parts: [string, string, string] = isNameFirst
    ? [text.slice(0, nameStart), text.slice(nameEnd, fieldStart), text.slice(fieldEnd)]
    : [text.slice(0, fieldStart), text.slice(fieldEnd, nameStart), text.slice(nameEnd)]
  return { parts, isNameFirst, field, config, read }
}

/** Where the text of a field may be; whether it is, another has to find out. */
function placeOf(text: string, field: string, value: string): [start: number, end: number] {
  const written = /["\\]/.test(value) ? -1 : text.search(new RegExp(`"${escaped(field)}"\\s*:\\s*"${escaped(value)}"`))
  if (written === -1) return [-1, -1]
  const start = text.indexOf('"', text.indexOf(':', written + field.length + 2)) + 1
  return [start, start + value.length]
}

/** Whether marks in the places of both texts become just these two, and nothing else. */
function isRight<Read>(template: Template<Read>, monitor: unknown, unwrap: (value: unknown) => unknown): boolean {
  const { parts, isNameFirst, field } = template
  const [first, second] = isNameFirst ? [NAME_MARK, FIELD_MARK] : [FIELD_MARK, NAME_MARK]
  try {
    const marked = unwrap(JSON.parse(parts[0] + first + parts[1] + second + parts[2]))
    const expected = structuredClone(monitor) as { name: string; pulse_check: { config: Record<string, unknown> } }
    expected.name = NAME_MARK
    expected.pulse_check.config[field] = FIELD_MARK
    return JSON.stringify(marked) === JSON.stringify(expected)
  } catch {
    return false
  }
}

/** The one field in which two mappings differ, if it is a text in both. */
function onlyDifference(
  a: Readonly<Record<string, unknown>>,
  b: Readonly<Record<string, unknown>>,
): string | undefined {
  const names = Object.keys(b)
  if (names.join('\0') !== Object.keys(a).join('\0')) return undefined
  const differing = names.filter((name) => JSON.stringify(a[name]) !== JSON.stringify(b[name]))
  const [name] = differing
  const isText = name !== undefined && typeof a[name] === 'string' && typeof b[name] === 'string'
  return differing.length === 1 && isText && name !== '__proto__' ? name : undefined
}

function configOf(monitor: unknown): Readonly<Record<string, unknown>> | undefined {
  const { pulse_check: check } = Object(monitor) as { readonly pulse_check?: unknown }
  const { config } = Object(check) as { readonly config?: unknown }
  return typeof config === 'object' && config !== null && !Array.isArray(config)
    ? (config as Record<string, unknown>)
    : undefined
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}
