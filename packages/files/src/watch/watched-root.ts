import { type BigIntStats, existsSync, realpathSync, statSync } from 'node:fs'
import { dirname, relative, sep } from 'node:path'
import { STORE_FOLDERS, VENDOR_FOLDERS } from '../discovery/vendor-folders.ts'
import type { OpenTreeWatcher, TreeWatcher } from './tree-watcher.ts'

export interface WatchedRootOptions {
  /** The tree, as the user has named it; links are followed. */
  readonly place: string
  /** Absolute paths of what is the engine's own there, and told of by nobody. */
  readonly ownPaths: readonly string[]
  /** Whether folders of other people's code are part of the tree. */
  readonly vendor: boolean
  readonly openWatcher: OpenTreeWatcher
  /** Told a path below the root, with `/` between its parts; the empty one where nobody knows what changed. */
  readonly onChange: (path: string) => void
}

/** The folder that a place leads to, and who tells of its changes. A watcher holds on to the folder, wherever that is moved, and whatever is put in its place. */
export class WatchedRoot implements AsyncDisposable {
  /** Its path, without links. */
  readonly path: string
  readonly #place: string
  readonly #stats: BigIntStats | undefined
  readonly #watcher: TreeWatcher | undefined

  private constructor(options: WatchedRootOptions, path: string, watcher: TreeWatcher | undefined) {
    this.path = path
    this.#place = options.place
    this.#stats = statsOf(path)
    this.#watcher = watcher
  }

  /**
   * A tree that is not there is watched by nobody: it has its error from a run.
   * @throws {MillraceError} `PEER_MISSING`, `WATCH_FAILED`.
   */
  static async open(options: WatchedRootOptions): Promise<WatchedRoot> {
    const { place, ownPaths, vendor, openWatcher, onChange } = options
    if (!existsSync(place)) return new WatchedRoot(options, place, undefined)
    const root = realpathSync(place)
    const watcher = await openWatcher({
      root,
      ignoredNames: [...STORE_FOLDERS, ...(vendor ? [] : VENDOR_FOLDERS)],
      ignoredPaths: ownPaths,
      onChanges: (paths) => {
        for (const path of paths) if (!isOwn(path, ownPaths)) onChange(relative(root, path).replaceAll(sep, '/'))
      },
      // Whatever it was, a run finds it.
      onLost: () => onChange(''),
    })
    return new WatchedRoot(options, root, watcher)
  }

  /** Whether anything is at the place, and whether that is still the folder that is watched. */
  state(): 'gone' | 'same' | 'another' {
    const now = statsOf(this.#place)
    if (now === undefined) return 'gone'
    return this.#stats !== undefined && isSame(this.#stats, now) ? 'same' : 'another'
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watcher?.close()
  }
}

function statsOf(path: string): BigIntStats | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })
}

/** By number, which a folder may have from one that was removed before it, so that when it was made tells too; where that is known: some systems give its last change instead. */
function isSame(before: BigIntStats, now: BigIntStats): boolean {
  const isBirthKnown = before.birthtimeNs !== before.ctimeNs
  return before.dev === now.dev && before.ino === now.ino && (!isBirthKnown || before.birthtimeNs === now.birthtimeNs)
}

/** The engine's own, or a temporary file that becomes one of them. */
function isOwn(path: string, ownPaths: readonly string[]): boolean {
  return ownPaths.some(
    (own) =>
      path === own ||
      path.startsWith(own + sep) ||
      (dirname(path) === dirname(own) && path.includes(`${sep}.millrace-`)),
  )
}
