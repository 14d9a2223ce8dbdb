import { systemClock } from '@millrace/kernel/clock'
import { type SimulateReport, simulate } from '@millrace/pulse'
import { ExitCode, exitCodeOf } from '../exit-code.ts'
import { listenForInterrupt } from '../interrupt.ts'
import { createPlainScreen, createTerminalScreen } from '../progress/screen.ts'
import { type PulseSimulateFlags, planSimulation } from '../pulse/simulate-plan.ts'
import { simulateLine, simulateReport } from '../pulse/simulate-words.ts'
import { errorEvent, errorLine } from '../report-error.ts'
import { isTerminal, printJson, viewOf } from '../terminal.ts'

/** `millrace pulse simulate`: the same engine on a clock of its own, with all that can go wrong, by a seed. */
export async function simulatePulse(manifest: string | undefined, flags: PulseSimulateFlags): Promise<ExitCode> {
  const isLive = isTerminal(process.stderr) && flags.json !== true
  const screen = isLive ? createTerminalScreen(process.stderr) : createPlainScreen(process.stderr)
  using interrupt = listenForInterrupt({
    source: process,
    clock: systemClock,
    onFirst: () => {},
    onSecond: () => screen.close(),
  })
  const { signal } = interrupt
  try {
    const from = systemClock.now()
    const onProgress = (report: SimulateReport) => screen.draw([simulateLine(report)])
    const report = await simulate({ ...planSimulation(manifest, flags), signal, onProgress })
    screen.close()
    const seconds = (systemClock.now() - from) / 1000
    const facts = { seconds, words: wordsOf(manifest, flags, report.seed), isWhole: !signal.aborted }
    if (flags.json === true) printJson({ ...report, seconds: Number(seconds.toFixed(3)) })
    else process.stdout.write(simulateReport(report, facts, viewOf(process.stdout).style))
    if (report.violations.length > 0) return ExitCode.INCOMPLETE
    return signal.aborted ? ExitCode.INTERRUPTED : ExitCode.DELIVERED
  } catch (error) {
    screen.close()
    screen.note(errorLine(error, viewOf(process.stderr).style))
    if (flags.json === true) printJson(errorEvent(error))
    return exitCodeOf({ kind: 'failed', error, jobStarted: false })
  }
}

/** By which the same can be run again. */
function wordsOf(manifest: string | undefined, flags: PulseSimulateFlags, seed: number): string[] {
  const { monitors, checks, hours, faults = [], allowCommand = [] } = flags
  const numbers = { seed, monitors, checks, hours }
  return [
    ...['pulse', 'simulate'],
    ...(manifest === undefined ? [] : [manifest]),
    ...Object.entries(numbers).flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, String(value)])),
    ...faults.flatMap((text) => ['--faults', text]),
    ...allowCommand.flatMap((path) => ['--allow-command', path]),
  ]
}
