import { MillraceError } from '@millrace/kernel/errors'

/** What a watcher is to look at, and whom it tells. */
export interface TreeWatcherOptions {
  /** Absolute path of the tree, real, with the system's separators. */
  readonly root: string
  /** Names of folders that are passed over wherever they stand. */
  readonly ignoredNames: readonly string[]
  /** Absolute paths that are passed over, with all below. */
  readonly ignoredPaths: readonly string[]
  /** Told absolute paths of what was made, changed or removed; a path may be told more often than it changed. */
  readonly onChanges: (paths: readonly string[]) => void
  /** Told where changes were lost, so that all of the tree is to be looked at. */
  readonly onLost: (reason: string) => void
}

/** Tells of changes from when `open` resolves until `close` does. */
export interface TreeWatcher {
  /** Which it is, for people. */
  readonly name: string
  close(): Promise<void>
}

export type OpenTreeWatcher = (options: TreeWatcherOptions) => Promise<TreeWatcher>

/** The failure of a watcher, with what to do about it where that is known. */
export function watchFailed(root: string, cause: unknown): MillraceError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const isFull = /inotify|ENOSPC|no space left|EMFILE|too many/i.test(reason)
  const advice = isFull
    ? ' The system lets a user watch only so many folders: raise fs.inotify.max_user_watches, or exclude some.'
    : ' Check that the folder is there and can be read.'
  return new MillraceError('WATCH_FAILED', `"${root}" cannot be watched: ${reason}.${advice}`, {
    detail: { root },
    cause,
  })
}
