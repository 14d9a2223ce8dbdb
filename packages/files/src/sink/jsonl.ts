import type { FileHandle } from 'node:fs/promises'
import * as nodeFs from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { MillraceError } from '@millrace/kernel/errors'
import { checkOut } from './check-out.ts'
import { defineSink, type ResultRow, type Sink, type SinkWriter } from './sink.ts'

/** PERF: fewer, larger writes; below this a write's fixed cost shows, above it nothing is gained. */
const WRITE_CHARS = 256 * 1024

/** What the sink does to the file system beyond its handles. */
export type SinkFs = Pick<typeof nodeFs, 'open' | 'rename' | 'rm'>

/**
 * JSON Lines: one record a line, `\n` after each, sorted by path.
 *
 * Written to a temporary file in the target's folder, synced, then renamed over the target, and the folder synced: at the target there is
 * the old file or the whole new one, after a crash too.
 * @throws {MillraceError} `OUT_UNWRITABLE` on opening, `OUT_WRITE_FAILED` while writing.
 */
export const jsonl = jsonlOn(nodeFs)

/** The same on another file system: one that fails where a test wants it to. */
export function jsonlOn(fs: SinkFs): Sink {
  return defineSink({
    name: 'jsonl',
    extension: '.jsonl',
    check: async (out) => void (await checkOut(out)),
    open: async ({ out, temporaryName }) => {
      const path = await checkOut(out)
      const temporary = join(dirname(path), temporaryName)
      // One that a killed export left is of no use to anybody. Removed, not written over: a link in its place is not followed.
      await fs.rm(temporary, { force: true })
      return jsonlWriter(fs, path, temporary, await fs.open(temporary, 'wx'))
    },
  })
}

function jsonlWriter(fs: SinkFs, path: string, temporary: string, file: FileHandle): SinkWriter {
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
        await fs.rename(temporary, path)
        await syncFolder(fs, dirname(path))
      }),
    async abort() {
      await file.close().catch(() => {})
      await fs.rm(temporary, { force: true }).catch(() => {})
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
async function syncFolder(fs: SinkFs, folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await fs.open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
