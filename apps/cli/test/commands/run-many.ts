import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Answer, CommandLine } from './many-millrace.ts'

/** Against hangs. */
const LONGEST_MS = 230_000

const SCRIPT = fileURLToPath(new URL('./many-millrace.ts', import.meta.url))

/**
 * Runs command lines one after another in one process, for those of which only the answer matters. Most of what a short command costs is the
 * start of Node and of itself, which is paid once this way.
 */
export async function runMany(lines: readonly CommandLine[]): Promise<readonly Answer[]> {
  const { PATH, NODE_COMPILE_CACHE } = process.env
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=millrace-source', SCRIPT, JSON.stringify(lines)],
    { timeout: LONGEST_MS, killSignal: 'SIGKILL', maxBuffer: 2 ** 26, env: { PATH, NODE_COMPILE_CACHE } },
  )
  return JSON.parse(stdout) as readonly Answer[]
}

/** The same for commands of `millrace files` in one folder. */
export async function askFiles<const All extends readonly (readonly string[])[]>(
  cwd: string,
  ...commands: All
): Promise<{ [Index in keyof All]: Answer }> {
  const answers = await runMany(commands.map((args) => ({ cwd, args: ['files', ...args] })))
  return answers as { [Index in keyof All]: Answer }
}
