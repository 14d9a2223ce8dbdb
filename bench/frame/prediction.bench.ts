import { BatchController } from '@millrace/frame'
import type { Bench } from '../harness/bench.ts'
import { median } from '../harness/median.ts'
import { rowBeside, type Samples } from '../harness/row.ts'
import { ecsSystems } from './ecs-systems.ts'
import { EcsWorld } from './world.ts'

const FEW = 2000
const MANY = 10 * FEW
/** So many that everybody has settled when the number jumps. */
const FRAMES_A_LEVEL = 30
/** After a jump. */
const FRAMES_THAT_COUNT = 10
/** Entities come and go all the time, too. */
const WOBBLE = 0.05
const ERROR_GOAL = 3
/** Of what is predicted, nothing is left out for want of time. */
const BUDGET_MS = 1000

/** A way to say what the next run will take, by those before. */
interface Predictor {
  readonly name: string
  predict(entities: number): number
  observe(ms: number, entities: number): void
}

/**
 * How far is what a system is expected to take from what it takes, when the number of entities is ten times what it was,
 * or a tenth? Mean of five systems and of the ten frames that follow. An average is told the same times.
 */
export default async function prediction(bench: Bench): Promise<void> {
  const ours: number[] = []
  const peers = new Map<string, number[]>()
  for (let round = 0; round < (bench.quick ? 3 : 7); round++) {
    const { ourError, peerErrors } = measure(bench.quick ? 6 : 12)
    ours.push(ourError)
    for (const [name, error] of peerErrors) peers.set(name, [...(peers.get(name) ?? []), error])
  }
  const samples = [...peers].map(([name, values]): Samples => ({ name, values }))
  const averages = samples.filter(({ name }) => name.startsWith('EMA, '))
  const best = averages.reduce((one, other) => (median(other.values) < median(one.values) ? other : one))
  bench.report(
    samples.map((peer) =>
      rowBeside('frame/prediction-error', 'µs', ours, peer, peer === best ? ERROR_GOAL : undefined),
    ),
  )
}

function measure(jumps: number): { ourError: number; peerErrors: Map<string, number> } {
  const world = new EcsWorld(Math.ceil(MANY * (1 + WOBBLE)))
  const controller = new BatchController({ budgetMs: BUDGET_MS })
  const expectedMs = new Float64Array(ecsSystems.length)
  const tookMs = new Float64Array(ecsSystems.length)
  const sizes = new Float64Array(ecsSystems.length)
  for (const [index, system] of ecsSystems.entries()) {
    controller.register({
      name: system.type,
      type: system.type,
      cost: 0.001,
      feature: () => system.entities(world).length,
      run: () => {
        // While it runs, what is shown is what was predicted for this very run.
        expectedMs[index] = controller.describe()[index]!.expectedMs
        const startedAt = performance.now()
        const entities = system.entities(world)
        system.update(world, entities, 0, entities.length)
        sizes[index] = entities.length
        tookMs[index] = performance.now() - startedAt
      },
    })
  }
  const predictors = ecsSystems.map(() => [ema(0.1), ema(0.2), emaOfRate(0.2)])
  const errors = new Map<string, number>()
  let ourError = 0
  let samples = 0
  for (let frame = 0; frame < FRAMES_A_LEVEL * (jumps + 1); frame++) {
    const level = Math.floor(frame / FRAMES_A_LEVEL) % 2 === 0 ? FEW : MANY
    world.resize(Math.round(level * (1 + WOBBLE * Math.sin(frame))))
    controller.runFrame()
    for (const [index, ms] of tookMs.entries()) {
      const counts = frame >= FRAMES_A_LEVEL && frame % FRAMES_A_LEVEL < FRAMES_THAT_COUNT
      if (counts) {
        ourError += Math.abs(expectedMs[index]! - ms)
        samples++
      }
      for (const predictor of predictors[index]!) {
        const error = counts ? Math.abs(predictor.predict(sizes[index]!) - ms) : 0
        errors.set(predictor.name, (errors.get(predictor.name) ?? 0) + error)
        predictor.observe(ms, sizes[index]!)
      }
    }
  }
  const mean = (sum: number) => (sum / samples) * 1000
  return { ourError: mean(ourError), peerErrors: new Map([...errors].map(([name, sum]) => [name, mean(sum)])) }
}

function ema(alpha: number): Predictor {
  let average = Number.NaN
  return {
    name: `EMA, α ${alpha}`,
    predict: () => average,
    observe: (ms) => {
      average = Number.isNaN(average) ? ms : average + alpha * (ms - average)
    },
  }
}

/** Knows what we are told too: how many entities there are. */
function emaOfRate(alpha: number): Predictor {
  const rate = ema(alpha)
  return {
    name: `EMA per entity, α ${alpha}`,
    predict: (entities) => rate.predict(entities) * entities,
    observe: (ms, entities) => rate.observe(ms / entities, entities),
  }
}
