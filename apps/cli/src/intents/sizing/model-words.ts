import type { BatchForecast, BatchModelOptions } from '@millrace/intents'
import { alignColumns } from '../../text/columns.ts'
import { formatCount, formatMs, formatShare } from '../../text/numbers.ts'
import { columnPlot } from '../../text/plot.ts'
import type { Style } from '../../text/style.ts'

const PLOT_HEIGHT = 8
/** What is less likely is left off the ends of a plot. */
const WORTH_SEEING = 0.001

/** A forecast, as it is told: a few rows, and how full batches are. */
export function modelReport(
  options: Required<BatchModelOptions>,
  forecast: BatchForecast,
  { style, width }: { readonly style: Style; readonly width: number },
): string {
  const { ratePerSecond, timeWindowMs, maxBatchSize, connections, fixedMs, perIntentMs } = options
  const { dot } = style.symbols
  const head = [
    `${formatCount(ratePerSecond)} intents a second`,
    `a window of ${formatPlain(timeWindowMs)} ms`,
    `at most ${formatCount(maxBatchSize)} in a batch`,
  ].join(` ${dot} `)
  const table = alignColumns(rows(options, forecast, style), ['left', 'left'])
  const plot = fillPlot(forecast, maxBatchSize, width - 4, style)
  const assumed = `A batch of n is taken to be written in ${formatPlain(fixedMs)} + ${formatPlain(perIntentMs)} × n ms, ${connections === 1 ? 'one at a time' : `${connections} at a time`}; millrace intents tune measures yours.`
  return `${['', style.bold(head), '', ...table, ...plot, '', style.dim(assumed)].map((line) => (line === '' ? '' : `  ${line}`)).join('\n')}\n`
}

function rows(options: Required<BatchModelOptions>, forecast: BatchForecast, style: Style): [string, string][] {
  const { fill, triggers, addedMs, roundTrips, regime } = forecast
  const { dot, cross } = style.symbols
  const join = (...parts: string[]) => parts.join(` ${dot} `)
  const capacity = `at most ${formatCount(forecast.capacityPerSecond)} intents a second can be written`
  if (regime === 'saturated') {
    return [
      ['Capacity', style.red(`${cross} ${capacity}: the rest would wait without end`)],
      ['Batches', join(`${formatRate(forecast.batchesPerSecond)} a second`, `${formatCount(fill.mean)} in each`)],
      ['Writing', `${formatMs(forecast.writeMs)} a batch`],
      ['Remedy', 'larger batches, more connections, or a table that is written faster'],
    ]
  }
  const isSpread = fill.p5 !== fill.p95
  const leave =
    regime === 'connections'
      ? style.yellow('when a connection gets free: the window is over long before')
      : join(`after the window ${formatPercent(triggers.time)}`, `full ${formatPercent(triggers.size)}`)
  return [
    [
      'Fill',
      join(`${formatFill(fill.mean)} intents`, ...(isSpread ? [`9 of 10 batches have ${fill.p5} to ${fill.p95}`] : [])),
    ],
    ['Leave', leave],
    ['Batches', `${formatRate(forecast.batchesPerSecond)} a second`],
    [
      'Added wait',
      join(`${formatMs(addedMs.mean)} on average`, `p95 ${formatMs(addedMs.p95)}`, `p99 ${formatMs(addedMs.p99)}`),
    ],
    [
      'Writing',
      join(
        `${formatMs(forecast.writeMs)} a batch`,
        `${formatGain(forecast.gain)} less of the database's time than one by one`,
      ),
    ],
    [
      'Round trips',
      join(
        `${formatRate(roundTrips.batched)} a second instead of ${formatCount(roundTrips.oneByOne)}`,
        `${formatPercent(roundTrips.saved)} saved`,
      ),
    ],
    [
      'Connections',
      join(
        `${formatPercent(forecast.utilization)} of ${options.connections === 1 ? 'one' : `${options.connections}`} used`,
        capacity,
      ),
    ],
    ['Adaptive', adaptiveWords(forecast)],
  ]
}

function adaptiveWords({ adaptiveFill }: BatchForecast): string {
  return adaptiveFill < 1.5
    ? 'would hardly wait: an idle connection takes at once what there is'
    : `would write about ${formatCount(adaptiveFill)} in a batch, as soon as a connection is free`
}

/** How likely each fill is. */
function fillPlot(forecast: BatchForecast, maxBatchSize: number, width: number, style: Style): string[] {
  const { fill, regime } = forecast
  if (regime === 'saturated' || regime === 'connections') return []
  const spread = Math.max(2, fill.p95 - fill.p5)
  const from = Math.max(1, fill.p5 - spread)
  const to = Math.min(maxBatchSize, fill.p95 + spread)
  const sizes = Array.from({ length: to - from + 1 }, (_, at) => from + at)
  const [first = from, last = to] = ends(sizes, (size) => forecast.probability(size) > WORTH_SEEING / spread)
  const perColumn = Math.ceil((last - first + 1) / width)
  const columns = Math.ceil((last - first + 1) / perColumn)
  if (columns < 2) return []
  const wide = Math.max(1, Math.min(3, Math.floor(width / columns)))
  const values = Array.from({ length: columns * wide }, (_, column) => {
    const start = first + Math.floor(column / wide) * perColumn
    let sum = 0
    for (let size = start; size < start + perColumn; size++) sum += forecast.probability(size)
    return sum
  })
  const axis = `${first}${String(last).padStart(columns * wide - String(first).length)}`
  return ['', 'How many are in a batch', ...columnPlot(values, PLOT_HEIGHT, style).map(style.cyan), style.dim(axis)]
}

function ends(sizes: readonly number[], isWorth: (size: number) => boolean): [number | undefined, number | undefined] {
  return [sizes.find(isWorth), sizes.findLast(isWorth)]
}

function formatFill(fill: number): string {
  return fill < 99.5 ? formatPlain(Math.round(fill * 10) / 10) : formatCount(fill)
}

function formatRate(perSecond: number): string {
  return perSecond < 99.95 ? formatPlain(Math.round(perSecond * 10) / 10) : formatCount(perSecond)
}

function formatGain(gain: number): string {
  return `${gain < 9.95 ? gain.toFixed(1) : formatCount(gain)}×`
}

/** 0 and 100 are said only of nothing and of all. */
function formatPercent(share: number): string {
  if (share < 1e-9) return '0 %'
  return share > 1 - 1e-9 ? '100 %' : formatShare(share, 1)
}

function formatPlain(value: number): string {
  return String(Number(value.toPrecision(4)))
}
