import { systemClock } from '@millrace/kernel/clock'
import { surviveClosedOutput } from '../closed-output.ts'
import { type LoadFlags, planLoad } from '../config/intents-load.ts'
import { ExitCode, exitCodeOf } from '../exit-code.ts'
import { createHttpLoadClient } from '../intents/load/http-load-client.ts'
import { loadLine, loadSummary } from '../intents/load/load-words.ts'
import { probeServer } from '../intents/load/probe-server.ts'
import { runLoad } from '../intents/load/run-load.ts'
import { createSocketLoadClient } from '../intents/load/socket-load-client.ts'
import { listenForInterrupt } from '../interrupt.ts'
import { createPlainScreen, createTerminalScreen } from '../progress/screen.ts'
import { errorEvent, errorLine } from '../report-error.ts'
import { isTerminal, printJson, viewOf } from '../terminal.ts'

/** `millrace intents load`: sends intents to a server and tells how long they take. Interrupted, it tells what it has. */
export async function loadIntents(address: string, flags: LoadFlags): Promise<ExitCode> {
  const isLive = isTerminal(process.stderr) && flags.json !== true
  const screen = isLive ? createTerminalScreen(process.stderr) : createPlainScreen(process.stderr)
  const { style } = viewOf(process.stderr)
  try {
    const plan = planLoad(address, flags)
    await probeServer(plan)
    surviveClosedOutput()
    const client = plan.isWebSocket ? await createSocketLoadClient(plan) : createHttpLoadClient(plan)
    using interrupt = listenForInterrupt({
      source: process,
      clock: systemClock,
      onFirst: () => {},
      onSecond: () => screen.close(),
    })
    const result = await runLoad(plan, {
      client,
      clock: systemClock,
      random: Math.random,
      signal: interrupt.signal,
      onSecond: (soFar) => screen.draw([loadLine(soFar, style)]),
    })
    client.close()
    screen.close()
    if (flags.json === true) printJson(result)
    else process.stdout.write(loadSummary(result, viewOf(process.stdout).style))
    return result.committed > 0 ? ExitCode.DELIVERED : ExitCode.INCOMPLETE
  } catch (error) {
    screen.close()
    screen.note(errorLine(error, style))
    if (flags.json === true) printJson(errorEvent(error))
    return exitCodeOf({ kind: 'failed', error, jobStarted: false })
  }
}
