import { isUtf8 } from 'node:buffer'
import type { Dirent } from 'node:fs'
import { compareBytes } from './byte-order.ts'
import type { WalkFs } from './walk-fs.ts'

/** What an entry of a folder is, symbolic links followed where the walk follows them. */
type EntryKind = 'file' | 'folder' | 'symlink' | 'special' | 'broken' | 'unnameable'

/** One name in a folder. */
export interface Entry {
  /** For an `unnameable` entry its name with the stray bytes written `\xNN`. */
  readonly name: string
  readonly kind: EntryKind
  /** Reached through a symbolic link. */
  readonly linked: boolean
  /** Why a `broken` link could not be followed. */
  readonly failure?: unknown
}

const REPLACEMENT = '\ufffd'

/**
 * The entries of the folder at `path` (which ends in `/`), in byte order with folders compared as `name/`: walked depth first,
 * paths come out in byte order.
 * @throws the operating system's error where the folder cannot be read.
 */
export function readFolder(fs: WalkFs, path: string, followSymlinks: boolean): Entry[] {
  const entries: Entry[] = []
  let sorted = true
  for (const dirent of fs.readFolder(path)) {
    if (dirent.name.includes(REPLACEMENT)) return readStrayFolder(fs, path, followSymlinks)
    const entry = entryOf(fs, path, dirent.name, dirent, followSymlinks)
    // PERF: libuv sorts by bytes on POSIX, so most folders need no sort.
    sorted &&= entries.length === 0 || compareEntries(entries[entries.length - 1]!, entry) < 0
    entries.push(entry)
  }
  return sorted ? entries : entries.sort(compareEntries)
}

function readStrayFolder(fs: WalkFs, path: string, followSymlinks: boolean): Entry[] {
  return fs
    .readFolderBytes(path)
    .map((dirent) => entryOfBytes(fs, path, dirent, followSymlinks))
    .sort(compareEntries)
}

function entryOf(fs: WalkFs, folder: string, name: string, type: Dirent | Dirent<Buffer>, follow: boolean): Entry {
  if (type.isFile()) return { name, kind: 'file', linked: false }
  if (type.isDirectory()) return { name, kind: 'folder', linked: false }
  if (!type.isSymbolicLink()) return { name, kind: 'special', linked: false }
  if (!follow) return { name, kind: 'symlink', linked: false }
  try {
    const target = fs.stat(folder + name)
    return { name, kind: target.isFile() ? 'file' : target.isDirectory() ? 'folder' : 'special', linked: true }
  } catch (failure) {
    return { name, kind: 'broken', linked: true, failure }
  }
}

function entryOfBytes(fs: WalkFs, folder: string, dirent: Dirent<Buffer>, follow: boolean): Entry {
  if (isUtf8(dirent.name)) return entryOf(fs, folder, dirent.name.toString('utf8'), dirent, follow)
  const slash = dirent.isDirectory() ? '/' : ''
  return { name: spellOut(dirent.name) + slash, kind: 'unnameable', linked: false }
}

/** The name with every byte that is no part of UTF-8 text written `\xNN`. */
function spellOut(name: Buffer): string {
  let text = ''
  for (let at = 0; at < name.length; ) {
    const length = [1, 2, 3, 4].find((n) => at + n <= name.length && isUtf8(name.subarray(at, at + n)))
    text += length === undefined ? `\\x${name.toString('hex', at, at + 1)}` : name.toString('utf8', at, at + length)
    at += length ?? 1
  }
  return text
}

function compareEntries(a: Entry, b: Entry): number {
  return compareBytes(sortKey(a), sortKey(b))
}

function sortKey(entry: Entry): string {
  return entry.kind === 'folder' ? `${entry.name}/` : entry.name
}
