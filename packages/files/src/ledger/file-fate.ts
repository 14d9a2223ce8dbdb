import type { FileIdSet } from './file-id-set.ts'
import type { FoundFile, MeetOptions } from './ledger.ts'
import type { KnownFile } from './statements.ts'

/**
 * What becomes of a known file that discovery found again:
 * - `stands`: its result does. `checked`: it does too, while the contents are read. `stays`: it stays in quarantine.
 * - `pending`: it waits as before. `afresh`: it does too, and what is kept of it does not count.
 * - `reread`: its result is kept until its contents are read. `redone`: its result goes. `freed`: it leaves quarantine.
 */
export type FileFate = 'stands' | 'checked' | 'stays' | 'pending' | 'afresh' | 'reread' | 'redone' | 'freed'

/**
 * Decides what becomes of a file.
 *
 * What `job` itself has delivered or confirmed is taken by its stamp whatever the options say: it was read in this job, perhaps before the
 * job was resumed.
 * @param processor The ledger's number for the processor that would make the file's record; undefined for one it has never met.
 * @param confirmed The files that the job confirmed while their result stood.
 */
export function fateOf(
  known: KnownFile,
  found: FoundFile,
  processor: number | undefined,
  job: number,
  confirmed: FileIdSet,
  { reuse, retryQuarantined }: MeetOptions,
): FileFate {
  const [, fileId, size, knownProcessor, deliveredBy, stamp, quarantined, knownHash] = known
  const same = stamp === found.stamp && size === found.size
  const otherProcessor = knownProcessor !== processor
  if (deliveredBy !== null) {
    const own = deliveredBy === job || confirmed.has(fileId)
    if (otherProcessor || (reuse === 'none' && !own)) return 'redone'
    if (!same) return 'reread'
    return reuse === 'stamp' || own ? 'stands' : 'checked'
  }
  if (quarantined === 1) return same && !otherProcessor && !retryQuarantined ? 'stays' : 'freed'
  return otherProcessor || (knownHash !== null && reuse === 'none') ? 'afresh' : 'pending'
}
