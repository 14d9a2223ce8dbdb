import { MillraceError } from '@millrace/kernel/errors'

const VANISHED = new Set(['ENOENT', 'ENOTDIR'])
const NOT_REGULAR = new Set(['ENXIO', 'EISDIR', 'ENODEV', 'EOPNOTSUPP'])
const UNREADABLE = new Set(['EACCES', 'EPERM', 'ENAMETOOLONG', 'ELOOP'])
const TRANSIENT = new Set([
  'EAGAIN',
  'EBUSY',
  'EINTR',
  'EIO',
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'ESTALE',
  'ETIMEDOUT',
  'ETXTBSY',
])

/**
 * Whether the same attempt may succeed later: the operating system was short of something, or the file was being written.
 * An error says so by `detail.transient`, or by a `code` the operating system gives for such states. Pure.
 */
export function isTransient(error: unknown): boolean {
  if (error instanceof MillraceError) return error.detail.transient === true
  return TRANSIENT.has(codeOf(error))
}

/** What a failed system call means for the file at `path`; an error that is Millrace's already is returned as it is. */
export function readFailure(error: unknown, path: string): MillraceError {
  if (error instanceof MillraceError) return error
  const code = codeOf(error)
  const options = { detail: { path, code }, cause: error }
  if (VANISHED.has(code)) {
    return new MillraceError('FILE_VANISHED', `${path} was discovered but is gone. Run again to leave it out.`, options)
  }
  if (NOT_REGULAR.has(code)) return fileNotRegular(path)
  if (UNREADABLE.has(code)) {
    return new MillraceError(
      'FILE_UNREADABLE',
      `${path} cannot be opened (${code}). ${UNREADABLE_ADVICE[code]}`,
      options,
    )
  }
  const transient = TRANSIENT.has(code)
  const told = code === '' ? String(error) : code
  return new MillraceError(
    'FILE_READ_FAILED',
    `${path} could not be read (${told}). ${transient ? 'That may pass: run again later.' : 'Check the disk it is on.'}`,
    { detail: { path, code, transient }, cause: error },
  )
}

/** Something took the path's place that is no file: a folder, a FIFO, a socket, a device. */
export function fileNotRegular(path: string): MillraceError {
  return new MillraceError(
    'FILE_NOT_REGULAR',
    `${path} is no regular file any more: a folder, FIFO, socket or device took its place. Only regular files are read.`,
    { detail: { path } },
  )
}

export function fileTooLarge(path: string, size: number, maxBytes: number): MillraceError {
  return new MillraceError(
    'FILE_TOO_LARGE',
    `${path} has ${size} bytes, more than the ${maxBytes} a file may have. Raise maxFileBytes or exclude it.`,
    { detail: { path, size, maxBytes } },
  )
}

export function fileChanged(path: string): MillraceError {
  return new MillraceError(
    'FILE_CHANGED',
    `${path} changed while it was read, so what was read is neither its old nor its new contents. Run again when it is at rest.`,
    { detail: { path, transient: true } },
  )
}

/** It was read, and is not what it is where the job is coordinated. */
export function fileDiffers(path: string, expectedHash: string, hash: string): MillraceError {
  return new MillraceError(
    'FILE_DIFFERS',
    `${path} has other contents here than where the job is coordinated. Bring both to the same commit.`,
    { detail: { path, expectedHash, hash } },
  )
}

const UNREADABLE_ADVICE: Readonly<Record<string, string>> = {
  EACCES: 'Give this user the right to read it, or exclude it.',
  EPERM: 'Give this user the right to read it, or exclude it.',
  ENAMETOOLONG: 'Its path is longer than the system opens: start from a folder nearer to it.',
  ELOOP: 'Its symbolic links lead in a circle.',
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null | undefined)?.code
  return typeof code === 'string' ? code : ''
}
