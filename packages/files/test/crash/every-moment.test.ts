import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../tree.ts'
import { referenceOf, runSeries } from './crash-series.ts'
import { EARLY, FIRST, LATE, MIDDLE } from './kill-plan.ts'
import { plantTree } from './seeded-tree.ts'

const slow = process.env.MILLRACE_SLOW !== undefined
const CONFIG = { batchSize: 20, workerCount: 2 }
/** All of them take a second each. */
const EVERY = slow ? 1 : 5

it('one job is killed at one moment after the other, and ends as if it never was', { timeout: 180_000 }, async () => {
  const root = join(temporaryFolder(), 'tree')
  plantTree(root, { seed: 11, files: 400 })
  const reference = await referenceOf(root, CONFIG)
  const moments = [...FIRST, ...EARLY, ...MIDDLE, ...LATE].filter((_, index) => index % EVERY === 0)
  const plan = moments.map((at) => ({ kills: [{ kill: 'engine', at, n: 1 }] }) as const)
  const { faults, engineKills, legs } = await runSeries({ root, reference, config: CONFIG, plan })
  const missed = legs.filter(({ plan, end }) => plan.kills.length > 0 && end.type !== 'killed')
  expect(missed.map(({ plan }) => plan.kills)).toEqual([])
  expect(engineKills).toBe(moments.length)
  expect(faults).toEqual([])
})
