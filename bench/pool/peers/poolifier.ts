import { fileURLToPath } from 'node:url'
import { FixedThreadPool, type WorkerChoiceStrategy } from 'poolifier'
import type { Peer, Setting } from './peer.ts'

const script = fileURLToPath(new URL('./poolifier-worker.ts', import.meta.url))

function setting(workerChoiceStrategy: WorkerChoiceStrategy, enableTasksQueue: boolean): Setting {
  return {
    options: `${workerChoiceStrategy}, tasks queue ${enableTasksQueue ? 'on' : 'off'}`,
    open: (threads) => {
      const pool = new FixedThreadPool(threads, script, { workerChoiceStrategy, enableTasksQueue, enableEvents: false })
      return {
        run: (name, input, signal) => pool.execute(input, name, signal),
        close: () => pool.destroy(),
      }
    },
  }
}

export const poolifier: Peer = {
  name: 'poolifier',
  settings: [
    setting('LEAST_USED', false),
    setting('ROUND_ROBIN', false),
    setting('LEAST_USED', true),
    setting('ROUND_ROBIN', true),
  ],
}
