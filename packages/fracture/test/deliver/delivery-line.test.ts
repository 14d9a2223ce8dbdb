import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DeliveryLine } from '../../src/deliver/delivery-line.ts'
import type { Job } from '../../src/queue/job.ts'
import { jobOf } from '../jobs.ts'

const script = fc.record({
  maxHold: fc.integer({ min: 0, max: 3 }),
  /** Of each job: after how many frames it is ready, and whether it is cancelled before. */
  jobs: fc.array(fc.record({ frames: fc.integer({ min: 1, max: 12 }), isCancelled: fc.boolean() }), {
    minLength: 1,
    maxLength: 20,
  }),
})

/** What was taken out in each frame. */
function run(
  Line: typeof DeliveryLine,
  { maxHold, jobs: plans }: typeof script extends fc.Arbitrary<infer T> ? T : never,
) {
  const line = new Line(maxHold)
  const jobs = plans.map((_, id) => jobOf(id))
  for (const job of jobs) line.push(job)
  const taken: { job: Job; frame: number }[] = []
  for (let frame = 1; frame <= 12 + maxHold; frame++) {
    for (const [id, { frames, isCancelled }] of plans.entries()) {
      if (frames !== frame) continue
      const job = jobs[id]!
      job.state = isCancelled ? 'over' : 'ready'
      job.readyIn = frame
      if (!isCancelled) line.ready(job)
    }
    for (let job = line.shift(frame); job !== undefined; job = line.shift(frame)) taken.push({ job, frame })
  }
  return taken
}

function holdsBack(Line: typeof DeliveryLine) {
  return fc.property(script, (plan) => {
    const taken = run(Line, plan)
    const expected = plan.jobs.flatMap(({ isCancelled }, id) => (isCancelled ? [] : [id]))
    expect(taken.map(({ job }) => job.id).sort((one, other) => one - other)).toEqual(expected)
    for (const [place, { job, frame }] of taken.entries()) {
      // Held no longer than it may be, and released in order, but for those that were overtaken.
      expect(frame - job.readyIn).toBeLessThanOrEqual(plan.maxHold)
      for (const later of taken.slice(place + 1)) {
        if (later.job.id > job.id || later.job.isOvertaken) continue
        throw new Error(`${job.id} passed ${later.job.id}`)
      }
    }
    // Nobody is overtaken for less than the hold: somebody behind had waited so long.
    for (const { job, frame } of taken) {
      if (!job.isOvertaken) continue
      const passed = taken.find((other) => other.job.id > job.id && other.frame - other.job.readyIn >= plan.maxHold)
      expect(passed?.frame ?? Number.POSITIVE_INFINITY).toBeLessThanOrEqual(frame)
    }
  })
}

describe('DeliveryLine', () => {
  it('gives results in order, and holds none longer than it may', () => holds(holdsBack(DeliveryLine), 500))

  it('is caught when it waits for ever', () =>
    fails(
      holdsBack(
        class extends DeliveryLine {
          constructor() {
            super(Number.POSITIVE_INFINITY)
          }
        },
      ),
    ))

  it('is caught when it does not wait', () =>
    fails(
      holdsBack(
        class extends DeliveryLine {
          constructor() {
            super(0)
          }
        },
      ),
    ))

  it('lets the one that is late come as soon as it is ready', () => {
    const taken = run(DeliveryLine, {
      maxHold: 2,
      jobs: [9, 1, 2, 7].map((frames) => ({ frames, isCancelled: false })),
    })
    expect(taken.map(({ job, frame }) => [job.id, frame])).toEqual([
      [1, 3],
      [2, 3],
      [3, 7],
      [0, 9],
    ])
  })
})
