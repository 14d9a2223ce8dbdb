import { compareBytes } from '../discovery/byte-order.ts'
import type { ExcludedFile } from '../file.ts'
import { rowCrc } from './checksums.ts'
import { type FileFate, fateOf } from './file-fate.ts'
import type { FileIdSet } from './file-id-set.ts'
import type { FoundChunk, FoundFile, LedgerFile, MeetOptions, Met } from './ledger.ts'
import { mergeByPath } from './merge-by-path.ts'
import type { KnownFile, Statements } from './statements.ts'

/** Where a started job is: its keys, the last path it has met, and the files it confirmed before it was started again. */
export interface Place {
  readonly job: number
  readonly tree: number
  readonly after: string
  readonly confirmed: FileIdSet
}

interface Reopening {
  readonly file: FoundFile
  /** Undefined for a new file. */
  readonly known: KnownFile | undefined
  readonly fate: FileFate | 'new'
}

/** What a stretch of the tree asks of the ledger; computed without touching it, for mostly it is nothing. */
export interface StretchChanges {
  /** Files to be processed, in the order found. */
  readonly pending: readonly Reopening[]
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
 * Compares a stretch that ends at `upTo` with what the ledger has.
 *
 * PERF: a file that stands costs a row of one scan and some comparisons; `test/ledger/meet-cost.test.ts` holds that it writes nothing.
 */
export function compareStretch(
  sql: Statements,
  { job, tree, after, confirmed }: Place,
  upTo: string,
  found: FoundChunk,
  options: MeetOptions,
): StretchChanges {
  const pending: Reopening[] = []
  const gone: KnownFile[] = []
  let unchanged = 0
  let unchangedBytes = 0
  let stillQuarantined = 0
  const processors = new Map<string, number | undefined>()
  const processorOf = (tag: string) => {
    if (!processors.has(tag)) processors.set(tag, sql.processorOf(tag)?.processor)
    return processors.get(tag)
  }
  mergeByPath(sql.knownFiles(tree, after, upTo, options.reuse === 'hash' ? 1 : 0), found.files, after, {
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
  mergeByPath(sql.knownExclusions(tree, after, upTo), found.excluded, after, {
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
    pending.some(({ file, known, fate }) => fate !== 'checked' && (fate !== 'pending' || hasOtherFacts(known, file)))
  )
}

/** Brings the ledger up to date; to be called in a transaction. */
export function applyStretch(sql: Statements, tree: number, changes: StretchChanges): Met {
  const processors = new Map<string, number>()
  const processorOf = (tag: string) => {
    const known = processors.get(tag)
    if (known !== undefined) return known
    const { processor } = sql.processorOf(tag) ?? sql.insertProcessor(tag)
    processors.set(tag, processor)
    return processor
  }
  const enter = (file: FoundFile, fileId: number) => {
    const { path, size, mtimeMs, stamp, language, kind } = file
    const processor = processorOf(file.processor)
    const crc = rowCrc(tree, path, fileId, size, stamp, language, kind, processor)
    sql.insertFile(tree, fileId, path, size, mtimeMs, stamp, language, kind, processor, crc)
  }
  const update = (file: FoundFile, fileId: number) => {
    const { path, size, mtimeMs, stamp, language, kind } = file
    const processor = processorOf(file.processor)
    const crc = rowCrc(tree, path, fileId, size, stamp, language, kind, processor)
    sql.updateFile(tree, path, size, mtimeMs, stamp, language, kind, processor, crc)
  }

  const { gone, pending, excluded, noLongerExcluded, unchanged, unchangedBytes, stillQuarantined } = changes
  let resultsChanged = false
  for (const [, fileId, , , deliveredBy, , , knownHash] of gone) {
    removeFile(sql, tree, fileId)
    if (deliveredBy !== null || knownHash !== null) resultsChanged = true
  }
  for (const path of noLongerExcluded) sql.deleteExclusion(tree, path)
  for (const { path, reason } of excluded) sql.setExclusion(tree, path, reason, rowCrc(tree, path, reason))

  const firstFileId = sql.nextFileId(tree).id
  let nextFileId = firstFileId
  const reopened: number[] = []
  const anyAttempts = sql.anyAttempts(tree).any === 1
  const toDo = pending.map(({ file, known, fate }): LedgerFile => {
    if (known === undefined) {
      enter(file, nextFileId)
      return ledgerFile(file, nextFileId++, null)
    }
    const fileId = known[1]
    if (fate === 'checked') return ledgerFile(file, fileId, known[7])
    if (fate === 'redone' || (fate === 'afresh' && known[7] !== null)) resultsChanged = true
    if (fate !== 'pending' && fate !== 'afresh') {
      reopened.push(fileId)
      if (anyAttempts) sql.deleteAttempts(tree, fileId)
    }
    const knownHash = reopen(sql, tree, fileId, fate) ?? (fate === 'pending' ? known[7] : null)
    if (fate !== 'pending' || hasOtherFacts(known, file)) update(file, fileId)
    return ledgerFile(file, fileId, knownHash)
  })
  if (nextFileId > firstFileId) sql.setNextFileId(tree, nextFileId)
  if (resultsChanged) sql.revise(tree)
  return { pending: toDo, reopened, unchanged, unchangedBytes, stillQuarantined, removed: gone.length }
}

/** Removes a file with all that is about it. */
export function removeFile(sql: Statements, tree: number, fileId: number): void {
  sql.deleteRecord(tree, fileId)
  sql.deleteFile(tree, fileId)
}

/** Removes what a file was delivered with; the highlights go with the record. */
export function removeResult(sql: Statements, tree: number, fileId: number): void {
  sql.deleteRecord(tree, fileId)
  sql.deleteResult(tree, fileId)
}

/** Gives the hash of a result that may stand again. */
function reopen(sql: Statements, tree: number, fileId: number, fate: Reopening['fate']): string | undefined {
  if (fate === 'freed') sql.deleteQuarantined(tree, fileId)
  if (fate === 'redone' || fate === 'afresh') removeResult(sql, tree, fileId)
  if (fate !== 'reread') return undefined
  const { row, hash } = sql.result(tree, fileId)
  sql.reopenResult(row)
  return hash
}

function hasOtherFacts(known: KnownFile | undefined, file: FoundFile): boolean {
  return known === undefined || known[5] !== file.stamp || known[2] !== file.size
}

function ledgerFile(
  { path, size, mtimeMs, stamp, language, kind }: FoundFile,
  fileId: number,
  knownHash: string | null,
): LedgerFile {
  return { fileId, path, size, mtimeMs, stamp, language, kind, knownHash }
}
