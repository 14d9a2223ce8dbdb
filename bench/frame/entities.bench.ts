import { BatchController } from '@millrace/frame'
import type { Bench } from '../harness/bench.ts'
import { median, quantile } from '../harness/median.ts'
import { rowBeside } from '../harness/row.ts'
import { stepsOf } from './contenders/ours.ts'
import { type Line, lineThrough } from './line.ts'
import { ENTITIES_A_STEP } from './load.ts'
import { Simulation } from './simulation.ts'

const BUDGET_MS = 2.5
const SIZES = [1_000, 10_000, 100_000, 1_000_000]
const QUICK_SIZES = [1_000, 10_000, 100_000]
/** Entities that are updated by all systems in a sample, at least: small worlds are gone through several times. */
const ENTITIES_A_SAMPLE = 500_000
/** How near the frames of more entities are to be to those of the fewest. */
const FLAT = 0.9

interface Sample {
  readonly p50Ms: number
  readonly p99Ms: number
  /** Of frames, until every entity was updated once by every system. */
  readonly seconds: number
}

/** What does a frame cost, and how long until all are updated, by the number of entities? */
export default async function entities(bench: Bench): Promise<void> {
  const sizes = bench.quick ? QUICK_SIZES : SIZES
  const simulations = sizes.map((size) => new Simulation({ entities: size, entitiesAStep: ENTITIES_A_STEP }))
  const samples: Sample[][] = sizes.map(() => [])
  for (const simulation of simulations) await measure(simulation)
  for (let round = 0; round < (bench.quick ? 3 : 5); round++) {
    for (let turn = 0; turn < sizes.length; turn++) {
      const place = (round + turn) % sizes.length
      samples[place]!.push(await measure(simulations[place]!))
    }
  }
  const [fewest, ...more] = samples.map((rounds, place) => ({ name: `${sizes[place]} entities`, rounds }))
  const figures = (rounds: readonly Sample[], figure: keyof Sample) => rounds.map((sample) => sample[figure])
  bench.report(
    more.flatMap(({ name, rounds }) =>
      (['p50Ms', 'p99Ms'] as const).map((figure) =>
        rowBeside(
          `frame/frame-of-${name.replace(' ', '-')}-${figure.slice(0, 3)}`,
          'ms',
          figures(rounds, figure),
          { name: fewest!.name, values: figures(fewest!.rounds, figure) },
          FLAT,
        ),
      ),
    ),
  )
  const seconds = samples.map((rounds) => median(figures(rounds, 'seconds')))
  const line = lineThrough(sizes, seconds)
  const powers = lineThrough(sizes.map(Math.log), seconds.map(Math.log))
  bench.tell(textOf(sizes, samples, line, powers))
}

/** Submits passes of all systems, and runs frames until they are done. */
async function measure(simulation: Simulation): Promise<Sample> {
  const controller = new BatchController({ budgetMs: BUDGET_MS })
  const ids = simulation.systems.map((system) =>
    controller.register({
      name: system.type,
      type: system.type,
      cost: 0.05,
      recurring: false,
      run: () => stepsOf(simulation, system),
    }),
  )
  const passes = Math.max(1, Math.ceil(ENTITIES_A_SAMPLE / simulation.world.placed.length))
  const systems = ids.length
  for (let count = 0; count < passes * systems; count++) controller.submit(ids[count % systems]!)
  const times: number[] = []
  while (controller.totalQueuedJobs > 0) {
    await new Promise((resolve) => setImmediate(resolve))
    const startedAt = performance.now()
    controller.runFrame()
    times.push(performance.now() - startedAt)
  }
  // The last one has less to do.
  const full = times.slice(0, -1)
  const sumMs = times.reduce((sum, ms) => sum + ms, 0)
  return { p50Ms: quantile(full, 0.5), p99Ms: quantile(full, 0.99), seconds: sumMs / passes / 1000 }
}

function textOf(sizes: readonly number[], samples: readonly (readonly Sample[])[], line: Line, powers: Line): string {
  const of = (rounds: readonly Sample[], figure: keyof Sample) => median(rounds.map((sample) => sample[figure]))
  const rows = sizes.map((size, place) => {
    const rounds = samples[place]!
    const seconds = of(rounds, 'seconds')
    const cells = [
      size.toLocaleString('en-US'),
      of(rounds, 'p50Ms').toFixed(2),
      of(rounds, 'p99Ms').toFixed(2),
      (seconds * 1000).toFixed(2),
      ((seconds / size) * 1e9).toFixed(0),
    ]
    return `| ${cells.join(' | ')} |`
  })
  return [
    `Entities: frames of ${BUDGET_MS} ms, and what all five systems take to update every entity once.`,
    '',
    '| entities | frame p50, ms | p99, ms | all once, ms | ns per entity |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
    `Line through them: ${(line.slope * 1e9).toFixed(0)} ns an entity and ${(line.base * 1000).toFixed(2)} ms, ` +
      `R² ${line.rSquared.toFixed(4)}; time grows with entities to the power of ${powers.slope.toFixed(3)}, ` +
      `R² ${powers.rSquared.toFixed(4)}.`,
  ].join('\n')
}
