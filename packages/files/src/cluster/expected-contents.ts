import type { LedgerFile } from '../ledger/ledger.ts'
import { readInput } from '../processor/file-input.ts'
import type { FileFailed } from '../worker/executor.ts'
import { fileFailure } from '../worker/file-failure.ts'
import type { OrderedFile } from './batch-order.ts'

export interface Looked {
  /** Files with what a worker must find in them. */
  readonly files: readonly OrderedFile[]
  /** Files that the coordinator itself cannot read. */
  readonly failed: readonly { readonly file: LedgerFile; readonly failure: FileFailed }[]
}

/** Reading goes on for so long before others have their turn, milliseconds. */
const AT_ONCE_MS = 10

/**
 * Reads files where the coordinator has them, so that workers can tell whether theirs are the same.
 *
 * The stamp that goes with a result is the coordinator's too: it is of the contents that were read here, whichever machine made the record.
 */
export async function lookAt(root: string, files: readonly LedgerFile[], maxFileBytes: number): Promise<Looked> {
  const ordered: OrderedFile[] = []
  const failed: Looked['failed'][number][] = []
  let since = performance.now()
  for (const file of files) {
    const { fileId, path, size, mtimeMs, language, kind, knownHash } = file
    try {
      const { hash, stamp } = readInput(root, file, maxFileBytes)
      ordered.push({ fileId, path, size, mtimeMs, language, kind, knownHash, expectedHash: hash, seenStamp: stamp })
    } catch (error) {
      failed.push({ file, failure: fileFailure(0, error, 0) })
    }
    if (performance.now() - since < AT_ONCE_MS) continue
    await new Promise(setImmediate)
    since = performance.now()
  }
  return { files: ordered, failed }
}
