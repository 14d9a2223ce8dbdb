import type { JobRow, Ledger } from '../ledger/ledger.ts'
import { BesideFile } from '../sink/beside-file.ts'
import { checkOut } from '../sink/check-out.ts'
import { temporaryName } from '../sink/export.ts'
import { writing } from '../sink/file-sink.ts'
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
  await writing(path, async () => {
    const beside = await BesideFile.begin({ out: path, temporaryName: temporaryName('report', path) })
    try {
      await beside.file.writeFile(page)
      await beside.putInPlace()
    } catch (error) {
      await beside.discard()
      throw error
    }
  })
  return page.length
}
