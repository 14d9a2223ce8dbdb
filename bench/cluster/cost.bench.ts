import { BatchProcessingEngine } from '@millrace/files'
import { Cluster } from '@millrace/files/postgres'
import { startPostgres } from '../../packages/kernel/test/postgres/start-postgres.ts'
import { scratch, WORKERS } from '../files/engine-config.ts'
import { generatedTree } from '../files/generated-tree.ts'
import type { Bench } from '../harness/bench.ts'
import { compare, type Sample } from '../harness/compare.ts'
import { StandingWorker } from './start-worker.ts'

/** At most 15 % more time. */
const LITTLE_MORE = 1 / 1.15

/**
 * What does it cost to have a job done over PostgreSQL, on the same two cores: a coordinator, a worker with as many processes as the embedded
 * engine has, and the server? Engine, coordinator and worker have done a job before, but for the first round; the processes of both are new ones for each job.
 */
export default async function cost(bench: Bench): Promise<void> {
  const files = bench.quick ? 5000 : 20_000
  const { root } = generatedTree({ files, minBytes: 400, maxBytes: 1_000_000, alpha: 1.16 })
  await using server = await startPostgres({ settings: { shared_buffers: '256MB', max_wal_size: '2GB' } })
  await using standing = new StandingWorker()
  let made = 0
  const over = async (place: ReturnType<typeof scratch>, home?: Cluster): Promise<Sample> => {
    await using engine = new BatchProcessingEngine(place.config, home === undefined ? {} : { home })
    const started = performance.now()
    const { books } = await engine.processRepository(root)
    if (books.delivered !== files) throw new Error(`Not everything was delivered: ${JSON.stringify(books)}`)
    return { value: (books.delivered * 1000) / (performance.now() - started), checksum: books.delivered }
  }
  await compare(bench, {
    id: 'cluster/cost',
    unit: 'files/s',
    rounds: bench.quick ? 3 : 5,
    async ours() {
      using place = scratch()
      const schema = `bench_${made++}`
      await using home = await Cluster.open({ ledger: { url: server.url, schema } })
      await using _worker = await standing.join({ url: server.url, schema, root, workers: WORKERS })
      return await over(place, home)
    },
    peers: [
      {
        name: 'embedded',
        goal: LITTLE_MORE,
        async sample() {
          using place = scratch()
          return await over(place)
        },
      },
    ],
  })
}
