import { fails, holds } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FrameShare, MIN_FRAME_TIME_MS, SAFETY_MARGIN, TARGET_FRAME_TIME_MS } from '../../src/learn/frame-share.ts'

const seenAll = (share: FrameShare, deltaMs: number, otherMs = 0) => {
  for (let frame = 0; frame < 100; frame++) share.observe({ deltaMs, otherMs })
}

describe('FrameShare', () => {
  it('has the constants of the specification', () => {
    expect([TARGET_FRAME_TIME_MS, MIN_FRAME_TIME_MS, SAFETY_MARGIN]).toEqual([16, 8, 0.8])
  })

  it('takes 0.8 of 16 ms before it has seen a frame', () => {
    expect(new FrameShare({ maxSliceMs: 1000 }).sliceMs).toBeCloseTo(12.8, 10)
  })

  it.each([
    [60, 16, 12.8],
    [90, 1000 / 90, 800 / 90],
    [120, 1000 / 120, 800 / 120],
    [240, 8, 6.4],
    [30, 16, 12.8],
  ])('counts a frame at %i a second as %d ms, and takes %d of it', (fps, frameMs, sliceMs) => {
    const share = new FrameShare({ maxSliceMs: 1000 })
    seenAll(share, 1000 / fps)
    expect(share.frameMs).toBeCloseTo(frameMs, 6)
    expect(share.sliceMs).toBeCloseTo(sliceMs, 6)
  })

  it('leaves others what they use but for half a millisecond, and never takes more than its slice', () => {
    const share = new FrameShare({ maxSliceMs: 2 })
    seenAll(share, 1000 / 60, 4)
    expect(share.sliceMs).toBe(2)
    seenAll(share, 1000 / 60, 12)
    expect(share.sliceMs).toBeCloseTo(0.8, 6)
    seenAll(share, 1000 / 60, 20)
    expect(share.sliceMs).toBe(0.5)
  })

  it('gives the newest frame a weight of 0.2', () => {
    const share = new FrameShare({ maxSliceMs: 1000 })
    seenAll(share, 16, 5)
    share.observe({ deltaMs: 16, otherMs: 10 })
    expect(share.othersMs).toBeCloseTo(6, 6)
  })

  const staysWithin = (Share: typeof FrameShare) => {
    const time = fc.oneof(fc.double(), fc.double({ min: 0, max: 40, noNaN: true }), fc.constant(undefined))
    return fc.property(fc.array(fc.record({ deltaMs: time, otherMs: time }), { maxLength: 60 }), (frames) => {
      const share = new Share({ maxSliceMs: 3 })
      for (const frame of frames) {
        share.observe(frame)
        expect(share.frameMs).toBeGreaterThanOrEqual(8)
        expect(share.frameMs).toBeLessThanOrEqual(16)
        expect(share.sliceMs).toBeGreaterThanOrEqual(0.5)
        expect(share.sliceMs).toBeLessThanOrEqual(3)
      }
    })
  }

  it('stays within its bounds, whatever it is told', () => holds(staysWithin(FrameShare)))
  it('is caught when others are not bounded', () =>
    fails(
      staysWithin(
        class extends FrameShare {
          override get sliceMs() {
            return SAFETY_MARGIN * this.frameMs - this.othersMs
          }
        },
      ),
    ))
})
