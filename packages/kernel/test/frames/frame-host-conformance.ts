import { expect, it } from 'vitest'
import type { FrameHost, TimedFrame } from '../../src/frames/frame-host.ts'

/** A host whose time a test has in its hands. */
export interface HostRig {
  readonly host: FrameHost
  /** Lets 10 ms pass, of which the end is one frame; errors go to `onError`, as the uncaught ones of the host. */
  nextFrame(onError?: (error: unknown) => void): void
  /** All that waits for something: 0 once every loop is stopped. */
  pending(): number
}

const NOTHING = { usedMs: 0, allowedMs: 0, budgetMs: 0 }

/** What every {@link FrameHost} promises. `firstDeltaMs` is told by hosts that keep no real time. */
export function hostConformance(makeRig: () => HostRig, firstDeltaMs = 0): void {
  it('has frames, none before it has started, and tells how long they were', () => {
    const { host, nextFrame } = makeRig()
    const deltas: number[] = []
    host.start(({ deltaMs }) => {
      deltas.push(deltaMs)
      return NOTHING
    })
    expect(deltas).toEqual([])
    for (let frame = 0; frame < 4; frame++) nextFrame()
    expect(deltas.length).toBe(4)
    expect(deltas[0]).toBe(firstDeltaMs)
    for (const deltaMs of deltas.slice(1)) expect(deltaMs).toBeCloseTo(10)
  })

  it('has no frames once it is stopped, and leaves nothing behind', () => {
    const { host, nextFrame, pending } = makeRig()
    expect(pending()).toBe(0)
    let frames = 0
    const stop = host.start(() => {
      frames++
      return NOTHING
    })
    nextFrame()
    nextFrame()
    stop()
    expect(pending()).toBe(0)
    nextFrame()
    stop()
    expect(frames).toBe(2)
  })

  it('can be stopped before the first frame', () => {
    const { host, nextFrame, pending } = makeRig()
    let frames = 0
    host.start(() => {
      frames++
      return NOTHING
    })()
    nextFrame()
    expect([frames, pending()]).toEqual([0, 0])
  })

  it('can be stopped in a frame', () => {
    const { host, nextFrame, pending } = makeRig()
    let frames = 0
    const stop = host.start(() => {
      frames++
      stop()
      return NOTHING
    })
    nextFrame()
    nextFrame()
    expect([frames, pending()]).toEqual([1, 0])
  })

  it('goes on when a frame throws, and leaves the error to the host', () => {
    const { host, nextFrame } = makeRig()
    const errors: unknown[] = []
    const frames: TimedFrame[] = []
    host.start((frame) => {
      frames.push(frame)
      if (frames.length !== 2) return NOTHING
      throw new Error('of the second frame')
    })
    for (let frame = 0; frame < 4; frame++) nextFrame((error) => errors.push(error))
    expect(frames.length).toBe(4)
    expect(errors).toEqual([new Error('of the second frame')])
  })

  it('may be started several times, each with frames of its own', () => {
    const { host, nextFrame, pending } = makeRig()
    const frames = [0, 0]
    const stops = frames.map((_, index) =>
      host.start(() => {
        frames[index]!++
        return NOTHING
      }),
    )
    nextFrame()
    stops[0]!()
    nextFrame()
    expect(frames).toEqual([1, 2])
    stops[1]!()
    expect(pending()).toBe(0)
  })
}
