import {
  BatchProcessingEngine,
  type EngineEvent,
  type RepositoryProcessingResult,
  type ResumeOptions,
} from '@millrace/files'
import type { Cluster } from '@millrace/files/postgres'
import { systemClock } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import type { Logger } from 'pino'
import { surviveClosedOutput } from '../closed-output.ts'
import { refuseFlag } from '../config/flag-values.ts'
import { publicUrl } from '../config/postgres-url.ts'
import { type HostFlags, queueOf } from '../config/run-flags.ts'
import type { Settings } from '../config/settings.ts'
import { watchRoutes } from '../control/routes.ts'
import { ExitCode, exitCodeOf } from '../exit-code.ts'
import { listenForInterrupt } from '../interrupt.ts'
import { type EngineWatch, watchEngine } from '../job/engine-watch.ts'
import { createJobDoor } from '../job/job-door.ts'
import { openHome } from '../job/open-home.ts'
import { createLog, logEvent } from '../log.ts'
import { openMetricsServer } from '../metrics/metrics-server.ts'
import { jsonEvent, summaryLine } from '../progress/json-lines.ts'
import {
  liveProgress,
  noProgress,
  type Progress,
  type ProgressPorts,
  plainProgress,
  STANDARD_OUTPUT,
} from '../progress/progress.ts'
import { createPlainScreen, createTerminalScreen, type Screen } from '../progress/screen.ts'
import { drainingWords } from '../progress/stop-words.ts'
import { errorEvent, errorLine, errorTrace } from '../report-error.ts'
import { fileBytes, runSummary } from '../summary/run-summary.ts'
import { commandLine, isTerminal, pathFrom, placeWords, printJson, viewOf, widthOf } from '../terminal.ts'

/** What there is to host: settings, and the engine's call that does the job; it gives nothing where it was stopped before there was any. */
export interface HostedJob {
  readonly settings: Settings
  readonly start: (
    engine: BatchProcessingEngine,
    options: Pick<ResumeOptions, 'queue' | 'accept'> & { readonly signal: AbortSignal },
    view: WatchView,
  ) => Promise<RepositoryProcessingResult | undefined>
  /** Whether it goes on, with one job after another. @default false */
  readonly watches?: boolean
}

/** Where one who goes on and on tells of what was done. */
export interface WatchView {
  /** Told to people as a line that stays, to programs as a line of JSON. */
  tell(line: string, event: object): void
  /** What is shown until the next job begins; undefined when it has. */
  wait(words: string | undefined): void
  /** Where the jobs are kept, where that is not this machine. */
  readonly home: Cluster | undefined
}

/** What is known of a job while it goes on. */
interface Course {
  jobId: string | undefined
  started: boolean
  /** Where the results go, once they do. */
  out?: string
}

/**
 * Hosts a job from its settings to its exit code: the engine with those who listen to it (progress, log, JSON lines, metrics, the control
 * socket), the signals that end it, and the summary.
 *
 * Standard output carries the summary or the JSON lines and nothing else, or the results where they are to go there; progress, log and errors
 * go to standard error, and then the summary too.
 * @param prepare Whatever it throws is told as the job's own failure, before any work.
 */
export async function hostJob(flags: HostFlags, prepare: () => Promise<HostedJob>): Promise<ExitCode> {
  const screen = showsLive(flags) ? createTerminalScreen(process.stderr) : createPlainScreen(process.stderr)
  const course: Course = { jobId: undefined, started: false }
  try {
    const job = await prepare()
    if (flags.json === true && job.settings.config.out === STANDARD_OUTPUT)
      refuseFlag('--out', 'a file where --json has standard output', STANDARD_OUTPUT)
    const result = await runJob(job, flags, screen, course)
    if (result === undefined) return ExitCode.DELIVERED
    if (flags.json === true) printJson(summaryLine(result))
    else if (flags.quiet !== true) {
      const output = result.out === STANDARD_OUTPUT ? process.stderr : process.stdout
      output.write(summaryOf(result, job.settings, flags, output))
    }
    const { interrupted, balanced, books } = result
    return exitCodeOf({ kind: 'finished', interrupted, balanced, quarantined: books.quarantined })
  } catch (error) {
    screen.note(errorLine(error, viewOf(process.stderr).style))
    if (course.started && flags.quiet !== true)
      screen.note(`What was done is in the ledger. ${resumeHint(course, flags)}`)
    if (flags.logLevel === 'debug' || flags.logLevel === 'trace') screen.note(errorTrace(error))
    if (flags.json === true) printJson(errorEvent(error))
    return exitCodeOf({ kind: 'failed', error, jobStarted: course.started })
  }
}

async function runJob(
  { settings, start, watches = false }: HostedJob,
  flags: HostFlags,
  screen: Screen,
  course: Course,
): Promise<RepositoryProcessingResult | undefined> {
  const queue = queueOf(flags)
  const log = createLog({
    level: flags.logLevel ?? (flags.quiet === true ? 'error' : 'warn'),
    write: (line) => screen.note(line),
    ...(isTerminal(process.stderr) && { view: viewOf(process.stderr) }),
  })
  await using home = await openHome(settings)
  await using engine = new BatchProcessingEngine(settings.config, home === undefined ? {} : { home })
  const watch = watchEngine(engine)
  using _metrics = await openMetrics(flags, watch, screen)
  await using door = createJobDoor({
    engine,
    stateDir: settings.stateDir,
    cluster: home,
    watched: watch,
    onOpen: (address) => log.info({ address }, 'control-socket'),
    onFailure: (error) => warn(log, error),
  })
  using interrupt = listenForInterrupt({
    source: process,
    clock: systemClock,
    onFirst: () => {
      if (flags.quiet !== true) screen.note(drainingWords(watch.statistics().workersBusy))
    },
    onSecond: () => {
      screen.close()
      if (flags.quiet !== true && course.started) screen.note(`Stopped at once. ${resumeHint(course, flags)}`)
    },
  })
  // Who reads the results may have seen enough of them: the job is done all the same.
  surviveClosedOutput(() => course.out !== STANDARD_OUTPUT && interrupt.request())
  let waiting: string | undefined
  const ports = { screen, statistics: watch.statistics, clock: systemClock, waiting: () => waiting }
  const progress = startProgress(flags, ports, watches)
  using _subscription = engine.events.subscribe((event) => {
    follow(course, event)
    logEvent(log, event)
    progress.hear(event)
    watch.hear(event)
    door.hear(event)
    if (flags.json === true && flags.quiet !== true) {
      const line = jsonEvent(event)
      if (line !== undefined) printJson(line)
    }
  })
  try {
    const accept: ResumeOptions['accept'] = ({ out }, jobId) => {
      if (flags.json === true && out === STANDARD_OUTPUT) throw sharedOutput(jobId)
    }
    const options = { signal: interrupt.signal, accept, ...(queue !== undefined && { queue }) }
    return await start(engine, options, {
      tell: (line, event) => (flags.json === true ? printJson(event) : flags.quiet !== true && screen.note(line)),
      wait: (words) => {
        waiting = words
      },
      home,
    })
  } finally {
    progress.stop()
  }
}

function follow(course: Course, event: EngineEvent): void {
  if (event.type === 'exporting') course.out = event.out
  if (event.type !== 'job-queued' && event.type !== 'job-started') return
  course.jobId = event.jobId
  course.started ||= event.type === 'job-started'
}

async function openMetrics({ metrics, quiet }: HostFlags, watch: EngineWatch, screen: Screen) {
  if (metrics === undefined) return null
  const server = await openMetricsServer(metrics, watchRoutes(watch))
  // From now on, so that durations are counted from the job's start.
  await watch.metrics()
  if (quiet !== true) screen.note(`Metrics: ${server.url}`)
  return server
}

function startProgress(flags: HostFlags, ports: ProgressPorts, watches: boolean): Progress {
  if (showsLive(flags)) {
    return liveProgress(ports, { style: viewOf(process.stderr).style, width: () => widthOf(process.stderr) })
  }
  return flags.json === true || flags.quiet === true || watches ? noProgress : plainProgress(ports)
}

function showsLive({ json, quiet }: HostFlags): boolean {
  return isTerminal(process.stderr) && json !== true && quiet !== true
}

function summaryOf(
  result: RepositoryProcessingResult,
  { stateDir, postgres }: Settings,
  flags: HostFlags,
  output: NodeJS.WriteStream,
): string {
  const cwd = process.cwd()
  const command = (verb: string) => commandLine(['files', verb, result.jobId, ...placeWords(flags)], process.env)
  return runSummary(result, {
    ...viewOf(output),
    pathOf: (path) => pathFrom(cwd, path),
    ledger: postgres === undefined ? pathFrom(cwd, stateDir) : publicUrl(postgres),
    outBytes: result.out === null ? null : fileBytes(result.out),
    showCommand: command('show'),
    resumeCommand: command('resume'),
  })
}

function resumeHint({ jobId = '' }: Course, flags: HostFlags): string {
  return `Resume it: ${commandLine(['files', 'resume', jobId, ...placeWords(flags)], process.env)}`
}

/** A job that goes on has the output it was started with. */
function sharedOutput(jobId: string): MillraceError {
  return new MillraceError(
    'FLAG_INVALID',
    `Job ${jobId} writes its results to standard output, which --json needs for itself. Leave out --json.`,
    { detail: { flag: '--json', jobId } },
  )
}

function warn(log: Logger, error: unknown): void {
  log.warn(error instanceof Error ? error.message : String(error))
}
