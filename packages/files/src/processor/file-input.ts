import { hash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs'
import { resolve, sep } from 'node:path'
import type { DiscoveredFile } from '../file.ts'
import { decodeText } from './decode-text.ts'
import type { FileInput } from './processor.ts'
import { fileChanged, fileNotRegular, fileTooLarge, readFailure } from './read-failure.ts'

export { isTransient } from './read-failure.ts'

// A FIFO that took a file's place answers O_NONBLOCK at once instead of waiting for a writer. Windows knows no such flag.
const READ_FLAGS = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)

/**
 * Reads a file once, whole, and hashes it.
 *
 * The bytes are what the file held at one moment: a file that changes while it is read is refused. Only a regular file is
 * read, whatever has taken the path's place since discovery; a symbolic link is followed to one. Never waits for anything but the
 * disk. Costs open, two fstat, read and close.
 * @param root Absolute path of the tree.
 * @param maxBytes Files above this size are refused unread.
 * @returns The input and `hash`, the SHA-256 of its bytes in hexadecimal.
 * @throws {MillraceError} `FILE_VANISHED`, `FILE_UNREADABLE`, `FILE_NOT_REGULAR`, `FILE_TOO_LARGE`, `FILE_CHANGED`, or
 * `FILE_READ_FAILED` for any other failure of the operating system.
 */
export function readInput(root: string, file: DiscoveredFile, maxBytes: number): FileInput & { readonly hash: string } {
  const absolutePath = join(root, file.path)
  let bytes: Buffer
  try {
    const descriptor = openSync(absolutePath, READ_FLAGS)
    try {
      bytes = readWhole(descriptor, file, maxBytes)
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    throw readFailure(error, file.path)
  }
  return new ReadFile(file, absolutePath, bytes)
}

function readWhole(descriptor: number, { path }: DiscoveredFile, maxBytes: number): Buffer {
  const before = fstatSync(descriptor)
  if (!before.isFile()) throw fileNotRegular(path)
  const { size } = before
  if (size > maxBytes) throw fileTooLarge(path, size, maxBytes)
  // One byte more than expected, so that the same read that fills the buffer shows a file that has grown.
  const buffer = Buffer.allocUnsafe(size + 1)
  let length = 0
  let read: number
  do {
    read = readSync(descriptor, buffer, length, size + 1 - length, null)
    length += read
  } while (length < size && read > 0)
  if (length !== size || !unchanged(before, fstatSync(descriptor))) throw fileChanged(path)
  return buffer.subarray(0, size)
}

function unchanged(before: Stats, after: Stats): boolean {
  return before.size === after.size && before.mtimeMs === after.mtimeMs && before.ctimeMs === after.ctimeMs
}

/** `path` is below `root` and normalised, so that appending joins. PERF: `path.resolve` took a tenth of a small file's whole read. */
function join(root: string, path: string): string {
  return sep === '/' && root.startsWith('/')
    ? root.endsWith('/')
      ? root + path
      : `${root}/${path}`
    : resolve(root, path)
}

class ReadFile implements FileInput {
  readonly file: DiscoveredFile
  readonly absolutePath: string
  readonly bytes: Buffer
  readonly hash: string
  #text: string | undefined

  constructor(file: DiscoveredFile, absolutePath: string, bytes: Buffer) {
    this.file = file
    this.absolutePath = absolutePath
    this.bytes = bytes
    this.hash = hash('sha256', bytes, 'hex')
  }

  text(): string {
    this.#text ??= decodeText(this.bytes, this.file.path)
    return this.#text
  }
}
