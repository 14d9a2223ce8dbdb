import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BatchProcessingEngine } from '@millrace/files'
import { Cluster } from '@millrace/files/postgres'
import { startPostgres } from '../../packages/kernel/test/postgres/start-postgres.ts'
import type { Bench } from '../harness/bench.ts'
import { quantile } from '../harness/median.ts'
import { rowAgainst } from '../harness/row.ts'
import { startWorker } from './start-worker.ts'

/** Milliseconds. */
const SOON = { p50: 50, p99: 500 }
/** The first ones are slow for all that is loaded. */
const WARM_UP = 20

/**
 * How long does it take from the beginning of a batch to that of the next one, where there is one process and each batch is one small file? That is
 * a batch from the board to the process and its results in the ledger, with next to nothing to do in between.
 */
export default async function handOut(bench: Bench): Promise<void> {
  const batches = bench.quick ? 200 : 1000
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  const root = join(folder, 'tree')
  await using server = await startPostgres()
  const ledger = { url: server.url, schema: 'hand_out' }
  try {
    mkdirSync(root)
    for (let file = 0; file < batches; file++) writeFileSync(join(root, `${file}.ts`), `export const file = ${file}\n`)
    await using home = await Cluster.open({ ledger })
    const began: number[] = []
    await using _worker = await startWorker({
      ...ledger,
      root,
      workers: 1,
      onBegan: () => began.push(performance.now()),
    })
    const config = { stateDir: join(folder, 'state'), sink: null, processors: ['syntax'], batchSize: 1 }
    await using engine = new BatchProcessingEngine(config, { home })
    await engine.processRepository(root)
    const waits = began.slice(WARM_UP).map((at, index) => at - began[index + WARM_UP - 1]!)
    bench.report([
      rowAgainst('cluster/hand-out p50', 'ms', [quantile(waits, 0.5)], SOON.p50),
      rowAgainst('cluster/hand-out p99', 'ms', [quantile(waits, 0.99)], SOON.p99),
    ])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
