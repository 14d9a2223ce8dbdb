import { FakeEventLoop } from '@millrace/kernel/test/frames/fake-event-loop'
import { WorkClock } from '@millrace/kernel/test/frames/work-clock'
import { messageOf } from '@millrace/kernel/test/property'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { messageFrames } from '../../src/hosts/message-frames.ts'

afterEach(() => vi.unstubAllGlobals())

const NOTHING = { usedMs: 0, allowedMs: 0, budgetMs: 0 }

/** When frames begin that take so long each. */
function begins(fps: number, frameMs: (index: number) => number, frames: number): number[] {
  const loop = new FakeEventLoop()
  loop.stubImmediates()
  const clock = new WorkClock()
  const times: number[] = []
  const stop = messageFrames({ fps, clock }).start(() => {
    times.push(clock.now())
    clock.work(frameMs(times.length - 1))
    return NOTHING
  })
  while (times.length < frames) {
    loop.runTurn(() => {})
    clock.runTimer()
  }
  stop()
  expect([loop.pending, clock.pending]).toEqual([0, 0])
  return times
}

/** Real frames, until there were so many. */
function realFrames(frames: number, onFrame: () => void): Promise<void> {
  return new Promise((resolve) => {
    let left = frames
    const stop = messageFrames().start(() => {
      onFrame()
      if (--left === 0) {
        stop()
        resolve()
      }
      return NOTHING
    })
  })
}

describe('messageFrames', () => {
  it('keeps to a number of frames a second', () => {
    expect(begins(100, () => 3, 4)).toEqual([0, 10, 20, 30])
  })

  it('runs a frame that is late at once, and skips none', () => {
    expect(begins(100, () => 15, 4)).toEqual([0, 15, 30, 45])
  })

  it('does not make up for late frames', () => {
    expect(begins(100, (index) => (index === 0 ? 95 : 1), 4)).toEqual([0, 95, 105, 115])
  })

  it.each([['immediates'], ['messages']])('leaves timers their turn between real frames, by %s', async (kind) => {
    if (kind === 'messages') vi.stubGlobal('setImmediate', undefined)
    let timers = 0
    const isDue = new Promise<void>((resolve) => {
      setTimeout(() => {
        timers++
        resolve()
      }, 0)
    })
    const frames = async () => {
      // Frames go on until the timer had its turn: a bound against hangs, far above what one turn takes.
      for (let round = 0; timers === 0 && round < 100_000; round++) await realFrames(10, () => {})
    }
    await Promise.all([frames(), isDue])
    expect(timers).toBe(1)
  })

  it('takes one frame a turn in Node', async () => {
    let turns = 0
    let running = true
    const onTurn = () => {
      turns++
      if (running) setImmediate(onTurn)
    }
    setImmediate(onTurn)
    await realFrames(50, () => {})
    running = false
    expect(turns).toBeGreaterThanOrEqual(49)
  })

  it.each([0, 1001, Number.NaN])('refuses %s frames a second', async (fps) => {
    expect(await messageOf('OPTION_INVALID', () => messageFrames({ fps }))).toBe(
      `messageFrames: fps must be a finite number above 0 and at most 1000, not ${fps}`,
    )
  })
})
