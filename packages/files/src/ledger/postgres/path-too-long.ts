import { MillraceError } from '@millrace/kernel/errors'
import type { FoundChunk } from '../ledger.ts'

/** Characters of a path that a message shows. */
const SHOWN = 200

/** The refusal of a stretch with a path in it that is longer than a key of PostgreSQL can be. */
export function pathTooLong(jobId: string, { files, excluded }: FoundChunk, cause: unknown): MillraceError {
  let path = ''
  for (const found of [...files, ...excluded]) if (found.path.length > path.length) path = found.path
  return new MillraceError(
    'LEDGER_PATH_TOO_LONG',
    `A ledger in PostgreSQL takes paths of about 2,600 bytes, and ${path.slice(0, SHOWN)}… has ${Buffer.byteLength(path)}. Run on a folder further down, or without --postgres: the ledger in the state folder takes any path.`,
    { detail: { jobId, path }, cause },
  )
}
