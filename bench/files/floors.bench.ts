import { availableParallelism } from 'node:os'
import { BatchProcessingEngine } from '@millrace/files'
import type { Bench } from '../harness/bench.ts'
import { rowAgainst, rowBeside } from '../harness/row.ts'
import { corpusOf, filesOf } from './corpus.ts'
import { scratch, WORKERS } from './engine-config.ts'
import { runPool } from './hand-written-pool.ts'
import { runEngine } from './start-engine.ts'

const ROUNDS = 3
const FILES_PER_MINUTE = 10_000
const BATCH_FILES = [100, 500] as const
const BATCH_S = 30
const CPU_PERCENT = 80
const REDUCTION_PERCENT = 80
/** Below so many cores no program can take away so much of the time. */
const CORES_FOR_REDUCTION = 5

/** The specification's floors. Planning, memory and resuming have benches of their own. */
export default async function floors(bench: Bench): Promise<void> {
  const corpus = corpusOf(bench.quick)
  const { root, discover } = corpus
  const files = await filesOf(corpus)
  await runPool(files, { root, work: 'parse', workers: WORKERS })
  const perMinute: number[] = []
  const cpu: number[] = []
  const reduction: number[] = []
  const slowestBatch: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    using place = scratch()
    const { result, cpuMs } = await runEngine({ root, config: { ...place.config, discover } })
    perMinute.push(result.filesPerSecond * 60)
    cpu.push(cpuMs / (result.seconds * WORKERS * 10))
    const started = performance.now()
    await runPool(files, { root, work: 'record', workers: 1 })
    reduction.push(100 * (1 - (result.seconds * 1000) / (performance.now() - started)))
    slowestBatch.push(await slowestBatchS(root, discover))
  }
  const cores = Math.min(WORKERS, availableParallelism())
  const most = 100 * (1 - 1 / cores)
  const within = (name: string, value: number) => ({ name, values: reduction.map(() => value) })
  const id = 'files/floors-less-time-than-one-process'
  bench.report([
    rowAgainst('files/floors-throughput', 'files/min', perMinute, FILES_PER_MINUTE),
    rowAgainst(`files/floors-slowest-batch-of-${BATCH_FILES.join('-')}`, 's', slowestBatch, BATCH_S),
    rowAgainst(`files/floors-use-of-${WORKERS}-cores`, '%', cpu, CPU_PERCENT),
    rowBeside(
      id,
      '%',
      reduction,
      within('specification', REDUCTION_PERCENT),
      cores >= CORES_FOR_REDUCTION ? 1 : undefined,
    ),
    rowBeside(id, '%', reduction, within(`the most ${cores} cores allow`, most)),
  ])
}

/** Batches of 500 files and of what is left: the longest time that one with at least 100 took. */
async function slowestBatchS(root: string, discover: ReturnType<typeof corpusOf>['discover']): Promise<number> {
  using place = scratch()
  const [least, most] = BATCH_FILES
  await using engine = new BatchProcessingEngine({ ...place.config, discover, batchSize: most })
  const filesOfBatch = new Map<number, number>()
  let slowest = 0
  engine.events.subscribe((event) => {
    if (event.type === 'batch-started') filesOfBatch.set(event.batchId, event.files)
    else if (event.type === 'batch-committed' && (filesOfBatch.get(event.batchId) ?? 0) >= least) {
      slowest = Math.max(slowest, event.ms)
    }
  })
  await engine.processRepository(root)
  return slowest / 1000
}
