import { formatCount, formatItems, formatMs, formatSeconds } from '../../text/numbers.ts'
import type { Style } from '../../text/style.ts'
import type { LoadResult } from './load-tally.ts'

/** A load so far, on one line. */
export function loadLine({ sent, rate, latency, failed, unanswered }: LoadResult, style: Style): string {
  const failures = Object.values(failed).reduce((sum, count) => sum + count, 0)
  const parts = [
    `${formatCount(sent)} sent`,
    `${formatCount(rate)}/s committed`,
    ...(rate === 0 ? [] : [`p50 ${formatMs(latency.p50)}`, `p99 ${formatMs(latency.p99)}`]),
    `${formatCount(unanswered)} on the way`,
    ...(failures === 0 ? [] : [style.red(`${formatCount(failures)} failed`)]),
  ]
  return parts.join(` ${style.symbols.dot} `)
}

/** What a load came to. */
export function loadSummary(result: LoadResult, style: Style): string {
  const { sent, committed, failed, withheld, unanswered, seconds, rate, latency } = result
  const lines = [
    `${formatItems(sent, 'intent')} sent in ${formatSeconds(seconds)}, ${formatCount(committed)} committed: ${style.bold(`${formatCount(rate)}/s`)}`,
  ]
  if (committed > 0) {
    const { p50, p95, p99, max } = latency
    lines.push(`latency  p50 ${formatMs(p50)}  p95 ${formatMs(p95)}  p99 ${formatMs(p99)}  max ${formatMs(max)}`)
  }
  for (const [code, count] of Object.entries(failed))
    lines.push(style.red(`failed   ${formatCount(count)} ${code}${busy(code)}`))
  if (unanswered > 0) lines.push(style.yellow(`${formatItems(unanswered, 'intent')} had no answer in time`))
  if (withheld > 0) lines.push(style.yellow(`${formatItems(withheld, 'intent')} not sent: too many had no answer`))
  return `${lines.join('\n')}\n`
}

function busy(code: string): string {
  return code === 'QUEUE_FULL' || code === 'RATE_LIMITED' ? ' (429)' : ''
}
