import type { Sink } from '../../../src/sink/sink.ts'
import { aroundSink } from './around-sink.ts'

/** Takes a batch whose answer was lost for one that is not written. */
export function lostIsRolledBack(sink: Sink): Sink {
  return aroundSink(sink, {
    failureOf(error) {
      const failure = sink.failureOf(error)
      return failure === 'unknown' ? 'transient' : failure
    },
  })
}
