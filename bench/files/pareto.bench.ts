import { fileURLToPath } from 'node:url'
import { type BatchConfig, BatchProcessingEngine, type BatchStrategy } from '@millrace/files'
import type { Bench } from '../harness/bench.ts'
import { rowBeside } from '../harness/row.ts'
import { scratch, WORKERS } from './engine-config.ts'
import { fixedChunks } from './fixed-chunks.ts'
import { generatedTree } from './generated-tree.ts'

const CHUNK = 50
const GOAL = 1.3
/** At most 1.05 times the shortest possible, as a ratio. */
const NEAR_OPTIMAL = 0.95
const waiting = fileURLToPath(new URL('./waiting-processor.ts', import.meta.url))

interface Setting {
  readonly name: string
  readonly files: number
  readonly config: BatchConfig
  /** The ratio wanted to fixed chunks, where the sizes allow one. */
  readonly goal?: number
}

interface Schedule {
  /** From the first batch handed out to the last one committed. */
  readonly makespanS: number
  /** No order of these files over these workers is shorter: max(sum / workers, largest), by the times in the processor. */
  readonly leastS: number
}

/**
 * What is cutting by predicted cost worth where sizes are Pareto-distributed? Beside it the same engine with chunks of 50 files in the order of
 * the paths: the same isolation, the same durability, so that the cut is the only difference. Each round has a tree of its own, for
 * what fixed chunks lose depends on where the largest files happen to lie.
 */
export default async function pareto(bench: Bench): Promise<void> {
  const remote = { workerCount: 8, processors: [waiting] }
  const settings: readonly Setting[] = [
    { name: `8-workers-waiting`, files: 500, config: remote, goal: GOAL },
    { name: `8-workers-waiting`, files: 2000, config: remote },
    { name: `${WORKERS}-workers-parsing`, files: 2000, config: {} },
  ]
  for (const setting of bench.quick ? settings.slice(0, 1) : settings) await measure(bench, setting)
  bench.tell(
    `Pareto: with ${WORKERS} workers the largest of many files is a small share of the work, and no cut can win much; 8 workers wait for ` +
      'a millisecond a KB, as for a parser that runs elsewhere, because 8 would not fit on 2 cores.',
  )
}

async function measure(bench: Bench, { name, files, config, goal }: Setting): Promise<void> {
  const byCost: Schedule[] = []
  const fixed: Schedule[] = []
  for (let round = 0; round < 5; round++) {
    const { root } = generatedTree({ files, minBytes: 2000, maxBytes: 1_000_000, alpha: 1.16, seed: round + 1 })
    const turns = [
      async () => byCost.push(await scheduleOf(root, config)),
      async () => fixed.push(await scheduleOf(root, config, fixedChunks(CHUNK))),
    ]
    for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn()
  }
  const id = `files/pareto-${name}-${files}-files`
  const ours = byCost.map(({ makespanS }) => makespanS)
  bench.report([
    rowBeside(id, 's', ours, { name: `fixed chunks of ${CHUNK}`, values: fixed.map((one) => one.makespanS) }, goal),
    rowBeside(id, 's', ours, { name: 'max(sum/p, largest)', values: byCost.map(({ leastS }) => leastS) }, NEAR_OPTIMAL),
  ])
}

async function scheduleOf(root: string, config: BatchConfig, strategy?: BatchStrategy): Promise<Schedule> {
  using place = scratch()
  const all: BatchConfig = { ...place.config, ...config, ...(strategy && { strategy }) }
  await using engine = new BatchProcessingEngine(all)
  let first = 0
  let last = 0
  let sum = 0
  let largest = 0
  engine.events.subscribe((event) => {
    if (event.type === 'batch-started') first ||= performance.now()
    else if (event.type === 'batch-committed') last = performance.now()
    else if (event.type === 'file-delivered') {
      sum += event.ms
      largest = Math.max(largest, event.ms)
    }
  })
  const { books } = await engine.processRepository(root)
  if (books.delivered !== books.discovered) throw new Error(`Not every file was delivered: ${JSON.stringify(books)}`)
  return { makespanS: (last - first) / 1000, leastS: Math.max(sum / all.workerCount!, largest) / 1000 }
}
