import { createOptimalBatches, type DiscoveredFile } from '@millrace/files'
import type { Bench } from '../harness/bench.ts'
import { longTailed } from '../harness/random.ts'
import { rowAgainst } from '../harness/row.ts'

const FILES = 100_000
const GOAL_S = 5
const LANGUAGES = ['typescript', 'javascript', 'tsx', 'jsx', 'python']

/** How long does it take to make batches of 100,000 files? */
export default async function planning(bench: Bench): Promise<void> {
  const files = Array.from(longTailed(FILES, 4096, 9), (size, index): DiscoveredFile => {
    const language = LANGUAGES[index % LANGUAGES.length]!
    return {
      path: `packages/p${index % 100}/src/f${index}`,
      size: Math.round(size),
      mtimeMs: 1_700_000_000_000 + index,
      stamp: index.toString(36),
      language,
      kind: 'source',
    }
  })
  const seconds: number[] = []
  for (let round = 0; round < 6; round++) {
    const started = performance.now()
    const batches = createOptimalBatches(files, { workerCount: 8 })
    seconds.push((performance.now() - started) / 1000)
    const planned = new Set(batches.flatMap((batch) => batch.files))
    if (planned.size !== FILES) throw new Error(`files/planning: ${planned.size} of ${FILES} files are in a batch`)
  }
  bench.report([rowAgainst('files/planning-100,000', 's', seconds.slice(1), GOAL_S)])
}
