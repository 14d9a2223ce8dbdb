import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Reference } from './audit.ts'
import { referenceOf, runSeries } from './crash-series.ts'
import type { Kill } from './kill-plan.ts'
import type { Variant } from './mutants/variants.ts'
import { plantTree } from './seeded-tree.ts'

const CONFIG = { batchSize: 20, workerCount: 2 }
const SEEDS = [1, 2, 3]

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-crash-tree-')))
const root = join(folder, 'tree')
let reference: Reference

beforeAll(async () => {
  plantTree(root, { seed: 6, files: 500 })
  reference = await referenceOf(root, CONFIG)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Faults of a series: the one of `kills`, or else of the first seed that shows any. */
async function faultsOf(variant: Variant, kills?: readonly Kill[]): Promise<readonly string[]> {
  for (const seed of SEEDS) {
    const plan = kills?.map((kill) => ({ kills: [kill] }))
    const options = { root, reference, seed, kills: 5, config: CONFIG, filesALeg: 100, variant, ...(plan && { plan }) }
    const { faults } = await runSeries(options)
    if (faults.length > 0) return faults
  }
  return []
}

describe('a series of kills would tell', { timeout: 90_000 }, () => {
  it('a checkpoint before its results', async () => {
    expect(await faultsOf('checkpoint before results')).toContainEqual(expect.stringMatching(/^lost: /))
  })

  it('results that are appended to the output as they come', async () => {
    const kills = [{ kill: 'engine', at: 'ledger commit before', n: 3 }] as const
    expect(await faultsOf('output as it comes', kills)).toContainEqual(expect.stringMatching(/^doubled: /))
  })

  it('nothing of the kind of the engine as it is', async () => {
    expect(await faultsOf('real')).toEqual([])
  })
})
