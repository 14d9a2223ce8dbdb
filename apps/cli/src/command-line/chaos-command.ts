import { Command } from 'commander'
import type { ChaosFlags } from '../commands/files-chaos.ts'
import { readNumber, readText } from '../config/flag-values.ts'
import { limits } from '../config/limits.ts'
import type { ExitCode } from '../exit-code.ts'
import { collect, examples } from './options.ts'

const EXIT_CODES = `
Exit codes:
  0 nothing lost · 1 usage · 2 the processor has faults
  3 something lost, or not the same as undisturbed · 130 interrupted
`

/** `millrace files chaos` */
export function chaosCommand(onExitCode: (code: ExitCode) => void): Command {
  return new Command('chaos')
    .summary('try a processor while everything is killed around it')
    .description(
      'Run a processor over a copy of a folder while the engine and its workers are killed, stopped and slowed and files are damaged; then show whether every file is accounted for, whether the output is what it is when nothing is disturbed, and what is wrong with the processor. The folder is only read, your ledger is not touched.',
    )
    .argument('[dir]', 'the folder (default: a made-up one of ten languages)', (dir: string) =>
      readText('dir', 'a folder', dir),
    )
    .requiredOption(
      '--processor <name|module>',
      'the processor; may be repeated, the first that takes a file gets it',
      collect,
    )
    .option('--transform <module>', 'what makes another record of its record; may be repeated', collect)
    .option('--include <glob>', 'only files that match; may be repeated', collect)
    .option('--exclude <glob>', 'no files that match, no folders either; may be repeated', collect)
    .option(
      '--seed <n>',
      'does the same to the same files again (default: drawn by lot)',
      number('--seed', { min: 0, max: 2 ** 31 - 1, whole: true }),
    )
    .option(
      '--kills <n>',
      'kills of engine and workers together (default: 20)',
      number('--kills', { min: 1, max: 500, whole: true }),
    )
    .option(
      '--files <n>',
      'most files that are copied; of more, the seed chooses (default: 1000)',
      number('--files', { min: 1, max: 100_000, whole: true }),
    )
    .option('--workers <n>', 'worker processes (default: 2)', number('--workers', { min: 1, max: 64, whole: true }))
    .option(
      '--deadline <seconds>',
      'most time for one file (default: 5)',
      number('--deadline', { min: 0.5, max: 3600, whole: false, unit: 'seconds' }),
    )
    .option('--heap <mb>', 'heap of a worker, MB (default: as in `run`)', number('--heap', limits.workerHeapMb))
    .option(
      '--postgres <url>',
      'a PostgreSQL over which it is done by a coordinator and workers of their own; schemas of its own there, which go with it',
    )
    .option('--keep', 'leave the copy, the ledgers and the outputs, and say where')
    .option('--json', 'JSON instead of words')
    .helpOption('-h, --help', 'print this help')
    .addHelpText(
      'after',
      `${EXIT_CODES}${examples(
        'millrace files chaos --processor ./mine.ts ./src',
        'millrace files chaos --processor ./mine.ts ./src --seed 42 --kills 50',
        'millrace files chaos --processor ./mine.ts ./src --postgres postgres://localhost/test',
      )}`,
    )
    .action(async (dir: string | undefined, flags: ChaosFlags) => {
      const { chaosFiles } = await import('../commands/files-chaos.ts')
      onExitCode(await chaosFiles(dir, flags))
    })
}

function number(flag: string, limit: Parameters<typeof readNumber>[1]) {
  return (text: string) => readNumber(flag, limit, text)
}
