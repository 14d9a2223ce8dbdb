import { Command } from 'commander'
import type { JobsFlags } from '../commands/files-jobs.ts'
import type { RetryFlags } from '../commands/quarantine-retry.ts'
import type { QuarantineFlags } from '../commands/quarantine-show.ts'
import type { ExitCode } from '../exit-code.ts'
import { EXIT_CODES, examples, looking, withHow, withOutput, withPlace } from './options.ts'

/** `millrace files quarantine` with what is below it. */
export function quarantineCommand(onExitCode: (code: ExitCode) => void): Command {
  const command = new Command('quarantine')
    .summary('list, show or retry the files that gave no result')
    .description('Files that gave no result: which, why, and another chance for them.')
    .helpCommand(false)
    .helpOption('-h, --help', 'print this help')
    .addHelpText(
      'after',
      examples(
        'millrace files quarantine list',
        'millrace files quarantine show src/huge.js',
        'millrace files quarantine retry src/huge.js --deadline 120',
      ),
    )
  command.addCommand(listCommand(onExitCode))
  command.addCommand(showCommand(onExitCode))
  command.addCommand(retryCommand(onExitCode))
  return command
}

function listCommand(onExitCode: (code: ExitCode) => void): Command {
  const command = new Command('list')
    .summary('the files in quarantine, a line each')
    .description('List the files in quarantine, a line each.')
    .argument('[job]', 'the job (default: the newest one)')
  return looking(command)
    .addHelpText('after', examples('millrace files quarantine list', 'millrace files quarantine list --json'))
    .action(async (job: string | undefined, flags: JobsFlags) => {
      const { listQuarantine } = await import('../commands/quarantine-list.ts')
      onExitCode(await listQuarantine(job, flags))
    })
}

function showCommand(onExitCode: (code: ExitCode) => void): Command {
  const command = new Command('show')
    .summary('why one file is there: attempts and evidence')
    .description('Show why a file is in quarantine: every attempt, the evidence, the last words of its worker.')
    .argument('<path>', 'the file, as it is listed or from the current directory')
    .option('--job <id>', 'the job (default: the newest one)')
  return looking(command)
    .addHelpText('after', examples('millrace files quarantine show src/huge.js'))
    .action(async (path: string, flags: QuarantineFlags) => {
      const { showQuarantined } = await import('../commands/quarantine-show.ts')
      onExitCode(await showQuarantined(path, flags))
    })
}

function retryCommand(onExitCode: (code: ExitCode) => void): Command {
  const command = new Command('retry')
    .summary('give files another chance')
    .description(
      'Give quarantined files another chance, all of them or those named: in the job where it runs, else by taking the job up again.',
    )
    .argument('[path...]', 'files, as they are listed or from the current directory (default: all)')
    .option('--job <id>', 'the job (default: the newest one)')
  withPlace(withHow(command).optionsGroup('Ledger and configuration:'))
  return withOutput(command)
    .addHelpText(
      'after',
      `${EXIT_CODES}${examples('millrace files quarantine retry', 'millrace files quarantine retry src/huge.js --deadline 120')}`,
    )
    .action(async (paths: readonly string[], flags: RetryFlags) => {
      const { retryQuarantined } = await import('../commands/quarantine-retry.ts')
      onExitCode(await retryQuarantined(paths, flags))
    })
}
