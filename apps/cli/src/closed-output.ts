import { MillraceError } from '@millrace/kernel/errors'
import { ExitCode } from './exit-code.ts'
import { errorLine } from './report-error.ts'
import { viewOf } from './terminal.ts'

/**
 * Keeps a reader of standard output that has gone away (`| head`) from being an error: what is written later goes nowhere, and
 * `onGone` is called once. Any other failure to write ends the process in one line.
 */
export function surviveClosedOutput(onGone: () => void = () => {}): void {
  let gone = false
  process.stdout.on('error', (cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EPIPE' && cause.code !== 'ERR_STREAM_DESTROYED') giveUp(cause)
    if (!gone) onGone()
    gone = true
  })
}

/** Lets standard error fail silently: there is nowhere left to say so, and the job is worth more than its log. */
export function surviveClosedErrors(): void {
  process.stderr.on('error', () => {})
}

function giveUp(cause: NodeJS.ErrnoException): never {
  const error = new MillraceError(
    'STDOUT_UNWRITABLE',
    `Standard output cannot be written: ${cause.message}. The ledger has what was done; write the output elsewhere.`,
    { detail: { errno: cause.code }, cause },
  )
  process.stderr.write(`${errorLine(error, viewOf(process.stderr).style)}\n`)
  process.exit(ExitCode.INCOMPLETE)
}
