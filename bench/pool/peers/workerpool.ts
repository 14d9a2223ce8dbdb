import { fileURLToPath } from 'node:url'
import workerpoolModule from 'workerpool'
import type { Peer } from './peer.ts'

const script = fileURLToPath(new URL('./workerpool-worker.ts', import.meta.url))

export const workerpool: Peer = {
  name: 'workerpool',
  settings: [
    {
      options: 'thread',
      open: (threads) => {
        const pool = workerpoolModule.pool(script, { workerType: 'thread', minWorkers: threads, maxWorkers: threads })
        return {
          run: (task, input, signal) => {
            const call = pool.exec(task, [input])
            // In braces: what a listener returns, if it is a promise, must not be rejected.
            signal?.addEventListener('abort', () => {
              call.cancel()
            })
            return call
          },
          close: () => pool.terminate(true),
        }
      },
    },
  ],
}
