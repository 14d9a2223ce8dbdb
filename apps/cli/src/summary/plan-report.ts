import type { Bottleneck, ClusterForecast, ClusterPlan } from '@millrace/files'
import { alignColumns } from '../text/columns.ts'
import { formatCount, formatItems, formatSeconds } from '../text/numbers.ts'
import type { Style } from '../text/style.ts'
import { displayWidth } from '../text/width.ts'
import { wrapWords } from '../text/wrap.ts'
import type { View } from './sections.ts'

/** What files took in the last job of a ledger. */
export interface MeasuredCost {
  readonly jobId: string
  readonly files: number
  readonly msPerFile: number
}

const WAITS_FOR: Readonly<Record<Bottleneck, string>> = {
  workers: 'the workers',
  postgres: 'PostgreSQL',
  coordinator: 'the coordinator',
  end: 'the last batches',
}

const HEADS = ['WORKERS', 'TAKES', 'FILES/S', 'SPEED-UP', 'BUSY', 'POSTGRES', 'COORDINATOR', 'WAITS FOR']
/** The columns that narrow terminals do without, the first of them first: it follows from the others. */
const SPARED = [HEADS.indexOf('FILES/S'), HEADS.indexOf('BUSY')]

/** A plan, as it is told: how long it takes, with how many workers, what it waits for, and what to change. */
export function planReport(plan: ClusterPlan, measured: MeasuredCost | undefined, { style, width }: View): string {
  const { options, forecast, steps } = plan
  const { dot } = style.symbols
  const head = `${formatItems(options.files, 'file')} ${dot} ${formatItems(options.workers, 'worker')} ${dot} ${formatSeconds(forecast.makespanSeconds)}`
  const [titles = '', ...lines] = tableWithin(width - 2, [HEADS, ...steps.map((step) => row(step, style))])
  const basis =
    measured === undefined
      ? `A file is taken to cost a worker ${milliseconds(options.msPerFile)}; run a sample with millrace files run, and its ledger tells yours.`
      : `A file costs a worker ${milliseconds(options.msPerFile)}, by ${formatItems(measured.files, 'file')} of job ${measured.jobId}.`
  const costs = `A checkpoint takes PostgreSQL ${milliseconds(options.commitMs)} and ${milliseconds(options.commitMsPerFile)} a file on one of ${formatItems(options.postgresCores, 'core')}, the coordinator ${milliseconds(options.publishMsPerFile)} a file. Flags change that; see millrace files plan --help.`
  return [
    '',
    `  ${style.bold(head)}`,
    '',
    style.dim(`  ${titles}`),
    ...lines.map((line) => `  ${line}`),
    '',
    ...wrapped(advice(plan), width),
    '',
    ...wrapped(`${basis} ${costs}`, width).map((line) => style.dim(line)),
    '',
  ].join('\n')
}

/** The table as it fits, and if it does not in its narrowest form. */
function tableWithin(width: number, rows: readonly (readonly string[])[]): string[] {
  let lines: string[] = []
  for (let spared = 0; spared <= SPARED.length; spared++) {
    const left = SPARED.slice(0, spared)
    const kept = rows.map((row) => row.filter((_, at) => !left.includes(at)))
    lines = alignColumns(
      kept,
      kept[0]!.map((_, at, { length }) => (at < length - 1 ? 'right' : 'left')),
    )
    if (lines.every((line) => displayWidth(line) <= width)) break
  }
  return lines
}

function row(step: ClusterForecast, { yellow }: Style): string[] {
  const percent = (share: number) => `${Math.round(100 * share)} %`
  const waits = WAITS_FOR[step.bottleneck]
  return [
    formatCount(step.workers),
    formatSeconds(step.makespanSeconds),
    formatCount(step.filesPerSecond),
    `${step.speedUp.toFixed(1)}x`,
    percent(step.efficiency),
    percent(step.postgresLoad),
    percent(step.coordinatorLoad),
    step.bottleneck === 'workers' ? waits : yellow(waits),
  ]
}

/** What to change, in a sentence or two. */
function advice({ forecast, options, usefulWorkers }: ClusterPlan): string {
  const useful = formatItems(Math.min(usefulWorkers, options.workers), 'worker')
  switch (forecast.bottleneck) {
    case 'postgres':
      return `More than ${useful} are of no use: PostgreSQL has no more checkpoints to give. Give it more cores or a faster disk, make batches larger (--batch-size ${Math.min(5000, 2 * options.batchSize)}), or split the tree between two databases.`
    case 'coordinator':
      return `More than ${useful} are of no use: the coordinator cannot find and hash files faster than it does. Split the tree between several jobs, or run it where the files are on a faster disk.`
    case 'end':
      return `The workers wait for one another at the end, or for work to be published: ${formatItems(options.files, 'file')} are few for so many. Fewer workers would take about as long.`
    case 'workers':
      return usefulWorkers > options.workers
        ? `The workers are what it waits for: up to about ${formatItems(usefulWorkers, 'worker')} each one more makes it faster.`
        : 'The workers are what it waits for.'
  }
}

/** To two digits: these are small, and are multiplied by many. */
function milliseconds(ms: number): string {
  return `${Number(ms.toPrecision(2))} ms`
}

function wrapped(text: string, width: number): string[] {
  return wrapWords(text, width - 4).map((line) => `  ${line}`)
}
