import { spawn, spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A file system of a test's own, which is full sooner than the machine's. */
export interface SmallDisk extends Disposable {
  readonly folder: string
  /** Leaves no byte on it. */
  fill(): void
  /** Takes back what {@link fill} took. */
  makeRoom(): void
}

/** Ends the file system when who made it has ended, however that was. */
const GUARD = 'cat >/dev/null; umount -l "$1" 2>/dev/null; rmdir "$1" 2>/dev/null'
const MEGABYTE = 1024 * 1024

/** Makes one of so many MB; or tells why there can be none here. */
export function openSmallDisk(megabytes: number): SmallDisk | string {
  if (process.platform !== 'linux') return 'a file system of memory is of Linux'
  if (process.getuid?.() !== 0) return 'only root may mount a file system'
  const folder = mkdtempSync(join(tmpdir(), 'millrace-small-disk-'))
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder])
  if (status !== 0) {
    rmSync(folder, { recursive: true })
    return `no file system can be mounted: ${String(stderr).trim()}`
  }
  const guard = spawn('sh', ['-c', GUARD, 'sh', folder], { stdio: ['pipe', 'ignore', 'ignore'], detached: true })
  guard.unref()
  const ballast = join(folder, 'ballast')
  return {
    folder,
    fill() {
      const file = openSync(ballast, 'w')
      try {
        for (let size = MEGABYTE; size >= 1; size = Math.floor(size / 2)) writeUntilFull(file, Buffer.alloc(size))
      } finally {
        closeSync(file)
      }
    },
    makeRoom: () => rmSync(ballast, { force: true }),
    [Symbol.dispose]() {
      spawnSync('umount', ['-l', folder])
      guard.stdin?.end()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function writeUntilFull(file: number, block: Buffer): void {
  try {
    while (writeSync(file, block) === block.length);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  }
}
