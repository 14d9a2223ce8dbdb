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

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-crash-tree-')))
const root = join(folder, 'tree')
let reference: Reference

beforeAll(async () => {
  plantTree(root, { seed: 6, files: 500 })
  reference = await referenceOf(root, CONFIG)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function faultsOf(variant: Variant, kills: readonly Kill[]): Promise<readonly string[]> {
  const plan = kills.map((kill) => ({ kills: [kill] }))
  return (await runSeries({ root, reference, config: CONFIG, plan, variant })).faults
}

const BEFORE_COMMIT: Kill = { kill: 'engine', at: 'ledger commit before', n: 3 }
const AFTER_COMMIT: Kill = { kill: 'engine', at: 'ledger commit after', n: 3 }
const AFTER_MANY: Kill = { kill: 'engine', at: 'event batch-committed', n: 40 }

describe('a series of kills would tell', { timeout: 180_000 }, () => {
  it('a checkpoint before its results', async () => {
    const faults = await faultsOf('checkpoint before results', [AFTER_COMMIT])
    expect(faults).toContainEqual(expect.stringMatching(/^lost: /))
  })

  it('results that are appended to the output as they come', async () => {
    const faults = await faultsOf('output as it comes', [BEFORE_COMMIT])
    expect(faults).toContainEqual(expect.stringMatching(/^doubled: /))
  })

  it('a checkpoint that is acknowledged before it is durable: too much is done again', async () => {
    const faults = await faultsOf('acknowledged early', [AFTER_MANY])
    expect(faults).toContainEqual(expect.stringMatching(/^redone: /))
  })

  it('nothing of the kind of the engine as it is', async () => {
    expect(await faultsOf('real', [BEFORE_COMMIT, AFTER_COMMIT, AFTER_MANY])).toEqual([])
  })
})
