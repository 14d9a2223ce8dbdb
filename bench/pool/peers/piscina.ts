import { Piscina } from 'piscina'
import type { Peer, Setting } from './peer.ts'

const filename = new URL('./exported-tasks.ts', import.meta.url).href

function setting(atomics: 'sync' | 'async' | 'disabled', concurrentTasksPerWorker: number): Setting {
  return {
    options: `atomics ${atomics}, ${concurrentTasksPerWorker} a worker`,
    open: (threads) => {
      const pool = new Piscina({
        filename,
        minThreads: threads,
        maxThreads: threads,
        atomics,
        concurrentTasksPerWorker,
      })
      return {
        run: (name, input, signal) => pool.run(input, { name, ...(signal && { signal }) }),
        close: () => pool.destroy(),
      }
    },
  }
}

export const piscina: Peer = {
  name: 'piscina',
  settings: [
    setting('sync', 1),
    setting('async', 1),
    setting('disabled', 1),
    setting('sync', 64),
    setting('disabled', 64),
  ],
}
