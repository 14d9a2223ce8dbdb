import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Bench } from '../harness/bench.ts'
import { processTree } from '../harness/process-tree.ts'
import { scratch, WORKERS } from './engine-config.ts'
import { iconFolder } from './icon-folder.ts'
import { HEAP_MB, jscodeshift, type Peer, type PeerOptions, type PeerRun, peers } from './peers/peer.ts'
import { startEngine } from './start-engine.ts'

/** A job that has not ended by then is taken for hung, seconds. */
const BOUND_S = 60
const QUICK_BOUND_S = 20
/** How long a file may take, where a tool can be told. */
const FILE_S = 5

/** Files that end whatever process has them, one a kind; all but the last two by what the parser or the user's code does with them. */
const KILLERS: Readonly<Record<string, string | Buffer>> = {
  'a segfault in the parser': '['.repeat(200_000),
  'an endless loop': '// kill: loop\n',
  'out of memory': '// kill: memory\n',
  'process.exit': '// kill: exit\n',
  'not UTF-8': Buffer.from('export const caf\xe9 = "\xe9"\n', 'latin1'),
}

/**
 * What becomes of a job in which five files are killers? The same user code in every tool; what each delivers of the others. A table
 * of its own, for it is no ratio.
 */
export default async function killers(bench: Bench): Promise<void> {
  const good = bench.quick ? 200 : 1000
  const boundS = bench.quick ? QUICK_BOUND_S : BOUND_S
  const root = iconFolder('killers', good)
  const clean = iconFolder('no-killers', good)
  // Evenly among the good ones, by name, so that they fall into different chunks.
  const names = readdirSync(root)
  for (const [index, contents] of Object.values(KILLERS).entries()) {
    const before = names[Math.floor(((index + 0.5) / Object.keys(KILLERS).length) * names.length)]!
    writeFileSync(join(root, before.replace('.js', `Killer${index}.js`)), contents)
  }
  const files = good + Object.keys(KILLERS).length
  const rows = [await ours(root, files, boundS)]
  for (const peer of peers) {
    if (peer.missing !== undefined) rows.push([peer.name, `not run: ${peer.missing} is not installed`, '', ''])
    else {
      await inScratch(boundS, async (place) => checkClean(peer, await peer.run(clean, place), good))
      rows.push(await inScratch(boundS, async (place) => told(peer.name, await peer.run(root, place), files)))
    }
  }
  rows.push(
    await inScratch(boundS, async (place) => {
      const name = `${jscodeshift.name}, no killer, \`kill -9\` of a worker`
      return told(name, await jscodeshift.run(clean, { ...place, onStart: killAChild }), good)
    }),
  )
  const head = ['tool', 'delivered', 'exit', 'seconds']
  const table = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
  bench.tell(
    `${good} good files and five killers (${Object.keys(KILLERS).join(', ')}), ${WORKERS} workers, ${HEAP_MB} MB of heap each, at most ${boundS} s:\n\n${table.join('\n')}`,
  )
}

async function ours(root: string, files: number, boundS: number): Promise<string[]> {
  using place = scratch()
  const started = performance.now()
  const processors = [fileURLToPath(new URL('./peers/user-code-processor.ts', import.meta.url))]
  const engine = startEngine({
    root,
    config: { ...place.config, processors, timeoutSeconds: FILE_S, workerHeapMb: HEAP_MB },
  })
  const bound = setTimeout(() => engine.process.kill('SIGKILL'), boundS * 1000)
  const result = (await engine.ended)?.result
  clearTimeout(bound)
  const quarantined = result?.quarantined.map(({ path, code }) => `${path} ${code}`).join(', ')
  return [
    'Millrace',
    `${result?.books.delivered ?? 0} of ${files}; quarantined: ${quarantined}`,
    engine.process.signalCode === null ? `code ${engine.process.exitCode}` : 'hung',
    ((performance.now() - started) / 1000).toFixed(1),
  ]
}

/** A tool that cannot do it without killers would look as if they had done that. */
function checkClean({ name }: Peer, { delivered, end, stderr }: PeerRun, files: number): void {
  if (delivered !== files) throw new Error(`${name} delivered ${delivered} of ${files} good files (${end}): ${stderr}`)
}

function told(name: string, run: { delivered: number; end: string; seconds: number }, files: number): string[] {
  return [name, `${run.delivered} of ${files}`, run.end, run.seconds.toFixed(1)]
}

async function inScratch<T>(boundS: number, run: (options: PeerOptions) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  try {
    return await run({ userCode: true, scratch: folder, boundS })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Kills the first process that a tool starts, as soon as it has had a moment to work. */
const killAChild: NonNullable<PeerOptions['onStart']> = (tool) => {
  const looking = setInterval(() => {
    const child = processTree(tool.pid!)[1]
    if (child === undefined) return
    clearInterval(looking)
    setTimeout(() => process.kill(child, 'SIGKILL'), 400)
  }, 50)
  tool.once('exit', () => clearInterval(looking))
}
