import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Cut } from '../../src/queue/cut.ts'
import { CutQueue } from '../../src/queue/cut-queue.ts'
import type { Job } from '../../src/queue/job.ts'
import { cutOf } from '../jobs.ts'

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

/** One order for light and heavy together: by when a cut reaches the most urgent lane, and then by lane. */
function keepsOrder(Queue: typeof CutQueue) {
  return fc.property(pushes, fc.boolean(), (script, mayBeHeavy) => {
    const queue = new Queue({ lanes: 3, ageMs: AGE_MS })
    const expected: { cut: Cut<Job>; at: number }[] = []
    let now = 0
    for (const { lane, isHeavy, waitMs, isRemoved } of script) {
      // Never the same moment twice: which goes first of two that tie is nobody's business.
      now += waitMs + 0.001
      const cut = cutOf(lane, isHeavy)
      queue.push(cut, now)
      if (isRemoved) queue.remove(cut)
      else expected.push({ cut, at: now + lane * AGE_MS })
    }
    expect(queue.size).toBe(expected.length)
    expected.sort((one, other) => one.at - other.at)
    const taken: Cut<Job>[] = []
    for (let cut = queue.peek(true, mayBeHeavy); cut !== undefined; cut = queue.peek(true, mayBeHeavy)) {
      queue.remove(cut)
      taken.push(cut)
    }
    const due = expected.map(({ cut }) => cut).filter(({ isHeavy }) => mayBeHeavy || !isHeavy)
    expect(taken.map((cut) => due.indexOf(cut))).toEqual(due.map((_, index) => index))
    expect(queue.size).toBe(expected.length - due.length)
  })
}

describe('CutQueue', () => {
  it('gives cuts in their order, and passes heavy ones where none may begin', () => holds(keepsOrder(CutQueue), 300))
  it('is caught when the light go first', () =>
    fails(
      keepsOrder(
        class extends CutQueue {
          override peek(mayBeLight?: boolean, mayBeHeavy?: boolean) {
            return super.peek(mayBeLight, false) ?? super.peek(false, mayBeHeavy)
          }
        },
      ),
    ))
})
