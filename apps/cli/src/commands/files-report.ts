import { resolve } from 'node:path'
import { makeReport, writeReport } from '@millrace/files'
import { refuseFlag } from '../config/flag-values.ts'
import type { ExitCode } from '../exit-code.ts'
import { STANDARD_OUTPUT } from '../progress/progress.ts'
import { waitLine } from '../progress/wait-line.ts'
import { pathFrom, printJson } from '../terminal.ts'
import { formatBytes } from '../text/numbers.ts'
import { printable } from '../text/width.ts'
import type { JobsFlags } from './files-jobs.ts'
import { findStartedJob } from './find-job.ts'
import { withLedger } from './with-ledger.ts'

export interface ReportFlags extends JobsFlags {
  readonly job?: string
  readonly out?: string
}

/** `millrace files report`: a job as a page that opens offline. */
export function reportFiles(flags: ReportFlags): Promise<ExitCode> {
  return withLedger(flags, async (ledger) => {
    const cwd = process.cwd()
    const job = await findStartedJob(ledger, flags.job)
    using wait = waitLine('Reading the results')
    if (flags.out === STANDARD_OUTPUT) {
      if (flags.json === true) refuseFlag('--out', 'a file where --json has standard output', STANDARD_OUTPUT)
      const page = await makeReport(ledger, job)
      wait[Symbol.dispose]()
      process.stdout.write(page)
      return
    }
    const out = resolve(cwd, flags.out ?? 'millrace-report.html')
    const bytes = await writeReport(ledger, job, out)
    wait[Symbol.dispose]()
    if (flags.json === true) printJson({ job: job.jobId, out, bytes })
    else
      process.stdout.write(`Report  ${printable(pathFrom(cwd, out))} (${formatBytes(bytes)}): open it in a browser.\n`)
  })
}
