import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BatchConfig } from '@millrace/files'

/** Worker processes of ours and of every peer. */
export const WORKERS = 2

/** A folder for one sample's ledger and output, and the configuration that has them there. */
export interface Scratch extends Disposable {
  readonly out: string
  readonly config: BatchConfig
}

/** An empty ledger in a folder of its own; disposing of it deletes the folder. */
export function scratch(): Scratch {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  const out = join(folder, 'results.jsonl')
  return {
    out,
    config: { workerCount: WORKERS, processors: ['syntax'], stateDir: join(folder, 'state'), out },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  }
}
