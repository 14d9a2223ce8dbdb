import type { DiscoveredFile } from '../file.ts'
import type { Highlight } from '../processor/processor.ts'

/** A file to process; or, where a result of it is kept, to confirm if it still has the contents of that result. */
export interface AssignedFile extends DiscoveredFile {
  /** SHA-256 of the contents that the kept result was made from. */
  readonly knownHash?: string | null
  /** SHA-256 of the contents it must have; with others it is refused. @default any will do */
  readonly expectedHash?: string
}

/** A batch, or what is left of one, as it is given to an executor. */
export interface Assignment {
  /** Told back with every report, so that an answer for another assignment is not taken for this one's. */
  readonly assignmentId: number
  readonly files: readonly AssignedFile[]
  /** Reports each file before it is begun, so that after a death the file in hand is known. */
  readonly cautious: boolean
}

export interface FileDelivered {
  /** The file's place in the assignment. */
  readonly index: number
  readonly hash: string
  /** The whole record as one line of JSON. */
  readonly record: string
  /** Time in the processor, milliseconds. */
  readonly ms: number
  /** Bytes read. */
  readonly bytes: number
  /**
   * What the file was when it was read, as {@link DiscoveredFile.stamp} has it; or null where it was touched so shortly before
   * that a later change might not show in its times (the clock's grain).
   */
  readonly stamp: string | null
}

/** A file that was read and has the contents its kept result was made from: it was not processed. */
export interface FileConfirmed {
  readonly index: number
  /** Time to read and hash it, milliseconds. */
  readonly ms: number
  readonly bytes: number
  /** As in {@link FileDelivered.stamp}. */
  readonly stamp: string | null
}

export interface FileFailed {
  readonly index: number
  readonly code: string
  readonly message: string
  /** Whether another try may succeed. */
  readonly transient: boolean
  readonly ms: number
  /** What is known beyond the message: plain JSON. */
  readonly evidence: Readonly<Record<string, unknown>>
}

/** What happened since the report before. Files are reported in order, each once. */
export interface ExecutorReport {
  readonly assignmentId: number
  readonly delivered: readonly FileDelivered[]
  readonly confirmed: readonly FileConfirmed[]
  readonly failed: readonly FileFailed[]
  /** The file begun next; the number of files when none is left. */
  readonly next: number
  readonly highlights: readonly IndexedHighlight[]
}

/** A highlight, and the place in the assignment of the file it is about. */
export interface IndexedHighlight extends Highlight {
  readonly index: number
}

/** What is known of an executor that died with work in hand. */
export interface ExecutorDeath {
  readonly reason: 'crashed' | 'deadline' | 'memory'
  /** One sentence: `was killed by SIGSEGV`, `answered nothing for 30 s`. */
  readonly detail: string
  readonly evidence: Readonly<Record<string, unknown>>
}

export type ExecutorEnd = { readonly done: true } | { readonly done: false; readonly death: ExecutorDeath }

/**
 * Where files are processed. One assignment at a time.
 *
 * `run` settles once: done, or dead. What was reported before a death stands; the rest was not done. Afterwards a dead
 * executor takes no more work. It rejects only where no other file would fare better (the processors do not load).
 */
export interface Executor {
  /** Processor time used so far and resident memory now, as well as can be told from outside. */
  usage(): ExecutorUsage
  run(assignment: Assignment, onReport: (report: ExecutorReport) => void): Promise<ExecutorEnd>
  /** Whether it should be replaced before its next assignment. */
  readonly worn: boolean
  /** Ends it: politely when idle, at once with work in hand. Settles when it is gone. */
  close(): Promise<void>
}

export interface ExecutorUsage {
  /** Its process, or this one's when it has none of its own. */
  readonly pid: number
  readonly ownProcess: boolean
  readonly rssMb: number
  readonly cpuMs: number
}
