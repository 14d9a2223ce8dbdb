import type { ExitCode } from '../exit-code.ts'
import { findQuarantined } from '../job/quarantine-paths.ts'
import { readEvidence } from '../job/read-evidence.ts'
import { quarantinedFile } from '../summary/quarantined-file.ts'
import { commandLine, placeWords, printJson, viewOf } from '../terminal.ts'
import type { JobsFlags } from './files-jobs.ts'
import { findStartedJob } from './find-job.ts'
import { withLedger } from './with-ledger.ts'

/** Flags of the commands that look into a job's quarantine. */
export interface QuarantineFlags extends JobsFlags {
  readonly job?: string
}

/** More than any ledger holds: the attempts of one file cannot be asked for alone. */
const ALL = 1_000_000

/** `millrace files quarantine show <path>`: all that is known of why a file is in quarantine. */
export function showQuarantined(path: string, flags: QuarantineFlags): Promise<ExitCode> {
  return withLedger(flags, async (ledger) => {
    const { jobId, root } = await findStartedJob(ledger, flags.job)
    const [row] = findQuarantined(await ledger.quarantine(jobId), [path], { cwd: process.cwd(), root })
    if (row === undefined) return
    const attempts = (await ledger.attempts(jobId, ALL)).filter((attempt) => attempt.path === row.path)
    const { evidence, ...facts } = row
    const file = { ...facts, job: jobId, evidence: readEvidence(evidence), tries: attempts }
    if (flags.json === true) printJson(file)
    else {
      const words = ['files', 'quarantine', 'retry', row.path, ...placeWords(flags)]
      const retryCommand = commandLine(words, process.env)
      process.stdout.write(quarantinedFile(file, { ...viewOf(process.stdout), retryCommand }))
    }
  })
}
