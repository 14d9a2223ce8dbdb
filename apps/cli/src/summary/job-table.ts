import type { JobBrief } from '../job/job-report.ts'
import { isSilent } from '../job/job-sign.ts'
import type { ShownState } from '../job/job-state.ts'
import { alignColumns } from '../text/columns.ts'
import { formatCount, formatRough, formatSeconds } from '../text/numbers.ts'
import type { Style } from '../text/style.ts'
import { displayWidth, fitEnd, printable } from '../text/width.ts'
import type { View } from './sections.ts'

/** The jobs of a ledger as a table, one line each; the root takes the room that is left. */
export function jobTable(
  jobs: readonly JobBrief[],
  view: View & { readonly pathOf: (path: string) => string },
): string {
  const { style, width, pathOf } = view
  const heads = ['JOB', 'STATE', 'FILES', 'STARTED', 'TOOK']
  const rows = jobs.map(({ job, state, heardSecondsAgo, books, startedMs, seconds }) => [
    job,
    isSilent(heardSecondsAgo) ? style.yellow(`silent ${formatRough(heardSecondsAgo)}`) : paintState(state, style),
    formatCount(books.discovered),
    startedMs === null ? '' : formatMoment(startedMs),
    seconds === null ? (state === 'queued' ? '' : '?') : formatSeconds(seconds),
  ])
  const lines = alignColumns([heads, ...rows], ['left', 'left', 'right', 'left', 'right'])
  const columns = Math.max(...lines.map(displayWidth))
  const room = Math.max(8, width - columns - 4)
  const roots = ['ROOT', ...jobs.map(({ root }) => fitEnd(printable(pathOf(root)), room, style.symbols.ellipsis))]
  const text = lines.map((line, index) => {
    const padded = line + ' '.repeat(columns - displayWidth(line))
    return index === 0 ? style.dim(`${padded}  ${roots[index]}`) : `${padded}  ${roots[index]}`
  })
  return `${text.join('\n')}\n`
}

/** A state in its colour. */
export function paintState(state: ShownState, { green, yellow, red, cyan, dim }: Style): string {
  const paint = {
    queued: cyan,
    running: cyan,
    paused: yellow,
    done: green,
    interrupted: yellow,
    failed: red,
    killed: red,
    superseded: dim,
  }[state]
  return paint(state)
}

/** Local date and time to the minute: `2026-11-21 03:08`. */
export function formatMoment(ms: number): string {
  const date = new Date(ms)
  const two = (value: number) => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`
}
