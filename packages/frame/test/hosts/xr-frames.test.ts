import { FakeDisplay } from '@millrace/kernel/test/frames/fake-display'
import { FakeEventLoop } from '@millrace/kernel/test/frames/fake-event-loop'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { xrFrames } from '../../src/hosts/xr-frames.ts'

afterEach(() => vi.unstubAllGlobals())

const NOTHING = { usedMs: 0, allowedMs: 0, budgetMs: 0 }

describe('xrFrames', () => {
  it('hands the XRFrame on before the frame, and counts that as others time', () => {
    const loop = new FakeEventLoop()
    loop.stubMessages()
    const session = new FakeDisplay<string>()
    const { clock } = session
    const log: unknown[] = []
    const host = xrFrames(session, {
      clock,
      onXrFrame: (xrFrame, timeMs) => {
        log.push([xrFrame, timeMs])
        clock.advance(1)
      },
    })
    host.start((frame) => {
      log.push(frame)
      clock.advance(2)
      return { usedMs: 2, allowedMs: 2, budgetMs: 2 }
    })
    for (const xrFrame of ['first', 'second']) {
      session.showFrame(xrFrame)
      loop.runTurn(() => {})
      clock.advance(8)
    }
    expect(log).toEqual([
      ['first', 1000],
      { deltaMs: 0, otherMs: undefined },
      ['second', 1011],
      { deltaMs: 11, otherMs: 1 },
    ])
  })

  it('ends with the session, and says so once', () => {
    const loop = new FakeEventLoop()
    loop.stubMessages()
    const session = new FakeDisplay()
    const onEnd = vi.fn()
    xrFrames(session).start(() => NOTHING, onEnd)
    session.showFrame(undefined)
    session.end()
    session.end()
    expect(onEnd).toHaveBeenCalledOnce()
    expect([session.pending, loop.pending]).toEqual([0, 0])
  })

  it('says nothing of an end that comes after it was stopped', () => {
    const session = new FakeDisplay()
    const onEnd = vi.fn()
    xrFrames(session).start(() => NOTHING, onEnd)()
    session.end()
    expect(onEnd).not.toHaveBeenCalled()
  })
})
