import { systemClock } from '@millrace/kernel/clock'
import type { Bench } from '../harness/bench.ts'
import { rowBeside } from '../harness/row.ts'
import { ours } from './contenders/ours.ts'
import { entitiesIn, simulationFor } from './load.ts'
import { overrunP99, pacedFrames, utilisation } from './paced-frames.ts'

const BUDGET_MS = 2.5
const EVERY_MS = 5
/** In ms: of the system, of an isolated page, of one that is not, of Safari. */
const TICKS = [0, 0.005, 0.1, 1]
/** Overruns may grow by so much, and a tick. */
const MOST_GROWN = 1.2

/** Do frames keep to their budget under a clock that shows less? How long they take is told by the fine one. */
export default async function coarseClock(bench: Bench): Promise<void> {
  const overruns: number[][] = TICKS.map(() => [])
  const uses: number[][] = TICKS.map(() => [])
  for (let round = 0; round < (bench.quick ? 3 : 5); round++) {
    for (let turn = 0; turn < TICKS.length; turn++) {
      const place = (round + turn) % TICKS.length
      const simulation = simulationFor(BUDGET_MS)
      const tickMs = TICKS[place]!
      const now = tickMs === 0 ? systemClock.now : () => Math.floor(performance.now() / tickMs) * tickMs
      const contender = ours(simulation, { budgetMs: BUDGET_MS, clock: { ...systemClock, now } })
      const times = await pacedFrames(contender, {
        everyMs: EVERY_MS,
        warmUp: 100,
        frames: bench.quick ? 100 : 250,
        before: (frame) => simulation.world.resize(entitiesIn(BUDGET_MS, frame)),
      })
      overruns[place]!.push(overrunP99(times, BUDGET_MS))
      uses[place]!.push(utilisation(times, BUDGET_MS))
    }
  }
  bench.report(
    TICKS.slice(1).flatMap((tickMs, coarse) => {
      const tickUs = tickMs * 1000
      const id = `frame/clock-of-${tickUs}us`
      const bound = overruns[0]!.map((us) => us * MOST_GROWN + tickUs)
      return [
        rowBeside(
          `${id}-overrun-p99`,
          'µs',
          overruns[coarse + 1]!,
          { name: "1.2 × the fine clock's + a tick", values: bound },
          1,
        ),
        rowBeside(`${id}-used`, '%', uses[coarse + 1]!, { name: 'fine clock', values: uses[0]! }),
      ]
    }),
  )
}
