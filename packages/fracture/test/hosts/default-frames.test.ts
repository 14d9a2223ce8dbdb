import { VirtualClock } from '@millrace/kernel'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { defaultFrames } from '../../src/hosts/default-frames.ts'
import { FrameLoop } from '../../src/hosts/frame-loop.ts'

const use = { usedMs: 0, allowedMs: 0, budgetMs: 0 }

afterEach(() => vi.unstubAllGlobals())

describe('defaultFrames', () => {
  it('are 60 a second, by timers, where there are no animation frames', () => {
    const clock = new VirtualClock()
    let frames = 0
    const stop = defaultFrames(clock).start(() => {
      frames++
      return use
    })
    clock.advance(1001)
    expect(frames).toBe(60)
    stop()
    expect(clock.pending).toBe(0)
  })

  it('are the animation frames of the page', () => {
    const requestAnimationFrame = vi.fn(() => 7)
    const cancelAnimationFrame = vi.fn()
    vi.stubGlobal('requestAnimationFrame', requestAnimationFrame)
    vi.stubGlobal('cancelAnimationFrame', cancelAnimationFrame)
    defaultFrames(new VirtualClock()).start(() => use)()
    expect(requestAnimationFrame).toHaveBeenCalledTimes(1)
    expect(cancelAnimationFrame).toHaveBeenCalledWith(7)
  })
})

describe('FrameLoop', () => {
  it('starts its host once, and again after it rested or the host has ended', () => {
    const ends: ((() => void) | undefined)[] = []
    const stop = vi.fn()
    const host = {
      start(_onFrame: unknown, onEnd?: () => void) {
        ends.push(onEnd)
        return stop
      },
    }
    const loop = new FrameLoop(host, () => use)
    loop.rest()
    loop.wake()
    loop.wake()
    expect(ends).toHaveLength(1)
    loop.rest()
    loop.wake()
    expect([ends.length, stop.mock.calls.length]).toEqual([2, 1])
    ends[1]?.()
    loop.rest()
    loop.wake()
    expect([ends.length, stop.mock.calls.length]).toEqual([3, 1])
  })

  it('is woken again when the frames ended as they began, and is not misled by an end that is told late', () => {
    const ends: ((() => void) | undefined)[] = []
    const host = {
      start(_onFrame: unknown, onEnd?: () => void) {
        if (ends.length === 0) onEnd?.()
        ends.push(onEnd)
        return () => {}
      },
    }
    const loop = new FrameLoop(host, () => use)
    loop.wake()
    loop.wake()
    expect(ends).toHaveLength(2)
    loop.rest()
    loop.wake()
    ends[1]?.()
    loop.wake()
    expect(ends).toHaveLength(3)
  })

  it('without a host does nothing', () => {
    const loop = new FrameLoop(undefined, () => use)
    loop.wake()
    loop.rest()
  })
})
