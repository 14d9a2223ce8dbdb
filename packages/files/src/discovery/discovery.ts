import type { DiscoveredFile, ExcludedFile } from '../file.ts'

/**
 * Which files a walk takes.
 *
 * A glob without a slash matches names in any folder (`*.ts`), one with a slash the path below the root (`src/**`), a leading slash
 * only anchoring it (`/README.md`); one that ends in a slash means everything in that folder (`dist/`). `*` matches names that
 * start with a dot, and no glob may be negated: what `!x` would say in one list, `x` says in the other.
 */
export interface DiscoverOptions {
  /** Only files that match one of these, out of those no other rule keeps back; none given means all. @default [] */
  readonly include?: readonly string[]
  /** No file that matches one of these, and no folder: a matching folder is pruned. @default [] */
  readonly exclude?: readonly string[]
  /** Takes names that start with a dot, save the stores `.git` and `.millrace`. @default false */
  readonly hidden?: boolean
  /** Enters the folders of other people's code, {@link VENDOR_FOLDERS}. @default false */
  readonly vendor?: boolean
  /**
   * Heeds `.gitignore` files: the root's, nested ones, and those above the root up to the repository's top with its
   * `.git/info/exclude`. Those above do not count when they ignore the root itself, which was asked for by name. Patterns tell
   * upper from lower case on every platform. @default true
   */
  readonly gitignore?: boolean
  /** Follows symbolic links; a folder reached twice is walked where it is reached first. @default false */
  readonly followSymlinks?: boolean
  /** Ends the walk early; the iteration throws the signal's reason. */
  readonly signal?: AbortSignal
}

/** A folder or file the walk could not look into. It is told, and the walk goes on. */
export interface DiscoveryProblem {
  /** Path below the root, `.` for the root itself. */
  readonly path: string
  /** The operating system's code (`EACCES`, `ENAMETOOLONG`, `ELOOP` …). */
  readonly code: string
  readonly message: string
}

/** What a walk found since the chunk before. */
export interface DiscoveryChunk {
  readonly files: readonly DiscoveredFile[]
  readonly excluded: readonly ExcludedFile[]
  readonly problems: readonly DiscoveryProblem[]
}

/**
 * A walk that begins when it is iterated, in a thread of its own, and ends with the iteration: at its end, by `break`, by an
 * error or by the signal. One of the two iterations may be used, once.
 */
export interface Discovery extends AsyncIterable<DiscoveredFile> {
  /**
   * Everything the walk finds, in chunks of about 1000 entries or 50 ms, each list in byte order of the paths from the first
   * chunk to the last.
   * @throws {MillraceError} `ROOT_MISSING`, `ROOT_NOT_DIRECTORY`, `ROOT_UNREADABLE` before the first chunk, `DISCOVERY_FAILED` where
   * the thread dies, `DISCOVERY_CONSUMED` on a second iteration; the signal's reason where it aborts.
   */
  chunks(): AsyncIterable<DiscoveryChunk>
}
