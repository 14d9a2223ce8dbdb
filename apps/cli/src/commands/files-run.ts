import { resolve } from 'node:path'
import { configOfFlags, type RunFlags } from '../config/run-flags.ts'
import { loadSettings } from '../config/settings.ts'
import type { ExitCode } from '../exit-code.ts'
import { hostJob } from './host-job.ts'

/** `millrace files run [dir]`: a job over a tree. What the ledger has of the tree already is not done again. */
export function runFiles(dir: string | undefined, flags: RunFlags): Promise<ExitCode> {
  return hostJob(flags, async () => {
    const cwd = process.cwd()
    const overrides = { ...configOfFlags(flags), ...(dir !== undefined && { dir: resolve(cwd, dir) }) }
    const settings = await loadSettings(cwd, flags, overrides)
    return { settings, start: (engine, options) => engine.processRepository(settings.dir, {}, options) }
  })
}
