import { afterEach, describe, expect, it, vi } from 'vitest'
import { animationFrames } from '../../src/frames/animation-frames.ts'
import { checkHost } from '../../src/frames/frame-host.ts'
import { timerFrames } from '../../src/frames/timer-frames.ts'
import { VirtualClock } from '../../src/virtual-clock.ts'
import { messageOf } from '../property.ts'
import { displayRig } from './display-rig.ts'
import { type HostRig, hostConformance } from './frame-host-conformance.ts'
import { HandHost } from './hand-host.ts'

afterEach(() => vi.unstubAllGlobals())

function timerRig(): HostRig {
  const clock = new VirtualClock()
  return {
    host: timerFrames({ fps: 100, clock }),
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

function throwIt(error: unknown): never {
  throw error
}

describe('animationFrames', () => hostConformance(() => displayRig((window) => animationFrames({ window }))))

describe('timerFrames', () => hostConformance(timerRig))

describe('checkHost', () => {
  it('takes what has start()', () => expect(() => checkHost('drive', new HandHost())).not.toThrow())

  it.each([
    ['undefined', undefined],
    ['60', 60],
    ['an object', {}],
  ])('refuses %s', async (shown, host) => {
    expect(await messageOf('OPTION_INVALID', () => checkHost('drive', host as never))).toBe(
      `drive: host must have start(), as what timerFrames({ fps }) returns has, not ${shown}`,
    )
  })
})
