import { seededRandom } from '@millrace/kernel/seeded-random'
import type { EngineEvent } from '../../src/engine/events.ts'
import type { LedgerCall } from './around-ledger.ts'

/** `before` the call reaches the ledger, `during` it, or `after` it has settled. */
export type When = 'before' | 'during' | 'after'

/** What the sink does; `rename` is within `commit`. */
export type SinkStep = 'open' | 'write' | 'commit' | 'rename'

/** A moment in an engine's life. It comes again and again; a {@link Kill} says which one is meant. */
export type Moment = `ledger ${LedgerCall} ${When}` | `sink ${SinkStep} ${When}` | `event ${EngineEvent['type']}`

/**
 * The engine kills itself, or the worker that the event is about, with SIGKILL, at the `n`-th such moment, from 1; or it stops itself until it
 * is told to go on.
 */
export interface Kill {
  readonly kill: 'engine' | 'worker' | 'stop'
  readonly at: Moment
  readonly n: number
}

/** Whether a plan needs the sink to be watched. */
export function namesSink(plan: readonly LegPlan[]): boolean {
  return plan.some(({ kills }) => kills.some(({ at }) => at.startsWith('sink')))
}

/** One start of an engine, and how it ends. */
export interface LegPlan {
  readonly kills: readonly Kill[]
  /** A kill from outside, so long after the start. */
  readonly killAfterMs?: number
}

export interface PlanScale {
  /** Starts that end with a kill, where its moment comes. */
  readonly kills: number
  readonly batchSize: number
  /** Most files that a start gets done before it is killed in the midst of its work; and most milliseconds, where the clock says when. */
  readonly filesAStart: number
}

/** Moments of a job's first start. */
export const FIRST: readonly Moment[] = [
  'ledger tryOwn after',
  'ledger enqueueJob before',
  'ledger enqueueJob during',
  'ledger enqueueJob after',
]

/** Moments of every start, before work has begun. */
export const EARLY: readonly Moment[] = [
  'ledger startJob before',
  'ledger startJob during',
  'ledger startJob after',
  'ledger meetFiles before',
  'ledger meetFiles during',
  'ledger meetFiles after',
  'ledger endDiscovery before',
  'ledger endDiscovery during',
  'ledger endDiscovery after',
  'event job-started',
  'event worker-started',
  'event discovery-done',
  'event batches-planned',
]

/** Moments in the midst of the work. */
export const MIDDLE: readonly Moment[] = [
  'ledger commit before',
  'ledger commit during',
  'ledger commit after',
  'event batch-started',
  'event batch-committed',
]

/** Moments of a worker. */
const WORKERS: readonly Moment[] = ['event worker-started', 'event batch-started', 'event batch-committed']

/** Moments when all is done but the export and the job's end. */
export const LATE: readonly Moment[] = [
  'event exporting',
  'sink open before',
  'sink open after',
  'sink write before',
  'sink write during',
  'sink write after',
  'sink commit before',
  'sink commit during',
  'sink rename before',
  'sink rename during',
  'sink rename after',
  'sink commit after',
  'ledger finishJob before',
  'ledger finishJob during',
  'ledger finishJob after',
]

/**
 * The legs of one series: the first one is often killed at its very beginning, most in the midst of the work, the last two at its end. A leg whose
 * moment does not come ends by itself. The same seed gives the same plan.
 */
export function planSeries(seed: number, { kills, batchSize, filesAStart }: PlanScale): LegPlan[] {
  const random = seededRandom(seed)
  const one = <T>(choices: readonly T[]) => choices[Math.floor(random() * choices.length)]!
  const upTo = (bound: number) => 1 + Math.floor(random() * bound)
  const engine = (at: readonly Moment[], n = 1): Kill => ({ kill: 'engine', at: one(at), n })
  // A batch is committed in halves.
  const commits = Math.floor(filesAStart / (batchSize / 2))
  return Array.from({ length: kills }, (_, leg) => {
    if (leg >= kills - 2) return { kills: [engine(LATE)] }
    if (leg === 0 && random() < 0.5) return { kills: [engine(FIRST)] }
    if (random() < 0.2) return { kills: [engine(EARLY)] }
    if (random() < 0.15) return { kills: [], killAfterMs: 150 + upTo(2 * filesAStart) }
    const n = upTo(commits)
    const worker: Kill = { kill: 'worker', at: one(WORKERS), n: upTo(n) }
    return { kills: [...(random() < 0.5 ? [worker] : []), engine(MIDDLE, n)] }
  })
}
