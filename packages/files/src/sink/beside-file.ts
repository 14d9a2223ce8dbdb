import type { FileHandle } from 'node:fs/promises'
import * as nodeFs from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { checkOut } from './check-out.ts'
import type { SinkTarget } from './sink.ts'

/** What a sink changes in the file system beyond its handles. */
export type SinkFs = Pick<typeof nodeFs, 'open' | 'rename' | 'rm'>

/**
 * A file that is written beside its target, synced, and then renamed over it, and the folder synced: at the target there is the old file or the
 * whole new one, after a crash too.
 *
 * Its name is the ledger's, so that the next export clears away what a killed one left. An export that has lost the ledger to another process meanwhile finds
 * that one's file by this name, and neither puts it in place nor removes it.
 */
export class BesideFile {
  /** The target; where that is a link, what it names. */
  readonly path: string
  readonly temporary: string
  readonly file: FileHandle
  readonly #fs: SinkFs
  readonly #inode: bigint

  private constructor(fs: SinkFs, path: string, temporary: string, file: FileHandle, inode: bigint) {
    this.#fs = fs
    this.path = path
    this.temporary = temporary
    this.file = file
    this.#inode = inode
  }

  /** @throws {MillraceError} `OUT_UNWRITABLE`. */
  static async begin(
    { out, temporaryName }: Pick<SinkTarget, 'out' | 'temporaryName'>,
    fs: SinkFs = nodeFs,
  ): Promise<BesideFile> {
    const path = await checkOut(out)
    const temporary = join(dirname(path), temporaryName)
    // Removed, not written over: a link in its place is not followed.
    await fs.rm(temporary, { force: true })
    const file = await fs.open(temporary, 'wx')
    const { ino } = await file.stat({ bigint: true })
    return new BesideFile(fs, path, temporary, file, ino)
  }

  /** Makes it the one at the target, for good. */
  async putInPlace(): Promise<void> {
    await this.file.sync()
    const isOurs = await this.#isOurs()
    await this.file.close()
    if (!isOurs) throw new Error('another process has taken the job over and exports it')
    await this.#fs.rename(this.temporary, this.path)
    await syncFolder(this.#fs, dirname(this.path))
  }

  async discard(): Promise<void> {
    const isOurs = await this.#isOurs()
    await this.file.close().catch(() => {})
    if (isOurs) await this.#fs.rm(this.temporary, { force: true }).catch(() => {})
  }

  /** The handle holds the number, so no other file has been given it. */
  async #isOurs(): Promise<boolean> {
    const there = await nodeFs.lstat(this.temporary, { bigint: true }).catch(() => undefined)
    return there?.ino === this.#inode
  }
}

/** Makes the rename itself durable. Windows has no handle on a folder to sync. */
async function syncFolder(fs: SinkFs, folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await fs.open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
