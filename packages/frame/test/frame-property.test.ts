import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BatchController } from '../src/index.ts'
import { Interleaving } from './interleaving.ts'
import { acts, options } from './interleaving-acts.ts'
import { keptWhenCancelled, lostWhenHeld, toldTwice } from './mutants/job-parts.ts'

const endsEachJobOnce = (Controller: typeof BatchController) =>
  fc.asyncProperty(options, acts, async (chosen, script) => {
    const interleaving = new Interleaving(Controller, chosen)
    await interleaving.do(script)
    await interleaving.finish()
    for (const job of interleaving.jobs) {
      expect(job.told.length).toBeLessThanOrEqual(1)
      const ending = interleaving.endingOf(job)
      expect(ending, `job ${job.number}`).not.toBe(undefined)
      if (job.promise === 'none') continue
      expect(job.promise, `job ${job.number}`).not.toBe('pending')
      // Between the end of an async function and its being heard, a job may still be cancelled.
      const isSync = job.script.kind === 'plain' || job.script.kind === 'steps'
      if (isSync) expect(job.promise === 'resolved', `job ${job.number}`).toBe(ending === 'done')
    }
  })

describe('BatchController', () => {
  it('ends each job once, in order, and its books balance at every moment', () =>
    holds(endsEachJobOnce(BatchController), 150))
  it('is caught when a cancelled job stays', async () => fails(endsEachJobOnce(await keptWhenCancelled()), 150))
  it('is caught when held jobs are lost', async () => fails(endsEachJobOnce(await lostWhenHeld()), 150))
  it('is caught when a job ends by what comes late', async () => fails(endsEachJobOnce(await toldTwice()), 150))
})
