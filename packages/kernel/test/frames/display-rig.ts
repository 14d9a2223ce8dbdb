import type { FrameHost } from '../../src/frames/frame-host.ts'
import { FakeDisplay } from './fake-display.ts'
import { FakeEventLoop } from './fake-event-loop.ts'
import type { HostRig } from './frame-host-conformance.ts'

/** A rig of a host that has the frames of a display; until `vi.unstubAllGlobals()`. */
export function displayRig(makeHost: (display: FakeDisplay) => FrameHost): HostRig {
  const loop = new FakeEventLoop()
  loop.stubMessages()
  const display = new FakeDisplay()
  return {
    host: makeHost(display),
    nextFrame(onError = throwIt) {
      display.clock.advance(10)
      display.showFrame(undefined, onError)
      loop.runTurn(throwIt)
    },
    pending: () => display.pending + loop.pending,
  }
}

function throwIt(error: unknown): never {
  throw error
}
