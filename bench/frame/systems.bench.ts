import type { Bench } from '../harness/bench.ts'
import { median } from '../harness/median.ts'
import { rowAgainst, rowBeside, type Samples } from '../harness/row.ts'
import { bareWait } from './contenders/bare-wait.ts'
import type { FrameContender } from './contenders/contender.ts'
import { ours, oursInTurns } from './contenders/ours.ts'
import { react } from './contenders/react.ts'
import { strictQueue } from './contenders/strict-queue.ts'
import { ENTITIES_A_STEP, entitiesIn, simulationFor } from './load.ts'
import { overrunP99, pacedFrames, utilisation } from './paced-frames.ts'
import type { Simulation } from './simulation.ts'

/** How many times less the frames are to be over their budget. */
const OVERRUN_GOAL = 10
/** So many frames of 1000 may be over by more than one step. */
const MOST_OVER = 10
const LEAST_USED = 90
const IDLE_MS = 2.5

type Maker = (simulation: Simulation, options: { readonly budgetMs: number }) => FrameContender

/** Each beside the peer that does the same work in the same order. */
const makers = { lanes: ours, turns: oursInTurns, react, strict: strictQueue, wait: bareWaitOf }
type Name = keyof typeof makers

/**
 * Do frames keep to their budget, and use it, when there is more to do than fits: five systems over a bitECS world in
 * which entities come and go?
 */
export default async function systems(bench: Bench): Promise<void> {
  const told: string[] = []
  for (const budgetMs of [2.5, 5]) {
    const measured = await measure(bench, budgetMs)
    const samplesOf = (name: Name, figure: (round: Round) => number): Samples => ({
      name: measured[name].name,
      values: measured[name].rounds.map(figure),
    })
    const over = (name: Name) => samplesOf(name, ({ times, stepMs }) => permilleOver(times, budgetMs + stepMs))
    const overrun = (name: Name) => samplesOf(name, ({ times }) => overrunP99(times, budgetMs))
    const used = (name: Name) => samplesOf(name, ({ times }) => utilisation(times, budgetMs))
    const id = `frame/systems-${budgetMs}ms`
    bench.report([
      rowAgainst(`${id}-over-by-a-step`, '‰', over('lanes').values, MOST_OVER),
      rowBeside(`${id}-over-by-a-step`, '‰', over('lanes').values, over('strict')),
      rowAgainst(`${id}-in-turns-over-by-a-step`, '‰', over('turns').values, MOST_OVER),
      rowBeside(`${id}-in-turns-over-by-a-step`, '‰', over('turns').values, over('react')),
      rowBeside(`${id}-overrun-p99`, 'µs', overrun('lanes').values, overrun('strict')),
      rowBeside(`${id}-in-turns-overrun-p99`, 'µs', overrun('turns').values, overrun('react'), OVERRUN_GOAL),
      rowBeside(`${id}-in-turns-overrun-p99`, 'µs', overrun('turns').values, overrun('wait')),
      rowAgainst(`${id}-used`, '%', used('lanes').values, LEAST_USED),
      rowAgainst(`${id}-in-turns-used`, '%', used('turns').values, LEAST_USED),
      rowBeside(`${id}-in-turns-used`, '%', used('turns').values, used('react')),
    ])
    const stepUs = median(measured.turns.rounds.map(({ stepMs }) => stepMs)) * 1000
    told.push(`${budgetMs} ms: ${entitiesIn(budgetMs, 0)} entities, longest step ${stepUs.toFixed(0)} µs`)
  }
  bench.tell(
    `Systems: ${told.join('; ')}. Entities are more or fewer by up to 30 %, ${ENTITIES_A_STEP} in a step; ` +
      'the longest is that of the dearest system, by the median.',
  )
}

interface Round {
  /** Of each frame, in ms. */
  readonly times: readonly number[]
  readonly stepMs: number
}

interface Measured {
  readonly name: string
  readonly rounds: Round[]
}

async function measure(bench: Bench, budgetMs: number): Promise<Record<Name, Measured>> {
  const names = Object.keys(makers) as Name[]
  const measured: Partial<Record<Name, Measured>> = {}
  const rounds = bench.quick ? 3 : 5
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(round + turn) % names.length]!
      const simulation = simulationFor(budgetMs)
      const make: Maker = makers[name]
      const contender = make(simulation, { budgetMs })
      const times = await pacedFrames(contender, {
        everyMs: budgetMs + IDLE_MS,
        warmUp: 60,
        frames: bench.quick ? 100 : 240,
        before: (frame) => simulation.world.resize(entitiesIn(budgetMs, frame)),
      })
      measured[name] ??= { name: contender.name, rounds: [] }
      measured[name].rounds.push({ times, stepMs: simulation.longestStepMs })
    }
  }
  return measured as Record<Name, Measured>
}

function permilleOver(times: readonly number[], limitMs: number): number {
  return (times.filter((ms) => ms > limitMs).length / times.length) * 1000
}

function bareWaitOf(_simulation: Simulation, options: { readonly budgetMs: number }): FrameContender {
  return bareWait(options)
}
