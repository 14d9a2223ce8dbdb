import { Command } from 'commander'
import type { ModelFlags } from '../commands/intents-model.ts'
import type { TuneFlags } from '../commands/intents-tune.ts'
import { readNumber } from '../config/flag-values.ts'
import type { ExitCode } from '../exit-code.ts'
import { examples } from './options.ts'

const SIZE = { min: 1, max: 20_000, whole: true }
const CONNECTIONS = { min: 1, max: 64, whole: true }

/** `millrace intents model` */
export function modelCommand(onExitCode: (code: ExitCode) => void): Command {
  return new Command('model')
    .summary('what to expect of a window and a size, by calculation')
    .description(
      'Calculate what batches come to at a rate: how full they are, what makes them leave, what waiting adds, and what is saved. Needs no database.',
    )
    .requiredOption('--rate <n>', 'intents a second', number('--rate', { min: 0.001, max: 1e9, whole: false }))
    .option('--window <ms>', 'timeWindowMs (default: 10)', number('--window', { min: 0, max: 60_000, whole: false }))
    .option('--max <n>', 'maxBatchSize (default: 857)', number('--max', { min: 1, max: 100_000, whole: true }))
    .option('--connections <n>', 'batches at a time (default: 2)', number('--connections', CONNECTIONS))
    .option(
      '--fixed-ms <ms>',
      'what a batch takes whatever is in it (default: 0.5)',
      number('--fixed-ms', { min: 0, max: 60_000, whole: false }),
    )
    .option(
      '--per-intent-ms <ms>',
      'what an intent adds (default: 0.005)',
      number('--per-intent-ms', { min: 0, max: 60_000, whole: false }),
    )
    .option('--json', 'JSON instead of words')
    .helpOption('-h, --help', 'print this help')
    .addHelpText(
      'after',
      examples(
        'millrace intents model --rate 2000 --window 10',
        'millrace intents model --rate 50000 --fixed-ms 1.2 --per-intent-ms 0.01',
      ),
    )
    .action(async (flags: ModelFlags) => {
      const { modelIntents } = await import('../commands/intents-model.ts')
      onExitCode(await modelIntents(flags))
    })
}

/** `millrace intents tune` */
export function tuneCommand(onExitCode: (code: ExitCode) => void): Command {
  return new Command('tune')
    .summary('measure which batches suit your database')
    .description(
      'Write batches of growing size, from one intent on, to a table of its own in the schema millrace_tune, and tell which size to set. The schema is dropped at the end. Meanwhile the database is as busy as it can be.',
    )
    .requiredOption('--postgres <url>', 'the database')
    .option('--sizes <list>', 'sizes, such as 1,100,857 (default: 13 from 1 to 5000)', readSizes)
    .option(
      '--seconds <n>',
      'for all sizes together (default: 30)',
      number('--seconds', { min: 1, max: 86_400, whole: false }),
    )
    .option('--connections <n>', 'batches at a time (default: 2)', number('--connections', CONNECTIONS))
    .option(
      '--latency <ms>',
      'longest time a batch shall take (default: 100)',
      number('--latency', { min: 0.1, max: 600_000, whole: false }),
    )
    .option('--json', 'JSON instead of words')
    .helpOption('-h, --help', 'print this help')
    .addHelpText(
      'after',
      `\nExit codes:\n  0 measured · 1 usage, or the database refused · 130 interrupted\n${examples(
        'millrace intents tune --postgres postgres://localhost/game_test',
        'millrace intents tune --postgres postgres://localhost/game_test --sizes 1,73,857 --seconds 10 --json',
      )}`,
    )
    .action(async (flags: TuneFlags) => {
      const { tuneIntents } = await import('../commands/intents-tune.ts')
      onExitCode(await tuneIntents(flags))
    })
}

function readSizes(text: string): readonly number[] {
  return text.split(',').map((size) => readNumber('--sizes', SIZE, size))
}

function number(flag: string, limit: Parameters<typeof readNumber>[1]) {
  return (text: string) => readNumber(flag, limit, text)
}
