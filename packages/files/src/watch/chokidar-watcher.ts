import { basename } from 'node:path'
import { loadPeer } from '../processor/load-peer.ts'
import type { TreeWatcher, TreeWatcherOptions } from './tree-watcher.ts'
import { watchFailed } from './tree-watcher.ts'

/**
 * Watches by chokidar: Node's own `fs.watch`, a handle a folder.
 * @throws {MillraceError} `PEER_MISSING`, `WATCH_FAILED`.
 */
export async function openChokidarWatcher(options: TreeWatcherOptions): Promise<TreeWatcher> {
  const { root, ignoredNames, ignoredPaths, onChanges, onLost } = options
  const { watch } = await loadPeer('chokidar', 'Watching a tree', () => import('chokidar'))
  const names = new Set(ignoredNames)
  const paths = new Set(ignoredPaths)
  const watcher = watch(root, {
    ignored: (path) => path !== root && (names.has(basename(path)) || paths.has(path)),
    ignoreInitial: true,
    persistent: true,
  })
  try {
    await new Promise<void>((resolve, reject) => {
      watcher.once('ready', resolve)
      watcher.once('error', reject)
    })
  } catch (cause) {
    await watcher.close()
    throw watchFailed(root, cause)
  }
  watcher.on('error', (error) => onLost(error instanceof Error ? error.message : String(error)))
  watcher.on('all', (_event, path) => onChanges([path]))
  return { name: 'chokidar', close: () => watcher.close() }
}
