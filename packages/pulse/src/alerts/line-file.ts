import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ChannelError } from './channel.ts'

/** A pipe that nobody reads fails, where it would hold up a thread. */
const FLAGS = constants.O_APPEND | constants.O_CREAT | constants.O_WRONLY | constants.O_NONBLOCK
const MODE = 0o644
const NEWLINE = 10

/** What a pipe or a terminal says that cannot be synced. */
const UNSYNCABLE = new Set(['EINVAL', 'ENOTSUP', 'EROFS'])

interface Waiting {
  readonly line: string
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

/**
 * A file to which lines are appended: on disk when `append` resolves. One write and one sync for all that wait.
 *
 * It follows its name: where that was renamed or removed, as rotation does, the next line begins a new file. A line that was torn, by a full disk or by a
 * crash, is ended before the next one begins. What failed may have been written in part: it is to be appended again.
 */
export class LineFile {
  readonly #file: string
  #handle: FileHandle | undefined
  /** The file ends in the midst of a line. */
  #isTorn = false
  #waiting: Waiting[] = []
  #writing: Promise<void> | undefined

  constructor(file: string) {
    this.#file = file
  }

  /** @throws {ChannelError} Passing, with the operating system's code. */
  append(line: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ line, resolve, reject })
      this.#writing ??= this.#write()
    })
  }

  /** Resolves when what was appended is written, or has failed. */
  async close(): Promise<void> {
    await this.#writing
    await this.#handle?.close()
    this.#handle = undefined
  }

  async #write(): Promise<void> {
    // Those of the same turn go together.
    await undefined
    while (this.#waiting.length > 0) {
      const lines = this.#waiting
      this.#waiting = []
      try {
        await this.#appendAll(lines.map(({ line }) => `${line}\n`).join(''))
        for (const { resolve } of lines) resolve()
      } catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
        const failure = new ChannelError(`the log ${this.#file} could not be written (${code})`, {
          isPassing: true,
          cause: error,
        })
        for (const { reject } of lines) reject(failure)
      }
    }
    this.#writing = undefined
  }

  async #appendAll(text: string): Promise<void> {
    const handle = await this.#current()
    try {
      await handle.writeFile(this.#isTorn ? `\n${text}` : text)
      this.#isTorn = false
      await sync(handle)
    } catch (error) {
      // How far it came is found out when it is opened again.
      this.#handle = undefined
      await handle.close()
      throw error
    }
  }

  /** The file that has the name now. */
  async #current(): Promise<FileHandle> {
    if (this.#handle !== undefined) {
      if (await isAt(this.#handle, this.#file)) return this.#handle
      const old = this.#handle
      this.#handle = undefined
      await old.close()
    }
    await mkdir(dirname(this.#file), { recursive: true })
    const handle = await open(this.#file, FLAGS, MODE)
    this.#isTorn = await isTorn(this.#file, handle)
    this.#handle = handle
    return handle
  }
}

async function sync(handle: FileHandle): Promise<void> {
  try {
    await handle.datasync()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && UNSYNCABLE.has(String(error.code)))) throw error
  }
}

async function isAt(handle: FileHandle, file: string): Promise<boolean> {
  const [ours, named] = await Promise.all([handle.stat(), stat(file).catch(() => undefined)])
  return named !== undefined && named.ino === ours.ino && named.dev === ours.dev
}

/** Whether a file that has contents does not end with the end of a line; false also where nobody may read it. */
async function isTorn(file: string, handle: FileHandle): Promise<boolean> {
  const stats = await handle.stat()
  if (!stats.isFile() || stats.size === 0) return false
  try {
    await using reader = await open(file, 'r')
    const { buffer } = await reader.read(Buffer.alloc(1), 0, 1, stats.size - 1)
    return buffer[0] !== NEWLINE
  } catch {
    return false
  }
}
