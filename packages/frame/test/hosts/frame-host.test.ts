import { VirtualClock } from '@millrace/kernel'
import { afterEach, describe, vi } from 'vitest'
import { animationFrames } from '../../src/hosts/animation-frames.ts'
import { fixedStep } from '../../src/hosts/fixed-step.ts'
import { messageFrames } from '../../src/hosts/message-frames.ts'
import { timerFrames } from '../../src/hosts/timer-frames.ts'
import { xrFrames } from '../../src/hosts/xr-frames.ts'
import { FakeDisplay } from './fake-display.ts'
import { FakeEventLoop } from './fake-event-loop.ts'
import { type HostRig, hostConformance } from './frame-host-conformance.ts'

afterEach(() => vi.unstubAllGlobals())

function displayRig(makeHost: (display: FakeDisplay) => HostRig['host']): HostRig {
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

function timerRig(clock: VirtualClock, host: HostRig['host']): HostRig {
  return {
    host,
    nextFrame(onError = throwIt) {
      const target = clock.now() + 10
      while (clock.now() < target) {
        try {
          clock.advance(target - clock.now())
        } catch (error) {
          onError(error)
        }
      }
    },
    pending: () => clock.pending,
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

describe('animationFrames', () => hostConformance(() => displayRig((window) => animationFrames({ window }))))

describe('xrFrames', () => hostConformance(() => displayRig((display) => xrFrames(display, { clock: display.clock }))))

describe('messageFrames with immediates', () => hostConformance(() => messageRig('stubImmediates')))

describe('messageFrames with messages', () => hostConformance(() => messageRig('stubMessages')))

describe('timerFrames', () =>
  hostConformance(() => {
    const clock = new VirtualClock()
    return timerRig(clock, timerFrames({ fps: 100, clock }))
  }))

describe('fixedStep', () => hostConformance(stepRig, 10))
