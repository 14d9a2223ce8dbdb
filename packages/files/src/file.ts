/**
 * What a discovered file is to the engine: `source` is program text, `ast` a syntax tree somebody parsed before (JSON, told by
 * its name), `other` anything else.
 */
export type FileKind = 'source' | 'ast' | 'other'

/** A regular file that discovery found and no rule excluded. */
export interface DiscoveredFile {
  /** Path below the root, `/` between its parts on every platform. */
  readonly path: string
  /** Bytes, as the directory walk saw it. */
  readonly size: number
  /** Time of last modification, milliseconds since the epoch. */
  readonly mtimeMs: number
  /**
   * What tells an unchanged file from a changed one without reading it: modification and change time in nanoseconds and the
   * inode, as text. Equal exactly where the three are.
   */
  readonly stamp: string
  /** The language by the file's name, for example `typescript`, or null where the name says nothing. */
  readonly language: string | null
  readonly kind: FileKind
}

/** Why a file that was discovered is not processed. */
export type ExclusionReason =
  /** A `.gitignore` names it. */
  | 'ignored'
  /** An `exclude` glob names it. */
  | 'excluded'
  /** There are `include` globs and none names it. */
  | 'not-included'
  /** Its name starts with a dot. */
  | 'hidden'
  /** A symbolic link, which the walk does not follow unless told. */
  | 'symlink'
  /** A FIFO, a socket or a device. */
  | 'special'
  /** Its name is not UTF-8, so that no string can name it. */
  | 'name-not-utf8'
  /** No processor of the job takes this kind of file. */
  | 'no-processor'

/** A file that was discovered and is left out, with the reason. */
export interface ExcludedFile {
  readonly path: string
  readonly reason: ExclusionReason
}
