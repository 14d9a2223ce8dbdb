import { mkdir, open, realpath, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { MillraceError } from '@millrace/kernel'

/**
 * Proves that a file can be written at `out` by writing one beside it, and gives the path to write: `out`, or what it links to.
 *
 * A missing parent folder is made. The target itself is not touched.
 * @throws {MillraceError} `OUT_UNWRITABLE` where the target is a folder or a device, or its folder cannot be written.
 */
export async function checkOut(out: string): Promise<string> {
  try {
    const path = await targetOf(out)
    const probe = temporaryBeside(path)
    await (await open(probe, 'wx')).close()
    await unlink(probe)
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
    await mkdir(dirname(out), { recursive: true })
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

let made = 0

/** A name in the target's folder that nobody else uses, short whatever the target's. */
function temporaryBeside(path: string): string {
  return join(dirname(path), `.millrace-${process.pid}-${made++}.tmp`)
}
