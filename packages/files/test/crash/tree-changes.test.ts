import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { openLedger } from '../../src/ledger/open-ledger.ts'
import { temporaryFolder, writeTree } from '../tree.ts'
import { CrashScene, type Leg } from './crash-scene.ts'
import { referenceOf } from './crash-series.ts'
import type { LegPlan } from './kill-plan.ts'
import type { Variant } from './mutants/variants.ts'
import { REWRITTEN_BYTES } from './processors/rewrites.ts'
import { plantTree } from './seeded-tree.ts'
import { changeTree, SAME_CONTENTS } from './tree-changes.ts'

const slow = process.env.MILLRACE_SLOW !== undefined

/** What a tree has become has nothing to do with how many work at it. */
const CONFIG = { batchSize: 10, workerCount: slow ? 2 : 1 }
const FILES = slow ? 300 : 220
const BOUND_MS = 240_000

const killAtCommit = (n: number): LegPlan => ({ kills: [{ kill: 'engine', at: 'ledger commit after', n }] })
const UNDISTURBED: LegPlan = { kills: [] }

/** The paths that have a result. */
async function deliveredIn(scene: CrashScene): Promise<Set<string>> {
  await using ledger = await openLedger(scene.stateDir, { readonly: true })
  const jobId = (await ledger.job())!.jobId
  const rows = await ledger.results(jobId, undefined, 1e6, 2 ** 40)
  return new Set(rows.map(({ path }) => path))
}

interface Outcome {
  readonly legs: readonly Leg[]
  /** Whether the last output is what a fresh run over the last tree gives. */
  readonly asFresh: boolean
  /** Of the files that had a result and kept their contents, those that were processed again. */
  readonly inVain: readonly string[]
}

/** Runs through `plans`; the tree changes before each but the first. */
async function throughChanges(seed: number, plans: readonly LegPlan[], variant: Variant = 'real'): Promise<Outcome> {
  const root = join(temporaryFolder(), 'tree')
  plantTree(root, { seed, files: FILES })
  using scene = new CrashScene({ config: CONFIG })
  const legs: Leg[] = []
  const inVain: string[] = []
  // What was changed stays so until a start has come to it: a kill may come first.
  const edited = new Set<string>()
  for (const [index, plan] of plans.entries()) {
    const settled = index === 0 ? new Set<string>() : await deliveredIn(scene)
    const changes = index === 0 ? new Map() : changeTree(root, seed + index, 3)
    const leg = await scene.run(root, plan, { mode: index === 0 ? 'run' : 'resume', variant })
    for (const [path, change] of changes) if (!SAME_CONTENTS.includes(change)) edited.add(path)
    for (const path of leg.processed) {
      if (settled.has(path) && !edited.has(path)) inVain.push(`${path}: ${changes.get(path)}`)
      edited.delete(path)
    }
    legs.push(leg)
  }
  const { output, books } = await referenceOf(root, CONFIG)
  const { end } = legs.at(-1)!
  return {
    legs,
    asFresh:
      output.equals(scene.output()) &&
      end.type === 'ended' &&
      JSON.stringify(end.result.books) === JSON.stringify(books),
    inVain,
  }
}

describe('a tree that changes between the kill and the resume', { timeout: BOUND_MS }, () => {
  it.each(slow ? [1, 2, 3, 4] : [1])(
    'ends as a fresh run over it does, and nothing is processed in vain (seed %i)',
    async (seed) => {
      const { legs, asFresh, inVain } = await throughChanges(seed, [
        killAtCommit(12),
        { kills: [{ kill: 'engine', at: 'ledger meetFiles after', n: 1 }] },
        killAtCommit(5),
        UNDISTURBED,
      ])
      expect(legs.map(({ end }) => end.type)).toEqual(['killed', 'killed', 'killed', 'ended'])
      expect(inVain).toEqual([])
      expect(asFresh).toBe(true)
    },
  )

  it('holds for a new job over a tree whose last one is done, too', async () => {
    const { legs, asFresh, inVain } = await throughChanges(3, [UNDISTURBED, UNDISTURBED, killAtCommit(1), UNDISTURBED])
    expect(legs.map(({ end }) => end.type)).toEqual(['ended', 'ended', 'killed', 'ended'])
    expect(inVain).toEqual([])
    expect(asFresh).toBe(true)
  })

  it('would tell a resume that does not look at the tree', async () => {
    const { legs, asFresh } = await throughChanges(1, [killAtCommit(12), UNDISTURBED], 'tree not met')
    expect(legs.at(-1)!.end.type).toBe('ended')
    expect(asFresh).toBe(false)
  })
})

describe('a file that is edited within the grain of the clock, just after it was read', { timeout: BOUND_MS }, () => {
  const REWRITES = fileURLToPath(new URL('./processors/rewrites.ts', import.meta.url))
  const config = { ...CONFIG, workerCount: 1, processors: [REWRITES] }

  /** The output of a second run, and the tree that it was over. */
  async function secondRun(variant: Variant): Promise<[Buffer, string]> {
    const files = Array.from({ length: 30 }, (_, index) => [
      `file-${index}.js`,
      '// as planted'.padEnd(REWRITTEN_BYTES),
    ])
    const root = writeTree(temporaryFolder(), { '.rewrite': '', ...Object.fromEntries(files) })
    using scene = new CrashScene({ config })
    await scene.run(root, UNDISTURBED, { variant })
    rmSync(join(root, '.rewrite'))
    await scene.run(root, UNDISTURBED, { variant })
    return [scene.output(), root]
  }

  it('is processed again, and would be missed by one that believes a stamp taken at the commit', async () => {
    const [second, root] = await secondRun('real')
    using fresh = new CrashScene({ config })
    await fresh.run(root, UNDISTURBED)
    expect(second.length).toBeGreaterThan(1000)
    expect(second.equals(fresh.output())).toBe(true)
    const [missed] = await secondRun('stamp at commit')
    expect(missed.length).toBeGreaterThan(1000)
    expect(missed.equals(second)).toBe(false)
  })
})
