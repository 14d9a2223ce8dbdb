import { fork } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { BenchWord } from './bench-process.ts'
import type { BenchRow } from './row.ts'

/** Compiled code is kept for every contender alike: stripping types is no question of a bench, and published files have none. */
const NODE_COMPILE_CACHE = join(tmpdir(), 'millrace-bench-compile-cache')

const entry = fileURLToPath(new URL('./bench-process.ts', import.meta.url))

/** What a bench file came to. */
export interface BenchFindings {
  readonly rows: readonly BenchRow[]
  /** Markdown, in the order it came. */
  readonly texts: readonly string[]
}

/**
 * Runs a bench file in a fresh process of this Node, in which `@millrace/*` is the workspace's sources, for its rows and texts.
 * @throws {Error} where the process fails; what it printed on its way is on stderr.
 */
export async function runBenchFile(
  file: URL,
  { nodeFlags, quick }: { readonly nodeFlags: readonly string[]; readonly quick: boolean },
): Promise<BenchFindings> {
  const rows: BenchRow[] = []
  const texts: string[] = []
  const child = fork(entry, [file.href, quick ? 'quick' : 'full'], {
    env: { ...process.env, NODE_COMPILE_CACHE },
    execArgv: ['--conditions=millrace-source', ...nodeFlags],
  })
  child.on('message', (word: BenchWord) => {
    if ('rows' in word) rows.push(...word.rows)
    else texts.push(word.text)
  })
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  if (code !== 0) throw new Error(`it ended with ${signal ?? `code ${code}`}`)
  return { rows, texts }
}
