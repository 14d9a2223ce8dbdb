import { Command } from 'commander'
import { readText } from '../config/flag-values.ts'
import type { HostFlags, RunFlags } from '../config/run-flags.ts'
import type { ExitCode } from '../exit-code.ts'
import { collect, EXIT_CODES, examples, withHow, withOutput, withPlace } from './options.ts'

/** `millrace files run` */
export function runCommand(onExitCode: (code: ExitCode) => void): Command {
  const command = new Command('run')
    .summary('process every file below a folder')
    .description(
      'Process every file below a folder: discover, batch, parse in worker processes, record in the ledger, export. Files that have not changed since the last run are not processed again.',
    )
    .argument('[dir]', 'the folder (default: the current one)', (dir: string) => readText('dir', 'a folder', dir))

  command
    .optionsGroup('Which files:')
    .option('--include <glob>', 'only files that match; may be repeated', collect)
    .option('--exclude <glob>', 'no files that match, no folders either; may be repeated', collect)
    .option('--hidden', 'take names that start with a dot')
    .option('--vendor', "enter other people's code: node_modules, vendor, …")
    .option('--no-gitignore', 'take what .gitignore files name')
    .option('--follow-symlinks', 'follow symbolic links; loops are survived')
    .option(
      '--priority <level:glob>',
      'LOW, MEDIUM, HIGH or CRITICAL for files that match; may be repeated, the first match counts',
      collect,
    )
    .option('--verify', 'tell unchanged files by their contents, not by size and times')
    .option('--fresh', 'process unchanged files too')

  command
    .optionsGroup('What happens to them:')
    .option(
      '--processor <name|module>',
      'what makes a record of a file: syntax, ast-json, chunks, duplicates, licenses, "command:wc -l {}" or a module; may be repeated, the first that takes a file gets it (default: syntax, ast-json)',
      collect,
    )
    .option(
      '--transform <module>',
      'what makes another record of that one; may be repeated, one after the other',
      collect,
    )
    .option('--sink <name>', 'the form of the results, none for no export (default: jsonl)')
    .option('--out <file>', 'where the results go (default: millrace-results.jsonl)')

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
