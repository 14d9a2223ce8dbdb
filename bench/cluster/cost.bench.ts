import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { BatchProcessingEngine } from '@millrace/files'
import { Cluster } from '@millrace/files/postgres'
import { startPostgres } from '../../packages/kernel/test/postgres/start-postgres.ts'
import { type Corpus, corpusOf } from '../files/corpus.ts'
import { scratch, WORKERS } from '../files/engine-config.ts'
import { generatedTree } from '../files/generated-tree.ts'
import type { Bench } from '../harness/bench.ts'
import { compare, type Sample } from '../harness/compare.ts'
import { StandingWorker } from './start-worker.ts'

/** At most 15 % more time. */
const LITTLE_MORE = 0.87

/**
 * What does it cost to have a job done over PostgreSQL, on the same two cores: a coordinator, a worker with as many processes as the embedded
 * engine has, and the server? For real files, and for small ones, whose processing takes a fifth of a millisecond: what PostgreSQL costs is by the file.
 *
 * Engine, coordinator and worker have done a job before, but for the first round; the processes of both are new ones for each job.
 */
export default async function cost(bench: Bench): Promise<void> {
  const small = { files: bench.quick ? 5000 : 20_000, minBytes: 400, maxBytes: 1_000_000, alpha: 1.16 }
  await using server = await startPostgres({ settings: { shared_buffers: '256MB', max_wal_size: '2GB' } })
  await using standing = new StandingWorker()
  let made = 0
  await beside('cluster/cost, real files', corpusOf(bench.quick))
  await beside('cluster/cost, small files', { root: generatedTree(small).root, discover: {} })

  async function beside(id: string, { root, discover }: Corpus): Promise<void> {
    const over = async (place: ReturnType<typeof scratch>, home?: Cluster): Promise<Sample> => {
      await using engine = new BatchProcessingEngine({ ...place.config, discover }, home === undefined ? {} : { home })
      const started = performance.now()
      const { books } = await engine.processRepository(root)
      const seconds = (performance.now() - started) / 1000
      return { value: books.delivered / seconds, checksum: checksumOf(readFileSync(place.out)) }
    }
    await compare(bench, {
      id,
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
}

/** Of the output: another byte is another sum. */
function checksumOf(output: Buffer): number {
  return createHash('sha256').update(output).digest().readUIntBE(0, 6)
}
