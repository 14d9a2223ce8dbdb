import type { FileKind } from '../file.ts'
import type { FileBatch } from '../plan/batch-strategy.ts'
import type { BatchPriority } from '../plan/priority.ts'
import type { AssignedFile } from '../worker/executor.ts'

/** A file of a batch as it is published: what a worker needs to read it, and what it must find. */
export interface OrderedFile {
  readonly fileId: number
  readonly path: string
  readonly size: number
  readonly mtimeMs: number
  readonly language: string | null
  readonly kind: FileKind
  /** SHA-256 of the contents that its kept result was made from, or null where there is none. */
  readonly knownHash: string | null
  /** SHA-256 of the contents the coordinator read; a worker that reads others is refused the file. */
  readonly expectedHash: string
  /** What the file was in the coordinator's tree when it read those contents, as `DiscoveredFile.stamp` has it; null where that could hide a later change. */
  readonly seenStamp: string | null
}

/** A batch as it is published on the board: plain JSON. */
export interface BatchOrder {
  readonly batchId: number
  readonly priority: BatchPriority
  /** Predicted time in one worker, milliseconds. */
  readonly estimatedMs: number
  readonly totalSize: number
  /** Milliseconds since the epoch, by the coordinator's clock. */
  readonly createdAt: number
  readonly files: readonly OrderedFile[]
  /** Whether somebody may have had it before, so that some of its files may be settled: who claims it asks the ledger. */
  readonly begun: boolean
  /** Names of workers that are not to have it: their files are others. */
  readonly notFor: readonly string[]
  /** Whether who has it is to have nothing else: workers were lost with it, and it may be to blame. */
  readonly alone: boolean
}

/** A file in a worker's hands. */
export interface ClusterFile extends AssignedFile {
  readonly fileId: number
  readonly seenStamp: string | null
}

/** A batch as it is published. */
export function orderOf(
  { batchId, priority, estimatedMs, totalSize, createdAt }: Omit<FileBatch, 'files'>,
  files: readonly OrderedFile[],
  changes: Partial<Pick<BatchOrder, 'begun' | 'notFor' | 'alone'>> = {},
): BatchOrder {
  const plain = { begun: false, notFor: [], alone: false }
  return { batchId, priority, estimatedMs, totalSize, createdAt, files, ...plain, ...changes }
}

/** A published batch as a worker has it, of those files that are still to be settled. */
export function batchOf({ files, ...order }: BatchOrder, open: (file: OrderedFile) => boolean): FileBatch<ClusterFile> {
  const { batchId, priority, estimatedMs, totalSize, createdAt } = order
  // No worker compares stamps: they are of the coordinator's file system.
  const mine = files.filter(open).map((file) => ({ ...file, stamp: '' }))
  return { batchId, priority, estimatedMs, totalSize, createdAt, files: mine }
}
