import { CostModel } from '@millrace/kernel'
import { describe, expect, test } from 'vitest'
import { Backlog, COST_PRIOR } from '../../src/plan/backlog.ts'
import { costStrategy } from '../../src/plan/batch-strategy.ts'
import { BatchPriority } from '../../src/plan/priority.ts'
import { discovered } from '../discovered.ts'

const backlog = () =>
  new Backlog({
    costs: new CostModel({ prior: COST_PRIOR }),
    priorityOf: () => BatchPriority.MEDIUM,
    strategy: costStrategy,
    wallNow: () => 0,
  })

/** Files of 10 KB; `knownHash` is that of a kept result. */
const files = (count: number, knownHash: string | null) =>
  Array.from({ length: count }, (_, i) => ({ ...discovered(`file-${i}.js`, { size: 10_240 }), knownHash }))

const estimatedMs = (plan: readonly { readonly estimatedMs: number }[]) =>
  plan.reduce((sum, batch) => sum + batch.estimatedMs, 0)

describe('a file whose result may stand', () => {
  test('is expected to be read only', () => {
    const processed = backlog().plan(files(100, null), 2, 200)
    const reread = backlog().plan(files(100, 'a'.repeat(64)), 2, 200)
    expect(estimatedMs(reread)).toBeLessThan(estimatedMs(processed) / 10)
    expect(reread.length).toBeLessThan(processed.length)
  })

  test('teaches nothing of what its language costs, and the other way round', () => {
    const taught = backlog()
    const [file] = files(1, null)
    for (let i = 0; i < 500; i++) taught.observeReread(10_240, 40)
    expect(estimatedMs(taught.plan(files(10, null), 2, 200))).toBe(estimatedMs(backlog().plan(files(10, null), 2, 200)))
    const reread = estimatedMs(taught.plan(files(10, 'a'), 2, 200))
    expect(reread).toBeGreaterThan(200)
    for (let i = 0; i < 500; i++) taught.observe(file!, 10_240, 3)
    expect(estimatedMs(taught.plan(files(10, 'a'), 2, 200))).toBe(reread)
  })
})
