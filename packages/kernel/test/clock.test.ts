import { afterEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../src/clock.ts'

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
