import { tunePostgres } from '@millrace/intents/postgres'
import { systemClock } from '@millrace/kernel/clock'
import { checkPostgresUrl } from '../config/postgres-url.ts'
import { ExitCode, exitCodeOf } from '../exit-code.ts'
import { tuneReport } from '../intents/sizing/tune-words.ts'
import { listenForInterrupt } from '../interrupt.ts'
import { createPlainScreen, createTerminalScreen } from '../progress/screen.ts'
import { errorEvent, errorLine } from '../report-error.ts'
import { isTerminal, printJson, viewOf } from '../terminal.ts'
import { formatCount } from '../text/numbers.ts'
import { bar } from '../text/plot.ts'

export interface TuneFlags {
  readonly postgres: string
  readonly sizes?: readonly number[]
  readonly seconds?: number
  readonly connections?: number
  readonly latency?: number
  readonly json?: boolean
}

const BAR_WIDTH = 20

/** `millrace intents tune`: which batches suit a database. What it makes there is dropped, interrupted or not. */
export async function tuneIntents(flags: TuneFlags): Promise<ExitCode> {
  const isLive = isTerminal(process.stderr) && flags.json !== true
  const screen = isLive ? createTerminalScreen(process.stderr) : createPlainScreen(process.stderr)
  const { style } = viewOf(process.stderr)
  try {
    const url = checkPostgresUrl('--postgres', flags.postgres)
    using interrupt = listenForInterrupt({
      source: process,
      clock: systemClock,
      onFirst: () => screen.note('Ending, and dropping the schema millrace_tune; Ctrl-C again leaves it there.'),
      onSecond: () => screen.close(),
    })
    const { signal } = interrupt
    const result = await tunePostgres({
      url,
      signal,
      ...(flags.sizes !== undefined && { sizes: flags.sizes }),
      ...(flags.seconds !== undefined && { seconds: flags.seconds }),
      ...(flags.connections !== undefined && { connections: flags.connections }),
      ...(flags.latency !== undefined && { latencyMs: flags.latency }),
      onVisit({ size, done, total }) {
        if (isLive)
          screen.draw([`${bar(done / total, BAR_WIDTH, style).padEnd(BAR_WIDTH)} batches of ${formatCount(size)}`])
      },
    })
    screen.close()
    if (flags.json === true) printJson({ ...result, measuredAt: new Date().toISOString() })
    else process.stdout.write(tuneReport(result, viewOf(process.stdout)))
    return result.isComplete ? ExitCode.DELIVERED : ExitCode.INTERRUPTED
  } catch (error) {
    screen.close()
    screen.note(errorLine(error, style))
    if (flags.json === true) printJson(errorEvent(error))
    return exitCodeOf({ kind: 'failed', error, jobStarted: false })
  }
}
