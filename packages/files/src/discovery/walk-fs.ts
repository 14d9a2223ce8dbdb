import { type BigIntStats, type Dirent, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs'

/** What a walk asks of the file system; every call throws the operating system's error. */
export interface WalkFs {
  readFolder(path: string): Dirent[]
  /** The same entries with their names as bytes, for names that are not UTF-8. */
  readFolderBytes(path: string): Dirent<Buffer>[]
  /** The entry itself. */
  lstat(path: string): BigIntStats
  /** What a symbolic link leads to. */
  stat(path: string): BigIntStats
  readText(path: string): string
}

/** The file system of this machine. */
export const nodeFs: WalkFs = {
  readFolder: (path) => readdirSync(path, { withFileTypes: true }),
  readFolderBytes: (path) => readdirSync(path, { withFileTypes: true, encoding: 'buffer' }),
  lstat: (path) => lstatSync(path, { bigint: true }),
  stat: (path) => statSync(path, { bigint: true }),
  readText: (path) => readFileSync(path, 'utf8'),
}
