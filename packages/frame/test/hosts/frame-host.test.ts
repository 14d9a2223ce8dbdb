import { VirtualClock } from '@millrace/kernel'
import { animationFrames } from '@millrace/kernel/frames/animation-frames'
import { displayRig } from '@millrace/kernel/test/frames/display-rig'
import { FakeEventLoop } from '@millrace/kernel/test/frames/fake-event-loop'
import { type HostRig, hostConformance } from '@millrace/kernel/test/frames/frame-host-conformance'
import { afterEach, describe, vi } from 'vitest'
import { fixedStep } from '../../src/hosts/fixed-step.ts'
import { messageFrames } from '../../src/hosts/message-frames.ts'
import { xrFrames } from '../../src/hosts/xr-frames.ts'

afterEach(() => vi.unstubAllGlobals())

function messageRig(stub: 'stubImmediates' | 'stubMessages'): HostRig {
  const loop = new FakeEventLoop()
  loop[stub]()
  const clock = new VirtualClock()
  return {
    host: messageFrames({ clock }),
    nextFrame(onError = throwIt) {
      clock.advance(10)
      loop.runTurn(onError)
    },
    pending: () => loop.pending + clock.pending,
  }
}

/** The frames of a display, of which the first, too, is as long as a step. */
function stepRig(): HostRig {
  return displayRig((window) => {
    const { start } = animationFrames({ window })
    return fixedStep({ start: (onFrame) => start((frame) => onFrame({ ...frame, deltaMs: 10 })) }, { stepMs: 10 })
  })
}

function throwIt(error: unknown): never {
  throw error
}

describe('xrFrames', () => hostConformance(() => displayRig((display) => xrFrames(display, { clock: display.clock }))))

describe('messageFrames with immediates', () => hostConformance(() => messageRig('stubImmediates')))

describe('messageFrames with messages', () => hostConformance(() => messageRig('stubMessages')))

describe('fixedStep', () => hostConformance(stepRig, 10))
