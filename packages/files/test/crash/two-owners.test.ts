import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../tree.ts'
import { audit, type Fault } from './audit.ts'
import { CrashScene, type Leg } from './crash-scene.ts'
import { referenceOf } from './crash-series.ts'
import type { Variant } from './mutants/variants.ts'
import { plantTree } from './seeded-tree.ts'

const CONFIG = { batchSize: 20, workerCount: 2 }

/** A killed job is resumed by two engines: one stops in the midst of it, and lives; then comes the other. */
async function resumedByTwo(variant: Variant): Promise<{ first: Leg; second: Leg; faults: readonly Fault[] }> {
  const root = join(temporaryFolder(), 'tree')
  plantTree(root, { seed: 5, files: 600 })
  const reference = await referenceOf(root, CONFIG)
  using scene = new CrashScene({ config: CONFIG })
  const killed = await scene.run(root, { kills: [{ kill: 'engine', at: 'ledger commit after', n: 4 }] })
  let second: Leg | undefined
  const whenStopped = async () => {
    second = await scene.run(root, { kills: [] }, { mode: 'resume', variant })
  }
  const stop = { kills: [{ kill: 'stop', at: 'ledger commit before', n: 4 }] } as const
  const first = await scene.run(root, stop, { mode: 'resume', variant, whenStopped })
  const legs = [killed, second!, first]
  return { first, second: second!, faults: await audit({ scene, root, reference, legs, config: CONFIG }) }
}

it('a job has one owner: a second engine is refused while the first one lives, and takes nothing from it', {
  timeout: 240_000,
}, async () => {
  const { first, second, faults } = await resumedByTwo('real')
  expect(second.end).toMatchObject({ type: 'failed', code: 'LEDGER_OWNED' })
  expect(second.starts).toBe(0)
  expect(first.end.type).toBe('ended')
  expect(faults).toEqual([])
})

it('would tell an engine that does not ask who owns the ledger', { timeout: 240_000 }, async () => {
  const { second, faults } = await resumedByTwo('no owner check')
  expect(second.end).not.toMatchObject({ code: 'LEDGER_OWNED' })
  // It works beside the first one, or fails at what that one does meanwhile.
  expect(faults.length > 0 || second.end.type === 'failed').toBe(true)
})
