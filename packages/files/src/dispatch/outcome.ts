import type { DiscoveredFile } from '../file.ts'
import type { FileBatch } from '../plan/batch-strategy.ts'
import type { Highlight } from '../processor/processor.ts'

export interface DeliveredFile<F extends DiscoveredFile = DiscoveredFile> {
  readonly file: F
  readonly hash: string
  /** The whole record as one line of JSON. */
  readonly record: string
  readonly ms: number
  readonly bytes: number
  /** What the file was when it was read, or null where its times could hide a later change. */
  readonly stamp: string | null
}

/** A file that was read and still has the contents its kept result was made from. */
export interface ConfirmedFile<F extends DiscoveredFile = DiscoveredFile> {
  readonly file: F
  readonly ms: number
  readonly bytes: number
  readonly stamp: string | null
}

/** A highlight and the file it is about. */
export interface HighlightOfFile<F extends DiscoveredFile = DiscoveredFile> extends Highlight {
  readonly file: F
}

export interface QuarantinedFile<F extends DiscoveredFile = DiscoveredFile> {
  readonly file: F
  readonly code: string
  readonly message: string
  readonly attempts: number
  readonly evidence: Readonly<Record<string, unknown>>
}

/** One try that failed, whether or not another one followed. */
export interface FailedAttempt<F extends DiscoveredFile = DiscoveredFile> {
  readonly file: F
  /** Counts from 1. */
  readonly attempt: number
  readonly code: string
  readonly message: string
  readonly ms: number
}

/** What a batch, or the part of it since the outcome before, came to. Every file of a batch is in exactly one of its outcomes. */
export interface BatchOutcome<F extends DiscoveredFile = DiscoveredFile> {
  readonly batch: FileBatch<F>
  readonly worker: number
  /** Whether nothing of the batch is left. */
  readonly complete: boolean
  /** Time the batch has been in a worker, milliseconds. */
  readonly ms: number
  readonly delivered: readonly DeliveredFile<F>[]
  readonly confirmed: readonly ConfirmedFile<F>[]
  readonly quarantined: readonly QuarantinedFile<F>[]
  readonly attempts: readonly FailedAttempt<F>[]
  readonly highlights: readonly HighlightOfFile<F>[]
}

/** Files that an outcome settles. */
export function settledIn({ delivered, confirmed, quarantined }: BatchOutcome): number {
  return delivered.length + confirmed.length + quarantined.length
}
