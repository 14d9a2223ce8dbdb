import { randomFrom } from '../../../kernel/test/property.ts'
import { audit, type Fault, type Reference } from './audit.ts'
import type { DriverOrder } from './crash-driver.ts'
import { CrashScene, type Leg } from './crash-scene.ts'
import { type LegPlan, namesSink, planSeries } from './kill-plan.ts'
import type { Variant } from './mutants/variants.ts'

export interface SeriesOptions {
  readonly root: string
  readonly reference: Reference
  /** Decides when what is killed. */
  readonly seed: number
  /** Starts that end with a kill, where its moment comes. */
  readonly kills: number
  readonly config: Required<Pick<DriverOrder['config'], 'batchSize' | 'workerCount'>>
  /** Files that a start gets done at most before it is killed in the midst of its work; in half batches, as the engine commits. */
  readonly filesALeg: number
  readonly variant?: Variant
  /** The plan, where it is not the seed's. */
  readonly plan?: readonly LegPlan[]
}

export interface Series {
  readonly seed: number
  readonly plan: readonly LegPlan[]
  readonly faults: readonly Fault[]
  readonly engineKills: number
  readonly workerKills: number
  readonly legs: readonly Leg[]
}

/** Starts a job, kills it, resumes it, kills it again, and so on through the plan; then lets it end, and audits what is there. */
export async function runSeries(options: SeriesOptions): Promise<Series> {
  const { root, reference, seed, config, variant = 'real' } = options
  const commits = Math.max(2, Math.floor(options.filesALeg / (config.batchSize / 2)))
  const plan = options.plan ?? planSeries(randomFrom(seed), { commits, ms: options.filesALeg }, options.kills)
  using scene = new CrashScene({ config })
  const watchSink = namesSink(plan)
  const legs: Leg[] = []
  for (const step of [...plan, { kills: [] }]) {
    const leg = await scene.run(root, step, { mode: legs.length === 0 ? 'run' : 'resume', variant, watchSink })
    legs.push(leg)
    if (leg.end.type === 'failed') break
  }
  // A batch of every worker at an engine's death; the batch it had in hand at a worker's.
  const mostRedone = ({ end, workersKilled }: Leg) =>
    config.batchSize * ((end.type === 'killed' ? config.workerCount : 0) + workersKilled)
  return {
    seed,
    plan,
    faults: await audit({ scene, root, reference, legs, mostRedone }),
    engineKills: legs.filter(({ end }) => end.type === 'killed').length,
    workerKills: legs.reduce((sum, leg) => sum + leg.workersKilled, 0),
    legs,
  }
}

/** What an undisturbed run comes to, with a ledger of its own. */
export async function referenceOf(root: string, config: SeriesOptions['config']): Promise<Reference> {
  using scene = new CrashScene({ config })
  const { end } = await scene.run(root, { kills: [] })
  if (end.type !== 'ended') throw new Error(`the undisturbed run did not end: ${JSON.stringify(end)}`)
  return { books: end.result.books, output: scene.output() }
}
