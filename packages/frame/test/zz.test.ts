import fc from 'fast-check'
import { it } from 'vitest'
import { BatchController } from '../src/index.ts'
import { acts, Interleaving, options } from './interleaving.ts'
it('dbg', async () => {
  const tally: Record<string, number> = {}
  const add = (k: string) => (tally[k] = (tally[k] ?? 0) + 1)
  const p = fc.asyncProperty(options, acts, async (chosen, script) => {
    const i = new Interleaving(BatchController, chosen)
    await i.do(script); await i.finish()
    add('runs')
    for (const job of i.jobs) { add('jobs'); add(String(i.endingOf(job))); add(job.script.kind); add('promise ' + job.promise); add('attempts ' + Math.min(job.attempts, 3)); if (job.system.disturbed) add('disturbed') }
  })
  const r = await fc.check(p, { seed: 99, numRuns: 3000, interruptAfterTimeLimit: 20000, markInterruptAsFailure: false })
  console.log(r.numRuns, r.failed, JSON.stringify(r.counterexample), (r.errorInstance as any)?.message, String((r.errorInstance as any)?.stack).split('\n').slice(0, 12).join('\n'), tally)
})
