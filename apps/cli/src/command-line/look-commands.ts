import { Command } from 'commander'
import type { ConfigureFlags } from '../commands/files-configure.ts'
import type { DuplicatesFlags } from '../commands/files-duplicates.ts'
import type { JobsFlags } from '../commands/files-jobs.ts'
import type { QueryFlags } from '../commands/files-query.ts'
import type { ReportFlags } from '../commands/files-report.ts'
import { readChoice, readNumber, readText } from '../config/flag-values.ts'
import type { ExitCode } from '../exit-code.ts'
import { examples, looking, withLimits } from './options.ts'

/** `millrace files jobs` */
export function jobsCommand(onExitCode: (code: ExitCode) => void): Command {
  const command = new Command('jobs')
    .summary('list the jobs in the ledger')
    .description('List the jobs in the ledger, newest first.')
  return looking(command)
    .addHelpText('after', examples('millrace files jobs', 'millrace files jobs --json'))
    .action(async (flags: JobsFlags) => {
      const { listJobs } = await import('../commands/files-jobs.ts')
      onExitCode(await listJobs(flags))
    })
}

/** `millrace files show` */
export function showCommand(onExitCode: (code: ExitCode) => void): Command {
  const command = new Command('show')
    .summary('show one job: progress, books, quarantine, slowest files')
    .description(
      'Show one job: how far it is where it runs, its books, its quarantined files with their reasons, its slowest files, where its results lie.',
    )
    .argument('[job]', 'the job (default: the newest one)')
  return looking(command)
    .addHelpText('after', examples('millrace files show', 'millrace files show --json'))
    .action(async (job: string | undefined, flags: JobsFlags) => {
      const { showJob } = await import('../commands/files-show.ts')
      onExitCode(await showJob(job, flags))
    })
}

/** `millrace files query` */
export function queryCommand(onExitCode: (code: ExitCode) => void): Command {
  const command = new Command('query')
    .summary('ask the results by SQL')
    .description(
      'Ask the results of a job by SQL, by DuckDB: the table results, the views imports, exports, declarations, functions and diagnostics of the lists in them, and the table quarantine. A table is cut to the terminal; json and csv are whole.',
    )
    .argument('<sql>', 'the query', (text: string) => readText('sql', 'a query', text))
    .option('--job <id>', 'the job (default: the newest one)', (text) => readText('--job', 'a job', text))
    .option('--format <form>', 'table, json (an object a line) or csv (default: table)', (text) =>
      readChoice('--format', ['table', 'json', 'csv'], text),
    )
  return looking(command)
    .addHelpText(
      'after',
      examples(
        'millrace files query "select language, count(*), sum(lines) from results group by language order by 3 desc"',
        'millrace files query "select \\"from\\", count(*) from imports group by 1 order by 2 desc limit 20"',
        'millrace files query "select path, name, complexity from functions order by complexity desc limit 10" --format csv',
      ),
    )
    .action(async (sql: string, flags: QueryFlags) => {
      const { queryFiles } = await import('../commands/files-query.ts')
      onExitCode(await queryFiles(sql, flags))
    })
}

/** `millrace files report` */
export function reportCommand(onExitCode: (code: ExitCode) => void): Command {
  const command = new Command('report')
    .summary('make a page of a job, to look at and to show')
    .description(
      'Make one HTML page of a job: a map of sizes and complexity, import hot spots, slow and large files, quarantine. It opens offline.',
    )
    .option('--job <id>', 'the job (default: the newest one)', (text) => readText('--job', 'a job', text))
    .option('--out <file>', 'where it goes, - for standard output (default: millrace-report.html)', (text) =>
      readText('--out', 'a file', text),
    )
  return looking(command)
    .addHelpText('after', examples('millrace files report', 'millrace files report --out docs/tree.html'))
    .action(async (flags: ReportFlags) => {
      const { reportFiles } = await import('../commands/files-report.ts')
      onExitCode(await reportFiles(flags))
    })
}

/** `millrace files duplicates` */
export function duplicatesCommand(onExitCode: (code: ExitCode) => void): Command {
  const command = new Command('duplicates')
    .summary('show what was written twice')
    .description(
      'Show what was written twice, by the results of the newest job that had the processor duplicates: `millrace files run --processor duplicates`.',
    )
    .option('--limit <count>', 'copies to show, the longest first (default: 20)', (text) =>
      readNumber('--limit', { min: 1, max: 1_000_000, whole: true }, text),
    )
  return looking(command)
    .addHelpText('after', examples('millrace files duplicates', 'millrace files duplicates --json --limit 1000'))
    .action(async (flags: DuplicatesFlags) => {
      const { showDuplicates } = await import('../commands/files-duplicates.ts')
      onExitCode(await showDuplicates(flags))
    })
}

/** `millrace files pause` */
export function pauseCommand(onExitCode: (code: ExitCode) => void): Command {
  const command = new Command('pause')
    .summary('pause the job that runs; resume continues it')
    .description(
      'Pause the job that runs: batches in hand are finished, nothing more is started until `millrace files resume`.',
    )
  return looking(command)
    .addHelpText('after', examples('millrace files pause', 'millrace files resume'))
    .action(async (flags: JobsFlags) => {
      const { pauseJob } = await import('../commands/files-pause.ts')
      onExitCode(await pauseJob(flags))
    })
}

/** `millrace files configure` */
export function configureCommand(onExitCode: (code: ExitCode) => void): Command {
  const command = new Command('configure')
    .summary('change the limits of the job that runs')
    .description('Change the limits of the job that runs, at once.')
  return looking(withLimits(command))
    .addHelpText(
      'after',
      examples('millrace files configure --workers 4 --memory 2000', 'millrace files configure --deadline 10'),
    )
    .action(async (flags: ConfigureFlags) => {
      const { configureJob } = await import('../commands/files-configure.ts')
      onExitCode(await configureJob(flags))
    })
}
