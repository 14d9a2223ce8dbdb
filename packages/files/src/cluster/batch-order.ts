import type { FileKind } from '../file.ts'
import type { BatchPriority } from '../plan/priority.ts'

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
  readonly stamp: string | null
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
  /** Workers that have refused its files because theirs differ: names as in `ClusterWorker`. */
  readonly notFor: readonly string[]
}
