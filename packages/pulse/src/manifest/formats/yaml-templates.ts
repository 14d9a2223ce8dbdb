import type { YamlItems } from './read-yaml.ts'

/** Reads the YAML of one or more monitors, each behind its dash. */
export type ReadItems = (text: string) => YamlItems

/** What the shape of a monitor comes to in JSON: what stands before each of its values, and behind the last. */
type Template = readonly string[]

/**
 * A value that is a text wherever it stands, and the same text in JSON: behind `: `, up to the end of the line, a comma or a brace. Plain, it begins with
 * a letter, and the last of what is in it is none of the signs that YAML looks for; or it is in double quotes, without a backslash.
 */
const VALUE = /(?<=: )(?:[A-Za-z](?:[\w./:-]*[\w/-])?|"[\w ./:?=&%~+@-]*")(?=\r?\n|\r?$| \}|,)/g
/** Gaps in a shape, as no YAML has them. */
const [PLAIN, QUOTED] = ['\0', '\x01']
/** Letters that YAML takes for something else. */
const NO_TEXT = /^(?:true|false|null)$/i
/** As no manifest has it; a plain text, as those are whose place it takes. */
const MARK = 'millraceValue'
/** Shapes that are remembered; beyond, all are forgotten. */
const MAX_SHAPES = 10_000
const QUOTE = 34
/** Longer monitors are not worth it. */
const MAX_LENGTH = 4096

/**
 * Reads monitors that have the shape of earlier ones without parsing them: ten times as fast as a parser of all YAML.
 *
 * The shape of a monitor is its YAML with a gap for each value that is plainly a text. Whenever a shape is met again, js-yaml reads it once with a mark in
 * each gap; if each mark is then a text of its own in the JSON, nothing around a gap depends on what stands in it, and monitors of the shape are their JSON
 * with their own values. Any other shape, and whatever is met once, goes to js-yaml as it is.
 */
export class YamlTemplates {
  /** Undefined: met once. Null: of no use. */
  readonly #templates = new Map<string, Template | null | undefined>()
  readonly #read: ReadItems
  #values: string[] = []

  constructor(read: ReadItems) {
    this.#read = read
  }

  /** A monitor as JSON; undefined if that takes a parser. */
  apply(item: string): string | undefined {
    if (item.length > MAX_LENGTH || item.includes(MARK) || item.includes(PLAIN) || item.includes(QUOTED))
      return undefined
    const shape = this.#shapeOf(item)
    let template = this.#templates.get(shape)
    if (template === undefined) {
      if (!this.#templates.has(shape)) {
        if (this.#templates.size >= MAX_SHAPES) this.#templates.clear()
        this.#templates.set(shape, undefined)
        return undefined
      }
      template = this.#learn(item)
      this.#templates.set(shape, template)
    }
    if (template === null) return undefined
    let json = template[0]!
    for (let index = 0; index < this.#values.length; index++) json += this.#values[index]! + template[index + 1]!
    return json
  }

  /** The text with gaps; what was in them is in `#values`, as JSON. */
  #shapeOf(item: string): string {
    const values: string[] = []
    const shape = item.replaceAll(VALUE, (value) => {
      if (value.charCodeAt(0) === QUOTE) {
        values.push(value)
        return QUOTED
      }
      if (NO_TEXT.test(value)) return value
      values.push(`"${value}"`)
      return PLAIN
    })
    this.#values = values
    return shape
  }

  #learn(item: string): Template | null {
    let count = 0
    const marked = item.replaceAll(VALUE, (value) => {
      if (value.charCodeAt(0) === QUOTE) return `"${MARK}${count++}x"`
      return NO_TEXT.test(value) ? value : `${MARK}${count++}x`
    })
    const { texts, faults } = this.#read(marked)
    const [json] = texts
    if (faults.length > 0 || texts.length !== 1 || json === undefined) return null
    const template: string[] = []
    let from = 0
    for (let index = 0; index < count; index++) {
      const mark = `"${MARK}${index}x"`
      const at = json.indexOf(mark, from)
      // Somewhere else, or within a longer text, or in another order.
      if (at === -1) return null
      template.push(json.slice(from, at))
      from = at + mark.length
    }
    template.push(json.slice(from))
    // What is left of a mark came by an alias, or as a key.
    return template.some((part) => part.includes(MARK)) ? null : template
  }
}
