import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type BatchOutcome, settledIn } from '../../src/dispatch/outcome.ts'
import { ScriptedExecutor } from './scripted-executor.ts'
import { batchOf, settled, setUp } from './set-up.ts'

interface Course {
  readonly sizes: readonly number[]
  readonly workers: number
  /** Files in one report. */
  readonly grain: number
  readonly fileMs: number
  readonly commitMs: number
}

/**
 * Runs batches whose files and commits take their time; gives the most files of one worker that were finished and not durable at any
 * moment, and how often each batch was committed. The mutant ledger says that an outcome is durable before it is.
 */
async function run({ sizes, workers, grain, fileMs, commitMs }: Course, ledger: 'honest' | 'hasty') {
  /** By worker. No worker dies here, so that they are numbered as they were created. */
  const undurable: number[] = []
  let most = 0
  const commits = new Map<number, number>()
  const { clock, dispatcher, outcomes } = setUp(
    (clock) => {
      const worker = undurable.push(0) - 1
      const pace = () =>
        new Promise<void>((resolve) =>
          clock.after(fileMs, () => {
            most = Math.max(most, ++undurable[worker]!)
            resolve()
          }),
        )
      return new ScriptedExecutor(() => ({ act: 'deliver' }), grain, undefined, pace)
    },
    {
      concurrency: workers,
      commit: (outcome: BatchOutcome) => {
        commits.set(outcome.batch.batchId, (commits.get(outcome.batch.batchId) ?? 0) + 1)
        const durable = new Promise<void>((resolve) =>
          clock.after(commitMs, () => {
            undurable[outcome.worker - 1]! -= settledIn(outcome)
            outcomes.push(outcome)
            resolve()
          }),
        )
        return ledger === 'honest' ? durable : Promise.resolve()
      },
    },
  )
  dispatcher.enqueue(
    sizes.map((size, batchId) =>
      batchOf(
        batchId,
        Array.from({ length: size }, (_, index) => `${batchId}/${index}`),
      ),
    ),
  )
  dispatcher.seal()
  const files = sizes.reduce((sum, size) => sum + size, 0)
  for (let ms = 0; ms < files * (fileMs + commitMs) + 100; ms++) {
    await settled()
    clock.advance(1)
  }
  await dispatcher.finished
  expect(outcomes.reduce((sum, outcome) => sum + settledIn(outcome), 0)).toBe(files)
  return { most, commits: [...commits.values()] }
}

const courses = fc.record({
  sizes: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 }),
  workers: fc.integer({ min: 1, max: 3 }),
  grain: fc.integer({ min: 1, max: 10 }),
  fileMs: fc.integer({ min: 1, max: 4 }),
  // From far less than a file to far more than a batch.
  commitMs: fc.integer({ min: 1, max: 60 }),
})

const atMostOneBatch = (ledger: 'honest' | 'hasty') =>
  fc.asyncProperty(courses, async (one) => {
    const { most, commits } = await run(one, ledger)
    expect(most).toBeLessThanOrEqual(Math.max(...one.sizes))
    for (const count of commits) expect(count).toBeLessThanOrEqual(2)
  })

describe('what a kill would undo', () => {
  test('is at most one batch of each worker, however slow the ledger, and no undisturbed batch takes more than two commits', async () => {
    await fc.assert(atMostOneBatch('honest'), { numRuns: 80 })
  })

  test('the property fails where more is given before the commits are durable', async () => {
    await expect(fc.assert(atMostOneBatch('hasty'), { numRuns: 100 })).rejects.toThrow()
  })
})
