import { Tinypool } from 'tinypool'
import type { Peer, Setting } from './peer.ts'

const filename = new URL('./exported-tasks.ts', import.meta.url).href

function setting(useAtomics: boolean, concurrentTasksPerWorker: number): Setting {
  return {
    options: `atomics ${useAtomics ? 'on' : 'off'}, ${concurrentTasksPerWorker} a worker`,
    open: (threads) => {
      const pool = new Tinypool({
        runtime: 'worker_threads',
        filename,
        minThreads: threads,
        maxThreads: threads,
        useAtomics,
        concurrentTasksPerWorker,
      })
      return {
        run: (name, input, signal) => pool.run(input, { name, ...(signal && { signal }) }),
        close: () => pool.destroy(),
      }
    },
  }
}

export const tinypool: Peer = {
  name: 'tinypool',
  settings: [setting(true, 1), setting(false, 1), setting(true, 64), setting(false, 64)],
}
