import { readYaml, type YamlItems } from './read-yaml.ts'
import { countLines } from './text.ts'
import { YamlTemplates } from './yaml-templates.ts'

/** What stands in front of pieces. */
export const MONITORS = 'monitors:\n'

/** Reads pieces of a list of monitors, the later ones by what it learned of the earlier ones. */
export class YamlPieceReader {
  readonly #templates: YamlTemplates

  constructor(templates = new YamlTemplates((text) => readYaml(MONITORS + text))) {
    this.#templates = templates
  }

  /**
   * @param text begins with a dash, or with comments.
   * @param indent is where the dashes of the monitors stand.
   * @param anchors is read in front of it; its lines do not count.
   */
  read(text: string, indent: number, anchors: string): YamlItems {
    // What is defined in front may be meant anywhere.
    if (anchors !== '') return parse(text, indent, anchors)
    const dash = new RegExp(`^ {${indent}}-(?=[ \\t\\r\\n]|$)`, 'gm')
    const starts: number[] = []
    while (dash.test(text)) starts.push(dash.lastIndex - indent - 1)
    const texts: string[] = []
    const lines = new Uint32Array(starts.length)
    /** By index: monitors that a parser has to read. */
    const left: number[] = []
    let rest = ''
    let line = countLines(text, starts[0] ?? 0) + 1
    for (let index = 0; index < starts.length; index++) {
      const item = text.slice(starts[index]!, starts[index + 1] ?? text.length)
      const json = this.#templates.apply(item)
      lines[index] = line
      line += countLines(item)
      texts.push(json ?? '')
      if (json !== undefined) continue
      left.push(index)
      rest += item
    }
    const parsed = left.length === 0 ? NOTHING : parse(rest, indent, '')
    // Something is wrong, or they refer to each other.
    if (parsed.faults.length > 0 || parsed.texts.length !== left.length) return parse(text, indent, '')
    for (const [at, index] of left.entries()) texts[index] = parsed.texts[at]!
    return { ...NOTHING, texts, lines }
  }
}

const NOTHING: YamlItems = { definitions: undefined, hasList: true, texts: [], lines: new Uint32Array(), faults: [] }

function parse(text: string, indent: number, anchors: string): YamlItems {
  const head = anchors + MONITORS
  const { texts, lines, faults } = readYaml(head + text, indent)
  const before = countLines(head)
  const own = faults.map((fault) => ({ ...fault, line: fault.line - before })).filter(({ line }) => line > 0)
  return { ...NOTHING, texts, lines: lines.map((line) => line - before), faults: own }
}
