import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = new URL('../', import.meta.url)
const stamp = new URL('./node_modules/.millrace-bench', folder)

/**
 * Installs the peers as the lockfile has them, unless that was done before.
 * @throws {Error} where npm fails.
 */
export function installPeers(): void {
  const wanted = createHash('sha256')
    .update(readFileSync(new URL('./package-lock.json', folder)))
    .digest('hex')
  if (wanted === readStamp()) return
  process.stderr.write('bench: installing the peers (npm ci in bench/, once)\n')
  const { status, error } = spawnSync('npm', ['ci', '--loglevel=error'], {
    cwd: fileURLToPath(folder),
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  })
  if (status !== 0) throw new Error('bench: npm ci failed in bench/; its message is above', { cause: error })
  writeFileSync(stamp, wanted)
}

function readStamp(): string | undefined {
  try {
    return readFileSync(stamp, 'utf8')
  } catch {
    return undefined
  }
}
