import type { PlaceFlags } from '../config/run-flags.ts'
import type { ExitCode } from '../exit-code.ts'
import { briefOf } from '../job/job-report.ts'
import { isResumable } from '../job/job-state.ts'
import { courseLines } from '../summary/job-course.ts'
import { jobTable } from '../summary/job-table.ts'
import { commandLine, pathFrom, placeWords, printJson, viewOf } from '../terminal.ts'
import { withLedger } from './with-ledger.ts'

export interface JobsFlags extends PlaceFlags {
  readonly json?: boolean
}

/** `millrace files jobs`: the ledger's jobs, newest first. */
export function listJobs(flags: JobsFlags): Promise<ExitCode> {
  return withLedger(flags, async (ledger, { liveness, signOf }) => {
    const nowMs = Date.now()
    const rows = await ledger.jobs()
    const isAlive = await liveness()
    const jobs = await Promise.all(rows.map((row) => briefOf(ledger, row, { nowMs, isAlive, signOf })))
    if (flags.json === true) for (const job of jobs) printJson(job)
    else if (jobs.length === 0) {
      const run = commandLine(['files', 'run', ...placeWords(flags)], process.env)
      process.stdout.write(`There are no jobs yet. Start one: ${run}\n`)
    } else {
      const cwd = process.cwd()
      const view = viewOf(process.stdout)
      process.stdout.write(jobTable(jobs, { ...view, pathOf: (path) => pathFrom(cwd, path) }))
      const notes = jobs.flatMap((job) => courseLines(job, view))
      if (notes.length > 0) process.stdout.write(`\n${notes.join('\n')}\n`)
      const unfinished = jobs.find(({ state }) => isResumable(state))
      if (unfinished !== undefined) {
        const resume = commandLine(['files', 'resume', unfinished.job, ...placeWords(flags)], process.env)
        process.stdout.write(`\nResume it: ${resume}\n`)
      }
    }
  })
}
