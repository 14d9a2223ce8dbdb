import type { Bench } from '../harness/bench.ts'
import { median } from '../harness/median.ts'
import { rowAgainst, rowBeside } from '../harness/row.ts'
import { inProcess } from './in-process.ts'
import type { LoadPlan, SeenWindow } from './load-run.ts'

const MONITORS = 100_000
const INTERVAL_MS = 30_000
/** At most 1.2 times as late, as a ratio. */
const GOAL = 0.83
const LEAST_SERVED_PERCENT = 99.9

/** A tenth of the targets takes connections and says nothing: how late are the checks of the others, beside a while in which all answer, in turns? */
export default async function hanging(bench: Bench): Promise<void> {
  const plan: LoadPlan = {
    monitors: MONITORS,
    intervalMs: INTERVAL_MS,
    timeoutMs: bench.quick ? 3000 : 5000,
    warmUpMs: bench.quick ? 4000 : INTERVAL_MS,
    windowMs: bench.quick ? 2500 : 6000,
    windows: bench.quick ? 6 : 10,
    hangs: true,
  }
  const seen = await inProcess<SeenWindow[]>('./load-run.ts', plan)
  const of = (isHanging: boolean, what: (window: SeenWindow) => number) =>
    seen.filter((window) => window.isHanging === isHanging).map(what)
  const p99 = ({ latenessMs }: SeenWindow) => latenessMs.p99
  bench.report([
    rowBeside(
      'hanging/p99-lateness-of-the-healthy',
      'ms',
      of(true, p99),
      { name: 'all answer', values: of(false, p99) },
      GOAL,
    ),
    rowAgainst(
      'hanging/slots-served',
      '%',
      of(true, ({ served, slots }) => (100 * served) / slots),
      LEAST_SERVED_PERCENT,
    ),
  ])
  const line = (isHanging: boolean, words: string) => {
    const mid = (what: (window: SeenWindow) => number) => median(of(isHanging, what))
    const cells = [
      words,
      mid(({ checksPerSecond }) => checksPerSecond).toFixed(0),
      mid(({ failed }) => failed).toFixed(0),
      mid(({ latenessMs }) => latenessMs.p50).toFixed(1),
      mid(p99).toFixed(1),
      mid(({ resultMs }) => resultMs.mean).toFixed(1),
      mid(({ cpuPercent }) => cpuPercent).toFixed(0),
    ]
    return `| ${cells.join(' | ')} |`
  }
  bench.tell(
    [
      `${MONITORS.toLocaleString('en-US')} monitors, each every ${INTERVAL_MS / 1000} s, medians of windows of ${plan.windowMs} ms; late are the healthy:`,
      '',
      '| targets | checks/s | failed | late p50, ms | p99 | result applied after, mean ms | processor, % of a core |',
      '| --- | --- | --- | --- | --- | --- | --- |',
      line(false, 'all answer'),
      line(true, 'a tenth hangs'),
    ].join('\n'),
  )
}
