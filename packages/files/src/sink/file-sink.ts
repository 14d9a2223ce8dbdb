import type { FileHandle } from 'node:fs/promises'
import * as nodeFs from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { MillraceError } from '@millrace/kernel/errors'
import { checkOut } from './check-out.ts'
import type { FileEncoder } from './file-encoder.ts'
import { defineSink, type Sink, type SinkTarget, type SinkWriter } from './sink.ts'
import { streamWriter } from './standard-output.ts'
import { STANDARD_OUTPUT, targetBesideFiles } from './target.ts'

/** What a sink does to the file system beyond its handles. */
export type SinkFs = Pick<typeof nodeFs, 'open' | 'rename' | 'rm'>

/** A form of file. */
export interface FileFormat {
  readonly name: string
  readonly extension: string
  createEncoder(target: SinkTarget): FileEncoder | Promise<FileEncoder>
}

/**
 * A sink that writes one file, or standard output where the target is `-`.
 *
 * Written to a temporary file in the target's folder, synced, then renamed over the target, and the folder synced: at the target there is
 * the old file or the whole new one, after a crash too.
 * @param fs Another file system: one that fails where a test wants it to.
 * @throws {MillraceError} `OUT_UNWRITABLE` on opening, `OUT_WRITE_FAILED` while writing.
 */
export function fileSink({ name, extension, createEncoder }: FileFormat, fs: SinkFs = nodeFs): Sink {
  return defineSink({
    name,
    extension,
    target: (out) => targetBesideFiles(name, out, true),
    check: async (out) => {
      if (out !== STANDARD_OUTPUT) await checkOut(out)
    },
    open: async (target) => {
      const encoder = await createEncoder(target)
      if (target.out === STANDARD_OUTPUT) return streamWriter(encoder, process.stdout)
      const { path, temporary } = await placesOf(fs, target)
      return fileWriter(fs, path, temporary, await fs.open(temporary, 'wx'), encoder)
    },
  })
}

/** Where a file goes, and the one beside it that becomes it. What a killed export left in the place of the latter is gone. */
export async function placesOf(
  fs: SinkFs,
  { out, temporaryName }: SinkTarget,
): Promise<{ readonly path: string; readonly temporary: string }> {
  const path = await checkOut(out)
  const temporary = join(dirname(path), temporaryName)
  // Removed, not written over: a link in its place is not followed.
  await fs.rm(temporary, { force: true })
  return { path, temporary }
}

function fileWriter(fs: SinkFs, path: string, temporary: string, file: FileHandle, encoder: FileEncoder): SinkWriter {
  const append = async (bytes: Uint8Array | string) => {
    if (bytes.length > 0) await file.writeFile(bytes)
  }
  return {
    write: (rows) => writing(path, () => append(encoder.write(rows))),
    commit: () =>
      writing(path, async () => {
        await append(encoder.end())
        await file.sync()
        await file.close()
        await putInPlace(fs, temporary, path)
      }),
    async abort() {
      await file.close().catch(() => {})
      await fs.rm(temporary, { force: true }).catch(() => {})
    },
  }
}

/** Makes a synced file the one at `path`, for good. */
export async function putInPlace(fs: SinkFs, temporary: string, path: string): Promise<void> {
  await fs.rename(temporary, path)
  await syncFolder(fs, dirname(path))
}

/**
 * Does a step of writing to `path`.
 * @throws {MillraceError} `OUT_WRITE_FAILED`, whatever failed.
 */
export async function writing(path: string, step: () => Promise<void> | void): Promise<void> {
  try {
    await step()
  } catch (error) {
    throw new MillraceError(
      'OUT_WRITE_FAILED',
      `The output ${path} could not be written (${(error as Error).message}). The results are safe in the ledger; make room, or name another place with --out FILE, and export again.`,
      { detail: { out: path, reason: (error as NodeJS.ErrnoException).code }, cause: error },
    )
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
