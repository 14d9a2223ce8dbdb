import fc from 'fast-check'
import { check } from './check.ts'
import { Life } from './life.ts'
import type { Case, Place } from './place.ts'

const SEED = 20_240_229
/** Longer than any life: a bound against hangs. */
const PATIENCE_MS = 40_000

const calls = fc.record({
  kind: fc.constant('calls' as const),
  task: fc.constantFrom('double' as const, 'doubleAgain' as const, 'later' as const, 'clone' as const),
  count: fc.integer({ min: 1, max: 40 }),
  priority: fc.integer({ min: 0, max: 2 }),
  deadlineMs: fc.option(fc.integer({ min: 1, max: 20 }), { freq: 4, nil: undefined }),
})
const stream = fc.record({
  kind: fc.constant('stream' as const),
  count: fc.integer({ min: 1, max: 300 }),
  ordered: fc.boolean(),
})
const abort = fc.record({ kind: fc.constant('abort' as const), which: fc.nat() })
const outcome = fc.record({ kind: fc.constant('await' as const), which: fc.nat() })
/** What the thread of a caller would not survive. */
const death = fc.record({
  kind: fc.constant('die' as const),
  task: fc.constantFrom('dies' as const, 'diesBehind' as const, 'stuck' as const),
})

/**
 * Whatever is called, aborted and awaited, whichever workers end meanwhile, and however early the pool is closed: each input
 * has one result, its own, or one error that it deserves; and the pool has counted them so.
 * @throws with the script in which it is not so.
 */
export async function losesNothing(place: Place, numRuns: number, patienceMs = PATIENCE_MS): Promise<void> {
  const isDeadly = place.mode !== 'caller'
  const script = fc.record({
    steps: fc.array(fc.oneof(calls, calls, stream, abort, outcome, isDeadly ? death : calls), { maxLength: 12 }),
    closeWithinMs: fc.option(fc.integer({ min: 0, max: 10 }), { nil: undefined }),
  })
  const property = fc.asyncProperty(script, async ({ steps, closeWithinMs }) => {
    const pool = place.open({ graceMs: 5 })
    const isDeath = steps.some(({ kind }) => kind === 'die')
    const life = new Life(pool, [
      ...(isDeath ? ['WORKER_DIED'] : []),
      ...(closeWithinMs === undefined ? [] : ['POOL_CLOSED']),
    ])
    for (const step of steps) {
      if (step.kind === 'calls') {
        const { task, count, priority, deadlineMs } = step
        const options = deadlineMs === undefined ? { priority } : { priority, deadlineMs }
        for (let made = 0; made < count; made++) life.call(task, options)
      } else if (step.kind === 'stream') life.stream(step.count, step.ordered)
      else if (step.kind === 'abort') life.abort(step.which)
      else if (step.kind === 'await') await life.outcome(step.which)
      else life.call(step.task, { deadlineMs: 10 })
    }
    await life.end(closeWithinMs, patienceMs)
  })
  const result = await fc.check(property, { seed: SEED, numRuns, endOnFailure: true })
  check(!result.failed, `${result.errorInstance}\n${fc.defaultReportMessage(result)}`)
}

export const lives: readonly Case[] = [
  { name: 'loses nothing and settles nothing twice, whatever happens', run: (place) => losesNothing(place, 15) },
]
