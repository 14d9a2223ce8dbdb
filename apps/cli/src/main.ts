import { readFileSync } from 'node:fs'
import { MillraceError } from '@millrace/kernel/errors'
import { CommanderError } from 'commander'
import { surviveClosedErrors, surviveClosedOutput } from './closed-output.ts'
import { commandWords, createProgram } from './command-line/program.ts'
import { ExitCode, exitCodeOf } from './exit-code.ts'
import { hidePasswords } from './hide-passwords.ts'
import { errorLine } from './report-error.ts'
import { commandLine, viewOf } from './terminal.ts'
import { usageError } from './usage-error.ts'

surviveClosedOutput()
surviveClosedErrors()
hidePasswords(process)
/** Where nothing is left that could happen, and the command waits all the same, Node ends without a word. */
const stranded = () => {
  process.stderr.write(`${errorLine(strandedError(), viewOf(process.stderr).style)}\n`)
  process.exitCode = ExitCode.INCOMPLETE
}
process.once('beforeExit', stranded)
process.exitCode = await main(process.argv.slice(2))
process.off('beforeExit', stranded)

/** Runs one command line and gives its exit code. Whatever goes wrong is one line on standard error. */
async function main(args: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = ExitCode.DELIVERED
  const program = createProgram({
    version: ownVersion(),
    onExitCode: (code) => {
      exitCode = code
    },
  })
  try {
    await program.parseAsync(args, { from: 'user' })
    return exitCode
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.code.startsWith('commander.help')) {
      return thrown.exitCode === 0 ? ExitCode.DELIVERED : ExitCode.USAGE
    }
    if (thrown instanceof CommanderError && thrown.code === 'commander.version') return ExitCode.DELIVERED
    const error =
      thrown instanceof CommanderError
        ? usageError(thrown, commandLine([...commandWords(program, args), '--help'], process.env))
        : thrown
    process.stderr.write(`${errorLine(error, viewOf(process.stderr).style)}\n`)
    return exitCodeOf({ kind: 'failed', error, jobStarted: false })
  }
}

function strandedError(): MillraceError {
  return new MillraceError(
    'COMMAND_STRANDED',
    'The command waits for something that never comes, such as a promise in the configuration file or in a processor that nobody settles. Nothing more is done.',
  )
}

function ownVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string
  }
  return version
}
