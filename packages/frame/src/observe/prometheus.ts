import { MillraceError } from '@millrace/kernel/errors'

/** One series of a family, and its value now. */
export interface MetricSample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  /** What its name has after the family's, as the parts of summaries and histograms do. @default none */
  readonly suffix?: '_sum' | '_count' | '_bucket'
}

/** A metric as Prometheus knows it: series of one name, each with labels of its own. */
export interface MetricFamily {
  /** In base units, with the unit in the name; a counter's ends with `_total`. */
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram' | 'summary'
  readonly samples: readonly MetricSample[]
}

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '"': '\\"' }

/**
 * Families as the text that Prometheus scrapes, to be served as `text/plain; version=0.0.4; charset=utf-8`.
 *
 * Families of one name, as two controllers have them, become one, in the place and with the help of the first. O(samples).
 *
 * Prometheus, "Text-based exposition format", 0.0.4.
 * @throws {MillraceError} `METRIC_INVALID` when a name is none that Prometheus takes, a series is there twice, or families of one
 * name differ in type: it would refuse the whole text.
 */
export function prometheusText(families: Iterable<MetricFamily>): string {
  const texts = new Map<string, { readonly type: string; readonly lines: string[] }>()
  const series = new Set<string>()
  for (const { name, help, type, samples } of families) {
    checkName('metric', name, METRIC_NAME)
    const text = texts.get(name) ?? {
      type,
      lines: [`# HELP ${name} ${escaped(help, /[\\\n]/g)}`, `# TYPE ${name} ${type}`],
    }
    if (text.type !== type) throw invalid(name, `metric ${name} is a ${text.type} and a ${type}; give it one type`)
    texts.set(name, text)
    for (const { labels, value, suffix = '' } of samples) {
      const line = name + suffix + labelsText(labels)
      if (series.has(line)) {
        throw invalid(name, `series ${line} is there twice; give each controller's metrics a label of their own`)
      }
      series.add(line)
      text.lines.push(`${line} ${valueText(value)}`)
    }
  }
  return [...texts.values()].map(({ lines }) => `${lines.join('\n')}\n`).join('')
}

/** In the order of the names, so that the same labels are the same text. */
function labelsText(labels: Readonly<Record<string, string>>): string {
  const names = Object.keys(labels).sort()
  if (names.length === 0) return ''
  const pairs = names.map((name) => {
    checkName('label', name, LABEL_NAME)
    return `${name}="${escaped(labels[name]!, /[\\\n"]/g)}"`
  })
  return `{${pairs.join(',')}}`
}

function valueText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value)
}

function escaped(text: string, special: RegExp): string {
  return text.replaceAll(special, (character) => ESCAPES[character]!)
}

function checkName(kind: 'metric' | 'label', name: string, pattern: RegExp): void {
  if (pattern.test(name)) return
  throw invalid(name, `${JSON.stringify(name)} is no name of a ${kind}; take letters, digits and _, no digit first`)
}

function invalid(name: string, message: string): MillraceError {
  return new MillraceError('METRIC_INVALID', `prometheusText: ${message}`, { detail: { name } })
}
