import { hash } from 'node:crypto'
import type { BigIntStats } from 'node:fs'
import { resolve, sep } from 'node:path'
import type { DiscoveredFile } from '../file.ts'
import { stampOf } from '../stamp.ts'
import { decodeText } from './decode-text.ts'
import type { FileInput } from './processor.ts'
import { fileChanged, fileNotRegular, fileTooLarge, readFailure } from './read-failure.ts'
import { diskFs, type ReadFs } from './read-fs.ts'

export { isTransient } from './read-failure.ts'

/** What reading takes from its host. */
export interface ReadPorts {
  readonly fs: ReadFs
  /** The wall clock that the file system's times are compared with, milliseconds since the epoch. */
  readonly wallNow: () => number
}

const THIS_MACHINE: ReadPorts = { fs: diskFs, wallNow: Date.now }

/** A file as it was read. */
interface ReadInput extends FileInput {
  /** SHA-256 of the bytes, in hexadecimal. */
  readonly hash: string
  /** What the file was when it was read, as `DiscoveredFile.stamp` has it, or null where that could hide a later change. */
  readonly stamp: string | null
}

/** The grain of the coarsest clock that file systems stamp with: FAT's. */
const CLOCK_GRAIN_MS = 2000

/**
 * Reads a file once, whole, and hashes it.
 *
 * The bytes are what the file held at one moment: a file that changes while it is read is refused. Only a regular file is
 * read, whatever has taken the path's place since discovery; a symbolic link is followed to one. Never waits for anything but the
 * disk. Costs open, two fstat, read and close.
 * @param root Absolute path of the tree.
 * @param maxBytes Files above this size are refused unread.
 * @throws {MillraceError} `FILE_VANISHED`, `FILE_UNREADABLE`, `FILE_NOT_REGULAR`, `FILE_TOO_LARGE`, `FILE_CHANGED`, or
 * `FILE_READ_FAILED` for any other failure of the operating system.
 */
export function readInput(
  root: string,
  file: DiscoveredFile,
  maxBytes: number,
  { fs, wallNow }: ReadPorts = THIS_MACHINE,
): ReadInput {
  const absolutePath = join(root, file.path)
  const beganMs = wallNow()
  try {
    const descriptor = fs.open(absolutePath)
    try {
      const before = fs.fstat(descriptor)
      const bytes = readWhole(fs, descriptor, before, file.path, maxBytes)
      return new ReadFile(file, absolutePath, bytes, isRacilyClean(before, beganMs) ? null : stampOf(before))
    } finally {
      fs.close(descriptor)
    }
  } catch (error) {
    throw readFailure(error, file.path)
  }
}

function readWhole(fs: ReadFs, descriptor: number, before: BigIntStats, path: string, maxBytes: number): Buffer {
  if (!before.isFile()) throw fileNotRegular(path)
  const size = Number(before.size)
  if (size > maxBytes) throw fileTooLarge(path, size, maxBytes)
  // One byte more than expected, so that the same read that fills the buffer shows a file that has grown.
  const buffer = Buffer.allocUnsafe(size + 1)
  let length = 0
  let read: number
  do {
    read = fs.read(descriptor, buffer, length, size + 1 - length)
    length += read
  } while (length < size && read > 0)
  if (length !== size || !unchanged(before, fs.fstat(descriptor))) throw fileChanged(path)
  return buffer.subarray(0, size)
}

function unchanged(before: BigIntStats, after: BigIntStats): boolean {
  return before.size === after.size && before.mtimeNs === after.mtimeNs && before.ctimeNs === after.ctimeNs
}

/**
 * Whether the file may change again after this read and still show the same times, because it was touched within the clock's
 * grain; one that a clock set back left in the future always may. Such a file's times prove nothing.
 *
 * The rule is git's: Documentation/technical/racy-git.txt.
 */
function isRacilyClean({ mtimeMs, ctimeMs }: BigIntStats, beganMs: number): boolean {
  return Number(mtimeMs > ctimeMs ? mtimeMs : ctimeMs) >= beganMs - CLOCK_GRAIN_MS
}

/** `path` is below `root` and normalised, so that appending joins. PERF: `path.resolve` took a tenth of a small file's whole read. */
function join(root: string, path: string): string {
  return sep === '/' && root.startsWith('/')
    ? root.endsWith('/')
      ? root + path
      : `${root}/${path}`
    : resolve(root, path)
}

class ReadFile implements ReadInput {
  readonly file: DiscoveredFile
  readonly absolutePath: string
  readonly bytes: Buffer
  readonly hash: string
  readonly stamp: string | null
  #text: string | undefined

  constructor(file: DiscoveredFile, absolutePath: string, bytes: Buffer, stamp: string | null) {
    this.file = file
    this.absolutePath = absolutePath
    this.bytes = bytes
    this.hash = hash('sha256', bytes, 'hex')
    this.stamp = stamp
  }

  text(): string {
    this.#text ??= decodeText(this.bytes, this.file.path)
    return this.#text
  }
}
