import type { ResultRow } from '../../sink/sink.ts'
import { recordDamaged } from '../refusals.ts'
import { unpackRecord } from './packed-record.ts'
import type { Session } from './session.ts'
import type { Statement } from './statements.ts'

/** A file of the page, or what came of one: a record is one or the other, and neither where the page had no room for it. */
type PageRow = readonly [
  fileId: number,
  path: string | null,
  hash: string | null,
  ...([record: string, packed: null] | [record: null, packed: Buffer] | [record: null, packed: null]),
]

export interface PageOrder {
  readonly jobId: string
  readonly tree: number
  readonly afterPath: string | undefined
  readonly limit: number
  readonly maxBytes: number
}

/** A page of results is asked for so many rows more than the one before makes likely. */
const SPARE_ROWS = 16

/**
 * Reads results page by page, in byte order of their paths.
 *
 * PERF: the server takes files in the order of their paths and results in the order of their numbers, each in one scan, and they are put together here: to look up
 * the results file by file took it twice as long. What a page looks up and has no room for, the next one looks up again, so that no more files are asked for
 * than are likely to fit (`npm run bench -- cluster/cost`).
 */
export class ResultPages {
  readonly #statement: Statement
  /** The path up to which the last page went, and how many files are likely to fit in the one after it. */
  #last: { readonly upTo: string | undefined; readonly fitting: number } = { upTo: undefined, fitting: 0 }

  constructor(statement: Statement) {
    this.#statement = statement
  }

  /** At most `limit` rows, and at least one where there is one; without the largest they come to less than `maxBytes`. */
  async read(session: Session, { jobId, tree, afterPath, limit, maxBytes }: PageOrder): Promise<readonly ResultRow[]> {
    const { upTo, fitting } = this.#last
    let after = afterPath ?? ''
    let asked = afterPath !== undefined && afterPath === upTo ? Math.min(limit, fitting) : limit
    for (;;) {
      const given = await session.tuples<PageRow>(this.#statement, tree, after, asked, Math.max(1, maxBytes))
      const { rows, files, lastPath, isCut } = inOrder(jobId, given)
      if (rows.length > 0) {
        const likely = isCut ? Math.ceil(1.25 * rows.length) + SPARE_ROWS : 2 * asked
        this.#last = { upTo: rows.at(-1)!.path, fitting: likely }
        return rows
      }
      if (isCut) asked = Math.ceil(asked / 4)
      else if (files < asked) return []
      else after = lastPath
    }
  }
}

interface OrderedPage {
  readonly rows: readonly ResultRow[]
  /** Files that were looked at, whether there is a result of them or not, and the path of the last one. */
  readonly files: number
  readonly lastPath: string
  /** Whether the page ends before a result that there was no room for. */
  readonly isCut: boolean
}

function inOrder(jobId: string, given: readonly PageRow[]): OrderedPage {
  const results = new Map<number, PageRow>()
  const files: (readonly [path: string, fileId: number])[] = []
  for (const row of given) {
    const [fileId, path] = row
    if (path === null) results.set(fileId, row)
    else files.push([path, fileId])
  }
  const rows: ResultRow[] = []
  let isCut = false
  for (const [path, fileId] of files) {
    const result = results.get(fileId)
    if (result === undefined) continue
    const [, , hash, record, packed] = result
    isCut = record === null && packed === null
    if (isCut) break
    rows.push({ path, hash: hash!, record: record ?? unpacked(jobId, path, packed!) })
  }
  return { rows, files: files.length, lastPath: files.at(-1)?.[0] ?? '', isCut }
}

function unpacked(jobId: string, path: string, packed: Buffer): string {
  try {
    return unpackRecord(packed)
  } catch (cause) {
    throw recordDamaged(jobId, path, cause)
  }
}
