import { fileURLToPath } from 'node:url'
import { BatchProcessingEngine, planCluster } from '@millrace/files'
import { Cluster } from '@millrace/files/postgres'
import { startPostgres } from '../../packages/kernel/test/postgres/start-postgres.ts'
import { scratch } from '../files/engine-config.ts'
import { generatedTree } from '../files/generated-tree.ts'
import type { Bench } from '../harness/bench.ts'
import { startWorker } from './start-worker.ts'

const WAITS = fileURLToPath(new URL('./waits.mjs', import.meta.url))
const BATCH_SIZE = 50

/**
 * Does a job over PostgreSQL take as long as `millrace files plan` says, with 1, 2, 4 and 8 workers? Files wait instead of working, for there are two cores. What a file
 * and the start take comes from the run with one worker; all else are the simulation's defaults.
 */
export default async function plan(bench: Bench): Promise<void> {
  const files = bench.quick ? 600 : 3000
  const { root } = generatedTree({ files, minBytes: 400, maxBytes: 4000, alpha: 1.16 })
  await using server = await startPostgres()
  let made = 0
  const measured = async (workers: number) => {
    using place = scratch()
    const schema = `plan_${made++}`
    await using home = await Cluster.open({ ledger: { url: server.url, schema } })
    await using _worker = await startWorker({ url: server.url, schema, root, workers })
    const config = { ...place.config, processors: [WAITS], batchSize: BATCH_SIZE }
    await using engine = new BatchProcessingEngine(config, { home })
    const { books, seconds, statistics } = await engine.processRepository(root)
    if (books.delivered !== files) throw new Error(`Not everything was delivered: ${JSON.stringify(books)}`)
    return { seconds, msPerFile: statistics.fileMs.p50 }
  }
  const rows: string[] = []
  const alone = await measured(1)
  const { msPerFile } = alone
  const startMs = Math.max(0, 1000 * alone.seconds - files * msPerFile)
  for (const workers of [1, 2, 4, 8]) {
    const { seconds } = workers === 1 ? alone : await measured(workers)
    const given = { msPerFile, startMs, spread: 0.1, batchSize: BATCH_SIZE, postgresCores: 2 }
    const { forecast } = planCluster({ files, workers, ...given })
    const ratio = seconds / forecast.makespanSeconds
    rows.push(
      `| ${workers} | ${seconds.toFixed(2)} s | ${forecast.makespanSeconds.toFixed(2)} s | ${ratio.toFixed(2)} |`,
    )
  }
  bench.tell(['', '| workers | measured | by the plan | ratio |', '| --- | --- | --- | --- |', ...rows].join('\n'))
}
