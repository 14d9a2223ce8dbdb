import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * A folder in the system's temporary one that is made once on a machine, for tests to copy: by one process, while others wait.
 * @param name of what it holds, with its version
 */
export async function madeOnce(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const home = join(tmpdir(), name)
  const made = join(home, 'data')
  const lock = join(home, 'making')
  mkdirSync(home, { recursive: true, mode: 0o755 })
  while (!existsSync(made)) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' })
    } catch {
      // A maker that died has left its lock behind.
      if (isLeft(lock)) rmSync(lock, { force: true })
      await new Promise((resolve) => setTimeout(resolve, 50))
      continue
    }
    try {
      // Another may have come to its end since the look.
      if (existsSync(made)) break
      const making = mkdtempSync(join(home, 'new-'))
      await make(making)
      renameSync(making, made)
    } finally {
      rmSync(lock, { force: true })
    }
  }
  return made
}

function isLeft(lock: string): boolean {
  try {
    // Empty for the moment between its making and its writing.
    const pid = Number(readFileSync(lock, 'utf8'))
    return pid > 0 && !process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH'
  }
}
