import { parentPort } from 'node:worker_threads'
import { serve } from '../../../../src/index.ts'
import { oddTasks } from '../../../entries/odd-tasks.ts'

/** Loses a message now and then. */
const port = parentPort!
const post = port.postMessage.bind(port)
let count = 0
port.postMessage = (message, transfer) => {
  if (++count % 19 > 0) post(message, transfer)
}
serve(oddTasks)
