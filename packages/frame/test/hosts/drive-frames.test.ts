import type { HostFrame } from '@millrace/kernel/frames/frame-host'
import { HandHost } from '@millrace/kernel/test/frames/hand-host'
import { describe, expect, it } from 'vitest'
import { driveFrames } from '../../src/hosts/drive-frames.ts'
import { messageFrames } from '../../src/hosts/message-frames.ts'

function controller() {
  const frames: (HostFrame | undefined)[] = []
  return {
    frames,
    budgetMs: 2,
    runFrame(frame?: HostFrame) {
      frames.push(frame)
      return { usedMs: 1, allowedMs: 2, budgetMs: 2, index: frames.length }
    },
  }
}

describe('driveFrames', () => {
  it('runs a frame at every frame of the host, and hands its report on and back', () => {
    const driven = controller()
    const host = new HandHost()
    const reports: unknown[] = []
    const loop = driveFrames(driven, host, { onFrame: ({ index }, { deltaMs }) => reports.push([index, deltaMs]) })
    expect(loop.running).toBe(true)
    expect(host.frame({ deltaMs: 0 })).toEqual({ usedMs: 1, allowedMs: 2, budgetMs: 2, index: 1 })
    host.frame({ deltaMs: 16, otherMs: 3 })
    expect(driven.frames).toEqual([{ deltaMs: 0 }, { deltaMs: 16, otherMs: 3 }])
    expect(reports).toEqual([
      [1, 0],
      [2, 16],
    ])
  })

  it('gives a frame its share of its own budget, or of that which the controller has', () => {
    const driven = controller()
    const host = new HandHost()
    driveFrames(driven, host)
    host.frame({ deltaMs: 8, budgetShare: 0.25 })
    host.frame({ deltaMs: 8, budgetShare: 0.25, budgetMs: 6 })
    expect(driven.frames.map((frame) => frame?.budgetMs)).toEqual([0.5, 1.5])
  })

  it('stops once, and runs nothing more even if the host goes on', () => {
    const driven = controller()
    const host = new HandHost()
    const loop = driveFrames(driven, host)
    loop.stop()
    loop.stop()
    expect(host.frame({ deltaMs: 16 })).toEqual({ usedMs: 0, allowedMs: 0, budgetMs: 0 })
    expect([loop.running, host.stops, driven.frames.length]).toEqual([false, 1, 0])
  })

  it('stops when it is disposed of', () => {
    const host = new HandHost()
    {
      using _loop = driveFrames(controller(), host)
    }
    expect(host.stops).toBe(1)
  })

  it('stops the loop that a controller had before', () => {
    const driven = controller()
    const [page, headset] = [new HandHost(), new HandHost()]
    const first = driveFrames(driven, page)
    const second = driveFrames(driven, headset)
    expect([first.running, second.running, page.stops, headset.stops]).toEqual([false, true, 1, 0])
    page.frame({ deltaMs: 16 })
    headset.frame({ deltaMs: 11 })
    expect(driven.frames).toEqual([{ deltaMs: 11 }])
    first.stop()
    expect(second.running).toBe(true)
  })

  it('runs no more when the host ends, and can be followed by another', () => {
    const driven = controller()
    const [headset, page] = [new HandHost(), new HandHost()]
    const first = driveFrames(driven, headset)
    headset.end()
    expect(first.running).toBe(false)
    const second = driveFrames(driven, page)
    page.frame({ deltaMs: 16 })
    expect([second.running, headset.stops, driven.frames.length]).toEqual([true, 0, 1])
  })

  it('drives several controllers side by side', () => {
    const host = new HandHost()
    const loops = [driveFrames(controller(), host), driveFrames(controller(), host)]
    expect(loops.map(({ running }) => running)).toEqual([true, true])
  })

  it('can be stopped by a real frame', async () => {
    const driven = controller()
    await new Promise<void>((resolve) => {
      const loop = driveFrames(driven, messageFrames(), {
        onFrame: ({ index }) => {
          if (index < 3) return
          loop.stop()
          resolve()
        },
      })
    })
    expect(driven.frames.length).toBe(3)
  })
})
