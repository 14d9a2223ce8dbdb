import { compareBytes } from '../discovery/byte-order.ts'
import { rowCrc } from './checksums.ts'
import type { FoundFile, LedgerFile, MeetOptions, Met } from './ledger.ts'
import type { Statements } from './statements.ts'
import {
  changesResults,
  isReopened,
  isToUpdate,
  type KnownStretch,
  ledgerFile,
  type PendingFile,
  type StretchChanges,
} from './stretch-changes.ts'

/** What the ledger has of the stretch of the tree between two paths. */
export function knownStretch(
  sql: Statements,
  tree: number,
  after: string,
  upTo: string,
  { reuse }: MeetOptions,
): KnownStretch {
  return {
    files: sql.knownFiles(tree, after, reuse === 'hash' ? 1 : 0, upTo),
    exclusions: sql.knownExclusions(tree, after, upTo),
    processorOf: processorNumbers(sql),
  }
}

/** The same of these paths and all below them, of which none lies below another. */
export function knownWithin(
  sql: Statements,
  tree: number,
  paths: readonly string[],
  { reuse }: MeetOptions,
): KnownStretch {
  const known = {
    files: paths.flatMap((path) => sql.knownFilesAt(tree, path, reuse === 'hash' ? 1 : 0)),
    exclusions: paths.flatMap((path) => sql.knownExclusionsAt(tree, path)),
  }
  const byPath = (a: readonly [string, ...unknown[]], b: readonly [string, ...unknown[]]) => compareBytes(a[0], b[0])
  // What lies below one path may come after another: `a`, `a.ts`, `a/b`.
  return {
    files: known.files.sort(byPath),
    exclusions: known.exclusions.sort(byPath),
    processorOf: processorNumbers(sql),
  }
}

function processorNumbers(sql: Statements): KnownStretch['processorOf'] {
  const processors = new Map<string, number | undefined>()
  return (tag) => {
    if (!processors.has(tag)) processors.set(tag, sql.processorOf(tag)?.processor)
    return processors.get(tag)
  }
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
  for (const [, fileId] of gone) removeFile(sql, tree, fileId)
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
    if (isReopened(fate)) {
      reopened.push(fileId)
      if (anyAttempts) sql.deleteAttempts(tree, fileId)
    }
    const knownHash = reopen(sql, tree, fileId, fate) ?? (fate === 'pending' ? known[7] : null)
    if (isToUpdate({ file, known, fate })) update(file, fileId)
    return ledgerFile(file, fileId, knownHash)
  })
  if (nextFileId > firstFileId) sql.setNextFileId(tree, nextFileId)
  if (changesResults(changes)) sql.revise(tree)
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
function reopen(sql: Statements, tree: number, fileId: number, fate: PendingFile['fate']): string | undefined {
  if (fate === 'freed') sql.deleteQuarantined(tree, fileId)
  if (fate === 'redone' || fate === 'afresh') removeResult(sql, tree, fileId)
  if (fate !== 'reread') return undefined
  const { row, hash } = sql.result(tree, fileId)
  sql.reopenResult(row)
  return hash
}
