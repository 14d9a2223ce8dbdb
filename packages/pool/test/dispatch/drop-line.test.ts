import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { DropLine } from '../../src/dispatch/drop-line.ts'
import { Job, type JobSink } from '../../src/dispatch/job.ts'

const LANES = 3
const sink: JobSink = { done: () => {}, failed: () => {} }

type Step =
  | { readonly kind: 'push' | 'drop'; readonly lane: number }
  | { readonly kind: 'leave'; readonly which: number }

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constantFrom('push' as const, 'drop' as const),
      lane: fc.integer({ min: 0, max: LANES - 1 }),
    }),
    fc.record({ kind: fc.constant('leave' as const), which: fc.nat() }),
  ),
  { maxLength: 60, size: 'max' },
)

/** Against a list in which everything is looked for. */
function isLikeModel(lowestFirst: boolean, make: (lowestFirst: boolean) => Pick<DropLine, 'push' | 'shift'>) {
  return fc.property(steps, (script) => {
    const line = make(lowestFirst)
    let queued: Job[] = []
    for (const step of script) {
      if (step.kind === 'push') {
        const job = new Job('task', undefined, step.lane, sink)
        job.state = 'queued'
        queued.push(job)
        line.push(job)
      } else if (step.kind === 'leave') {
        const job = queued[step.which % Math.max(1, queued.length)]
        if (job !== undefined) job.state = 'handed'
        queued = queued.filter((other) => other !== job)
      } else {
        const lowest = Math.max(...queued.map((job) => job.lane))
        const expected = lowestFirst ? queued.find((job) => job.lane === lowest && lowest >= step.lane) : queued[0]
        expect(line.shift(step.lane)).toBe(expected)
        queued = queued.filter((job) => job !== expected)
      }
    }
  })
}

it.each([true, false])('drops what it should, lowest first: %s', (lowestFirst) =>
  holds(isLikeModel(lowestFirst, (lowest) => new DropLine(LANES, lowest))),
)

it.each([true, false])('is caught when it drops by the other rule than %s', (lowestFirst) =>
  fails(isLikeModel(lowestFirst, (lowest) => new DropLine(LANES, !lowest))),
)
