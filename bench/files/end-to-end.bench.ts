import { readFileSync } from 'node:fs'
import { BatchProcessingEngine, type DiscoveredFile } from '@millrace/files'
import type { Bench } from '../harness/bench.ts'
import { type Contender, compare, type Sample } from '../harness/compare.ts'
import { type Corpus, corpusOf, filesOf } from './corpus.ts'
import { scratch, WORKERS } from './engine-config.ts'
import { type PoolOptions, runPool } from './hand-written-pool.ts'

/**
 * What do isolation, a durable ledger and a sorted export cost beside a pool that has none of them? Ours finds the
 * files itself and ends with the output on disk; the others are given the list and keep nothing.
 */
export default async function endToEnd(bench: Bench): Promise<void> {
  const corpus = corpusOf(bench.quick)
  const files = await filesOf(corpus)
  const { root } = corpus
  // Brings the files into the page cache, for whoever comes first.
  await runPool(files, { root, work: 'parse', workers: WORKERS })
  const pool: Contender = {
    name: `hand-written pool of ${WORKERS}`,
    goal: 0.9,
    sample: () => poolSample(files, { root, work: 'record', workers: WORKERS }),
  }
  const context: readonly Contender[] = [
    { name: 'one process', sample: () => poolSample(files, { root, work: 'record', workers: 1 }) },
    {
      name: 'one process, read and parse only',
      sample: async () => ({ value: (await poolSample(files, { root, work: 'parse', workers: 1 })).value }),
    },
  ]
  await compare(bench, {
    id: 'files/end-to-end',
    unit: 'files/s',
    rounds: 5,
    ours: () => engineSample(corpus),
    // The context takes longer than the question.
    peers: bench.quick ? [pool] : [pool, ...context],
  })
}

async function engineSample({ root, discover }: Corpus): Promise<Sample> {
  using place = scratch()
  const started = performance.now()
  await using engine = new BatchProcessingEngine({ ...place.config, discover })
  const { books } = await engine.processRepository(root)
  const seconds = (performance.now() - started) / 1000
  // A character a line is the line's end.
  const characters = readFileSync(place.out, 'utf8').length - books.delivered
  return { value: books.delivered / seconds, checksum: checksumOf(books.delivered, characters) }
}

async function poolSample(files: readonly DiscoveredFile[], options: PoolOptions): Promise<Sample> {
  const started = performance.now()
  const { files: done, characters } = await runPool(files, options)
  const seconds = (performance.now() - started) / 1000
  return { value: done / seconds, checksum: checksumOf(done, characters) }
}

/** Tells a file too few and a record of another length. */
function checksumOf(files: number, characters: number): number {
  return characters + files / 1e6
}
