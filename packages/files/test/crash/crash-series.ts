import { audit, type Fault, type Reference } from './audit.ts'
import type { DriverOrder } from './crash-driver.ts'
import { CrashScene, type Leg } from './crash-scene.ts'
import { type LegPlan, namesSink } from './kill-plan.ts'
import type { Variant } from './mutants/variants.ts'

export interface SeriesOptions {
  readonly root: string
  readonly reference: Reference
  readonly config: Required<Pick<DriverOrder['config'], 'batchSize' | 'workerCount'>>
  /** Starts, and how each is killed. */
  readonly plan: readonly LegPlan[]
  readonly variant?: Variant
}

export interface Series {
  readonly faults: readonly Fault[]
  readonly engineKills: number
  readonly workerKills: number
  readonly legs: readonly Leg[]
}

/** Starts a job, kills it, resumes it, kills it again, and so on through the plan; then lets it end, and audits what is there. */
export async function runSeries(options: SeriesOptions): Promise<Series> {
  const { root, reference, config, plan, variant = 'real' } = options
  using scene = new CrashScene({ config })
  const watchSink = namesSink(plan)
  const legs: Leg[] = []
  for (const step of [...plan, { kills: [] }]) {
    const leg = await scene.run(root, step, { mode: legs.length === 0 ? 'run' : 'resume', variant, watchSink })
    legs.push(leg)
    if (leg.end.type === 'failed') break
  }
  return {
    faults: await audit({ scene, root, reference, legs, config }),
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
