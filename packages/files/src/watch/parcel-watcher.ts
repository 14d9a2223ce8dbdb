import type { TreeWatcher, TreeWatcherOptions } from './tree-watcher.ts'
import { watchFailed } from './tree-watcher.ts'

type Parcel = typeof import('@parcel/watcher')

/**
 * Watches by `@parcel/watcher`: inotify, FSEvents or ReadDirectoryChangesW, in native code. Gives undefined where it does not load.
 * @throws {MillraceError} `WATCH_FAILED`.
 */
export async function openParcelWatcher(options: TreeWatcherOptions): Promise<TreeWatcher | undefined> {
  const parcel = await load()
  if (parcel === undefined) return undefined
  const { root, ignoredNames, ignoredPaths, onChanges, onLost } = options
  try {
    const subscription = await parcel.subscribe(
      root,
      (error, events) => {
        if (error !== null) onLost(error.message)
        else if (events.length > 0) onChanges(events.map(({ path }) => path))
      },
      { ignore: [...ignoredPaths, ...ignoredNames.flatMap((name) => [`**/${name}`, `**/${name}/**`])] },
    )
    // Of a tree that is gone there is nothing to end, and it says so.
    return { name: '@parcel/watcher', close: () => subscription.unsubscribe().catch(() => {}) }
  } catch (cause) {
    throw watchFailed(root, cause)
  }
}

async function load(): Promise<Parcel | undefined> {
  try {
    const module = await import('@parcel/watcher')
    return (module as unknown as { readonly default?: Parcel }).default ?? module
  } catch {
    return undefined
  }
}
