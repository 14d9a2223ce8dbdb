import { Command } from 'commander'
import type { HostFlags, RunFlags } from '../config/run-flags.ts'
import type { ExitCode } from '../exit-code.ts'
import { EXIT_CODES, examples, withHow, withOutput, withPlace, withTree } from './options.ts'

/** `millrace files run` */
export function runCommand(onExitCode: (code: ExitCode) => void): Command {
  const command = new Command('run')
    .summary('process every file below a folder')
    .description(
      'Process every file below a folder: discover, batch, parse in worker processes, record in the ledger, export. Files that have not changed since the last run are not processed again.',
    )
  withTree(command)
  withPlace(withHow(command).optionsGroup('Ledger and configuration:'))
  return withOutput(command)
    .addHelpText(
      'after',
      `${EXIT_CODES}${examples(
        'millrace files run ./src',
        'millrace files run --workers 4 --deadline 5 --out ast.jsonl',
        "millrace files run --priority 'HIGH:src/**' --exclude '*.min.js'",
        'millrace files run ./src --queue --metrics 9464',
        'millrace files run --json | tail -n 1',
      )}`,
    )
    .action(async (dir: string | undefined, flags: RunFlags) => {
      const { runFiles } = await import('../commands/files-run.ts')
      onExitCode(await runFiles(dir, flags))
    })
}

/** `millrace files resume` */
export function resumeCommand(onExitCode: (code: ExitCode) => void): Command {
  const command = new Command('resume')
    .summary('go on with a job that did not finish, or that is paused')
    .description(
      'Go on with a job that was killed, interrupted or failed, with the configuration it had; flags change that. A job that runs and is paused goes on where it is.',
    )
    .argument('[job]', 'the job (default: the newest that did not finish)')
  withPlace(withHow(command).optionsGroup('Ledger and configuration:'))
  return withOutput(command)
    .addHelpText(
      'after',
      `${EXIT_CODES}${examples('millrace files resume', 'millrace files resume 20261121-001 --workers 2')}`,
    )
    .action(async (job: string | undefined, flags: HostFlags) => {
      const { resumeFiles } = await import('../commands/files-resume.ts')
      onExitCode(await resumeFiles(job, flags))
    })
}
