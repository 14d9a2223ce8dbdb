import { open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { JobRow, Ledger } from '../ledger/ledger.ts'
import { checkOut } from '../sink/check-out.ts'
import { temporaryName } from '../sink/export.ts'
import { putInPlace, writing } from '../sink/file-sink.ts'
import { readReport } from './report-data.ts'
import { reportPage } from './report-page.ts'

/** Makes the report of a job: one page of HTML, see {@link writeReport}. O(results). */
export async function makeReport(ledger: Ledger, job: JobRow): Promise<string> {
  return reportPage(await readReport(ledger, job))
}

/**
 * Writes the report of a job to `out`: one page that shows sizes, complexity, imports, what was slow, large or quarantined, and opens offline. Gives its
 * size in bytes. What is at `out` before stays until the whole page is there.
 *
 * O(results); a tree of 100,000 files makes about 2 MB.
 * @throws {MillraceError} `OUT_UNWRITABLE`, `OUT_WRITE_FAILED`.
 */
export async function writeReport(ledger: Ledger, job: JobRow, out: string): Promise<number> {
  const path = await checkOut(out)
  const page = Buffer.from(await makeReport(ledger, job))
  const temporary = join(dirname(path), temporaryName('report', path))
  await writing(path, async () => {
    await rm(temporary, { force: true })
    const file = await open(temporary, 'wx')
    try {
      await file.writeFile(page)
      await file.sync()
    } finally {
      await file.close()
    }
    await putInPlace({ open, rename, rm }, temporary, path)
  })
  return page.length
}
