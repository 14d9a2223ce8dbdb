import type { Bench } from '../harness/bench.ts'
import { median } from '../harness/median.ts'
import { rowAgainst, rowBeside, type Samples, type Unit } from '../harness/row.ts'
import { atOnce } from './destroyers/at-once.ts'
import { ours, oursOnCaller } from './destroyers/ours.ts'
import { pools } from './destroyers/pools.ts'
import { readyMade } from './destroyers/ready-made.ts'
import { figuresOf, type MassFigures, massInProcess } from './mass-in-process.ts'
import { poisonPointsHere } from './poison.ts'

const OBJECTS = 500
const THREADS = 2
/** Ours as it comes on two cores: one worker, and one more once something takes long. */
const OWN_THREADS = 1
/** Of the main thread, in 99 of 100 frames. */
const MOST_MS = 2
/** How many times less of it than the best pool takes. */
const POOL_GOAL = 5
/** Others may wait 1.5 times as long beside a poison: 1 / 1.5. */
const LATENCY_GOAL = 0.67
const AREA_TOLERANCE = 1e-6

/** A process: what its explosions came to without and with the poison. */
interface Round {
  readonly calm: MassFigures
  readonly poisoned: MassFigures
  readonly peakMb: number
  readonly area: number
}

/**
 * What does the main thread have to do in each frame while 500 objects break at once, alone and beside one that takes 100 ms? And how long do the
 * others wait, and what does it hold in memory?
 */
export default async function massDestruction(bench: Bench): Promise<void> {
  const points = poisonPointsHere()
  const explosions = bench.quick ? 3 : 6
  const run = async (kind: string, seed: number): Promise<Round> => {
    const plan = {
      kind,
      threads: kind === ours.name || kind === readyMade.name ? OWN_THREADS : THREADS,
      objects: OBJECTS,
      explosions,
      poisonPoints: points,
      seed,
    }
    const { calm, poisoned, peakMb, area } = await massInProcess(plan)
    return { calm: figuresOf(calm), poisoned: figuresOf(poisoned), peakMb, area }
  }

  const best = bench.quick ? [pools[0]!.name, pools[4]!.name] : await bestSettings(run)
  const names = [ours.name, ...best, readyMade.name, oursOnCaller.name, atOnce.name]
  const rounds = new Map<string, Round[]>(names.map((name) => [name, []]))
  const count = bench.quick ? 3 : 5
  for (let round = 0; round < count; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length]!
      rounds.get(name)!.push(await run(name, round + 1))
    }
    checkAreas(
      names.filter((name) => name !== readyMade.name),
      (name) => rounds.get(name)!.at(-1)!.area,
    )
  }

  const samples = (name: string, figure: (round: Round) => number): Samples => ({
    name: poolOf(name),
    values: rounds.get(name)!.map(figure),
  })
  // What nobody can be below: the listener alone.
  const overFloor = (question: string, figure: (round: Round) => number) =>
    rowBeside(`fracture/mass-${question}`, 'ms', samples(ours.name, figure).values, samples(readyMade.name, figure))
  const beside = (question: string, unit: Unit, figure: (round: Round) => number, goal?: number) => {
    const id = `fracture/mass-${question}`
    const own = samples(ours.name, figure).values
    const others = best.map((name) => samples(name, figure)).toSorted((a, b) => median(a.values) - median(b.values))
    return others.map((other, place) => rowBeside(id, unit, own, other, place === 0 ? goal : undefined))
  }
  const p99 = samples(ours.name, ({ poisoned }) => poisoned.p99Ms).values
  bench.report([
    rowAgainst('fracture/mass-poisoned-frame-p99', 'ms', p99, MOST_MS),
    overFloor('poisoned-frame-p99', ({ poisoned }) => poisoned.p99Ms),
    overFloor('poisoned-frame-p50', ({ poisoned }) => poisoned.p50Ms),
    overFloor('poisoned-frame-p99-processor-time', ({ poisoned }) => poisoned.p99ProcessorMs),
    ...beside('poisoned-frame-p99', 'ms', ({ poisoned }) => poisoned.p99Ms, POOL_GOAL),
    ...beside('poisoned-frame-p95', 'ms', ({ poisoned }) => poisoned.p95Ms),
    ...beside('poisoned-frame-p50', 'ms', ({ poisoned }) => poisoned.p50Ms),
    ...beside('poisoned-frame-mean', 'ms', ({ poisoned }) => poisoned.meanMs),
    ...beside('poisoned-frame-p99-processor-time', 'ms', ({ poisoned }) => poisoned.p99ProcessorMs),
    ...beside('poisoned-frame-p50-processor-time', 'ms', ({ poisoned }) => poisoned.p50ProcessorMs),
    ...beside('frame-of-the-call', 'ms', ({ calm }) => calm.firstMs),
    ...beside('frame-p99', 'ms', ({ calm }) => calm.p99Ms),
    ...beside('frame-p99-processor-time', 'ms', ({ calm }) => calm.p99ProcessorMs),
    rowBeside(
      'fracture/mass-poisoned-latency-p99',
      'ms',
      samples(ours.name, ({ poisoned }) => poisoned.latencyP99Ms).values,
      { name: 'without the poison', values: samples(ours.name, ({ calm }) => calm.latencyP99Ms).values },
      LATENCY_GOAL,
    ),
    ...beside('poisoned-latency-p99', 'ms', ({ poisoned }) => poisoned.latencyP99Ms),
    ...beside('peak-memory', 'MB', ({ peakMb }) => peakMb),
  ])
  bench.tell(tableOf(rounds, points))
}

/** Of each pool, the setting with which its frames are shortest, by a trial of each. */
async function bestSettings(run: (kind: string, seed: number) => Promise<Round>): Promise<string[]> {
  const best = new Map<string, { readonly name: string; readonly p99Ms: number }>()
  for (const { name } of pools) {
    const pool = poolOf(name)
    const { p99Ms } = (await run(name, 0)).poisoned
    if (p99Ms < (best.get(pool)?.p99Ms ?? Number.POSITIVE_INFINITY)) best.set(pool, { name, p99Ms })
  }
  return [...best.values()].map(({ name }) => name)
}

/** Its name without its settings. */
function poolOf(name: string): string {
  return name.split(',')[0]!
}

function checkAreas(names: readonly string[], areaOf: (name: string) => number): void {
  const [own, ...others] = names.map(areaOf)
  for (const [place, area] of others.entries()) {
    if (Math.abs(area - own!) <= AREA_TOLERANCE * own!) continue
    throw new Error(`${names[place + 1]}: debris of ${area} where ours has ${own}`)
  }
}

function tableOf(rounds: ReadonlyMap<string, readonly Round[]>, points: number): string {
  const of = (all: readonly Round[], figure: (round: Round) => number) => median(all.map(figure))
  const lines = [...rounds].flatMap(([name, all]) =>
    (['calm', 'poisoned'] as const).map((sort) => {
      const ms = (figure: keyof MassFigures) => of(all, (round) => round[sort][figure]).toFixed(2)
      const figures = (
        [
          'meanMs',
          'p50Ms',
          'p95Ms',
          'p99Ms',
          'firstMs',
          'p50ProcessorMs',
          'p99ProcessorMs',
          'latencyP50Ms',
          'latencyP99Ms',
        ] as const
      ).map(ms)
      const frames = of(all, (round) => round[sort].frames).toFixed(0)
      const cells = [
        name,
        sort === 'calm' ? 'no' : 'yes',
        frames,
        ...figures,
        of(all, ({ peakMb }) => peakMb).toFixed(0),
      ]
      return `| ${cells.join(' | ')} |`
    }),
  )
  return [
    `Mass destruction: ${OBJECTS} stars of 32 vertices into 16 cells each, all broken in one frame, ${THREADS} workers, ours ${OWN_THREADS} and one more for what takes long; the poison is a star of ` +
      `${points.toLocaleString('en-US')} vertices into 100 cells, broken before the others. Main thread per frame in ms on the wall, medians of the rounds, ` +
      'over the frames from the call to the last debris.',
    '',
    '| | poison | frames | mean | p50 | p95 | p99 | frame of the call | p50, processor time | p99, processor time | latency p50 | latency p99 | peak MB |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n')
}
