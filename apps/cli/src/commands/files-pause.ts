import { loadSettings } from '../config/settings.ts'
import { connectControl } from '../control/control-client.ts'
import type { ExitCode } from '../exit-code.ts'
import { commandLine, placeWords } from '../terminal.ts'
import { formatItems } from '../text/numbers.ts'
import type { JobsFlags } from './files-jobs.ts'
import { steer } from './steer.ts'

/** `millrace files pause`: the job that runs starts nothing more until it is told to go on. */
export function pauseJob(flags: JobsFlags): Promise<ExitCode> {
  return steer(flags, async () => {
    const { stateDir, postgres } = await loadSettings(process.cwd(), flags)
    const { jobId, workersBusy } = await connectControl(stateDir, postgres).pause()
    const inHand = workersBusy === 0 ? '' : ` ${formatItems(workersBusy, 'batch', 'batches')} in hand will be finished.`
    const next = commandLine(['files', 'resume', ...placeWords(flags)], process.env)
    return {
      words: `Job ${jobId} is paused.${inHand} It goes on with: ${next}`,
      json: { event: 'paused', job: jobId, workersBusy },
    }
  })
}
