import { parentPort } from 'node:worker_threads'
import { serve } from '../../../src/task/serve.ts'

/* Has a conversation of its own with whoever made it, beside the pool's. */
parentPort!.on('message', (message) => {
  if (message === 'how are you') parentPort!.postMessage('fine')
})
parentPort!.postMessage(['hello'])
serve({ echo: (value: unknown) => value })
