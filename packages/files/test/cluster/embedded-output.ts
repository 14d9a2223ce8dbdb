import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BatchConfig } from '../../src/engine/config.ts'
import { BatchProcessingEngine } from '../../src/files.ts'

/** What one process makes of a tree, with its ledger and output in `folder`: the bytes that a job of many machines must come to. */
export async function embeddedOutput(root: string, folder: string, config: BatchConfig): Promise<Buffer> {
  const out = join(folder, 'embedded.jsonl')
  await using engine = new BatchProcessingEngine({ stateDir: join(folder, 'state'), out, ...config })
  await engine.processRepository(root)
  return readFileSync(out)
}
