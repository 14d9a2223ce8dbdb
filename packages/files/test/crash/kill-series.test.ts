import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Reference } from './audit.ts'
import { referenceOf, runSeries, type Series } from './crash-series.ts'
import { isBroken, takenFiles } from './independent-walk.ts'
import { planSeries } from './kill-plan.ts'
import { plantTree } from './seeded-tree.ts'

const slow = process.env.MILLRACE_SLOW !== undefined
const FILES = slow ? 100_000 : 800
const ENGINE_KILLS = slow ? 200 : 8
const KILLS_A_SERIES = slow ? 42 : 11
const FILES_A_START = slow ? 4_000 : 120
const CONFIG = { batchSize: slow ? 200 : 20, workerCount: 2 }
const FIRST_SEED = 20_261_121
const BOUND_MS = slow ? 30 * 60_000 : 180_000

const replayed = process.env.MILLRACE_CRASH_SEED

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'millrace-crash-tree-')))
const root = join(folder, 'tree')
let reference: Reference

beforeAll(async () => {
  plantTree(root, { seed: FIRST_SEED, files: FILES })
  reference = await referenceOf(root, CONFIG)
}, BOUND_MS)
// 100,000 files take longer to remove than a hook may.
afterAll(() => rmSync(folder, { recursive: true, force: true }), BOUND_MS)

/** What a reader needs to see it again. */
function replay(seed: number, { faults, legs }: Series): string {
  const starts = legs.map(
    ({ plan, end, processed }) => `  ${JSON.stringify(plan)} → ${JSON.stringify(end)}, ${processed.length} processed`,
  )
  const again = `MILLRACE_CRASH_SEED=${seed} npx vitest run packages/files/test/crash/kill-series`
  return [`seed ${seed}`, ...starts, ...faults.slice(0, 20), `To see it again: ${again}`].join('\n')
}

it('an undisturbed run delivers what an independent walk finds', () => {
  const paths = reference.output
    .toString()
    .split('\n')
    .slice(0, -1)
    .map((line) => (JSON.parse(line) as { path: string }).path)
  const taken = takenFiles(root)
  expect(taken).toHaveLength(FILES)
  expect(paths).toEqual(taken.filter((path) => !isBroken(path)))
  expect(reference.books).toMatchObject({ delivered: paths.length, quarantined: taken.length - paths.length })
  expect(reference.books.excluded).toBeGreaterThan(FILES / 50)
})

it('a job that is killed again and again ends as if it never was', { timeout: BOUND_MS }, async () => {
  const seen = { engineKills: 0, workerKills: 0 }
  for (let seed = Number(replayed ?? FIRST_SEED); seen.engineKills < ENGINE_KILLS; seed++) {
    const scale = { kills: KILLS_A_SERIES, batchSize: CONFIG.batchSize, filesAStart: FILES_A_START }
    const series = await runSeries({ root, reference, config: CONFIG, plan: planSeries(seed, scale) })
    expect(series.faults, replay(seed, series)).toEqual([])
    seen.engineKills += series.engineKills
    seen.workerKills += series.workerKills
    if (replayed !== undefined) return
  }
  expect(seen.engineKills).toBeGreaterThanOrEqual(ENGINE_KILLS)
  expect(seen.workerKills).toBeGreaterThan(0)
})
