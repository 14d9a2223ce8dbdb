import { spawn, spawnSync } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Bench } from '../harness/bench.ts'
import { rowAgainst } from '../harness/row.ts'
import { scratch } from './engine-config.ts'
import { generatedTree } from './generated-tree.ts'
import { driveEngine, engineEntry, finished } from './start-engine.ts'

const FILES = 1000
/** Batches of these sizes: what the second run has more of, its further batches have cost. */
const BATCH_SIZES = [100, 10] as const

interface Calls {
  readonly batches: number
  readonly fsyncs: number
  /** Times that a file of the tree was opened. */
  readonly opens: number
}

/** How often is the disk asked to make sure, a batch, and how often is each file opened? Counted by strace, where there is one. */
export default async function fsyncs(bench: Bench): Promise<void> {
  if (spawnSync('strace', ['--version']).status !== 0) {
    bench.tell('fsyncs: not counted, for strace is not installed here (`apt-get install strace`).')
    return
  }
  const [coarse, fine] = [await count(BATCH_SIZES[0]), await count(BATCH_SIZES[1])]
  const perBatch = (fine.fsyncs - coarse.fsyncs) / (fine.batches - coarse.batches)
  bench.report([
    rowAgainst('files/fsyncs-per-batch', 'fsyncs', [perBatch], 1),
    rowAgainst('files/opens-per-file', 'opens', [coarse.opens / FILES, fine.opens / FILES], 1),
  ])
  const words = [coarse, fine].map(({ batches, fsyncs }) => `${fsyncs} in a job of ${batches} batches`)
  bench.tell(
    `fsyncs: ${words.join(', ')}; what does not grow with the batches is the ledger's creation, the file list and the export.`,
  )
}

async function count(batchSize: number): Promise<Calls> {
  const { root } = generatedTree({ files: FILES, minBytes: 400, maxBytes: 100_000, alpha: 1.16 })
  using place = scratch()
  const log = join(place.out, '..', 'strace.log')
  const strace = ['-f', '-qq', '-e', 'trace=fsync,fdatasync,openat', '-e', 'signal=none', '-o', log]
  const child = spawn('strace', [...strace, process.execPath, ...process.execArgv, engineEntry], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const { result } = finished(await driveEngine(child, { root, config: place.config, chunk: batchSize }).ended)
  return { batches: result.statistics.batchesDone, ...(await callsIn(log, root)) }
}

/** A call that strace saw begin and end at different times has two lines; the one that begins it counts. */
async function callsIn(log: string, root: string): Promise<Omit<Calls, 'batches'>> {
  let fsyncs = 0
  let opens = 0
  for await (const line of createInterface({ input: createReadStream(log) })) {
    if (/ (?:fsync|fdatasync)\(/.test(line)) fsyncs++
    else if (line.includes(`"${root}/`) && line.includes('.ts"') && / openat\(/.test(line)) opens++
  }
  return { fsyncs, opens }
}
