import type { MillraceError } from '@millrace/kernel/errors'
import { recordCrc, rowCrc } from './checksums.ts'
import type { FileIdSet } from './file-id-set.ts'
import type { Checkpoint } from './ledger.ts'
import { removeResult } from './meet-stretch.ts'
import { batchComplete, fileRefused } from './refusals.ts'
import type { Statements } from './statements.ts'

/** The job a checkpoint is of, and its tree. */
export interface CheckpointTarget {
  readonly jobId: string
  readonly job: number
  readonly tree: number
  /** Files that the job may settle although their results stand. */
  readonly toCheck: FileIdSet
}

/**
 * Writes a checkpoint, to be called in a transaction, and gives the ids of its files that are gone.
 * @throws {MillraceError} `LEDGER_CONFLICT`, or what SQLite throws where a key refuses a row: {@link conflictOf} then says over which file.
 */
export function writeCheckpoint(sql: Statements, target: CheckpointTarget, checkpoint: Checkpoint): number[] {
  const { jobId, job, tree } = target
  const { batchId, complete, priority, estimatedMs, ms, worker } = checkpoint
  const nextFileId = sql.nextFileId(tree).id
  const files = filesOf(sql, target, checkpoint)
  const gone = new Set<number>()
  /** The file, or undefined where discovery has removed it meanwhile. */
  const fileOf = (fileId: number) => {
    const file = files.get(fileId)
    if (file !== undefined) return file
    if (fileId < 0 || fileId >= nextFileId) throw fileRefused(jobId, batchId, { fileId, path: null, state: 'unknown' })
    gone.add(fileId)
    return undefined
  }

  reopenChecked(sql, tree, files, checkpoint)
  let resultsChanged = false
  let delivered = 0
  let quarantined = 0
  for (const { fileId, hash, record, ms, stamp } of checkpoint.deliveries) {
    const file = fileOf(fileId)
    if (file === undefined) continue
    const crc = recordCrc(file.path, hash, record)
    const before = takeKept(file)
    if (before === undefined) {
      const recordId = Number(sql.insertRecord(crc, record).lastInsertRowid)
      sql.insertResult(tree, fileId, job, ms, recordId, stamp, hash, rowCrc(tree, fileId, job, recordId, stamp, hash))
      file.recordId = recordId
    } else {
      const { row, recordId } = before
      file.recordId = recordId
      sql.deleteHighlights(recordId)
      sql.updateRecord(recordId, crc, record)
      sql.updateResult(row, job, ms, stamp, hash, rowCrc(tree, fileId, job, recordId, stamp, hash))
    }
    resultsChanged = true
    delivered++
  }
  const verified: number[] = []
  for (const { fileId, stamp } of checkpoint.confirmed) {
    const file = fileOf(fileId)
    if (file === undefined) continue
    const before = takeKept(file)
    if (before === undefined) {
      const { state } = sql.fileStanding(tree, fileId)
      throw fileRefused(jobId, batchId, {
        fileId,
        path: file.path,
        state: state === 'pending' ? 'without a kept result' : state,
      })
    }
    const { row, recordId, hash } = before
    file.recordId = recordId
    if (file.stands && stamp === before.stamp) verified.push(fileId)
    else sql.confirmResult(row, job, stamp, rowCrc(tree, fileId, job, recordId, stamp, hash))
    delivered++
  }
  if (verified.length > 0) sql.insertConfirmations(job, JSON.stringify(verified))
  for (const { fileId, code, message, attempts, evidence } of checkpoint.quarantined) {
    const file = fileOf(fileId)
    if (file === undefined) continue
    if (takeKept(file) !== undefined) {
      removeResult(sql, tree, fileId)
      resultsChanged = true
    }
    sql.insertQuarantined(tree, fileId, code, message, attempts, evidence)
    quarantined++
  }
  for (const { fileId, attempt, code, message, ms } of checkpoint.attempts) {
    if (fileOf(fileId)) sql.insertAttempt(tree, fileId, attempt, batchId, code, message, ms)
  }
  for (const { fileId, list, label, value } of checkpoint.highlights) {
    const file = fileOf(fileId)
    if (file === undefined) continue
    file.recordId ??= sql.standingRecord(tree, fileId)?.recordId
    if (file.recordId === undefined)
      throw fileRefused(jobId, batchId, { fileId, path: file.path, state: 'without a result, yet has a highlight' })
    sql.insertHighlight(tree, fileId, file.recordId, list, value, label)
  }
  if (resultsChanged) sql.revise(tree)
  // Last, for the schema then looks whether any file is settled twice.
  const done = Number(complete)
  const batch = sql.insertBatch(job, batchId, priority, estimatedMs, ms, worker, done, delivered, quarantined)
  if (batch.changes === 0) throw batchComplete(jobId, batchId)
  return [...gone]
}

/** What a checkpoint needs to know of a file. */
interface CheckpointedFile {
  readonly path: string
  /** Its result, where the file is to be settled and nothing in the checkpoint has settled it yet. */
  kept:
    | { readonly row: number; readonly recordId: number; readonly hash: string; readonly stamp: string | null }
    | undefined
  /** Whether `kept` stands meanwhile. */
  stands: boolean
  /** The record of its result, once the checkpoint has made that stand. */
  recordId: number | undefined
}

/**
 * The files of a checkpoint that the tree has.
 *
 * PERF: asked for at once, and with them their results: one by one they were a sixth of the cost of a delivery.
 */
function filesOf(
  sql: Statements,
  { tree, toCheck }: CheckpointTarget,
  checkpoint: Checkpoint,
): Map<number, CheckpointedFile> {
  const { deliveries, confirmed, quarantined, attempts, highlights } = checkpoint
  const ids = new Set<number>()
  for (const list of [deliveries, confirmed, quarantined, attempts, highlights]) {
    for (const { fileId } of list) ids.add(fileId)
  }
  const files = new Map<number, CheckpointedFile>()
  const rows = sql.checkpointFiles(tree, JSON.stringify([...ids]))
  for (const [fileId, path, row, reopened, recordId, hash, stamp] of rows) {
    const isKept = row !== null && (reopened === 1 || toCheck.has(fileId))
    const kept = isKept ? { row, recordId, hash, stamp } : undefined
    files.set(fileId, { path, kept, stands: isKept && reopened === 0, recordId: undefined })
  }
  return files
}

/**
 * Does to files whose contents were checked what meeting them would have done had their stamp told of a change: to those that the checkpoint
 * says more of than that they are as they were.
 */
function reopenChecked(
  sql: Statements,
  tree: number,
  files: ReadonlyMap<number, CheckpointedFile>,
  { deliveries, quarantined, attempts }: Checkpoint,
): void {
  for (const list of [deliveries, quarantined, attempts]) {
    for (const { fileId } of list) {
      const file = files.get(fileId)
      if (!file?.stands) continue
      const { row, stamp } = file.kept!
      sql.reopenResult(row)
      sql.restampFile(tree, file.path, stamp)
      sql.deleteAttempts(tree, fileId)
      file.stands = false
    }
  }
}

/** The result of a file that is settled now, where it is kept; once only, for it is then replaced, confirmed or removed. */
function takeKept(file: CheckpointedFile): CheckpointedFile['kept'] {
  const { kept } = file
  file.kept = undefined
  return kept
}

/** Names the file over which the schema refused a checkpoint; to be called when the transaction is undone. */
export function conflictOf(
  sql: Statements,
  target: CheckpointTarget,
  checkpoint: Checkpoint,
  cause: unknown,
): MillraceError {
  const { batchId, deliveries, confirmed, quarantined } = checkpoint
  const seen = new Set<number>()
  let last = { fileId: -1, path: null as string | null, state: 'refused' as string }
  for (const { fileId } of [...deliveries, ...confirmed, ...quarantined]) {
    const { path, state } = sql.fileStanding(target.tree, fileId)
    last = { fileId, path, state: seen.has(fileId) ? 'in it twice' : state }
    if (seen.has(fileId) || state === 'quarantined' || (state === 'delivered' && !target.toCheck.has(fileId))) break
    seen.add(fileId)
  }
  return fileRefused(target.jobId, batchId, last, cause)
}
