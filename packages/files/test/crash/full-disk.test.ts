import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../tree.ts'
import { audit } from './audit.ts'
import { CrashScene, type Leg } from './crash-scene.ts'
import { referenceOf } from './crash-series.ts'
import { plantTree } from './seeded-tree.ts'

const CONFIG = { batchSize: 40, workerCount: 2 }

/** A shell in which no file can grow beyond so many KB: writes fail in the midst of what SQLite does, as on a full disk. */
const limited = (kilobytes: number) => ['/bin/sh', '-c', `ulimit -f ${kilobytes * 2} && exec "$@"`, 'limited']

it('a ledger that cannot grow fails the job with its code, and loses nothing', { timeout: 180_000 }, async () => {
  const root = join(temporaryFolder(), 'tree')
  plantTree(root, { seed: 9, files: 1500 })
  const reference = await referenceOf(root, CONFIG)
  using scene = new CrashScene({ config: { ...CONFIG, maxPauseSeconds: 1 } })
  const legs: Leg[] = []
  // The first one cannot take in the tree, the others fail in the midst of the work.
  for (const kilobytes of [300, 1400, 1600]) {
    const leg = await scene.run(root, { kills: [] }, { mode: 'resume', under: limited(kilobytes) })
    expect(leg.end).toMatchObject({ type: 'failed', code: 'LEDGER_WRITE_FAILED' })
    legs.push(leg)
  }
  expect(legs.map(({ processed }) => processed.length > 0)).toEqual([false, true, true])
  legs.push(await scene.run(root, { kills: [] }, { mode: 'resume' }))
  expect(await audit({ scene, root, reference, legs, config: CONFIG })).toEqual([])
})
