import { lstatSync, readdirSync } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { discoverFiles } from '@millrace/files'
import glob from 'fast-glob'
import { fdir } from 'fdir'
import { AHEAD, type Bench } from '../harness/bench.ts'
import { compare, type Sample } from '../harness/compare.ts'
import { rowAgainst } from '../harness/row.ts'
import { everything } from './corpus.ts'

const ENTRIES_PER_SECOND = 100_000

/**
 * How fast are files found, with their sizes? Ours also reads .gitignore files, tells languages and sorts, in a thread
 * that it starts.
 */
export default async function discovery(bench: Bench): Promise<void> {
  const root = bench.quick ? `${everything}/@mui/icons-material/esm` : everything
  const entries = readdirSync(root, { recursive: true }).length
  const timed = (totalSize: () => number | Promise<number>) => async (): Promise<Sample> => {
    const started = performance.now()
    const checksum = await totalSize()
    return { value: (entries * 1000) / (performance.now() - started), checksum }
  }
  const ours = await compare(bench, {
    id: 'files/discovery',
    unit: 'entries/s',
    rounds: 5,
    ours: timed(() => sizeByDiscovery(root)),
    peers: [
      { name: 'fs.promises, one by one', goal: AHEAD, sample: timed(() => sizeByPromises(root)) },
      { name: 'fdir and lstatSync', sample: timed(() => sizeByFdir(root)) },
      { name: 'fast-glob with stats', sample: timed(() => sizeByGlob(root)) },
    ],
  })
  bench.report([rowAgainst('files/discovery', 'entries/s', ours, ENTRIES_PER_SECOND)])
}

async function sizeByDiscovery(root: string): Promise<number> {
  let size = 0
  for await (const chunk of discoverFiles(root, { hidden: true, vendor: true }).chunks()) {
    for (const file of chunk.files) size += file.size
  }
  return size
}

async function sizeByPromises(folder: string): Promise<number> {
  let size = 0
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) size += await sizeByPromises(path)
    else if (entry.isFile()) size += (await lstat(path)).size
  }
  return size
}

function sizeByFdir(root: string): number {
  let size = 0
  for (const path of new fdir({ excludeSymlinks: true, includeBasePath: true }).crawl(root).sync())
    size += lstatSync(path).size
  return size
}

async function sizeByGlob(root: string): Promise<number> {
  let size = 0
  for (const { stats } of await glob('**', { cwd: root, dot: true, followSymbolicLinks: false, stats: true })) {
    size += stats?.size ?? 0
  }
  return size
}
