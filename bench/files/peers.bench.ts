import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench } from '../harness/bench.ts'
import { type Contender, compare, type Sample } from '../harness/compare.ts'
import { scratch, WORKERS } from './engine-config.ts'
import { iconFolder } from './icon-folder.ts'
import { eslint, type Peer, peers } from './peers/peer.ts'
import { runEngine } from './start-engine.ts'

const BOUND_S = 120

/**
 * How fast are the tools that people use for such work, as they come? Context: they parse with what they parse with, and keep what they
 * keep. Ours starts its process, finds the files, has every result on the disk and exports them.
 */
export default async function besidePeers(bench: Bench): Promise<void> {
  const files = bench.quick ? 500 : 5000
  const root = iconFolder('peers', files)
  const here = peers.filter(({ missing }) => missing === undefined)
  for (const { name, missing } of peers) if (missing) bench.tell(`${name}: not measured, ${missing} is not installed.`)
  await compare(bench, {
    id: `files/peers-${files}-files`,
    unit: 'files/s',
    rounds: 3,
    ours: () => ours(root, files),
    peers: here.map(
      (peer): Contender => ({ name: `${peer.name} (keeps ${peer.keeps})`, sample: () => sampleOf(peer, root, files) }),
    ),
  })
  await compare(bench, {
    id: `files/peers-${files}-files-unchanged`,
    unit: 'files/s',
    rounds: 3,
    ours: () => ours(root, files, 2),
    peers: [{ name: `${eslint.name} --cache`, sample: () => sampleOf(eslint, root, files, 2) }],
  })
}

/** The last of so many runs over the same state. */
async function ours(root: string, files: number, runs = 1): Promise<Sample> {
  using place = scratch()
  let seconds = 0
  for (let run = 0; run < runs; run++) {
    const started = performance.now()
    await runEngine({ root, config: { ...place.config, workerCount: WORKERS } })
    seconds = (performance.now() - started) / 1000
  }
  return { value: files / seconds }
}

async function sampleOf(peer: Peer, root: string, files: number, runs = 1): Promise<Sample> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  try {
    let seconds = 0
    for (let run = 0; run < runs; run++) {
      const ended = await peer.run(root, { userCode: false, scratch: folder, boundS: BOUND_S })
      if (ended.delivered !== files) {
        throw new Error(`${peer.name} delivered ${ended.delivered} of ${files} files (${ended.end}): ${ended.stderr}`)
      }
      seconds = ended.seconds
    }
    return { value: files / seconds }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
