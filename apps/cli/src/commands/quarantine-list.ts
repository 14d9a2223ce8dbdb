import type { ExitCode } from '../exit-code.ts'
import { quarantineTable } from '../summary/quarantine-table.ts'
import { printJson, viewOf } from '../terminal.ts'
import type { JobsFlags } from './files-jobs.ts'
import { findStartedJob } from './find-job.ts'
import { withLedger } from './with-ledger.ts'

/** `millrace files quarantine list [job]`: the files in quarantine, a line each. */
export function listQuarantine(jobId: string | undefined, flags: JobsFlags): Promise<ExitCode> {
  return withLedger(flags, async (ledger) => {
    const job = await findStartedJob(ledger, jobId)
    const rows = await ledger.quarantine(job.jobId)
    if (flags.json === true) {
      for (const { path, code, message, attempts, size } of rows) printJson({ path, code, message, attempts, size })
    } else if (rows.length === 0) process.stdout.write(`Job ${job.jobId} has nothing in quarantine.\n`)
    else process.stdout.write(quarantineTable(rows, viewOf(process.stdout)))
  })
}
