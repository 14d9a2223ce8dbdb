import { Command } from 'commander'
import type { WorkFlags } from '../commands/files-work.ts'
import { readNumber, readText } from '../config/flag-values.ts'
import { limits } from '../config/limits.ts'
import type { ExitCode } from '../exit-code.ts'
import { examples, withOutput, withPlace } from './options.ts'

/** `millrace files work` */
export function workCommand(onExitCode: (code: ExitCode) => void): Command {
  const command = new Command('work')
    .summary('do batches of a job that another machine coordinates')
    .description(
      'Join the job that is coordinated over a PostgreSQL: take batches, process them in worker processes, commit. Any number of machines may join and leave, at any time; each needs the same tree.',
    )
    .option('--root <dir>', 'the tree, the same commit as the coordinator has (default: the current folder)', (dir) =>
      readText('--root', 'a folder', dir),
    )
    .option('--workers <n>', 'worker processes (default: one per core)', (text) =>
      readNumber('--workers', limits.workerCount, text),
    )
    .option('--memory <mb>', 'most memory for them together, MB (default: a quarter of the machine)', (text) =>
      readNumber('--memory', limits.memoryLimitMb, text),
    )
    .option('--until-done', 'end with the job instead of waiting for the next one')
  withPlace(command)
  return withOutput(command)
    .addHelpText(
      'after',
      examples(
        'millrace files work --postgres postgres://db.example/jobs --root ~/monorepo',
        'millrace files work --postgres postgres://db.example/jobs --workers 8 --until-done',
      ),
    )
    .action(async (flags: WorkFlags) => {
      const { workFiles } = await import('../commands/files-work.ts')
      onExitCode(await workFiles(flags))
    })
}
