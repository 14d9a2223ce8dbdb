import { resolve } from 'node:path'
import { openRoot, type RepositoryProcessingResult, readCron, scheduled } from '@millrace/files'
import { systemClock } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import { configOfFlags, type RunFlags } from '../config/run-flags.ts'
import { loadSettings } from '../config/settings.ts'
import type { ExitCode } from '../exit-code.ts'
import { summaryLine } from '../progress/json-lines.ts'
import { formatMoment } from '../summary/job-table.ts'
import { pathFrom } from '../terminal.ts'
import { formatItems, formatSeconds } from '../text/numbers.ts'
import { printable } from '../text/width.ts'
import { hostJob } from './host-job.ts'

export interface ScheduleFlags extends RunFlags {
  readonly cron: string
  readonly timezone?: string
}

/** `millrace files schedule [dir] --cron …`: a job over a tree at each moment of the schedule, until somebody stops it. */
export function scheduleFiles(dir: string | undefined, flags: ScheduleFlags): Promise<ExitCode> {
  return hostJob(flags, async () => {
    const cwd = process.cwd()
    const { cron, timezone } = flags
    const when = { cron, ...(timezone !== undefined && { timezone }) }
    const schedule = await readCron(when)
    if (schedule.next(systemClock.wallNow()) === undefined) {
      throw new MillraceError('SCHEDULE_INVALID', `"${cron}" never comes: there is no such day, or it is over.`, {
        detail: { cron },
      })
    }
    const overrides = { ...configOfFlags(flags), ...(dir !== undefined && { dir: resolve(cwd, dir) }) }
    const settings = await loadSettings(cwd, flags, overrides)
    // What would fail at night is told by day.
    await openRoot(settings.dir)
    return {
      settings,
      watches: true,
      async start(engine, options, view) {
        let last: RepositoryProcessingResult | undefined
        const tree = printable(pathFrom(cwd, settings.dir))
        const onWait = (dueMs: number) => {
          const words = `The next run over ${tree} is at ${formatMoment(dueMs)}. Ctrl-C stops.`
          view.wait(words)
          if (last === undefined) view.tell(words, { type: 'scheduled', nextMs: dueMs })
        }
        const { signal } = options
        // Machines that share a database share its schedules, by the trees they are for.
        const moments =
          view.home?.scheduled({ ...when, name: settings.dir, signal, onWait }) ??
          scheduled({ schedule, clock: systemClock, signal, onWait })
        for await (const { dueMs, missed } of moments) {
          view.wait(undefined)
          last = await engine.processRepository(settings.dir, {}, options)
          if (last.interrupted) break
          const { books, reused, seconds } = last
          const done = books.delivered - reused
          const late = missed === 0 ? '' : `; ${formatItems(missed, 'moment')} before went by`
          view.tell(
            `${formatMoment(dueMs)}  ${done > 0 ? `${formatItems(done, 'file')} delivered` : 'nothing new'}, ${books.quarantined} in quarantine, in ${formatSeconds(seconds)}${late}`,
            { ...summaryLine(last), type: 'run', dueMs, missed },
          )
        }
        view.wait(undefined)
        return last
      },
    }
  })
}
