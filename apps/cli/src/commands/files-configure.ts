import type { RuntimeConfig } from '@millrace/files'
import { MillraceError } from '@millrace/kernel/errors'
import { configOfFlags, type HostFlags } from '../config/run-flags.ts'
import { loadSettings } from '../config/settings.ts'
import { connectControl } from '../control/control-client.ts'
import type { ExitCode } from '../exit-code.ts'
import { formatCount, formatItems, formatMegabytes, formatSeconds } from '../text/numbers.ts'
import { steer } from './steer.ts'

/** Flags of `millrace files configure`. */
export type ConfigureFlags = Pick<
  HostFlags,
  'state' | 'config' | 'profile' | 'json' | 'workers' | 'memory' | 'deadline' | 'batchSize'
>

/** `millrace files configure`: changes the limits of the job that runs. */
export function configureJob(flags: ConfigureFlags): Promise<ExitCode> {
  return steer(flags, async () => {
    const { workers, memory, deadline, batchSize } = flags
    const changes: RuntimeConfig = configOfFlags({
      ...(workers !== undefined && { workers }),
      ...(memory !== undefined && { memory }),
      ...(deadline !== undefined && { deadline }),
      ...(batchSize !== undefined && { batchSize }),
    })
    if (Object.keys(changes).length === 0) {
      throw new MillraceError(
        'ARGUMENTS_INVALID',
        'There is nothing to change. Give one or more of --workers, --memory, --deadline and --batch-size.',
      )
    }
    const { stateDir, postgres } = await loadSettings(process.cwd(), flags)
    const { jobId } = await connectControl(stateDir, postgres).configure(changes)
    return {
      words: `Job ${jobId} now works with ${inWords(flags).join(', ')}.`,
      json: { event: 'configured', job: jobId, ...changes },
    }
  })
}

function inWords({ workers, memory, deadline, batchSize }: ConfigureFlags): string[] {
  return [
    ...(workers === undefined ? [] : [formatItems(workers, 'worker')]),
    ...(memory === undefined ? [] : [`up to ${formatMegabytes(memory)}`]),
    ...(deadline === undefined ? [] : [`${formatSeconds(deadline)} for a file`]),
    ...(batchSize === undefined ? [] : [`up to ${formatCount(batchSize)} files in a batch`]),
  ]
}
