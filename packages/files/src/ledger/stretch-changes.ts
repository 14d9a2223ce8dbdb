import { compareBytes } from '../discovery/byte-order.ts'
import type { ExcludedFile } from '../file.ts'
import { type FileFate, fateOf } from './file-fate.ts'
import type { FileIdSet } from './file-id-set.ts'
import type { FoundChunk, FoundFile, LedgerFile, MeetOptions } from './ledger.ts'
import { mergeByPath } from './merge-by-path.ts'
import type { KnownExclusion, KnownFile } from './statements.ts'

/** Where a started job is: its key, the last path it has met, and the files it confirmed before it was started again. */
export interface Place {
  readonly job: number
  readonly after: string
  readonly confirmed: FileIdSet
}

/** What a ledger has of a stretch of the tree. */
export interface KnownStretch {
  /** In byte order of the paths. */
  readonly files: readonly KnownFile[]
  /** In byte order of the paths. */
  readonly exclusions: readonly KnownExclusion[]
  /** The ledger's number for a processor; undefined for one it has never met. */
  readonly processorOf: (tag: string) => number | undefined
}

/** A file that is to be processed. */
export interface PendingFile {
  readonly file: FoundFile
  /** Undefined for a new file. */
  readonly known: KnownFile | undefined
  readonly fate: FileFate | 'new'
}

/** What a stretch of the tree asks of the ledger; computed without touching it, for mostly it is nothing. */
export interface StretchChanges {
  /** Files to be processed, in the order found. */
  readonly pending: readonly PendingFile[]
  readonly gone: readonly KnownFile[]
  readonly excluded: readonly ExcludedFile[]
  readonly noLongerExcluded: readonly string[]
  readonly unchanged: number
  readonly unchangedBytes: number
  readonly stillQuarantined: number
}

/** The last path of a stretch, or `after` where it is empty. */
export function endOfStretch({ files, excluded }: FoundChunk, after: string): string {
  const file = files.at(-1)?.path ?? after
  const entry = excluded.at(-1)?.path ?? after
  return compareBytes(file, entry) > 0 ? file : entry
}

/**
 * Compares a stretch of the tree with what a ledger has of it.
 *
 * PERF: a file that stands costs a row of one scan and some comparisons; `test/ledger/meet-cost.test.ts` holds that it writes nothing.
 */
export function compareStretch(
  { files, exclusions, processorOf }: KnownStretch,
  { job, after, confirmed }: Place,
  found: FoundChunk,
  options: MeetOptions,
): StretchChanges {
  const pending: PendingFile[] = []
  const gone: KnownFile[] = []
  let unchanged = 0
  let unchangedBytes = 0
  let stillQuarantined = 0
  mergeByPath(files, found.files, after, {
    met: (known, file) => {
      const fate = fateOf(known, file, processorOf(file.processor), job, confirmed, options)
      if (fate === 'stands') {
        unchanged++
        unchangedBytes += file.size
      } else if (fate === 'stays') stillQuarantined++
      else pending.push({ file, known, fate })
    },
    added: (file) => pending.push({ file, known: undefined, fate: 'new' }),
    gone: (known) => gone.push(known),
  })

  const excluded: ExcludedFile[] = []
  const noLongerExcluded: string[] = []
  mergeByPath(exclusions, found.excluded, after, {
    met: ([, reason], entry) => {
      if (reason !== entry.reason) excluded.push(entry)
    },
    added: (entry) => excluded.push(entry),
    gone: ([path]) => noLongerExcluded.push(path),
  })
  return { pending, gone, excluded, noLongerExcluded, unchanged, unchangedBytes, stillQuarantined }
}

/** Whether there is anything to write. */
export function hasChanges({ pending, gone, excluded, noLongerExcluded }: StretchChanges): boolean {
  return (
    gone.length + excluded.length + noLongerExcluded.length > 0 ||
    pending.some((file) => file.fate === 'new' || isToUpdate(file))
  )
}

/** Whether results go, of files that are gone or whose results are void. */
export function changesResults({ gone, pending }: StretchChanges): boolean {
  return (
    gone.some(([, , , , deliveredBy, , , knownHash]) => deliveredBy !== null || knownHash !== null) ||
    pending.some(({ fate, known }) => fate === 'redone' || (fate === 'afresh' && known?.[7] !== null))
  )
}

/** Whether a file of this fate was settled, and is not any more. */
export function isReopened(fate: PendingFile['fate']): boolean {
  return fate === 'reread' || fate === 'redone' || fate === 'freed'
}

/** Whether what is known of a file is to be brought up to date. */
export function isToUpdate({ file, known, fate }: PendingFile): boolean {
  return fate !== 'new' && fate !== 'checked' && (fate !== 'pending' || hasOtherFacts(known, file))
}

function hasOtherFacts(known: KnownFile | undefined, file: FoundFile): boolean {
  return known === undefined || known[5] !== file.stamp || known[2] !== file.size
}

/** A found file, with what the ledger knows of it. */
export function ledgerFile(
  { path, size, mtimeMs, stamp, language, kind }: FoundFile,
  fileId: number,
  knownHash: string | null,
): LedgerFile {
  return { fileId, path, size, mtimeMs, stamp, language, kind, knownHash }
}
