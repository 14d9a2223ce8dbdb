import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { FrameHost } from '../../src/frames/frame-host.ts'
import { type TimerFramesOptions, timerFrames } from '../../src/frames/timer-frames.ts'
import { burstingTimerFrames } from '../mutants/bursting-timer-frames.ts'
import { driftingTimerFrames } from '../mutants/drifting-timer-frames.ts'
import { fails, holds, messageOf } from '../property.ts'
import { WorkClock } from './work-clock.ts'

interface SimulatedFrame {
  readonly lateMs: number
  readonly takesMs: number
}

/** When frames begin whose timers are so late, and whose work takes so long. */
function begins(
  make: (options: TimerFramesOptions) => FrameHost,
  fps: number,
  frames: readonly SimulatedFrame[],
): number[] {
  const clock = new WorkClock()
  const times: number[] = []
  const stop = make({ fps, clock }).start(() => {
    clock.work(frames[times.length]!.takesMs)
    times.push(clock.now() - frames[times.length]!.takesMs)
    return { usedMs: 0, allowedMs: 0, budgetMs: 0 }
  })
  for (const { lateMs } of frames) clock.runTimer(lateMs)
  stop()
  expect(clock.pending).toBe(0)
  return times
}

/** A frame is on the first beat after the one before began; or later by what its timer, or that frame, was late. */
const keepsTheBeat = (make: (options: TimerFramesOptions) => FrameHost) =>
  fc.property(
    fc.integer({ min: 1, max: 240 }),
    fc.array(fc.record({ lateMs: fc.constantFrom(0, 0.25, 1.5), takesMs: fc.nat(60) }), {
      minLength: 2,
      maxLength: 40,
    }),
    (fps, frames) => {
      const intervalMs = 1000 / fps
      let began = 0
      let ended = 0
      begins(make, fps, frames).forEach((time, index) => {
        // What is on a beat may be off by the least that a number can be.
        const beat = (Math.floor(began / intervalMs + 1e-9) + 1) * intervalMs
        expect(time).toBeCloseTo(Math.max(ended, beat + frames[index]!.lateMs), 6)
        began = time
        ended = time + frames[index]!.takesMs
      })
    },
  )

describe('timerFrames', () => {
  it('has frames on a beat, however late others were', () => holds(keepsTheBeat(timerFrames)))

  it('is caught when it counts from the frame before', () => fails(keepsTheBeat(driftingTimerFrames)))

  it('is caught when it makes up for missed frames', () => fails(keepsTheBeat(burstingTimerFrames)))

  it('skips what passed while a frame ran, all but one', () => {
    const frames = [4, 35, 4, 4, 4].map((takesMs) => ({ lateMs: 0, takesMs }))
    expect(begins(timerFrames, 100, frames)).toEqual([10, 20, 55, 60, 70])
  })

  it('has one frame a beat when timers fire early', () => {
    const frames = [-0.5, -0.5, 0].map((lateMs) => ({ lateMs, takesMs: 0 }))
    expect(begins(timerFrames, 100, frames)).toEqual([9.5, 19.5, 30])
  })

  it('has real frames', async () => {
    const deltas: number[] = []
    await new Promise<void>((resolve) => {
      const stop = timerFrames({ fps: 1000 }).start(({ deltaMs }) => {
        deltas.push(deltaMs)
        if (deltas.length === 5) {
          stop()
          resolve()
        }
        return { usedMs: 0, allowedMs: 0, budgetMs: 0 }
      })
    })
    expect(deltas[0]).toBe(0)
  })

  it('refuses 0 frames a second', async () => {
    expect(await messageOf('OPTION_INVALID', () => timerFrames({ fps: 0 }))).toBe(
      'timerFrames: fps must be a finite number above 0 and at most 1000, not 0',
    )
  })
})
