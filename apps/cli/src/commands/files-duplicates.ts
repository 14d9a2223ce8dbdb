import { type DuplicatesRecord, type DuplicatesReport, findDuplicates, type JobRow, type Ledger } from '@millrace/files'
import { MillraceError } from '@millrace/kernel/errors'
import type { ExitCode } from '../exit-code.ts'
import { waitLine } from '../progress/wait-line.ts'
import { duplicatesTable } from '../summary/duplicates-table.ts'
import { commandLine, placeWords, printJson, viewOf } from '../terminal.ts'
import type { JobsFlags } from './files-jobs.ts'
import { withLedger } from './with-ledger.ts'

export interface DuplicatesFlags extends JobsFlags {
  readonly limit?: number
}

const DEFAULT_LIMIT = 20
const PAGE_ROWS = 1000
const PAGE_BYTES = 8 * 1024 * 1024

/** `millrace files duplicates`: what was written twice, by the fingerprints in the ledger. */
export function showDuplicates(flags: DuplicatesFlags): Promise<ExitCode> {
  return withLedger(flags, async (ledger) => {
    const job = await newestJob(ledger, flags)
    const report = await reportOf(ledger, job.jobId)
    const limit = flags.limit ?? DEFAULT_LIMIT
    if (flags.json === true) {
      for (const duplicate of report.duplicates.slice(0, limit)) printJson(duplicate)
      printJson({ ...report, job: job.jobId, root: job.root, duplicates: report.duplicates.length })
    } else process.stdout.write(duplicatesTable(report, limit, viewOf(process.stdout)))
  })
}

async function reportOf(ledger: Ledger, jobId: string): Promise<DuplicatesReport> {
  using _wait = waitLine('Comparing the results')
  return findDuplicates(await recordsOf(ledger, jobId))
}

/** @throws {MillraceError} `JOB_UNKNOWN` where no job had the processor. */
async function newestJob(ledger: Ledger, flags: DuplicatesFlags): Promise<JobRow> {
  const isOurs = (tag: string) => tag.startsWith('duplicates@')
  const job = (await ledger.jobs()).find(
    ({ processors, supersededBy, startedMs }) => processors.some(isOurs) && supersededBy === null && startedMs !== null,
  )
  if (job !== undefined) return job
  const run = commandLine(['files', 'run', '--processor', 'duplicates', ...placeWords(flags)], process.env)
  throw new MillraceError('JOB_UNKNOWN', `No job in the ledger looked for duplicates. Start one: ${run}`, {
    detail: {},
  })
}

/** Records of other processors, which the job may have had beside, have no fingerprints. */
async function recordsOf(ledger: Ledger, jobId: string): Promise<(DuplicatesRecord & { readonly path: string })[]> {
  const records: (DuplicatesRecord & { readonly path: string })[] = []
  let after: string | undefined
  for (;;) {
    const page = await ledger.results(jobId, after, PAGE_ROWS, PAGE_BYTES)
    if (page.length === 0) return records
    for (const { record } of page) {
      const parsed = JSON.parse(record) as DuplicatesRecord & { readonly path: string }
      if (Array.isArray(parsed.fingerprints)) records.push(parsed)
    }
    after = page.at(-1)!.path
  }
}
