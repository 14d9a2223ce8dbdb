import type { Sink } from '../../packages/intents/src/index.ts'
import { type BenchDatabase, keyOf, ROWS } from './database.ts'
import { type MoveScheduler, openOurs } from './patch.ts'
import { type Batch, BOUNDS, LEAST_GOODPUT, type SizeRule } from './size-model.ts'

/** So many intents wait or are written at any time; fewer than there are rows, so that none waits for one of its key. */
const HELD = ROWS - 5000

export interface SaturatedRun {
  /** A rule that sets the size from outside; without one, adaptive batching does, from `initial`. */
  readonly rule?: () => SizeRule
  readonly initial?: number
  readonly objectiveMs?: number
  /** Batches that do not count at first, and after the slowdown. */
  readonly learning: number
  readonly recovery: number
  readonly slowdown: number
  /** How long either part is measured. */
  readonly ms: number
}

export interface SaturatedFindings {
  readonly usual: readonly Batch[]
  readonly slowed: readonly Batch[]
  /** Intents in batches within the objective, a ms of wall time: before the slowdown, and in both parts. */
  readonly usualGoodput: number
  readonly goodput: number
}

/** Has more to write than can be written, for a while as the database is, and then with every answer late: after `slowdown` times what it took. */
export async function runOnPostgres(database: BenchDatabase, plan: SaturatedRun): Promise<SaturatedFindings> {
  const { learning, recovery, slowdown, ms, objectiveMs = 100 } = plan
  const batches: Batch[] = []
  const rule = plan.rule?.()
  let factor = 1
  let next = 0
  let isOver = false
  let told = () => {}
  const fill = () => {
    while (!isOver && scheduler.metrics.held.items < HELD) {
      for (let count = 0; count < 500; count++) {
        scheduler.enqueue({ type: 'move', payload: { key: keyOf(next), x: next } })
        next++
      }
    }
  }
  const around = (sink: Sink): Sink => ({
    ...portsOf(sink),
    async write(batch, signal) {
      const begun = performance.now()
      const outcome = await sink.write(batch, signal)
      if (factor > 1) await new Promise((late) => setTimeout(late, (factor - 1) * (performance.now() - begun)))
      const took = performance.now() - begun
      batches.push({ items: batch.size, ms: took })
      rule?.observe(batch.size, took)
      if (rule !== undefined) scheduler.configure({ maxBatchSize: rule.size })
      setImmediate(fill)
      told()
      return outcome
    },
  })
  const scheduler: MoveScheduler = await openOurs(database.config, {
    around,
    ...(rule === undefined
      ? {
          adaptiveBatching: {
            initialBatchSize: plan.initial ?? 16,
            minBatchSize: BOUNDS.min,
            maxBatchSize: BOUNDS.max,
            performanceThresholds: { latencyThreshold: objectiveMs },
          },
        }
      : { adaptiveBatching: false, maxBatchSize: rule.size }),
  })
  const until = async (isReached: () => boolean) => {
    while (!isReached()) {
      await new Promise<void>((resolve) => {
        told = resolve
      })
    }
  }
  const part = async (skipped: number) => {
    const before = batches.length
    await until(() => batches.length >= before + skipped)
    const from = batches.length
    const begun = performance.now()
    await until(() => performance.now() - begun >= ms)
    return { batches: batches.slice(from), ms: performance.now() - begun }
  }
  fill()
  const usual = await part(learning)
  factor = slowdown
  const slowed = await part(recovery)
  factor = 1
  isOver = true
  await scheduler.stop({ withinMs: 0 })
  const inTime = (part: readonly Batch[]) =>
    part.filter(({ ms }) => ms <= objectiveMs).reduce((sum, { items }) => sum + items, 0)
  return {
    usual: usual.batches,
    slowed: slowed.batches,
    usualGoodput: Math.max(LEAST_GOODPUT, inTime(usual.batches) / usual.ms),
    goodput: Math.max(LEAST_GOODPUT, (inTime(usual.batches) + inTime(slowed.batches)) / (usual.ms + slowed.ms)),
  }
}

/** All of a sink but `write`. */
export function portsOf(sink: Sink): Omit<Sink, 'write'> {
  return {
    open: (definitions) => sink.open(definitions),
    failureOf: (error) => sink.failureOf(error),
    ping: (signal) => sink.ping(signal),
    close: () => sink.close(),
    [Symbol.asyncDispose]: () => sink[Symbol.asyncDispose](),
  }
}
