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

/** The same, with a scheduler of which more is wanted than it can write, on PostgreSQL. Each round has the objective that suits the machine then. */
async function measure(bench: Bench): Promise<void> {
  await using database = await openDatabase()
  const rounds = bench.quick ? 3 : 7
  const ms = bench.quick ? 250 : 400
  const sizes = bench.quick ? QUICK_SIZES : STATIC_SIZES
  const steps = bench.quick ? [32] : STEPS
  const plan = { learning: LEARNING, recovery: RECOVERY, slowdown: SLOWDOWN, ms }
  const contenders = [
    ...STARTS.map((start) => ({ name: `ours from ${start}`, initial: start })),
    ...sizes.map((size) => ({ name: `${size}`, rule: () => fixed(size), ...AT_ONCE })),
    ...steps.map((step) => ({ name: `AIMD by ${step}`, step })),
  ].map((contender) => ({ ...contender, usual: [] as number[], inAll: [] as number[], p99: [] as number[] }))
  const objectives: number[] = []
  for (let round = 0; round < rounds; round++) {
    const trial = await runOnPostgres(database, { rule: () => fixed(857), ...plan, ...AT_ONCE })
    const objectiveMs = OBJECTIVE_OF_857 * median(trial.usual.map(({ ms }) => ms))
    objectives.push(objectiveMs)
    for (let turn = 0; turn < contenders.length; turn++) {
      const contender = contenders[(round + turn) % contenders.length]!
      await database.refresh()
      const found = await runOnPostgres(database, {
        ...plan,
        ...('step' in contender && { rule: () => additive(16, contender.step, objectiveMs) }),
        ...contender,
        objectiveMs,
      })
      contender.usual.push(found.usualGoodput)
      contender.inAll.push(found.goodput)
      contender.p99.push(p99(found.slowed))
    }
  }
  levelRounds(contenders.map(({ usual }) => usual))
  levelRounds(contenders.map(({ inAll }) => inAll))
  const of = (name: string, values: 'usual' | 'inAll' | 'p99') => ({
    name,
    values: contenders.find((one) => one.name === name)![values],
  })
  const bestStatic = best(sizes.map((size) => of(`${size}`, 'usual')))
  const bestAdditive = best(steps.map((step) => of(`AIMD by ${step}`, 'inAll')))
  const smallest = of(`${sizes[0]}`, 'p99')
  bench.report(
    STARTS.flatMap((start) => {
      const name = `ours from ${start}`
      const id = `adaptation/postgres-from-${start}`
      const [usual, inAll, slowed] = [of(name, 'usual').values, of(name, 'inAll').values, of(name, 'p99').values]
      const afterwards = `${id}-p99-after-a-slowdown`
      return [
        rowBeside(
          `${id}-settled`,
          'intents/ms',
          usual,
          { ...bestStatic, name: `best size, ${bestStatic.name}` },
          BEST_GOAL,
        ),
        rowBeside(`${id}-with-a-slowdown`, 'intents/ms', inAll, of('857', 'inAll'), AHEAD),
        rowBeside(`${id}-with-a-slowdown`, 'intents/ms', inAll, bestAdditive, AHEAD),
        rowBeside(afterwards, 'ms', slowed, { name: 'goal', values: objectives }, 1),
        rowBeside(afterwards, 'ms', slowed, { ...smallest, name: `the machine, by a size of ${smallest.name}` }),
        rowBeside(afterwards, 'ms', slowed, of('857', 'p99')),
        rowBeside(afterwards, 'ms', slowed, of(bestAdditive.name, 'p99')),
      ]
    }),
  )
  bench.tell(
    `Objective on PostgreSQL: ${objectives.map((ms) => ms.toFixed(0)).join(', ')} ms by round, ${OBJECTIVE_OF_857} times what 857 intents take. In time, a ms: ${contenders
      .map(({ name, usual }) => `${name}: ${median(usual).toFixed(1)}`)
      .join('; ')}.`,
  )
}

/** Takes out of everybody's figures by how much a round was better or worse for all of them, so that what is left is theirs. In place. */
function levelRounds(all: readonly number[][]): void {
  const means = all[0]!.map((_, round) => Math.exp(mean(all.map((values) => Math.log(values[round]!)))))
  const usual = median(means)
  for (const values of all) {
    for (const [round, value] of values.entries()) values[round] = (value * usual) / means[round]!
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
