/** A family as a scraper reads it: the series by their text, each with its value. */
export interface ParsedFamily {
  readonly help: string
  readonly type: string
  readonly series: { readonly name: string; readonly labels: Record<string, string>; readonly value: number }[]
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const PART_SUFFIX = /_(sum|count|bucket)$/

/**
 * Reads Prometheus' text format 0.0.4 by its grammar, as strictly as the scraper: throws at whatever it would refuse, and at families
 * whose lines are not together.
 */
export function parseExposition(text: string): Map<string, ParsedFamily> {
  const families = new Map<string, { help?: string; type?: string; series: ParsedFamily['series'] }>()
  const seen = new Set<string>()
  let current: string | undefined
  if (text !== '' && !text.endsWith('\n')) throw new Error('the last line must end')
  for (const line of text.split('\n').slice(0, -1)) {
    const comment = new RegExp(`^# (HELP|TYPE) (${NAME})(?: (.*))?$`, 's').exec(line)
    if (comment !== null) {
      const [, kind, name, rest = ''] = comment
      if (name !== current && families.has(name!)) throw new Error(`family ${name} is not together`)
      current = name!
      const family = families.get(current) ?? { series: [] }
      families.set(current, family)
      const key = kind === 'HELP' ? 'help' : 'type'
      if (family[key] !== undefined || family.series.length > 0)
        throw new Error(`${kind} of ${name} comes twice or late`)
      family[key] = kind === 'HELP' ? unescaped(rest, '\\') : rest
      continue
    }
    const { name, labels, value } = parseSample(line)
    const base = current !== undefined && name !== current ? name.replace(PART_SUFFIX, '') : name
    const family = families.get(base)
    if (family === undefined || base !== current) throw new Error(`series ${name} stands outside of its family`)
    const identity = JSON.stringify([name, Object.entries(labels).sort()])
    if (seen.has(identity)) throw new Error(`series ${identity} is there twice`)
    seen.add(identity)
    family.series.push({ name, labels, value })
  }
  return new Map([...families].map(([name, { help = '', type = 'untyped', series }]) => [name, { help, type, series }]))
}

function parseSample(line: string) {
  const name = new RegExp(`^${NAME}`).exec(line)?.[0]
  if (name === undefined) throw new Error(`no name in: ${line}`)
  const labels: Record<string, string> = {}
  let at = name.length
  if (line[at] === '{') {
    at++
    while (line[at] !== '}') {
      const label = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"/.exec(line.slice(at))
      if (label === null || Object.hasOwn(labels, label[1]!)) throw new Error(`bad label at ${at} in: ${line}`)
      labels[label[1]!] = unescaped(label[2]!, '\\"')
      at += label[0].length
      if (line[at] === ',') at++
      else if (line[at] !== '}') throw new Error(`no comma at ${at} in: ${line}`)
    }
    at++
  }
  const value = /^ (NaN|[+-]Inf|[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/.exec(line.slice(at))?.[1]
  if (value === undefined) throw new Error(`no value in: ${line}`)
  return { name, labels, value: Number(value.replace('Inf', 'Infinity')) }
}

function unescaped(text: string, escapable: string): string {
  return text.replaceAll(/\\(.?)/g, (_whole, character: string) => {
    if (character === 'n') return '\n'
    if (character === '' || !escapable.includes(character)) throw new Error(`bad escape in: ${text}`)
    return character
  })
}
