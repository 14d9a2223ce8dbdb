import { afterEach, describe, expect, it, vi } from 'vitest'
import { animationFrames } from '../../src/frames/animation-frames.ts'
import type { TimedFrame } from '../../src/frames/frame-host.ts'
import { messageOf } from '../property.ts'
import { FakeDisplay } from './fake-display.ts'
import { FakeEventLoop } from './fake-event-loop.ts'

afterEach(() => vi.unstubAllGlobals())

describe('animationFrames', () => {
  it('tells what others used, before the work and until the frame was painted', () => {
    const loop = new FakeEventLoop()
    loop.stubMessages()
    const window = new FakeDisplay()
    const { clock } = window
    const frames: TimedFrame[] = []
    animationFrames({ window }).start((frame) => {
      frames.push(frame)
      clock.advance(4)
      return { usedMs: 3, allowedMs: 3, budgetMs: 3 }
    })
    const showFrame = (lateMs: number, paintMs: number) => {
      clock.advance(lateMs)
      window.showFrame(undefined, undefined, clock.now() - lateMs)
      clock.advance(paintMs)
      loop.runTurn(() => {})
    }
    showFrame(1, 2)
    clock.advance(9)
    showFrame(0, 0.5)
    clock.advance(100)
    showFrame(0, 0)
    expect(frames).toEqual([
      { deltaMs: 0, otherMs: undefined },
      { deltaMs: 16, otherMs: 1 + 1 + 2 },
      { deltaMs: 104.5, otherMs: 1 + 0.5 },
    ])
  })

  it('keeps to the last measure while the thread does not get to the message', () => {
    const loop = new FakeEventLoop()
    loop.stubMessages()
    const window = new FakeDisplay()
    const others: (number | undefined)[] = []
    animationFrames({ window }).start(({ otherMs }) => {
      others.push(otherMs)
      return { usedMs: 0, allowedMs: 0, budgetMs: 0 }
    })
    const showFrame = () => {
      window.clock.advance(10)
      window.showFrame(undefined)
    }
    showFrame()
    showFrame()
    window.clock.advance(3)
    loop.runTurn(() => {})
    showFrame()
    expect(others).toEqual([undefined, undefined, 13])
  })

  it('never tells of a time before 0, whatever the timestamps are', () => {
    const loop = new FakeEventLoop()
    loop.stubMessages()
    const window = new FakeDisplay()
    const frames: TimedFrame[] = []
    animationFrames({ window }).start((frame) => {
      frames.push(frame)
      return { usedMs: 50, allowedMs: 0, budgetMs: 0 }
    })
    for (const timeMs of [2000, 1500]) {
      window.showFrame(undefined, undefined, timeMs)
      loop.runTurn(() => {})
    }
    expect(frames[1]).toEqual({ deltaMs: 0, otherMs: 0 })
  })

  it('says which hosts there are where there is no window', async () => {
    expect(await messageOf('HOST_UNAVAILABLE', () => animationFrames())).toBe(
      'animationFrames: there is no requestAnimationFrame here; take timerFrames({ fps }) outside of pages',
    )
  })

  it('measures by a real message', async () => {
    const window = new FakeDisplay()
    const others: (number | undefined)[] = []
    const stop = animationFrames({ window }).start(({ otherMs }) => {
      others.push(otherMs)
      return { usedMs: 0, allowedMs: 0, budgetMs: 0 }
    })
    for (let turn = 0; others.at(-1) === undefined && turn < 10_000; turn++) {
      window.showFrame(undefined)
      window.clock.advance(7)
      await new Promise<void>((resolve) => setImmediate(resolve))
    }
    stop()
    expect(others.at(-1)).toBeGreaterThanOrEqual(7)
  })
})
