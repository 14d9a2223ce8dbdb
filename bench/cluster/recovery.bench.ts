import { BatchProcessingEngine } from '@millrace/files'
import { Cluster } from '@millrace/files/postgres'
import { startPostgres } from '../../packages/kernel/test/postgres/start-postgres.ts'
import { scratch } from '../files/engine-config.ts'
import { generatedTree } from '../files/generated-tree.ts'
import type { Bench } from '../harness/bench.ts'
import { rowBeside } from '../harness/row.ts'
import { startWorker } from './start-worker.ts'

/** The lease, and the time in which others notice, milliseconds. */
const PROMISED_MS = 12_000
/** What they are set to, by their documentation: `stalledInterval` of BullMQ, `expireInSeconds` of pg-boss. */
const BULLMQ_MS = 30_000
const PG_BOSS_MS = 15 * 60_000

/** A worker is killed with a batch in hand: how long until another one has begun that batch? */
export default async function recovery(bench: Bench): Promise<void> {
  const rounds = bench.quick ? 1 : 5
  const { root } = generatedTree({ files: 5000, minBytes: 400, maxBytes: 1_000_000, alpha: 1.16 })
  await using server = await startPostgres()
  const took: number[] = []
  for (let round = 0; round < rounds; round++) {
    using place = scratch()
    const ledger = { url: server.url, schema: `recovery_${round}` }
    await using home = await Cluster.open({ ledger })
    await using engine = new BatchProcessingEngine({ ...place.config, batchSize: 50 }, { home })
    const first = Promise.withResolvers<number>()
    await using dying = await startWorker({ ...ledger, root, workers: 1, onBegan: first.resolve })
    const running = engine.processRepository(root)
    const batchId = await first.promise
    dying.process.kill('SIGKILL')
    const killedAt = performance.now()
    const again = Promise.withResolvers<number>()
    await using _other = await startWorker({
      ...ledger,
      root,
      workers: 1,
      onBegan: (began) => began === batchId && again.resolve(performance.now()),
    }).catch((error) => {
      again.reject(error)
      throw error
    })
    took.push((await again.promise) - killedAt)
    await running
  }
  bench.report([
    rowBeside('cluster/recovery', 'ms', took, { name: 'goal', values: took.map(() => PROMISED_MS) }, 1),
    rowBeside('cluster/recovery', 'ms', took, { name: 'BullMQ, as published', values: took.map(() => BULLMQ_MS) }),
    rowBeside('cluster/recovery', 'ms', took, { name: 'pg-boss, as published', values: took.map(() => PG_BOSS_MS) }),
  ])
}
