import { MillraceError } from '@millrace/kernel/errors'
import type { BatchOutcome } from '../dispatch/outcome.ts'
import type { Checkpoint } from '../ledger/ledger.ts'
import type { LedgerDatabase } from '../ledger/postgres/ledger-database.ts'
import { checkpointIsIn, writeCheckpoint } from '../ledger/postgres/write-checkpoint.ts'
import type { ClusterFile } from './batch-order.ts'
import type { Board, Claim } from './board.ts'
import { fedOf, feed, type ReturnedFile } from './feed.ts'
import { sqlOf } from './transaction-db.ts'

/** What a worker commits as, and where. */
export interface CommitPlace {
  readonly database: LedgerDatabase
  readonly board: Board
  readonly queue: string
  readonly jobId: string
  readonly epoch: number
  readonly worker: { readonly number: number; readonly name: string }
}

/**
 * Commits an outcome in one transaction: that the claim on its batch holds, the checkpoint, that the coordinator hears of it, and, where nothing of
 * the batch is left, its end on the board. All of it is written or nothing.
 *
 * Files that could not be read as the coordinator did go back to it instead of into quarantine: it is this tree that is at fault.
 * @throws {MillraceError} `BATCH_FENCED` where the claim holds no more: the batch is another worker's, or its coordinator's.
 */
export async function commitOutcome(
  place: CommitPlace,
  claim: Claim,
  outcome: BatchOutcome<ClusterFile>,
  { token, again }: { readonly token: string; readonly again: boolean },
): Promise<readonly ReturnedFile[]> {
  const { database, board, queue, jobId, epoch, worker } = place
  const { returned, checkpoint } = settle(outcome, worker)
  const target = { tables: database.tables, jobId, epoch, token }
  await database.transaction(async (client) => {
    // The answer to a COMMIT may have been lost; then the claim of a batch that is complete is gone for good reason.
    if (again && (await checkpointIsIn(client, target, checkpoint.batchId))) return
    // The claim is looked at before anything is written, and what follows is sent behind it: whether it held is known before the COMMIT.
    const claimed = Promise.withResolvers<void>()
    const tx = sqlOf(client, claimed.resolve)
    const holding = outcome.complete ? board.end(queue, claim, tx) : board.holds(queue, claim, tx)
    await Promise.race([claimed.promise, holding])
    const written = writeCheckpoint(client, target, checkpoint)
    const told = feed(client, database.tables, epoch, {
      ...fedOf(outcome, returned),
      worker: worker.number,
      by: worker.name,
      quarantined: checkpoint.quarantined.map(({ fileId, code, message, attempts }) => ({
        fileId,
        code,
        message,
        attempts,
      })),
    })
    // Of what fails, the first is the one to tell: the others fail because of it.
    for (const sent of [written, told]) sent.catch(() => {})
    if (!(await holding)) throw batchFenced(checkpoint.batchId, worker.name)
    await written
    await told
  })
  return returned
}

/** The claim that a worker has on a batch is void. */
export function batchFenced(batchId: number, worker: string): MillraceError {
  return new MillraceError(
    'BATCH_FENCED',
    `Batch ${batchId} is no longer ${worker}'s: it was silent for too long, or the job has another coordinator. Nothing more of the batch is taken from it.`,
    { detail: { batchId, worker } },
  )
}

/** What it means that a file could not be read, where the coordinator has read it. */
const OF_THIS_TREE = new Set([
  'FILE_DIFFERS',
  'FILE_VANISHED',
  'FILE_UNREADABLE',
  'FILE_NOT_REGULAR',
  'FILE_TOO_LARGE',
  'FILE_CHANGED',
  'FILE_READ_FAILED',
])

function settle(
  { batch, complete, ms, delivered, confirmed, quarantined, attempts, highlights }: BatchOutcome<ClusterFile>,
  worker: CommitPlace['worker'],
): { readonly returned: readonly ReturnedFile[]; readonly checkpoint: Checkpoint } {
  const kept = quarantined.filter(({ code }) => !OF_THIS_TREE.has(code))
  const given = quarantined.filter(({ code }) => OF_THIS_TREE.has(code))
  const of = (code: string, message: string) =>
    OF_THIS_TREE.has(code) ? `${message.replace(/\.?$/, '')} (worker ${worker.name}).` : message
  return {
    returned: given.map(({ file, code, message }) => ({
      fileId: file.fileId,
      code,
      message: of(code, message),
      expectedHash: file.expectedHash ?? '',
    })),
    checkpoint: {
      batchId: batch.batchId,
      complete,
      priority: batch.priority,
      estimatedMs: batch.estimatedMs,
      ms,
      worker: worker.number,
      // A record is of the contents that the coordinator read, so the stamp is the one that it saw.
      deliveries: delivered.map(({ file, hash, record, ms }) => ({
        fileId: file.fileId,
        hash,
        record,
        ms,
        stamp: file.seenStamp,
      })),
      confirmed: confirmed.map(({ file }) => ({ fileId: file.fileId, stamp: file.seenStamp })),
      quarantined: kept.map(({ file, evidence, ...rest }) => ({
        fileId: file.fileId,
        ...rest,
        evidence: JSON.stringify({ ...evidence, worker: worker.name }),
      })),
      attempts: attempts.map(({ file, code, message, ...rest }) => ({
        fileId: file.fileId,
        code,
        message: of(code, message),
        ...rest,
      })),
      highlights: highlights.map(({ file, list, label, value }) => ({ fileId: file.fileId, list, label, value })),
    },
  }
}
