import { Command } from 'commander'
import type { ScheduleFlags } from '../commands/files-schedule.ts'
import { readText } from '../config/flag-values.ts'
import type { RunFlags } from '../config/run-flags.ts'
import type { ExitCode } from '../exit-code.ts'
import { examples, withHow, withOutput, withPlace, withTree } from './options.ts'

/** `millrace files watch` */
export function watchCommand(onExitCode: (code: ExitCode) => void): Command {
  const command = new Command('watch')
    .summary('process a folder, and again whenever it changes')
    .description(
      'Process a folder as `run` does, and again whenever something in it has changed, until Ctrl-C. A burst of changes is one run; a few edits come before all else.',
    )
  withPlace(withHow(withTree(command)).optionsGroup('Ledger and configuration:'))
  return withOutput(command)
    .addHelpText('after', examples('millrace files watch ./src', 'millrace files watch ./src --json'))
    .action(async (dir: string | undefined, flags: RunFlags) => {
      const { watchFiles } = await import('../commands/files-watch.ts')
      onExitCode(await watchFiles(dir, flags))
    })
}

/** `millrace files schedule` */
export function scheduleCommand(onExitCode: (code: ExitCode) => void): Command {
  const command = new Command('schedule')
    .summary('process a folder at fixed times')
    .description(
      'Process a folder as `run` does at each moment of a cron expression, until Ctrl-C. Never two at once: of moments that go by meanwhile only the last counts. With --postgres any number of machines may wait for the same folder: one of them takes each moment.',
    )
  withTree(command)
    .optionsGroup('When:')
    .requiredOption(
      '--cron <expression>',
      'five fields, or six with seconds: "0 2 * * *" is every day at two',
      (text) => readText('--cron', 'a cron expression', text),
    )
    .option('--timezone <name>', 'of the expression, for example Europe/Berlin (default: this machine’s)', (text) =>
      readText('--timezone', 'a time zone', text),
    )
  withPlace(withHow(command).optionsGroup('Ledger and configuration:'))
  return withOutput(command)
    .addHelpText('after', examples('millrace files schedule ./src --cron "0 2 * * *" --timezone UTC'))
    .action(async (dir: string | undefined, flags: ScheduleFlags) => {
      const { scheduleFiles } = await import('../commands/files-schedule.ts')
      onExitCode(await scheduleFiles(dir, flags))
    })
}
