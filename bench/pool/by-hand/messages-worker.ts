import { parentPort } from 'node:worker_threads'
import { DOUBLES } from '../polygon.ts'
import { echo } from '../work.ts'
import type { Pack } from './messages.ts'

const port = parentPort!

port.on('message', (message: Float64Array | Pack) => {
  if (message instanceof Float64Array) port.postMessage(echo(message))
  else {
    const { pack } = message
    const results = new Float64Array(pack.length)
    for (let at = 0; at < pack.length; at += DOUBLES) {
      results.set(echo(new Float64Array(pack.buffer, 8 * at, DOUBLES)), at)
    }
    const answer: Pack = { pack: results }
    port.postMessage(answer, [results.buffer])
  }
})
