import { lstatSync } from 'node:fs'
import type { AsyncSubscription, Event } from '@parcel/watcher'
import type { TreeWatcher, TreeWatcherOptions } from './tree-watcher.ts'
import { watchFailed } from './tree-watcher.ts'

type Parcel = typeof import('@parcel/watcher')

/** Folders that are watched for themselves, until all of the tree is gone through once more. */
const MOST_FOLDERS = 32

/**
 * Watches by `@parcel/watcher`: inotify, FSEvents or ReadDirectoryChangesW, in native code. Gives undefined where it does not load.
 * @throws {MillraceError} `WATCH_FAILED`.
 */
export async function openParcelWatcher(options: TreeWatcherOptions): Promise<TreeWatcher | undefined> {
  const parcel = await load()
  return parcel && (await ParcelWatcher.open(parcel, options))
}

/**
 * On Linux parcel watches of a folder that is made or moved while it watches that folder alone: those that are in it by then are watched by nobody, or
 * as what they were called before. So such a folder is watched once more, for itself, and then told of again.
 */
class ParcelWatcher implements TreeWatcher {
  readonly name = '@parcel/watcher'
  readonly #parcel: Parcel
  readonly #options: TreeWatcherOptions
  /** By folder; the root's is first. */
  readonly #subscribed = new Map<string, AsyncSubscription>()
  /** Folders to be watched for themselves. */
  readonly #made = new Set<string>()
  #catchingUp: Promise<void> | undefined
  #closed = false

  private constructor(parcel: Parcel, options: TreeWatcherOptions) {
    this.#parcel = parcel
    this.#options = options
  }

  static async open(parcel: Parcel, options: TreeWatcherOptions): Promise<ParcelWatcher> {
    const watcher = new ParcelWatcher(parcel, options)
    try {
      await watcher.#subscribe(options.root)
      return watcher
    } catch (cause) {
      throw watchFailed(options.root, cause)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#catchingUp
    await this.#unsubscribe(this.#subscribed.keys())
  }

  async #subscribe(folder: string): Promise<void> {
    const { ignoredNames, ignoredPaths } = this.#options
    const names = ignoredNames.flatMap((name) => [`**/${name}`, `**/${name}/**`])
    const hear = (error: Error | null, events: Event[]) => this.#hear(error, events)
    this.#subscribed.set(folder, await this.#parcel.subscribe(folder, hear, { ignore: [...ignoredPaths, ...names] }))
  }

  /** Of a folder that is gone there is nothing to end, and it says so. */
  async #unsubscribe(folders: Iterable<string>): Promise<void> {
    for (const folder of [...folders]) {
      const subscription = this.#subscribed.get(folder)
      this.#subscribed.delete(folder)
      await subscription?.unsubscribe().catch(() => {})
    }
  }

  #hear(error: Error | null, events: readonly Event[]): void {
    if (this.#closed) return
    const { onChanges, onLost } = this.#options
    if (error !== null) {
      onLost(error.message)
      return
    }
    if (events.length > 0) onChanges(events.map(({ path }) => path))
    // Elsewhere the system itself watches all that is below.
    if (process.platform !== 'linux') return
    for (const { type, path } of events) if (type === 'create' && isFolder(path)) this.#made.add(path)
    if (this.#made.size > 0) this.#catchingUp ??= this.#catchUp()
  }

  async #catchUp(): Promise<void> {
    const { root, onChanges, onLost } = this.#options
    try {
      while (this.#made.size > 0 && !this.#closed) {
        const made = [...this.#made]
        this.#made.clear()
        await this.#unsubscribe(made.filter((folder) => folder !== root))
        if (this.#subscribed.size + made.length > MOST_FOLDERS) {
          await this.#unsubscribe(this.#subscribed.keys())
          await this.#subscribe(root)
          onLost('many folders were made')
        } else {
          for (const folder of made) {
            await this.#subscribe(folder).catch((error) => {
              // One that is gone again needs nothing.
              if (isFolder(folder)) throw error
            })
          }
          onChanges(made)
        }
      }
    } catch (error) {
      if (!this.#closed) onLost((error as Error).message)
    } finally {
      this.#catchingUp = undefined
    }
  }
}

function isFolder(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false
}

async function load(): Promise<Parcel | undefined> {
  try {
    const module = await import('@parcel/watcher')
    return (module as unknown as { readonly default?: Parcel }).default ?? module
  } catch {
    return undefined
  }
}
