import type { Bench } from '../harness/bench.ts'
import { median } from '../harness/median.ts'
import { type BenchRow, rowAgainst } from '../harness/row.ts'
import { inProcess } from './in-process.ts'
import type { LoadPlan, SeenWindow } from './load-run.ts'

const LOADS = [
  { monitors: 1000, intervalMs: 30_000 },
  { monitors: 10_000, intervalMs: 30_000 },
  { monitors: 100_000, intervalMs: 30_000 },
  { monitors: 1_000_000, intervalMs: 120_000 },
]
const TIMEOUT_MS = 5000
const LEAST_SERVED_PERCENT = 99.9
/** So many monitors are promised to begin so soon. */
const PROMPT = 100_000
const MOST_LATE_MS = 5
const MOST_OVERHEAD_MS = 5

/**
 * How many monitors are checked, and how late? Real HTTP over new connections, each check due at its own slot whether the one before is answered or not;
 * the targets are a process of their own, the engine another, with its store.
 */
export default async function monitors(bench: Bench): Promise<void> {
  const lines: string[] = []
  for (const { monitors, intervalMs } of LOADS) {
    const plan: LoadPlan = {
      monitors,
      intervalMs,
      timeoutMs: TIMEOUT_MS,
      // In full all have been checked before, and in each window a fifth is again.
      warmUpMs: bench.quick ? (monitors > PROMPT ? 6000 : 3000) : intervalMs,
      windowMs: bench.quick ? 1500 : intervalMs / 5,
      windows: bench.quick ? 3 : 5,
      hangs: false,
    }
    const seen = await inProcess<SeenWindow[]>('./load-run.ts', plan)
    bench.report(rowsOf(monitors, seen))
    lines.push(lineOf(monitors, intervalMs, seen))
  }
  bench.tell(
    [
      'Open loop, medians of windows, the longest of all:',
      '',
      '| monitors | each every, s | checks/s | slots not served | failed | late p50, ms | p99 | most | due until applied, mean ms | processor, % of a core | RSS, MB |',
      '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
      ...lines,
    ].join('\n'),
  )
}

function rowsOf(monitors: number, seen: readonly SeenWindow[]): BenchRow[] {
  const rows = [
    rowAgainst(`monitors/${monitors}-slots-served`, '%', [servedPercent(seen)], LEAST_SERVED_PERCENT),
    rowAgainst(`monitors/${monitors}-mean-overhead`, 'ms', seen.map(overheadMs), MOST_OVERHEAD_MS),
  ]
  if (monitors === PROMPT) {
    const p99 = seen.map(({ latenessMs }) => latenessMs.p99)
    rows.push(rowAgainst(`monitors/${monitors}-p99-lateness`, 'ms', p99, MOST_LATE_MS))
  }
  return rows
}

function servedPercent(seen: readonly SeenWindow[]): number {
  const sum = (what: 'served' | 'slots') => seen.reduce((total, window) => total + window[what], 0)
  return (100 * sum('served')) / sum('slots')
}

/** From the slot until the result is applied, without the check itself. */
function overheadMs({ latenessMs, resultMs }: SeenWindow): number {
  return latenessMs.mean + resultMs.mean
}

function lineOf(monitors: number, intervalMs: number, seen: readonly SeenWindow[]): string {
  const of = (what: (window: SeenWindow) => number) => median(seen.map(what))
  const total = (what: (window: SeenWindow) => number) => seen.reduce((sum, window) => sum + what(window), 0)
  const cells = [
    monitors.toLocaleString('en-US'),
    intervalMs / 1000,
    of(({ checksPerSecond }) => checksPerSecond).toFixed(0),
    total(({ slots, served }) => slots - served),
    total(({ failed }) => failed),
    of(({ latenessMs }) => latenessMs.p50).toFixed(1),
    of(({ latenessMs }) => latenessMs.p99).toFixed(1),
    Math.max(...seen.map(({ latenessMs }) => latenessMs.max)).toFixed(0),
    of(overheadMs).toFixed(1),
    of(({ cpuPercent }) => cpuPercent).toFixed(0),
    of(({ rssMb }) => rssMb).toFixed(0),
  ]
  return `| ${cells.join(' | ')} |`
}
