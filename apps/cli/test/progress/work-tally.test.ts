import { VirtualClock } from '@millrace/kernel'
import { expect, it } from 'vitest'
import { WorkTally, workDoneLine } from '../../src/progress/work-tally.ts'

it('counts what was done for a job, and begins anew with the next', () => {
  const clock = new VirtualClock()
  const tally = new WorkTally(clock)
  expect([tally.line(), tally.take()]).toEqual([undefined, undefined])
  tally.hear({ type: 'work-began', jobId: '7', root: '/tree' })
  tally.hear({ type: 'work-committed', batchId: 1, files: 200, returned: 0, ms: 5 })
  expect(tally.line()).toBe('200 files done, in 1 batch')
  clock.advance(12_300)
  tally.hear({ type: 'work-committed', batchId: 2, files: 1000, returned: 3, ms: 5 })
  const done = tally.take()!
  expect(done).toEqual({ files: 1200, batches: 2, returned: 3, seconds: 12.3 })
  expect(workDoneLine(done)).toBe('done: 1,200 files in 2 batches, 12.3 s; 3 files given back')
  expect(tally.take()).toBeUndefined()

  tally.hear({ type: 'work-began', jobId: '8', root: '/tree' })
  expect(tally.take()).toEqual({ files: 0, batches: 0, returned: 0, seconds: 0 })
})
