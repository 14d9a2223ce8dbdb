import { type AnyExecutor, BatchController } from '@millrace/frame'
import { VirtualClock } from '@millrace/kernel'
import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { deafExecutor } from '../mutants/deaf-executor.ts'
import { doublingExecutor } from '../mutants/doubling-executor.ts'
import { wideExecutor } from '../mutants/wide-executor.ts'
import { FakeExecutor } from './fake-executor.ts'

const MAX_FAILURES = 1000

const steps = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('submit' as const), count: fc.integer({ min: 1, max: 5 }) }),
    },
    { weight: 4, arbitrary: fc.constant({ kind: 'frame' as const }) },
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constantFrom('answer' as const, 'refuse' as const), call: fc.nat(9) }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), job: fc.nat(60) }) },
  ),
  { maxLength: 80 },
)

/**
 * Whatever becomes of jobs and tasks: a job is applied once, or its end is told; jobs are handed over in their order; and never
 * has the executor more than twice what it can run at once.
 */
const endsEach = (between: (executor: FakeExecutor) => AnyExecutor) =>
  fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.boolean(), steps, async (width, isFinal, todo) => {
    const clock = new VirtualClock()
    const executor = new FakeExecutor(width)
    const lanes = [{ name: 'away', executor: between(executor) }]
    const controller = new BatchController<string>({
      clock,
      clockTickMs: 0,
      lanes,
      maxFailures: MAX_FAILURES,
      maxAsyncFrames: 50,
    })
    const applied: number[] = []
    const system = controller.register<number, number>({
      ...{ type: 'away', cost: 0.1, recurring: false, task: 'any' },
      run: (_, job) => {
        clock.advance(0.5)
        applied.push(job)
      },
    })
    const ids: number[] = []
    const cancelled = new Set<number>()
    const first = () => [...new Set(executor.calls.map(({ input }) => input as number))]
    const turn = async () => {
      for (let microtasks = 0; microtasks < 6; microtasks++) await undefined
    }
    const frame = async () => {
      controller.runFrame()
      clock.advance(10)
      await turn()
      expect(executor.open.size).toBeLessThanOrEqual(2 * width)
    }
    for (const step of todo) {
      if (step.kind === 'submit')
        for (let each = 0; each < step.count; each++) ids.push(controller.submit(system, ids.length))
      else if (step.kind === 'frame') await frame()
      else if (step.kind === 'cancel') {
        const id = ids[step.job]
        if (id !== undefined && controller.cancel(id)) cancelled.add(step.job)
      } else {
        const open = [...executor.open]
        const call = open[step.call % open.length]
        if (step.kind === 'answer') call?.resolve(call.input)
        else call?.reject(new Error('no'))
        await turn()
      }
    }
    for (let left = 0; left < 4 * ids.length + 4; left++) {
      if (isFinal) for (const call of executor.open) call.resolve(call.input)
      await turn()
      await frame()
    }
    for (let left = 0; left < 60 * ids.length && controller.totalQueuedJobs > 0; left++) await frame()

    const { jobsFailed, jobsCancelled } = controller.stats
    expect(new Set(applied).size).toBe(applied.length)
    expect(applied.filter((job) => cancelled.has(job))).toEqual([])
    expect(applied.length + jobsFailed + jobsCancelled).toBe(ids.length)
    if (isFinal) expect(jobsFailed).toBe(0)
    expect(jobsCancelled).toBe(cancelled.size)
    expect(first()).toEqual(first().toSorted((a, b) => a - b))
    expect(controller.totalQueuedJobs).toBe(0)
  })

it('ends each job once, and hands over no more than twice the width', async () => {
  await holds(
    endsEach((executor) => executor),
    200,
  )
})

it.each([deafExecutor, doublingExecutor, wideExecutor])('would notice %o', async (mutant) => {
  await fails(endsEach(mutant), 200)
})
