import { ExitCode, exitCodeOf } from '../exit-code.ts'
import { errorEvent, errorLine } from '../report-error.ts'
import { printJson, viewOf } from '../terminal.ts'

/** What a command did, in a sentence and for programs. */
export interface Said {
  readonly words: string
  readonly json: Readonly<Record<string, unknown>>
}

export interface SteerFlags {
  readonly json?: boolean
  readonly quiet?: boolean
}

/** What the commands share that do one thing and say so: in words or JSON, and how they fail. Nothing is said where `act` gives nothing. */
export async function steer({ json, quiet }: SteerFlags, act: () => Promise<Said | undefined>): Promise<ExitCode> {
  try {
    const said = await act()
    if (said !== undefined && json === true) printJson(said.json)
    else if (said !== undefined && quiet !== true) process.stdout.write(`${said.words}\n`)
    return ExitCode.DELIVERED
  } catch (error) {
    process.stderr.write(`${errorLine(error, viewOf(process.stderr).style)}\n`)
    if (json === true) printJson(errorEvent(error))
    return exitCodeOf({ kind: 'failed', error, jobStarted: false })
  }
}
