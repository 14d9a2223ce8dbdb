import { resolve } from 'node:path'
import { BatchProcessingEngine, type EngineEvent, type RepositoryProcessingResult } from '@millrace/files'
import { systemClock } from '@millrace/kernel'
import { surviveClosedOutput } from '../closed-output.ts'
import { configOfFlags, type RunFlags } from '../config/run-flags.ts'
import { loadSettings, type Settings } from '../config/settings.ts'
import { type ExitCode, exitCodeOf } from '../exit-code.ts'
import { listenForInterrupt } from '../interrupt.ts'
import { createLog, logEvent } from '../log.ts'
import { jsonEvent, summaryLine } from '../progress/json-lines.ts'
import { liveProgress, noProgress, type Progress, type ProgressPorts, plainProgress } from '../progress/progress.ts'
import { createPlainScreen, createTerminalScreen, type Screen } from '../progress/screen.ts'
import { errorEvent, errorLine, errorTrace } from '../report-error.ts'
import { fileBytes, runSummary } from '../summary/run-summary.ts'
import { commandLine, isTerminal, pathFrom, printJson, viewOf, widthOf } from '../terminal.ts'
import { formatItems } from '../text/numbers.ts'

/**
 * `millrace files run [dir]`: the settings, the engine with those who listen to it (progress, log, JSON lines), the summary.
 *
 * Standard output carries the summary or the JSON lines and nothing else; progress, log and errors go to standard error.
 */
export async function runFiles(dir: string | undefined, flags: RunFlags): Promise<ExitCode> {
  const cwd = process.cwd()
  const screen = showsLive(flags) ? createTerminalScreen(process.stderr) : createPlainScreen(process.stderr)
  let jobStarted = false
  try {
    const overrides = { ...configOfFlags(flags), ...(dir !== undefined && { dir: resolve(cwd, dir) }) }
    const settings = await loadSettings(cwd, flags, overrides)
    const result = await runJob(settings, flags, screen, (event) => {
      jobStarted ||= event.type === 'job-started'
    })
    if (flags.json === true) printJson(summaryLine(result))
    else if (flags.quiet !== true) {
      process.stdout.write(
        runSummary(result, {
          ...viewOf(process.stdout),
          pathOf: (path) => pathFrom(cwd, path),
          stateDir: settings.stateDir,
          outBytes: result.out === null ? null : fileBytes(result.out),
          showCommand: commandLine(['files', 'show', result.jobId, ...placeWords(flags)], process.env),
        }),
      )
    }
    const { interrupted, balanced, books } = result
    return exitCodeOf({ kind: 'finished', interrupted, balanced, quarantined: books.quarantined })
  } catch (error) {
    screen.note(errorLine(error, viewOf(process.stderr).style))
    if (flags.logLevel === 'debug' || flags.logLevel === 'trace') screen.note(errorTrace(error))
    if (flags.json === true) printJson(errorEvent(error))
    return exitCodeOf({ kind: 'failed', error, jobStarted })
  }
}

async function runJob(
  { dir, config }: Settings,
  flags: RunFlags,
  screen: Screen,
  onEvent: (event: EngineEvent) => void,
): Promise<RepositoryProcessingResult> {
  await using engine = new BatchProcessingEngine(config)
  const statistics = () => engine.getProcessingStatistics()
  const log = createLog({
    level: flags.logLevel ?? (flags.quiet === true ? 'error' : 'warn'),
    write: (line) => screen.note(line),
    ...(isTerminal(process.stderr) && { view: viewOf(process.stderr) }),
  })
  using interrupt = listenForInterrupt({
    source: process,
    clock: systemClock,
    onFirst: () => {
      if (flags.quiet !== true) screen.note(drainingLine(statistics().workersBusy))
    },
  })
  surviveClosedOutput(() => interrupt.request())
  const progress = startProgress(flags, { screen, statistics, clock: systemClock })
  using _subscription = engine.events.subscribe((event) => {
    onEvent(event)
    logEvent(log, event)
    progress.hear(event)
    if (flags.json === true && flags.quiet !== true) {
      const line = jsonEvent(event)
      if (line !== undefined) printJson(line)
    }
  })
  try {
    return await engine.processRepository(dir, {}, { signal: interrupt.signal })
  } finally {
    progress.stop()
  }
}

function startProgress(flags: RunFlags, ports: ProgressPorts): Progress {
  if (showsLive(flags)) {
    return liveProgress(ports, { style: viewOf(process.stderr).style, width: () => widthOf(process.stderr) })
  }
  return flags.json === true || flags.quiet === true ? noProgress : plainProgress(ports)
}

function showsLive({ json, quiet }: RunFlags): boolean {
  return isTerminal(process.stderr) && json !== true && quiet !== true
}

function drainingLine(batches: number): string {
  const what = batches === 0 ? 'Stopping' : `Finishing ${formatItems(batches, 'batch', 'batches')} in hand`
  return `${what}; press Ctrl-C again to stop at once.`
}

/** The words that lead a later command to the same ledger. */
function placeWords({ state, config, profile }: RunFlags): string[] {
  return [
    ...(state === undefined ? [] : ['--state', state]),
    ...(config === undefined ? [] : ['--config', config]),
    ...(profile === undefined ? [] : ['--profile', profile]),
  ]
}
