import type { Sink } from '../../../src/sink/sink.ts'

/** A sink that does as another one does but for what is given. */
export function aroundSink(sink: Sink, changes: Partial<Sink>): Sink {
  return {
    open: (definitions) => sink.open(definitions),
    write: (batch, signal) => sink.write(batch, signal),
    failureOf: (error) => sink.failureOf(error),
    ping: (signal) => sink.ping(signal),
    close: () => sink.close(),
    [Symbol.asyncDispose]: () => sink[Symbol.asyncDispose](),
    ...changes,
  }
}
