import { open, realpath, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { MillraceError } from '@millrace/kernel/errors'
import { makeFolder } from '../make-folder.ts'

/**
 * Proves that a file can be written at `out` by writing one beside it, and gives the path to write: `out`, or what it links to.
 *
 * A missing parent folder is made. The target itself is not touched.
 * @throws {MillraceError} `OUT_UNWRITABLE` where the target is a folder or a device, or its folder cannot be written.
 */
export async function checkOut(out: string): Promise<string> {
  try {
    const path = await targetOf(out)
    await prove(dirname(path))
    return path
  } catch (error) {
    if (error instanceof MillraceError) throw error
    throw new MillraceError(
      'OUT_UNWRITABLE',
      `The output ${out} cannot be written (${(error as Error).message}). Name another with --out FILE.`,
      { detail: { out, reason: (error as NodeJS.ErrnoException).code }, cause: error },
    )
  }
}

async function targetOf(out: string): Promise<string> {
  const found = await stat(out).catch(unlessMissing)
  if (found === undefined) {
    makeFolder(dirname(out))
    return join(await realpath(dirname(out)), basename(out))
  }
  if (!found.isFile()) {
    const kind = found.isDirectory() ? 'a folder' : 'a device or a pipe'
    throw new MillraceError('OUT_UNWRITABLE', `The output ${out} is ${kind}. Name a file with --out FILE.`, {
      detail: { out },
    })
  }
  return realpath(out)
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

/** Makes a file in a folder and removes it, and with it one that a killed process left of doing the same. */
async function prove(folder: string): Promise<void> {
  const probe = join(folder, '.millrace-check.tmp')
  await rm(probe, { force: true })
  // Where it exists, another process is proving this very moment that it can be made.
  const file = await open(probe, 'wx').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
  })
  await file?.close()
  await rm(probe, { force: true })
}
