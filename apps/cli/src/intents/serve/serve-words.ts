import type { PipelineMetrics } from '@millrace/intents'
import { commandLine } from '../../terminal.ts'
import { formatCount, formatItems, formatMs } from '../../text/numbers.ts'
import type { Style } from '../../text/style.ts'
import { documents } from '../documents.ts'

/** What a person needs to know of a server that has just started. */
export interface ServerFacts {
  readonly url: string
  readonly sink: string
  readonly caveat: string | undefined
  readonly types: readonly string[]
  readonly isDemo: boolean
  readonly needsToken: boolean
}

/** Where it listens, what it writes to, and how to try it. */
export function serverBanner({ url, sink, caveat, types, isDemo, needsToken }: ServerFacts, style: Style): string {
  const token = needsToken ? ` -H 'authorization: Bearer TOKEN'` : ''
  const intent = isDemo ? JSON.stringify(documents.example) : `{"type":"${types[0]}","payload":{}}`
  const load = commandLine(['intents', 'load', url, ...(needsToken ? ['--token', 'TOKEN'] : [])], process.env)
  return `${[
    `${style.bold('Intents')}  ${url}/intents ${style.dim('(HTTP and WebSocket)')}`,
    `${style.bold('Types')}    ${types.join(', ')}${isDemo ? style.dim(` (built in; it writes to the table ${documents.table})`) : ''}`,
    `${style.bold('Written')}  to ${sink}`,
    ...(caveat === undefined ? [] : [`         ${style.yellow(caveat)}`]),
    `${style.bold('Watch')}    ${url}/health, ${url}/metrics`,
    `${style.bold('Try')}      curl ${url}/intents${token} -H 'content-type: application/json' -d '${intent}'`,
    ...(isDemo ? [`         ${load}`] : []),
  ].join('\n')}\n`
}

/** What it does now, on one line. */
export function statusLine(metrics: PipelineMetrics, style: Style): string {
  const { books, throughputMetrics, endToEndLatency, batchSizeDistribution } = metrics
  const parts = [
    `${formatCount(throughputMetrics.intentsPerSecond)}/s`,
    ...(endToEndLatency.count === 0
      ? []
      : [`p50 ${formatMs(endToEndLatency.p50)}`, `p99 ${formatMs(endToEndLatency.p99)}`]),
    `${formatCount(books.waiting)} waiting`,
    ...(batchSizeDistribution.count === 0
      ? []
      : [`${formatItems(Math.round(batchSizeDistribution.p50), 'intent')} a batch`]),
    `${formatCount(books.committed)} committed`,
    ...(books.failed + books.refused === 0 ? [] : [style.yellow(`${formatCount(books.failed + books.refused)} not`)]),
  ]
  return parts.join(` ${style.symbols.dot} `)
}

/** What became of all that came, at the end. */
export function serveSummary({ books }: PipelineMetrics): string {
  const { submitted, committed, duplicates, failed, refused } = books
  return `${formatItems(submitted, 'intent')}: ${formatCount(committed)} committed, ${formatCount(duplicates)} duplicates, ${formatCount(failed)} failed, ${formatCount(refused)} refused.\n`
}
