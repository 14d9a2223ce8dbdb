import { setTimeout as delay } from 'node:timers/promises'
import { type BatchScheduler, createBatchScheduler, type StopReport } from '@millrace/intents'
import { systemClock } from '@millrace/kernel/clock'
import type { Logger } from 'pino'
import { surviveClosedOutput } from '../closed-output.ts'
import { loadServeSettings, type ServeFlags, type ServeSettings } from '../config/intents-settings.ts'
import { ExitCode, exitCodeOf } from '../exit-code.ts'
import { type AuditLog, openAuditLog } from '../intents/serve/audit-log.ts'
import { AuditedSink } from '../intents/serve/audited-sink.ts'
import { listenForIntents } from '../intents/serve/intents-listener.ts'
import { keepUnwritten } from '../intents/serve/keep-unwritten.ts'
import { openSink } from '../intents/serve/open-sink.ts'
import { serverBanner, serveSummary, statusLine } from '../intents/serve/serve-words.ts'
import { listenForInterrupt } from '../interrupt.ts'
import { createLog } from '../log.ts'
import { createPlainScreen, createTerminalScreen, type Screen } from '../progress/screen.ts'
import { errorLine } from '../report-error.ts'
import { isTerminal, pathFrom, viewOf } from '../terminal.ts'
import { formatItems } from '../text/numbers.ts'

const STATUS_MS = 1000
/** How long clients have to take their last answers, ms. */
const LAST_ANSWERS_MS = 2000

/**
 * `millrace intents serve`: takes intents over HTTP and WebSocket until it is told to stop, and then writes what it has.
 *
 * Standard output has the address and, at the end, the books; the status line, log and errors go to standard error.
 */
export async function serveIntents(flags: ServeFlags): Promise<ExitCode> {
  const isLive = isTerminal(process.stderr) && flags.quiet !== true
  const screen = isLive ? createTerminalScreen(process.stderr) : createPlainScreen(process.stderr)
  try {
    const settings = await loadServeSettings(process.cwd(), flags)
    return await serve(settings, flags, screen)
  } catch (error) {
    screen.close()
    screen.note(errorLine(error, viewOf(process.stderr).style))
    return exitCodeOf({ kind: 'failed', error, jobStarted: false })
  }
}

async function serve(settings: ServeSettings, flags: ServeFlags, screen: Screen): Promise<ExitCode> {
  surviveClosedOutput()
  const log = createLog({
    level: flags.logLevel ?? (flags.quiet === true ? 'error' : 'warn'),
    write: (line) => screen.note(line),
    ...(isTerminal(process.stderr) && { view: viewOf(process.stderr) }),
  })
  using audit = openAudit(settings, log)
  const { sink, name, caveat, deadLetters } = await openSink(settings)
  await using _closedLast = closing(deadLetters)
  await using scheduler = createBatchScheduler({
    logger: log,
    ...(deadLetters !== undefined && { deadLetters }),
    ...settings.scheduler,
    sink: audit === null ? sink : new AuditedSink(sink, audit.log, systemClock),
  })
  using interrupt = listenForInterrupt({
    source: process,
    clock: systemClock,
    onFirst: () => screen.note(stoppingLine(scheduler)),
    onSecond: () => screen.close(),
  })
  // An embedded database takes some seconds to be made.
  screen.draw([`Opening ${name} …`])
  await scheduler.start()
  if (flags.redrive === true) screen.note(redriven(await scheduler.redrive()))
  await using listener = await listenForIntents(scheduler, settings)
  for (const source of settings.sources) await source.start(scheduler)
  if (flags.quiet !== true) {
    const { isDemo, tokens } = settings
    const types = settings.scheduler.intents.map(({ type }) => type)
    const facts = { url: listener.url, sink: name, caveat, types, isDemo, needsToken: tokens.length > 0 }
    process.stdout.write(serverBanner(facts, viewOf(process.stdout).style))
  }
  const status = setInterval(
    () => screen.draw([statusLine(scheduler.metrics, viewOf(process.stderr).style)]),
    STATUS_MS,
  )
  await aborted(interrupt.signal)
  clearInterval(status)
  listener.quiesce()
  const sourcesStopped = Promise.all(settings.sources.map((source) => source.stop()))
  const report = await scheduler.stop({ withinMs: settings.drainMs })
  await Promise.all([
    listener.close(LAST_ANSWERS_MS),
    Promise.race([sourcesStopped, delay(LAST_ANSWERS_MS, undefined, { ref: false })]),
  ])
  screen.close()
  if (flags.quiet !== true) process.stdout.write(serveSummary(scheduler.metrics))
  return tell(report, settings, screen)
}

/** Closes what is to be closed. */
function closing(what: Partial<AsyncDisposable> | undefined): AsyncDisposable {
  return { [Symbol.asyncDispose]: async () => what?.[Symbol.asyncDispose]?.() }
}

function openAudit({ audit }: ServeSettings, log: Logger): AuditLog | null {
  return audit === undefined
    ? null
    : openAuditLog(audit, (err) => log.error({ err }, 'the audit log cannot be written'))
}

/** Tells what was not written, and where it is kept. */
async function tell({ unwritten, unknown }: StopReport, settings: ServeSettings, screen: Screen): Promise<ExitCode> {
  if (unknown.length > 0)
    screen.note(
      `Of ${formatItems(unknown.length, 'intent')} it is not known whether they were written: the database did not answer.`,
    )
  if (unwritten.length > 0) {
    const file = pathFrom(process.cwd(), await keepUnwritten(settings.stateDir, unwritten))
    screen.note(
      `${formatItems(unwritten.length, 'intent')} could not be written, as those who waited were told, and were added to ${file}.`,
    )
    screen.note(`Send them again: curl URL/intents -H 'content-type: application/x-ndjson' --data-binary @${file}`)
  }
  return unwritten.length + unknown.length === 0 ? ExitCode.DELIVERED : ExitCode.INCOMPLETE
}

function redriven({ committed, failed }: { readonly committed: number; readonly failed: number }): string {
  if (committed + failed === 0) return 'There are no dead letters to submit again.'
  return `Of ${formatItems(committed + failed, 'dead letter')} ${committed} are written now, ${failed} could not be written again.`
}

function stoppingLine({ metrics }: Pick<BatchScheduler, 'metrics'>): string {
  const left = metrics.books.waiting + metrics.books.writing
  const what = left === 0 ? 'Stopping' : `Writing the last ${formatItems(left, 'intent')}`
  return `${what}; press Ctrl-C again to stop at once.`
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
