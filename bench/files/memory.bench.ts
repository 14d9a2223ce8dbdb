import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Bench } from '../harness/bench.ts'
import { pssOfTree } from '../harness/process-tree.ts'
import { rowAgainst, rowBeside } from '../harness/row.ts'
import { scratch, WORKERS } from './engine-config.ts'
import { generatedTree, type TreeSpec } from './generated-tree.ts'

const ROUNDS = 3
const SAMPLE_EVERY_MS = 100
const MEGABYTE = 1024 * 1024
const GOAL_MB = 512
/** What people start; it gives the engine's process a lean heap, which a library cannot do for the process it is in. */
const millrace = fileURLToPath(new URL('../../apps/cli/bin/millrace.js', import.meta.url))
/** The specification's. */
const FLOOR_MB = 2048
/** At most 1.2 times as much, as a ratio. */
const FLAT = 0.83
/** Both trees have one file of the largest size. */
const SIZES: Omit<TreeSpec, 'files'> = { minBytes: 400, maxBytes: 1_000_000, alpha: 1.16 }

/**
 * How much memory do `millrace files run` and its workers hold together at their peak, and does it grow with the number of files? PSS: each
 * page once, shared ones by their share.
 */
export default async function memory(bench: Bench): Promise<void> {
  const [few, many] = bench.quick ? [1000, 10_000] : [10_000, 100_000]
  const small: number[] = []
  const large: number[] = []
  for (let round = 0; round < ROUNDS; round++) {
    small.push(await peakMb(few))
    large.push(await peakMb(many))
  }
  const id = `files/memory-${many.toLocaleString('en-US')}-files`
  bench.report([
    rowAgainst(id, 'MB', large, GOAL_MB),
    rowBeside(id, 'MB', large, { name: 'specification', values: large.map(() => FLOOR_MB) }, 1),
    rowBeside(id, 'MB', large, { name: `${few.toLocaleString('en-US')} files`, values: small }, FLAT),
  ])
  bench.tell(`Memory: the largest file of both trees has ${SIZES.maxBytes.toLocaleString('en-US')} bytes.`)
}

async function peakMb(files: number): Promise<number> {
  const { root } = generatedTree({ ...SIZES, files })
  using place = scratch()
  const { stateDir } = place.config
  const options = ['--workers', `${WORKERS}`, '--state', stateDir!, '--out', place.out, '--json', '--quiet']
  const command = spawn(process.execPath, [millrace, 'files', 'run', root, ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  command.stdout.setEncoding('utf8').on('data', (text: string) => (said += text))
  let peak = 0
  const sampling = setInterval(() => {
    peak = Math.max(peak, pssOfTree(command.pid!))
  }, SAMPLE_EVERY_MS)
  try {
    await once(command, 'close')
    const { delivered } = JSON.parse(said) as { readonly delivered: number }
    if (delivered !== files) throw new Error(`${delivered} of ${files} files were delivered`)
  } finally {
    clearInterval(sampling)
  }
  return peak / MEGABYTE
}
