import { Command } from 'commander'
import type { PlanFlags } from '../commands/files-plan.ts'
import { readNumber } from '../config/flag-values.ts'
import type { ExitCode } from '../exit-code.ts'
import { examples, looking } from './options.ts'

const MS = { min: 0, max: 3_600_000, whole: false, unit: 'ms' }

/** `millrace files plan` */
export function planCommand(onExitCode: (code: ExitCode) => void): Command {
  const command = new Command('plan')
    .summary('how long a job over many machines would take')
    .description(
      'Simulate a job over many machines: how long it takes with 1, 2, 4 … workers, what it waits for, and what to change. Needs no database; what a file costs comes from the ledger, where there is one.',
    )
    .requiredOption('--files <n>', 'files to process', number('--files', { min: 1, max: 1e10, whole: true }))
    .requiredOption(
      '--workers <n>',
      'worker processes on all machines together',
      number('--workers', { min: 1, max: 10_000, whole: true }),
    )
    .option(
      '--ms-per-file <ms>',
      'time of a worker for a file (default: by the ledger, or 1)',
      number('--ms-per-file', { min: 0.000_001, max: 3_600_000, whole: false, unit: 'ms' }),
    )
    .option(
      '--batch-size <n>',
      'most files in a batch (default: 200)',
      number('--batch-size', { min: 1, max: 5000, whole: true }),
    )
    .option(
      '--postgres-cores <n>',
      'checkpoints that PostgreSQL works on at a time (default: 8)',
      number('--postgres-cores', { min: 1, max: 1024, whole: true }),
    )
    .option('--commit-ms <ms>', 'time of PostgreSQL for a checkpoint, whatever is in it', number('--commit-ms', MS))
    .option('--commit-ms-per-file <ms>', 'and for each file of it', number('--commit-ms-per-file', MS))
    .option('--publish-ms-per-file <ms>', 'time of the coordinator for a file', number('--publish-ms-per-file', MS))
    .option('--hand-out-ms <ms>', "from a worker's question to its batch", number('--hand-out-ms', MS))
  return looking(command)
    .addHelpText(
      'after',
      examples(
        'millrace files plan --workers 200 --files 50000000',
        'millrace files plan --workers 64 --files 2000000 --ms-per-file 8 --postgres-cores 16',
      ),
    )
    .action(async (flags: PlanFlags) => {
      const { planFiles } = await import('../commands/files-plan.ts')
      onExitCode(await planFiles(flags))
    })
}

function number(flag: string, limit: Parameters<typeof readNumber>[1]) {
  return (text: string) => readNumber(flag, limit, text)
}
