import { resolve } from 'node:path'
import type { EngineEvent } from '@millrace/files'
import { type WorkEvent, work } from '@millrace/files/postgres'
import { systemClock } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import { surviveClosedOutput } from '../closed-output.ts'
import type { LogLevel } from '../config/log-level.ts'
import type { PlaceFlags } from '../config/run-flags.ts'
import { loadSettings } from '../config/settings.ts'
import { ExitCode, exitCodeOf } from '../exit-code.ts'
import { listenForInterrupt } from '../interrupt.ts'
import { createLog, logEvent } from '../log.ts'
import { createPlainScreen, createTerminalScreen } from '../progress/screen.ts'
import { LEAVING_WORDS } from '../progress/stop-words.ts'
import { workLine } from '../progress/work-line.ts'
import { WorkTally, workDoneLine } from '../progress/work-tally.ts'
import { errorEvent, errorLine } from '../report-error.ts'
import { commandLine, isTerminal, printJson, viewOf, widthOf } from '../terminal.ts'
import { wrapWords } from '../text/wrap.ts'

/** Flags of `millrace files work`. */
export interface WorkFlags extends PlaceFlags {
  readonly root?: string
  readonly workers?: number
  readonly memory?: number
  readonly untilDone?: boolean
  readonly json?: boolean
  readonly quiet?: boolean
  readonly logLevel?: LogLevel
}

/** `millrace files work`: does the batches of whatever job is coordinated over a PostgreSQL, until it is told to leave. */
export async function workFiles(flags: WorkFlags): Promise<ExitCode> {
  const { style } = viewOf(process.stderr)
  const isLive = isTerminal(process.stderr) && flags.json !== true && flags.quiet !== true
  const screen = isLive ? createTerminalScreen(process.stderr) : createPlainScreen(process.stderr)
  const say = (line: string) => screen.note(line)
  const tally = new WorkTally(systemClock)
  /** Of the job that is over, once. */
  const tellDone = () => {
    const done = tally.take()
    screen.close()
    if (done === undefined) return
    if (flags.json === true) printJson({ event: 'work-done', ...done })
    else if (flags.quiet !== true) say(workDoneLine(done))
  }
  try {
    const { postgres, dir } = await loadSettings(process.cwd(), flags)
    if (postgres === undefined) throw noDatabase()
    const log = createLog({
      level: flags.logLevel ?? (flags.quiet === true ? 'error' : 'warn'),
      write: say,
      ...(isTerminal(process.stderr) && { view: viewOf(process.stderr) }),
    })
    using interrupt = listenForInterrupt({
      source: process,
      clock: systemClock,
      onFirst: () => flags.quiet !== true && say(LEAVING_WORDS),
      onSecond: () => {},
    })
    surviveClosedOutput(() => interrupt.request())
    await work({
      ledger: { url: postgres },
      root: flags.root === undefined ? dir : resolve(flags.root),
      once: flags.untilDone === true,
      signal: interrupt.signal,
      ...(flags.workers !== undefined && { workerCount: flags.workers }),
      ...(flags.memory !== undefined && { config: { memoryLimitMb: flags.memory } }),
      onEvent(event) {
        if (event.type === 'work-waiting' || event.type === 'work-began') tellDone()
        tally.hear(event)
        const progress = event.type === 'work-committed' ? tally.line() : undefined
        if (isLive && progress !== undefined) screen.draw([style.dim(progress)])
        const line = workLine(event)
        if (line !== undefined && flags.quiet !== true) {
          if (flags.json === true) printJson({ event: event.type, ...event })
          else say(isLive ? wrapWords(line, widthOf(process.stderr)).join('\n') : line)
        }
        if (line === undefined && !isOfWork(event)) logEvent(log, event)
      },
    })
    tellDone()
    return interrupt.signal.aborted ? ExitCode.INTERRUPTED : ExitCode.DELIVERED
  } catch (error) {
    tellDone()
    say(errorLine(error, style))
    if (flags.json === true) printJson(errorEvent(error))
    return exitCodeOf({ kind: 'failed', error, jobStarted: false })
  }
}

function isOfWork(event: WorkEvent): event is Exclude<WorkEvent, EngineEvent> {
  return /^(work|database)-|^batch-lost$/.test(event.type)
}

function noDatabase(): MillraceError {
  const example = commandLine(['files', 'work', '--postgres', 'postgres://localhost/jobs', '--root', '.'], process.env)
  return new MillraceError(
    'ARGUMENTS_INVALID',
    `A worker needs the database that the job is coordinated over: --postgres URL, or files.postgres in the configuration. For example: ${example}`,
  )
}
