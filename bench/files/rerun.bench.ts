import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { BatchProcessingEngine, type DiscoveredFile, discoverFiles, type Reuse } from '@millrace/files'
import type { Bench } from '../harness/bench.ts'
import { compare, type Sample } from '../harness/compare.ts'
import { scratch, WORKERS } from './engine-config.ts'
import { generatedTree } from './generated-tree.ts'
import { runPool } from './hand-written-pool.ts'

/** At least half as fast as the least a program could do by hand. */
const HALF = 0.5

/** What does a job over an unchanged tree cost beside a bare walk; and one that trusts no time stamp, beside bare reading and hashing? */
export default async function rerun(bench: Bench): Promise<void> {
  const files = bench.quick ? 10_000 : 100_000
  const { root } = generatedTree({ files, minBytes: 400, maxBytes: 1_000_000, alpha: 1.16 })
  using place = scratch()
  await using engine = new BatchProcessingEngine(place.config)
  await engine.processRepository(root)
  // Files made a moment ago are read once more, for their times could hide a change; from then on nothing is new.
  await engine.processRepository(root)

  const again = async (reuse: Reuse): Promise<Sample> => {
    const started = performance.now()
    const { books, reused } = await engine.processRepository(root, { reuse })
    if (reused !== files) throw new Error(`${files - reused} of ${files} files were processed again`)
    return filesPerSecond(books.delivered, started)
  }
  await compare(bench, {
    id: 'files/rerun-unchanged',
    unit: 'files/s',
    rounds: 5,
    ours: () => again('stamp'),
    peers: [
      {
        name: 'walk with lstat, one thread',
        goal: HALF,
        sample: () => {
          const started = performance.now()
          return filesPerSecond(
            walk(root, () => {}),
            started,
          )
        },
      },
    ],
  })
  const list: DiscoveredFile[] = []
  for await (const file of discoverFiles(root)) list.push(file)
  const hashing = async (workers: number): Promise<Sample> => {
    const started = performance.now()
    // The pool is given the list; the walk is part of the work.
    walk(root, () => {})
    return filesPerSecond((await runPool(list, { root, work: 'hash', workers })).files, started)
  }
  await compare(bench, {
    id: 'files/rerun-verified',
    unit: 'files/s',
    rounds: 5,
    ours: () => again('hash'),
    peers: [
      { name: 'walk, read and hash, one process', goal: HALF, sample: () => hashing(1) },
      { name: `walk, read and hash, ${WORKERS} processes`, sample: () => hashing(WORKERS) },
    ],
  })
}

function filesPerSecond(files: number, started: number): Sample {
  return { value: (files * 1000) / (performance.now() - started), checksum: files }
}

function walk(folder: string, onSize: (size: number) => void): number {
  let files = 0
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) files += walk(path, onSize)
    else if (entry.isFile()) {
      onSize(lstatSync(path).size)
      files++
    }
  }
  return files
}
