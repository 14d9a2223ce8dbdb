import { openChokidarWatcher } from './chokidar-watcher.ts'
import { openParcelWatcher } from './parcel-watcher.ts'
import type { OpenTreeWatcher } from './tree-watcher.ts'

/**
 * Watches by `@parcel/watcher`, or by chokidar where that does not load: both are optional peers.
 * @throws {MillraceError} `PEER_MISSING` where neither loads, `WATCH_FAILED` where the system lets nobody watch.
 */
export const openTreeWatcher: OpenTreeWatcher = async (options) => {
  return (await openParcelWatcher(options)) ?? openChokidarWatcher(options)
}
