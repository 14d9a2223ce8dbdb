import type { Bench } from '../harness/bench.ts'
import { median } from '../harness/median.ts'
import { rowAgainst, rowBeside } from '../harness/row.ts'
import { inProcess } from './in-process.ts'
import type { OverloadOutcome, OverloadPlan } from './overload-run.ts'

const OVERLOAD = 2
const INTERVAL_MS = 2000
/** Checks a second, more than one process can make: what it does then is its capacity. */
const FLOOD = 50_000
const MOST_FAULTS_PERMILLE = 1
/** Of what it takes to check all once, as a ratio: at most 1.2 times. One that waits for longer was passed over. */
const LATE_GOAL = 0.83
const MOST_DISPATCH_MS = 100

/**
 * Twice as many checks are due as can be made: does any come to nothing by the engine's own fault, does any monitor wait for longer than it must, is any
 * slot or check lost from the books? And how long is it from a result to the intervention it asks for, with the storm breaker open, the same overload
 * beside half of it?
 */
export default async function overload(bench: Bench): Promise<void> {
  const run = (checksPerSecond: number, repairs: boolean) => {
    const plan: OverloadPlan = {
      monitors: Math.round((checksPerSecond * INTERVAL_MS) / 1000),
      intervalMs: INTERVAL_MS,
      warmUpMs: bench.quick ? 3000 : 10_000,
      ms: bench.quick ? 4000 : 20_000,
      repairs,
    }
    return inProcess<OverloadOutcome>('./overload-run.ts', plan)
  }
  const capacities: number[] = []
  const loaded: OverloadOutcome[] = []
  const repaired: OverloadOutcome[] = []
  const calm: OverloadOutcome[] = []
  for (let round = 0; round < (bench.quick ? 1 : 3); round++) {
    // In its best second: another program that is busy meanwhile does not make the overload less.
    const { peakPerSecond } = await run(FLOOD, false)
    capacities.push(peakPerSecond)
    loaded.push(await run(OVERLOAD * peakPerSecond, false))
    repaired.push(await run(OVERLOAD * peakPerSecond, true))
    calm.push(await run(peakPerSecond / 2, true))
  }
  const of = (outcomes: readonly OverloadOutcome[], what: (outcome: OverloadOutcome) => number) => outcomes.map(what)
  for (const outcome of loaded) {
    if (outcome.lostSlots === 0 && outcome.lostChecks === 0) continue
    throw new Error(`overload: the books lack ${outcome.lostSlots} slots and ${outcome.lostChecks} checks`)
  }
  const faults = ({ faults: count, started }: OverloadOutcome) => (1000 * count) / started
  const roundMs = ({ checksPerSecond }: OverloadOutcome, round: number) =>
    (OVERLOAD * capacities[round]! * INTERVAL_MS) / checksPerSecond
  const dispatch = ({ interventionMs }: OverloadOutcome) => interventionMs.p99
  bench.report([
    rowAgainst('overload/own-faults', '‰', of(loaded, faults), MOST_FAULTS_PERMILLE),
    rowBeside(
      'overload/longest-lateness',
      'ms',
      of(loaded, ({ latenessMs }) => latenessMs.max),
      { name: 'all once', values: loaded.map(roundMs) },
      LATE_GOAL,
    ),
    rowAgainst('overload/p99-result-to-intervention-at-half-of-capacity', 'ms', of(calm, dispatch), MOST_DISPATCH_MS),
    rowAgainst('overload/p99-result-to-intervention', 'ms', of(repaired, dispatch), MOST_DISPATCH_MS),
  ])
  const line = (words: string, outcomes: readonly OverloadOutcome[]) => {
    const mid = (what: (outcome: OverloadOutcome) => number) => median(of(outcomes, what)).toFixed(0)
    const cells = [
      words,
      mid(({ checksPerSecond }) => checksPerSecond),
      mid(({ started }) => started),
      mid(({ skipped }) => skipped),
      mid(({ faults: count }) => count),
      mid(({ latenessMs }) => latenessMs.p50),
      mid(({ latenessMs }) => latenessMs.p99),
      mid(({ interventionMs }) => interventionMs.count),
      mid(({ interventionMs }) => interventionMs.p50),
      mid(dispatch),
      mid(({ rssMb }) => rssMb),
    ]
    return `| ${cells.join(' | ')} |`
  }
  bench.tell(
    [
      `What can be checked: ${median(capacities).toFixed(0)} in the best second, beside the targets' process on the same machine. Every slot that passed without repairs is counted, as begun or skipped, and every check that began, as ended:`,
      '',
      '| due | checks/s | begun | skipped | own faults | late p50, ms | p99 | interventions | dispatched p50, ms | p99 | RSS, MB |',
      '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
      line(`${OVERLOAD}× as much`, loaded),
      line(`${OVERLOAD}× as much, repairs`, repaired),
      line('half as much, repairs', calm),
    ].join('\n'),
  )
}
