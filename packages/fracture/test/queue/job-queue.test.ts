import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Job } from '../../src/queue/job.ts'
import { JobQueue } from '../../src/queue/job-queue.ts'
import { jobOf } from '../jobs.ts'

const AGE_MS = 100

const pushes = fc.array(
  fc.record({
    lane: fc.integer({ min: 0, max: 2 }),
    isHeavy: fc.boolean(),
    waitMs: fc.integer({ min: 0, max: 80 }),
    isRemoved: fc.boolean(),
  }),
  { maxLength: 40 },
)

/** One order for light and heavy together: by when a job reaches the most urgent lane, and then by lane. */
function keepsOrder(Queue: typeof JobQueue) {
  return fc.property(pushes, fc.boolean(), (script, mayBeHeavy) => {
    const queue = new Queue({ lanes: 3, ageMs: AGE_MS })
    const expected: { job: Job; at: number }[] = []
    let now = 0
    for (const { lane, isHeavy, waitMs, isRemoved } of script) {
      // Never the same moment twice: which goes first of two that tie is nobody's business.
      now += waitMs + 0.001
      const job = jobOf(expected.length, lane, isHeavy)
      queue.push(job, now)
      if (isRemoved) queue.remove(job)
      else expected.push({ job, at: now + lane * AGE_MS })
    }
    expect(queue.size).toBe(expected.length)
    expected.sort((one, other) => one.at - other.at)
    const taken: Job[] = []
    for (let job = queue.peek(true, mayBeHeavy); job !== undefined; job = queue.peek(true, mayBeHeavy)) {
      queue.remove(job)
      taken.push(job)
    }
    const due = expected.map(({ job }) => job).filter(({ isHeavy }) => mayBeHeavy || !isHeavy)
    expect(taken.map((job) => due.indexOf(job))).toEqual(due.map((_, index) => index))
    expect(queue.size).toBe(expected.length - due.length)
  })
}

describe('JobQueue', () => {
  it('gives jobs in their order, and passes heavy ones where none may begin', () => holds(keepsOrder(JobQueue), 300))
  it('is caught when the light go first', () =>
    fails(
      keepsOrder(
        class extends JobQueue {
          override peek(mayBeLight?: boolean, mayBeHeavy?: boolean) {
            return super.peek(mayBeLight, false) ?? super.peek(false, mayBeHeavy)
          }
        },
      ),
    ))
})
