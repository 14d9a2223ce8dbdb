import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const SYSTEM_FOLDERS = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin']
/** Of `/proc/PID/stat`, in which user and system time are counted in hundredths of a second; behind the name, which may have blanks in it. */
const [USER, SYSTEM, TICKS_PER_S] = [11, 12, 100]

/** A program of others, running. Linux only. */
export interface RunningProgram extends AsyncDisposable {
  /** Processor time of it so far, in seconds. */
  cpuS(): number
}

/** Where a program is; undefined if it is not installed. */
export function findProgram(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(':'), ...SYSTEM_FOLDERS]
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

/** Starts a program of one process, which ends with what it is given back as. */
export async function startProgram(path: string, args: readonly string[]): Promise<RunningProgram> {
  const child = spawn(path, args, { stdio: 'ignore' })
  await once(child, 'spawn')
  return {
    cpuS: () => {
      if (child.exitCode !== null) throw new Error(`${path} ended with code ${child.exitCode}`)
      const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      return (Number(fields[USER]) + Number(fields[SYSTEM])) / TICKS_PER_S
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null) return
      const exit = once(child, 'exit')
      child.kill('SIGKILL')
      await exit
    },
  }
}
