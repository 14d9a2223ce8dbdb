import { type Command, Option } from 'commander'
import { readChoice, readGlob, readNumber, readText } from '../config/flag-values.ts'
import { limits, portLimit } from '../config/limits.ts'
import { LOG_LEVELS } from '../config/log-level.ts'
import { readLevel } from '../config/run-flags.ts'

/** Adds the flags that say how a job works: of every command that does one. */
export function withHow(command: Command): Command {
  return withLimits(command.optionsGroup('How:'))
    .option(
      '--max-pause <seconds>',
      'longest wait for a full disk or lacking memory to get better (default: 600)',
      numberOf('--max-pause', limits.maxPauseSeconds),
    )
    .option(
      '--queue [level]',
      'wait for the ledger where another job has it, by LOW, MEDIUM, HIGH or CRITICAL (default: MEDIUM)',
      (text: string) => readLevel('--queue', text),
    )
    .option(
      '--metrics <port>',
      'serve /metrics and /health on 127.0.0.1; 0 for any port',
      numberOf('--metrics', portLimit),
    )
    .option('--cpu-prof [dir]', 'write a CPU profile of a worker (default: millrace-profiles)', (text: string) =>
      readText('--cpu-prof', 'a folder', text),
    )
}

/** Adds the flags of the limits that may change while a job runs. */
export function withLimits(command: Command): Command {
  return command
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
}

/** Adds the flags that say which ledger and configuration a command works with. */
export function withPlace(command: Command): Command {
  return command
    .option('--state <dir>', 'where the ledger lies (default: .millrace)')
    .option('--postgres <url>', 'a PostgreSQL that has the ledger; workers on any machine join there')
    .option('--config <file>', 'configuration file (default: millrace.config.ts, .js or .json)')
    .option('--profile <name>', 'a profile that the file defines')
}

/** Adds the flags of a job's output, and `--help`. */
export function withOutput(command: Command): Command {
  return command
    .optionsGroup('Output:')
    .option('--json', 'one JSON object a line instead of words; the last is the summary')
    .option('--quiet', 'print errors only; with --json, the summary line only')
    .addOption(logLevelOption())
    .helpOption('-h, --help', 'print this help')
}

/** How much is logged, of commands that log. */
export function logLevelOption(): Option {
  return new Option('--log-level <level>', `${LOG_LEVELS.join(', ')} (default: warn)`).argParser((text) =>
    readChoice('--log-level', LOG_LEVELS, text),
  )
}

/** The flags of commands that look at a ledger, or at the job that runs on it. */
export function looking(command: Command): Command {
  return withPlace(command).option('--json', 'JSON instead of words').helpOption('-h, --help', 'print this help')
}

/** Which tree, which of its files, and what happens to them. */
export function withTree(command: Command): Command {
  return command
    .argument('[dir]', 'the folder (default: the current one)', (dir: string) => readText('dir', 'a folder', dir))
    .optionsGroup('Which files:')
    .option('--include <glob>', 'only files that match; may be repeated', globsOf('--include'))
    .option('--exclude <glob>', 'no files that match, no folders either; may be repeated', globsOf('--exclude'))
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
    .option(
      '--sink <name>',
      'the form of the results: jsonl, jsonl.zst, parquet, sqlite, postgres, or none for no export (default: jsonl)',
    )
    .option(
      '--out <file>',
      'where the results go: a file, - for standard output, or postgres://user@host/database?table=name with the sink postgres (default: millrace-results.jsonl)',
    )
}

/** Takes a flag that may be repeated. */
export function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value]
}

function globsOf(flag: string) {
  return (glob: string, previous?: readonly string[]) => collect(readGlob(flag, glob), previous)
}

/** The examples at the end of a help text. */
export function examples(...lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`
}

/** What the exit codes of a job mean, for its help text. */
export const EXIT_CODES = `
Exit codes:
  0 all delivered · 1 usage · 2 done, some files quarantined
  3 incomplete, or the books do not balance · 130 interrupted
`

function numberOf(flag: string, limit: Parameters<typeof readNumber>[1]) {
  return (text: string) => readNumber(flag, limit, text)
}
