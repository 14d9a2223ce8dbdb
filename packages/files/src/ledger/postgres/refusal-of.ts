import type { MillraceError } from '@millrace/kernel/errors'
import { batchComplete, fileRefused, jobNotStarted, jobUnknown, type RefusedFile, superseded } from '../refusals.ts'
import { REFUSALS } from './checkpoint-function.ts'
import { isServerError } from './postgres-failure.ts'

/** What the ledger's functions refused, as the error a caller meets; undefined for any other error. */
export function refusalOf(error: unknown, jobId: string, batchId: number): MillraceError | undefined {
  if (!isServerError(error)) return undefined
  switch (error.code) {
    case REFUSALS.jobUnknown:
      return jobUnknown(jobId)
    case REFUSALS.superseded:
      return superseded(jobId, String(detailOf(error.detail).supersededBy))
    case REFUSALS.notRunning:
      return jobNotStarted(jobId)
    case REFUSALS.batch:
      return batchComplete(jobId, batchId)
    case REFUSALS.file: {
      const { fileId, path = null, state } = detailOf(error.detail) as Partial<RefusedFile>
      return fileRefused(jobId, batchId, { fileId: fileId!, path, state: state! }, error)
    }
    default:
      return undefined
  }
}

function detailOf(json: string | undefined): Readonly<Record<string, unknown>> {
  return JSON.parse(json ?? '{}')
}
