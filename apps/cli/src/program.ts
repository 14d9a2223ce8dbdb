import { Command, Option } from 'commander'
import type { JobsFlags } from './commands/files-jobs.ts'
import { readChoice, readNumber, readText } from './config/flag-values.ts'
import { limits } from './config/limits.ts'
import { LOG_LEVELS } from './config/log-level.ts'
import type { RunFlags } from './config/run-flags.ts'
import type { ExitCode } from './exit-code.ts'

export interface ProgramOptions {
  readonly version: string
  readonly onExitCode: (code: ExitCode) => void
}

/** The command line: every command with its flags, defaults and examples. Commands load their code when they run. */
export function createProgram({ version, onExitCode }: ProgramOptions): Command {
  const program = new Command('millrace')
    .description('Batch processing that keeps its promises: every item is delivered, or you are told why not.')
    .version(version, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .addHelpText('after', examples('millrace files run', 'millrace files run --help'))
  const files = program
    .command('files')
    .description('Process trees of source files in isolated worker processes, with a ledger and balanced books.')
    .helpCommand(false)
    .addHelpText('after', examples('millrace files run ./src', 'millrace files jobs', 'millrace files show'))
  files.addCommand(runCommand(onExitCode))
  files.addCommand(jobsCommand(onExitCode))
  files.addCommand(showCommand(onExitCode))
  return quieten(program)
}

function runCommand(onExitCode: (code: ExitCode) => void): Command {
  const command = new Command('run')
    .summary('process every file below a folder')
    .description(
      'Process every file below a folder: discover, batch, parse in worker processes, record in the ledger, export.',
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

  command
    .optionsGroup('What happens to them:')
    .option(
      '--processor <name|module>',
      'what makes a record of a file; may be repeated, the first that takes a file gets it (default: syntax, ast-json)',
      collect,
    )
    .option('--sink <name>', 'the form of the results, none for no export (default: jsonl)')
    .option('--out <file>', 'where the results go (default: millrace-results.jsonl)')
    .option('--state <dir>', 'where the ledger lies (default: .millrace)')

  command
    .optionsGroup('How:')
    .option('--workers <n>', 'worker processes (default: one per core)', numberOf('--workers', limits.workerCount))
    .option(
      '--memory <mb>',
      'most memory for engine and workers together, MB (default: a quarter of the machine)',
      numberOf('--memory', limits.memoryLimitMb),
    )
    .option(
      '--deadline <seconds>',
      'most time for one file (default: 30)',
      numberOf('--deadline', limits.timeoutSeconds),
    )
    .option(
      '--batch-size <n>',
      'most files in a batch (default: 50 to 500, adapting)',
      numberOf('--batch-size', limits.batchSize),
    )

  command
    .optionsGroup('Configuration:')
    .option('--config <file>', 'configuration file (default: millrace.config.ts, .js or .json)')
    .option('--profile <name>', 'a profile that the file defines')

  command
    .optionsGroup('Output:')
    .option('--json', 'one JSON object a line instead of words; the last is the summary')
    .option('--quiet', 'print errors only; with --json, the summary line only')
    .addOption(
      new Option('--log-level <level>', `${LOG_LEVELS.join(', ')} (default: warn)`).argParser((text) =>
        readChoice('--log-level', LOG_LEVELS, text),
      ),
    )
    .helpOption('-h, --help', 'print this help')

  return command
    .addHelpText(
      'after',
      `
Exit codes:
  0 all delivered · 1 usage · 2 done, some files quarantined
  3 incomplete, or the books do not balance · 130 interrupted
${examples(
  'millrace files run ./src',
  'millrace files run --workers 4 --deadline 5 --out ast.jsonl',
  "millrace files run --priority 'HIGH:src/**' --exclude '*.min.js'",
  'millrace files run --json | tail -n 1',
)}`,
    )
    .action(async (dir: string | undefined, flags: RunFlags) => {
      const { runFiles } = await import('./commands/files-run.ts')
      onExitCode(await runFiles(dir, flags))
    })
}

function jobsCommand(onExitCode: (code: ExitCode) => void): Command {
  return withPlace(
    new Command('jobs')
      .summary('list the jobs in the ledger')
      .description('List the jobs in the ledger, newest first.'),
  )
    .addHelpText('after', examples('millrace files jobs', 'millrace files jobs --json'))
    .action(async (flags: JobsFlags) => {
      const { listJobs } = await import('./commands/files-jobs.ts')
      onExitCode(await listJobs(flags))
    })
}

function showCommand(onExitCode: (code: ExitCode) => void): Command {
  const command = new Command('show')
    .summary('show one job: books, quarantine, slowest files')
    .description(
      'Show one job: its books, its quarantined files with their reasons, its slowest files, where its results lie.',
    )
    .argument('[job]', 'the job (default: the newest one)')
  return withPlace(command)
    .addHelpText('after', examples('millrace files show', 'millrace files show --json'))
    .action(async (job: string | undefined, flags: JobsFlags) => {
      const { showJob } = await import('./commands/files-show.ts')
      onExitCode(await showJob(job, flags))
    })
}

function withPlace(command: Command): Command {
  return command
    .option('--state <dir>', 'where the ledger lies (default: .millrace)')
    .option('--config <file>', 'configuration file (default: millrace.config.ts, .js or .json)')
    .option('--profile <name>', 'a profile that the file defines')
    .option('--json', 'JSON instead of words')
    .helpOption('-h, --help', 'print this help')
}

/** Errors are thrown instead of printed, here and in every command below. */
function quieten(command: Command): Command {
  command.exitOverride().configureOutput({ outputError: () => {} })
  for (const child of command.commands) quieten(child)
  return command
}

function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value]
}

function numberOf(flag: string, limit: Parameters<typeof readNumber>[1]) {
  return (text: string) => readNumber(flag, limit, text)
}

function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`
}
