import { AHEAD, type Bench } from '../harness/bench.ts'
import { median } from '../harness/median.ts'
import { rowAgainst, rowBeside } from '../harness/row.ts'
import { openDatabase } from './database.ts'
import { runOnPostgres } from './saturated.ts'
import {
  adaptive,
  additive,
  type Batch,
  best,
  fixed,
  goodput,
  OBJECTIVE_MS,
  p99,
  run,
  SIZES,
  type SizeRule,
  STEPS,
  timesOf,
  type World,
  worlds,
} from './size-model.ts'

/** The share of what the best size gives that is to be reached, after so many batches. */
const BEST_GOAL = 0.9
const LEARNING = 50
/** After a slowdown as great the objective is to be kept again, after so many batches. */
const SLOWDOWN = 4
const RECOVERY = 10
const MEASURED = 200
const STARTS = [16, 5000] as const
/** On PostgreSQL the objective is so many times what a batch of 857 takes there: far enough from it that 857 is no answer. */
const OBJECTIVE_OF_857 = 2
const STATIC_SIZES = [64, 256, 857, 1500, 2500, 5000]
const QUICK_SIZES = [256, 857, 2500]
/** What does not learn is measured sooner. */
const AT_ONCE = { learning: 4, recovery: 2 }

/**
 * Does the size of batches go where most is written within a latency objective, from wherever it starts, and back to the objective when the
 * database slows down?
 */
export default async function adaptation(bench: Bench): Promise<void> {
  for (const world of worlds) simulate(bench, world)
  await measure(bench)
}

/** Seeded: each seed is a round, and everybody gets the same times. */
function simulate(bench: Bench, world: World): void {
  const seeds = Array.from({ length: bench.quick ? 15 : 51 }, (_, at) => at + 1)
  const id = `adaptation/model-${world.name.replace(' ', '-')}`
  const sample = (
    name: string,
    rule: () => SizeRule,
    of: (batches: readonly Batch[], late: readonly Batch[]) => number,
  ) => ({
    name,
    values: seeds.map((seed) => {
      const times = timesOf(world, seed, true)
      const size = rule()
      const first = run(size, times, LEARNING)
      return of(run(size, times, MEASURED), first)
    }),
  })
  const settled = (batches: readonly Batch[]) => goodput(batches)
  const inAll = (batches: readonly Batch[], first: readonly Batch[]) => goodput([...first, ...batches])
  const bestStatic = best(SIZES.map((size) => sample(`best size, ${size}`, () => fixed(size), settled)))
  const static857 = sample('857', () => fixed(857), inAll)

  bench.report(
    STARTS.flatMap((start) => {
      const ours = sample('ours', () => adaptive(start), settled)
      const oursInAll = sample('ours', () => adaptive(start), inAll)
      const peers = STEPS.map((step) => sample(`AIMD by ${step}`, () => additive(start, step), inAll))
      return [
        rowBeside(`${id}-from-${start}-settled`, 'intents/ms', ours.values, bestStatic, BEST_GOAL),
        rowBeside(`${id}-from-${start}-in-all`, 'intents/ms', oursInAll.values, static857, AHEAD),
        rowBeside(`${id}-from-${start}-in-all`, 'intents/ms', oursInAll.values, best(peers), AHEAD),
      ]
    }),
  )
  const afterwards = seeds.map((seed) => {
    // Without a tail: one batch in fifty that is late by itself would be all that p99 shows.
    const times = timesOf(world, seed, false)
    const size = adaptive(16)
    run(size, times, LEARNING)
    run(size, times, RECOVERY, SLOWDOWN)
    return p99(run(size, times, MEASURED, SLOWDOWN))
  })
  bench.report([rowAgainst(`${id}-p99-after-a-slowdown`, 'ms', afterwards, OBJECTIVE_MS)])
}

/** The same, with a scheduler of which more is wanted than it can write, on PostgreSQL. */
async function measure(bench: Bench): Promise<void> {
  await using database = await openDatabase()
  const rounds = bench.quick ? 3 : 7
  const ms = bench.quick ? 250 : 1000
  const sizes = bench.quick ? QUICK_SIZES : STATIC_SIZES
  const steps = bench.quick ? [32] : STEPS
  const plan = { learning: LEARNING, recovery: RECOVERY, slowdown: SLOWDOWN, ms }
  const trial = await runOnPostgres(database, { rule: () => fixed(857), ...plan, ...AT_ONCE })
  const objectiveMs = OBJECTIVE_OF_857 * median(trial.usual.map(({ ms }) => ms))

  const contenders = [
    ...STARTS.map((start) => ({ name: `ours from ${start}`, initial: start })),
    ...sizes.map((size) => ({ name: `${size}`, rule: () => fixed(size), ...AT_ONCE })),
    ...steps.map((step) => ({ name: `AIMD by ${step}`, rule: () => additive(16, step, objectiveMs) })),
  ].map((contender) => ({ ...contender, usual: [] as number[], inAll: [] as number[], p99: [] as number[] }))
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const contender = contenders[(round + turn) % contenders.length]!
      await database.refresh()
      const found = await runOnPostgres(database, { ...plan, ...contender, objectiveMs })
      contender.usual.push(found.usualGoodput)
      contender.inAll.push(found.goodput)
      contender.p99.push(p99(found.slowed))
    }
  }
  const of = (name: string, values: 'usual' | 'inAll' | 'p99') => ({
    name,
    values: contenders.find((one) => one.name === name)![values],
  })
  const bestStatic = best(sizes.map((size) => of(`${size}`, 'usual')))
  const bestAdditive = best(steps.map((step) => of(`AIMD by ${step}`, 'inAll')))
  bench.report(
    STARTS.flatMap((start) => {
      const name = `ours from ${start}`
      const id = `adaptation/postgres-from-${start}`
      return [
        rowBeside(
          `${id}-settled`,
          'intents/ms',
          of(name, 'usual').values,
          { ...bestStatic, name: `best size, ${bestStatic.name}` },
          BEST_GOAL,
        ),
        rowBeside(`${id}-with-a-slowdown`, 'intents/ms', of(name, 'inAll').values, of('857', 'inAll'), AHEAD),
        rowBeside(`${id}-with-a-slowdown`, 'intents/ms', of(name, 'inAll').values, bestAdditive, AHEAD),
        rowAgainst(`${id}-p99-after-a-slowdown`, 'ms', of(name, 'p99').values, objectiveMs),
        rowBeside(`${id}-p99-after-a-slowdown`, 'ms', of(name, 'p99').values, of('857', 'p99')),
        rowBeside(`${id}-p99-after-a-slowdown`, 'ms', of(name, 'p99').values, of(bestAdditive.name, 'p99')),
      ]
    }),
  )
  bench.tell(
    `Objective on PostgreSQL: ${objectiveMs.toFixed(1)} ms, ${OBJECTIVE_OF_857} times what 857 intents take. In time, a ms: ${contenders
      .map(({ name, usual }) => `${name}: ${median(usual).toFixed(1)}`)
      .join('; ')}.`,
  )
}
