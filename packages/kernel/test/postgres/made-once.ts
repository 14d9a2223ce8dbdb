import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** How long others wait for whoever makes it: a maker that died has left its lock behind. */
const LONGEST_MS = 60_000

/**
 * A folder in the system's temporary one that is made once on a machine, for tests to copy: by one process, while others wait.
 * @param name of what it holds, with its version
 */
export async function madeOnce(name: string, make: (folder: string) => Promise<void>): Promise<string> {
  const home = join(tmpdir(), name)
  const made = join(home, 'data')
  const lock = join(home, 'making')
  mkdirSync(home, { recursive: true, mode: 0o755 })
  const givenUpAt = Date.now() + LONGEST_MS
  while (!existsSync(made)) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' })
    } catch {
      if (Date.now() > givenUpAt) rmSync(lock, { force: true })
      await new Promise((resolve) => setTimeout(resolve, 50))
      continue
    }
    try {
      const making = mkdtempSync(join(home, 'new-'))
      await make(making)
      renameSync(making, made)
    } finally {
      rmSync(lock, { force: true })
    }
  }
  return made
}
