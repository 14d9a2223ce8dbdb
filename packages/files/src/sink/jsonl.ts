import { type FileHandle, open, rename, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { MillraceError } from '@millrace/kernel'
import { checkOut, temporaryBeside } from './check-out.ts'
import { defineSink, type ResultRow, type SinkWriter } from './sink.ts'

/** PERF: fewer, larger writes; below this a write's fixed cost shows, above it nothing is gained. */
const WRITE_CHARS = 256 * 1024

/**
 * JSON Lines: one record a line, `\n` after each, sorted by path.
 *
 * Written to a temporary file in the target's folder, synced, then renamed over the target, and the folder synced: at the target there is
 * the old file or the whole new one, after a crash too.
 * @throws {MillraceError} `OUT_UNWRITABLE` on opening, `OUT_WRITE_FAILED` while writing.
 */
export const jsonl = defineSink({
  name: 'jsonl',
  extension: '.jsonl',
  check: async (out) => void (await checkOut(out)),
  open: async ({ out }) => {
    const path = await checkOut(out)
    const temporary = temporaryBeside(path)
    return jsonlWriter(path, temporary, await open(temporary, 'wx'))
  },
})

function jsonlWriter(path: string, temporary: string, file: FileHandle): SinkWriter {
  let text = ''

  const flush = async () => {
    const full = text
    text = ''
    await file.writeFile(full)
  }

  return {
    async write(rows: readonly ResultRow[]) {
      for (const { record } of rows) text += `${record}\n`
      if (text.length >= WRITE_CHARS) await writing(path, flush)
    },
    commit: () =>
      writing(path, async () => {
        await flush()
        await file.sync()
        await file.close()
        await rename(temporary, path)
        await syncFolder(dirname(path))
      }),
    async abort() {
      await file.close()
      await unlink(temporary).catch(() => {})
    },
  }
}

async function writing(path: string, step: () => Promise<void>): Promise<void> {
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
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
