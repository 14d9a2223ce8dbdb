import { isatty } from 'node:tty'
import { systemClock } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import { createKinds, createPulse, createSqliteStore, type Kinds, type Pulse } from '@millrace/pulse'
import { surviveClosedOutput } from '../closed-output.ts'
import { ExitCode, exitCodeOf } from '../exit-code.ts'
import { type Interrupt, listenForInterrupt } from '../interrupt.ts'
import { createLog } from '../log.ts'
import { createPlainScreen, createTerminalScreen, type Screen } from '../progress/screen.ts'
import { listenForPulse } from '../pulse/api/pulse-listener.ts'
import { faultEvent, faultLines, faultsError } from '../pulse/fault-words.ts'
import { openManifest } from '../pulse/open-manifest.ts'
import { openedStore } from '../pulse/opened-store.ts'
import { Reloader } from '../pulse/reloader.ts'
import { loadPulseSettings, type PulseRunFlags, type PulseRunSettings } from '../pulse/run-settings.ts'
import { pulseBanner, pulseSummary, redriveLine, reloadLine } from '../pulse/run-words.ts'
import { FewLines } from '../pulse/view/few-lines.ts'
import { jsonPulseView } from '../pulse/view/json-changes.ts'
import { livePulseView, type PulseView, plainPulseView } from '../pulse/view/pulse-view.ts'
import { watchFile } from '../pulse/watch-file.ts'
import { errorEvent, errorLine } from '../report-error.ts'
import { isTerminal, pathFrom, printJson, viewOf } from '../terminal.ts'
import { formatItems } from '../text/numbers.ts'

/** What is under way has so long to end, ms. */
const STOP_MS = 10_000
/** Beyond that, what cannot be kept is not waited for, ms. */
const PATIENCE_MS = 5000
/** Between two lines of progress, ms. */
const PROGRESS_MS = 100
/** So many faults and warnings are told where a pulse runs; `validate` tells more. */
const MOST_FAULTS = 10
const STDERR = 2

/**
 * `millrace pulse run`: checks what a manifest lists until it is told to stop.
 *
 * Standard output has the address and, at the end, the sums, or with `--json` a line for each change; the view, log and errors go to standard error.
 */
export async function runPulse(manifest: string, flags: PulseRunFlags): Promise<ExitCode> {
  const isLive = isTerminal(process.stderr) && flags.quiet !== true && flags.json !== true
  const screen = isLive ? createTerminalScreen(process.stderr) : createPlainScreen(process.stderr)
  const course = { hasStarted: false }
  try {
    const settings = await loadPulseSettings(process.cwd(), manifest, flags)
    return await host(settings, flags, screen, course)
  } catch (error) {
    screen.close()
    if (error instanceof Stopped) return ExitCode.INTERRUPTED
    screen.note(errorLine(error, viewOf(process.stderr).style))
    if (flags.json === true) printJson(errorEvent(error))
    return exitCodeOf({ kind: 'failed', error, jobStarted: course.hasStarted })
  }
}

/** It was told to stop before it had started. */
class Stopped extends Error {}

async function host(
  settings: PulseRunSettings,
  flags: PulseRunFlags,
  screen: Screen,
  course: { hasStarted: boolean },
): Promise<ExitCode> {
  using logLines = new FewLines({ write: (line) => screen.note(line), clock: systemClock, what: 'lines of the log' })
  const log = createLog({
    level: flags.logLevel ?? (flags.quiet === true ? 'error' : 'warn'),
    write: (line) => logLines.write(() => line),
    ...(isTerminal(process.stderr) && { view: viewOf(process.stderr) }),
  })
  using interrupt = listenForInterrupt({
    source: process,
    clock: systemClock,
    onFirst: () => {
      if (flags.quiet !== true) screen.note('Stopping; press Ctrl-C again to stop at once.')
    },
    onSecond: () => screen.close(),
  })
  surviveClosedOutput(() => interrupt.request())
  const { port, tokens, heartbeatTokens, database, commands } = settings
  const store = await openedStore(createSqliteStore({ path: database }))
  await using _store = { [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() }
  const kinds = createKinds({ commands })
  await using pulse = createPulse({ store, kinds, logger: log, ...settings.pulse })
  await using listener = await listenForPulse({ pulse, tokens, heartbeatTokens, store, port })
  const { added } = await load(pulse, kinds, { settings, flags, screen, signal: interrupt.signal, isFirst: true })
  await pulse.start()
  course.hasStarted = true
  if (flags.redrive === true) await redrive(pulse, flags, screen)
  listener.open()
  tellStart(settings, flags, { monitors: added, url: listener.url })
  const view = startView(pulse, flags, screen)
  const reloader = new Reloader(() =>
    reload(pulse, kinds, { settings, flags, screen, signal: interrupt.signal, isFirst: false }),
  )
  using _watch = await watchFile({ path: settings.manifest, clock: systemClock, onChange: () => reloader.request() })
  using _hangUp = onHangUp(() => reloader.request(), interrupt)
  await aborted(interrupt.signal)
  await listener[Symbol.asyncDispose]()
  const isKept = await stop(pulse)
  view.stop()
  if (flags.json === true) printJson({ event: 'stopped', ...pulse.metrics })
  else if (flags.quiet !== true) process.stdout.write(pulseSummary(pulse.metrics))
  if (isKept) return ExitCode.DELIVERED
  const seconds = (STOP_MS + PATIENCE_MS) / 1000
  screen.note(`It has not ended within ${seconds} s, and what happened last may not be kept:`)
  for (const reason of pulse.health.reasons) screen.note(`  ${reason}`)
  endSoon()
  return ExitCode.INCOMPLETE
}

async function redrive(pulse: Pulse, flags: PulseRunFlags, screen: Screen): Promise<void> {
  const report = await pulse.redrive()
  if (flags.json === true) printJson({ event: 'redriven', redriven: report.redriven, left: report.left.length })
  else if (flags.quiet !== true) screen.note(redriveLine(report))
}

interface LoadPorts {
  readonly settings: PulseRunSettings
  readonly flags: PulseRunFlags
  readonly screen: Screen
  readonly signal: AbortSignal
  /** Nothing else is drawn yet. */
  readonly isFirst: boolean
}

async function load(pulse: Pulse, kinds: Kinds, { settings, flags, screen, signal, isFirst }: LoadPorts) {
  const name = pathFrom(process.cwd(), settings.manifest)
  let toldAt = systemClock.now()
  const manifest = openManifest(settings.manifest, {
    kinds,
    isStrict: settings.isStrict,
    signal,
    onProgress(monitors) {
      if (!isFirst || systemClock.now() - toldAt < PROGRESS_MS) return
      toldAt = systemClock.now()
      screen.draw([`Reading ${name}: ${formatItems(monitors, 'monitor')} …`])
    },
  })
  try {
    return await pulse.load(manifest)
  } catch (error) {
    if (signal.aborted) throw new Stopped()
    throw error instanceof MillraceError && error.code === 'MANIFEST_INVALID'
      ? faultsError(name, manifest.faults.faults)
      : error
  } finally {
    if (isFirst) screen.close()
    if (flags.quiet !== true && !signal.aborted) {
      const lines = faultLines(name, manifest.faults, viewOf(process.stderr).style, MOST_FAULTS)
      for (const line of lines) screen.note(line)
    }
    if (flags.json === true) {
      for (const fault of [...manifest.faults.told, ...manifest.faults.toldWarnings]) printJson(faultEvent(fault))
    }
  }
}

/** Reads the manifest again; with faults in it, what was loaded before stands. */
async function reload(pulse: Pulse, kinds: Kinds, ports: LoadPorts): Promise<void> {
  const { settings, flags, screen, signal } = ports
  if (signal.aborted) return
  const name = pathFrom(process.cwd(), settings.manifest)
  try {
    const report = await load(pulse, kinds, ports)
    if (flags.json === true) printJson({ event: 'reloaded', ...report })
    else if (flags.quiet !== true) screen.note(reloadLine(name, report))
  } catch (error) {
    if (error instanceof Stopped) return
    screen.note(errorLine(error, viewOf(process.stderr).style))
    screen.note(`Nothing has changed: what was loaded before is still checked. Mend ${name}, and it is read again.`)
    if (flags.json === true) printJson({ ...errorEvent(error), event: 'reload-failed' })
  }
}

function startView(pulse: Pulse, flags: PulseRunFlags, screen: Screen): PulseView {
  const ports = { pulse, screen, clock: systemClock, rssMb: () => process.memoryUsage.rss() / 1_048_576 }
  if (flags.json === true) return jsonPulseView(pulse, process.stdout)
  if (flags.quiet === true) return { stop: () => {} }
  if (!isTerminal(process.stderr)) return plainPulseView(ports)
  const { style } = viewOf(process.stderr)
  return livePulseView(ports, {
    style,
    width: () => process.stderr.columns ?? 80,
    rows: () => process.stderr.rows ?? 24,
  })
}

function tellStart(
  { manifest, stateDir, tokenFile }: PulseRunSettings,
  flags: PulseRunFlags,
  { monitors, url }: { readonly monitors: number; readonly url: string },
): void {
  const { pid } = process
  if (flags.json === true) printJson({ event: 'started', monitors, url, tokenFile, pid })
  else if (flags.quiet !== true) {
    const here = (path: string) => pathFrom(process.cwd(), path)
    const facts = { manifest: here(manifest), stateDir: here(stateDir), tokenFile: here(tokenFile), monitors, url, pid }
    process.stdout.write(pulseBanner(facts, viewOf(process.stdout).style))
  }
}

/** Hang-up asks a daemon to read its configuration again; but where the terminal is gone, nobody is there any more. */
function onHangUp(reload: () => void, interrupt: Interrupt): Disposable {
  const hadTerminal = isatty(STDERR)
  const listener = () => (hadTerminal && !isatty(STDERR) ? interrupt.request() : reload())
  process.on('SIGHUP', listener)
  return { [Symbol.dispose]: () => void process.off('SIGHUP', listener) }
}

/** Whether it has ended, with all it knows kept; a store that does not work is not waited for. */
async function stop(pulse: Pulse): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), STOP_MS + PATIENCE_MS)
  })
  const isKept = await Promise.race([pulse.stop({ withinMs: STOP_MS }).then(() => true), patience])
  clearTimeout(timer)
  return isKept
}

/** Ends the process, if what could not be ended keeps it alive. */
function endSoon(): void {
  setTimeout(() => process.exit(ExitCode.INCOMPLETE), PROGRESS_MS).unref()
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
