import { MillraceError } from '@millrace/kernel/errors'
import { compareBytes } from '../discovery/byte-order.ts'

/** What a merge tells of each path, in byte order. */
export interface MergeVisitor<Known, Found> {
  /** It is known and was found. */
  readonly met: (known: Known, found: Found) => void
  /** It was found and is not known. */
  readonly added: (found: Found) => void
  /** It is known and was not found. */
  readonly gone: (known: Known) => void
}

/**
 * Walks two lists as one, both after the path `after` and sorted by path in byte order, and tells of each path on which side it is. A path found
 * twice is told twice, the second time as added.
 *
 * Linear; allocates nothing.
 * @throws {MillraceError} `LEDGER_CONFLICT` where the paths found do not ascend.
 */
export function mergeByPath<
  Known extends readonly [path: string, ...unknown[]],
  Found extends { readonly path: string },
>(known: readonly Known[], found: readonly Found[], after: string, visitor: MergeVisitor<Known, Found>): void {
  let at = 0
  let before = after
  for (const item of found) {
    let row = known[at]
    // PERF: nearly all paths are on both sides, where the order of the known is the order of the found and only the rest is compared.
    while (row !== undefined && row[0] !== item.path && compareBytes(row[0], item.path) < 0) {
      visitor.gone(row)
      row = known[++at]
    }
    if (row !== undefined && row[0] === item.path) {
      visitor.met(row, item)
      at++
    } else if (compareBytes(before, item.path) <= 0) visitor.added(item)
    else throw notAscending(item.path, before)
    before = item.path
  }
  for (let row = known[at]; row !== undefined; row = known[++at]) visitor.gone(row)
}

function notAscending(path: string, before: string): MillraceError {
  return new MillraceError(
    'LEDGER_CONFLICT',
    `The ledger was handed ${path} after ${before}: paths come in byte order, each once. Nothing of the call is kept.`,
    { detail: { path, before } },
  )
}
