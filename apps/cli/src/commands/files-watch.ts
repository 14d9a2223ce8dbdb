import { resolve } from 'node:path'
import { openRoot, type RepositoryProcessingResult, type WatchedRun } from '@millrace/files'
import { configOfFlags, type RunFlags } from '../config/run-flags.ts'
import { loadSettings } from '../config/settings.ts'
import type { ExitCode } from '../exit-code.ts'
import { summaryLine } from '../progress/json-lines.ts'
import { pathFrom } from '../terminal.ts'
import { formatItems, formatSeconds } from '../text/numbers.ts'
import { printable } from '../text/width.ts'
import { hostJob } from './host-job.ts'

/** `millrace files watch [dir]`: jobs over a tree, one now and one whenever it has changed, until somebody stops it. */
export function watchFiles(dir: string | undefined, flags: RunFlags): Promise<ExitCode> {
  return hostJob(flags, async () => {
    const cwd = process.cwd()
    const overrides = { ...configOfFlags(flags), ...(dir !== undefined && { dir: resolve(cwd, dir) }) }
    const settings = await loadSettings(cwd, flags, overrides)
    await openRoot(settings.dir)
    return {
      settings,
      watches: true,
      async start(engine, { signal }, view) {
        let last: RepositoryProcessingResult | undefined
        let out: string | null = null
        using _subscription = engine.events.subscribe((event) => {
          if (event.type === 'job-queued' || event.type === 'job-started') view.wait(undefined)
          if (event.type === 'exported' || event.type === 'export-skipped') out = event.out
        })
        for await (const run of engine.watch(settings.dir, {}, { signal })) {
          last = run.result
          const { brokenOff, changes, result } = run
          if (result.interrupted && !brokenOff) break
          view.tell(runLine(run, new Date()), { ...summaryLine(result), type: 'run', changes, brokenOff })
          const tree = printable(pathFrom(cwd, result.root))
          view.wait(`Watching ${tree}: ${formatItems(result.books.discovered, 'file')}. Ctrl-C stops.`)
        }
        view.wait(undefined)
        // Stopped before anything began: what a job that was stopped says. Else the output has by now what the last run has come to.
        return last === undefined
          ? engine.processRepository(settings.dir, {}, { signal })
          : { ...last, out: last.out ?? out }
      },
    }
  })
}

/** What a run came to, in one line: `03:41:12  3 changes: 2 delivered, 1 removed in 0.4 s`. */
function runLine({ result, changes, brokenOff }: WatchedRun, at: Date): string {
  const { books, reused, removed, seconds } = result
  const done = books.delivered - reused
  const parts = [
    ...(done > 0 ? [`${formatItems(done, 'file')} delivered`] : removed > 0 ? [] : ['nothing new']),
    ...(removed > 0 ? [`${formatItems(removed, 'file')} gone`] : []),
    ...(books.quarantined > 0 ? [`${formatItems(books.quarantined, 'file')} in quarantine`] : []),
  ]
  const why = changes === 0 ? '' : `${formatItems(changes, 'change')}: `
  const broken = brokenOff ? '; broken off for files that were edited' : ''
  return `${at.toTimeString().slice(0, 8)}  ${why}${parts.join(', ')} in ${formatSeconds(seconds)}${broken}`
}
