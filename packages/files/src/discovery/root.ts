import { opendir, realpath, stat } from 'node:fs/promises'
import { sep } from 'node:path'
import { MillraceError } from '@millrace/kernel/errors'

/**
 * The real path of the folder `root`, which may be a symbolic link to one, with `/` between its parts.
 * @throws {MillraceError} `ROOT_MISSING`, `ROOT_NOT_DIRECTORY` or `ROOT_UNREADABLE`.
 */
export async function openRoot(root: string): Promise<string> {
  try {
    if (!(await stat(root)).isDirectory()) {
      throw new MillraceError(
        'ROOT_NOT_DIRECTORY',
        `"${root}" is not a folder. Name the folder that holds the files.`,
        {
          detail: { root },
        },
      )
    }
    await (await opendir(root)).close()
    return (await realpath(root)).replaceAll(sep, '/')
  } catch (cause) {
    throw cause instanceof MillraceError ? cause : failureOf(root, cause as NodeJS.ErrnoException)
  }
}

function failureOf(root: string, cause: NodeJS.ErrnoException): MillraceError {
  const detail = { root, errno: cause.code }
  if (cause.code === 'ENOENT' || cause.code === 'ENOTDIR') {
    const message = `There is no folder "${root}". Check its spelling.`
    return new MillraceError('ROOT_MISSING', message, { detail, cause })
  }
  const message = `The folder "${root}" cannot be read (${cause.code ?? cause.message}). Check its permissions.`
  return new MillraceError('ROOT_UNREADABLE', message, { detail, cause })
}
