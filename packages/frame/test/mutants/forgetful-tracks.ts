import { devtoolsTracks } from '../../src/observe/devtools-tracks.ts'

/** Tracks that show all that the trace holds, after every frame. */
export const forgetfulTracks: typeof devtoolsTracks = (controller, options) => {
  const { trace } = controller
  const readFrom = trace?.readFrom
  if (trace !== undefined) trace.readFrom = (_cursor, onSpan) => readFrom!.call(trace, 0, onSpan)
  return devtoolsTracks(controller, options)
}
