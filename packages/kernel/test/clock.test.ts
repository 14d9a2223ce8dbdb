import { afterEach, describe, expect, it, vi } from 'vitest'
import { sleep, systemClock } from '../src/clock.ts'
import { VirtualClock } from '../src/virtual-clock.ts'

describe('systemClock', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  it('shows the time of the host', () => {
    const before = systemClock.now()
    expect(systemClock.now()).toBeGreaterThanOrEqual(before)
    expect(Math.abs(systemClock.wallNow() - Date.now())).toBeLessThan(1000)
  })

  it('runs a callback later, not before it returns', async () => {
    let ran = false
    const done = new Promise<void>((resolve) => {
      systemClock.after(-5, () => {
        ran = true
        resolve()
      })
    })
    expect(ran).toBe(false)
    await done
  })

  it('keeps waits beyond the limit of the host, and their cancelling', () => {
    vi.useFakeTimers()
    const callback = vi.fn()
    const days = 24 * 60 * 60 * 1000
    systemClock.after(60 * days, callback)
    const cancelled = systemClock.after(60 * days, () => expect.unreachable())
    vi.advanceTimersByTime(59 * days)
    expect(callback).not.toHaveBeenCalled()
    cancelled.cancel()
    vi.advanceTimersByTime(days)
    expect(callback).toHaveBeenCalledTimes(1)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('runs a wait of NaN at once', () => {
    vi.useFakeTimers()
    const callback = vi.fn()
    systemClock.after(Number.NaN, callback)
    vi.advanceTimersByTime(1)
    expect(callback).toHaveBeenCalledTimes(1)
  })
})

describe('sleep', () => {
  it('resolves when the time has come', async () => {
    const clock = new VirtualClock()
    let awake = false
    const sleeping = sleep(clock, 100, new AbortController().signal).then(() => {
      awake = true
    })
    clock.advance(99)
    await Promise.resolve()
    expect(awake).toBe(false)
    clock.advance(1)
    await sleeping
    expect(awake).toBe(true)
  })

  it('works without a signal', async () => {
    const clock = new VirtualClock()
    const sleeping = sleep(clock, 1)
    clock.advance(1)
    await expect(sleeping).resolves.toBeUndefined()
  })

  it('rejects with the reason when aborted, leaving no timer', async () => {
    const clock = new VirtualClock()
    const controller = new AbortController()
    const sleeping = sleep(clock, 100, controller.signal)
    expect(clock.pending).toBe(1)
    controller.abort('enough')
    await expect(sleeping).rejects.toBe('enough')
    expect(clock.pending).toBe(0)
    await expect(sleep(clock, 100, controller.signal)).rejects.toBe('enough')
    expect(clock.pending).toBe(0)
  })

  it('leaves no listener behind', async () => {
    const clock = new VirtualClock()
    const { signal } = new AbortController()
    const remove = vi.spyOn(signal, 'removeEventListener')
    const sleeping = sleep(clock, 5, signal)
    clock.advance(5)
    await sleeping
    expect(remove).toHaveBeenCalledTimes(1)
  })
})
