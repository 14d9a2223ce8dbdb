import type { Sink } from '../../../src/sink/sink.ts'
import { aroundSink } from './around-sink.ts'

class GivenUp extends Error {}

/** Gives a batch up when it is told to, says that nothing is written, and lets the server go on with it. */
export function givesUpAlone(sink: Sink): Sink {
  return aroundSink(sink, {
    write(batch, signal) {
      return new Promise((resolve, reject) => {
        sink.write(batch, new AbortController().signal).then(resolve, reject)
        signal.addEventListener('abort', () => reject(new GivenUp()), { once: true })
      })
    },
    failureOf: (error) => (error instanceof GivenUp ? 'transient' : sink.failureOf(error)),
  })
}
