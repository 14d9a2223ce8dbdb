import type { Bench } from '../harness/bench.ts'
import { pssOfTree } from '../harness/process-tree.ts'
import { rowAgainst, rowBeside } from '../harness/row.ts'
import { scratch } from './engine-config.ts'
import { generatedTree, type TreeSpec } from './generated-tree.ts'
import { finished, startEngine } from './start-engine.ts'

const ROUNDS = 3
const SAMPLE_EVERY_MS = 100
const MEGABYTE = 1024 * 1024
const GOAL_MB = 512
/** The specification's. */
const FLOOR_MB = 2048
/** At most 1.2 times as much, as a ratio. */
const FLAT = 0.83
/** Both trees have one file of the largest size. */
const SIZES: Omit<TreeSpec, 'files'> = { minBytes: 400, maxBytes: 1_000_000, alpha: 1.16 }

/**
 * How much memory do the engine and its workers hold together at their peak, and does it grow with the number of files? PSS: each page
 * once, shared ones by their share.
 */
export default async function memory(bench: Bench): Promise<void> {
  const [few, many] = bench.quick ? [1000, 10_000] : [10_000, 100_000]
  const small: number[] = []
  const large: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    small.push(await peakMb(few))
    large.push(await peakMb(many))
  }
  const id = `files/memory-${many.toLocaleString('en-US')}-files`
  bench.report([
    rowAgainst(id, 'MB', large, GOAL_MB),
    rowBeside(id, 'MB', large, { name: 'specification', values: large.map(() => FLOOR_MB) }, 1),
    rowBeside(id, 'MB', large, { name: `${few.toLocaleString('en-US')} files`, values: small }, FLAT),
  ])
  bench.tell(`Memory: the largest file of both trees has ${SIZES.maxBytes.toLocaleString('en-US')} bytes.`)
}

async function peakMb(files: number): Promise<number> {
  const { root } = generatedTree({ ...SIZES, files })
  using place = scratch()
  const engine = startEngine({ root, config: place.config })
  let peak = 0
  const sampling = setInterval(() => {
    peak = Math.max(peak, pssOfTree(engine.process.pid!))
  }, SAMPLE_EVERY_MS)
  try {
    const { books } = finished(await engine.ended).result
    if (books.delivered !== files) throw new Error(`${books.delivered} of ${files} files were delivered`)
  } finally {
    clearInterval(sampling)
  }
  return peak / MEGABYTE
}
