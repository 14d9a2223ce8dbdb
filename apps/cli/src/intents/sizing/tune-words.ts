import type { TuneResult } from '@millrace/intents/postgres'
import { alignColumns } from '../../text/columns.ts'
import { formatCount, formatItems, formatMs } from '../../text/numbers.ts'
import { bar } from '../../text/plot.ts'
import type { Style } from '../../text/style.ts'
import { displayWidth } from '../../text/width.ts'

interface View {
  readonly style: Style
  readonly width: number
}

/** A sweep, as it is told: the curve, the line through it, and what to set. */
export function tuneReport(result: TuneResult, view: View): string {
  const { time, connections, server, isComplete, recommended } = result
  const { style } = view
  if (recommended === undefined) return '\n  Nothing was measured: it was ended before the first size was.\n'
  const lines = [
    '',
    style.bold(
      `${server} ${style.symbols.dot} JSONB patches, ${formatItems(connections, 'batch', 'batches')} at a time`,
    ),
    ...(isComplete ? [] : [style.yellow('Ended early: what is below was measured until then')]),
    '',
    ...curve(result, view),
    '',
    `A batch of n takes about ${formatPart(time.fixedMs)} + ${formatPart(time.perIntentMs)} × n ms`,
    ...verdict(result, style),
    '',
    ...snippet(result).map(style.cyan),
  ]
  return `${lines.map((line) => (line === '' ? '' : `  ${line}`)).join('\n')}\n`
}

function curve({ points, recommended }: TuneResult, { style, width }: View): string[] {
  const most = Math.max(...points.map(({ intentsPerSecond }) => intentsPerSecond))
  const rows = points.map((point) => [
    formatCount(point.size),
    formatCount(point.intentsPerSecond),
    formatMs(point.p50Ms),
    formatMs(point.p99Ms),
  ])
  const heads = ['SIZE', 'INTENTS/S', 'P50 A BATCH', 'P99']
  const [head = '', ...lines] = alignColumns([heads, ...rows], ['right', 'right', 'right', 'right'])
  const room = Math.max(8, width - displayWidth(head) - 6)
  return [
    style.dim(head),
    ...lines.map((line, at) => {
      const point = points[at]
      const isBest = point === recommended?.point
      const drawn = bar((point?.intentsPerSecond ?? 0) / most, room, style)
      return `${isBest ? style.bold(line) : line}  ${isBest ? style.green(drawn) : drawn}`
    }),
  ]
}

function verdict({ points, recommended, latencyMs }: TuneResult, style: Style): string[] {
  if (recommended === undefined) return []
  const { point, isWithinLatency } = recommended
  if (!isWithinLatency) {
    return [
      style.yellow(`No size is written within ${formatMs(latencyMs)} (p99): ${formatCount(point.size)} comes nearest`),
    ]
  }
  const alone = points.find(({ size }) => size === 1)
  const gain = alone === undefined ? 1 : point.intentsPerSecond / alone.intentsPerSecond
  const told = `${formatCount(point.size)} in a batch: ${formatCount(point.intentsPerSecond)} a second, p99 ${formatMs(point.p99Ms)}`
  return [
    `${style.green(style.symbols.check)} ${told}${gain > 1 ? `, ${gain.toFixed(1)} times as many as one by one` : ''}`,
  ]
}

/** What to write into a program. */
function snippet({ recommended, connections }: TuneResult): string[] {
  if (recommended === undefined) return []
  return [
    'createBatchScheduler({',
    `  sink: createPostgresSink({ url, connections: ${connections} }),`,
    ...fields(recommended.batching, '  '),
    '  intents,',
    '})',
  ]
}

/** The fields of a plain object as they are written in a program, a line each. */
function fields(object: object, indent: string): string[] {
  return Object.entries(object).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null
      ? [`${indent}${name}: {`, ...fields(value, `${indent}  `), `${indent}},`]
      : [`${indent}${name}: ${value},`],
  )
}

function formatPart(ms: number): string {
  return String(Number(ms.toPrecision(2)))
}
