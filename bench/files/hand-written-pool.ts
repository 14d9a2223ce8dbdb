import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { DiscoveredFile } from '@millrace/files'
import type { Order } from './hand-written-worker.ts'

const CHUNK = 50
const worker = fileURLToPath(new URL('./hand-written-worker.ts', import.meta.url))

export interface PoolOptions {
  readonly root: string
  readonly work: Order['work']
  readonly workers: number
}

/** What came back: the records are counted and dropped. */
export interface PoolResult {
  readonly files: number
  /** UTF-16 units of all records. */
  readonly characters: number
}

/**
 * The pool one writes in an hour: a process a core, chunks of 50 files in the order given, pulled one after another. It
 * does the work in the same way and nothing else: no ledger, no deadline, no retry, no limit, no output.
 */
export async function runPool(
  files: readonly DiscoveredFile[],
  { root, work, workers }: PoolOptions,
): Promise<PoolResult> {
  let next = 0
  let done = 0
  let characters = 0

  async function drive(): Promise<void> {
    const child = fork(worker, { serialization: 'advanced' })
    const exited = once(child, 'exit')
    while (next < files.length) {
      const chunk = files.slice(next, next + CHUNK)
      next += chunk.length
      child.send({ work, root, files: chunk } satisfies Order)
      const [records] = (await Promise.race([once(child, 'message'), exited.then(fail)])) as [string[]]
      for (const record of records) characters += record.length
      done += records.length
    }
    child.disconnect()
    await exited
  }

  await Promise.all(Array.from({ length: workers }, drive))
  return { files: done, characters }
}

function fail(): never {
  throw new Error('A worker of the hand-written pool ended with work in hand')
}
