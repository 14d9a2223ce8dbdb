import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Pace } from '../../src/worker/pace.ts'

let now = 0

beforeEach(() => {
  now = 1000
  vi.spyOn(performance, 'now').mockImplementation(() => now)
})

afterEach(() => {
  vi.restoreAllMocks()
})

/** Runs a task of `kind` that takes `ms`; returns what was to be told before and after. */
function run(pace: Pace, kind: number, ms: number): [before: boolean, after: boolean] {
  const before = pace.begins(kind)
  now += ms
  return [before, pace.ends(kind)]
}

describe('Pace', () => {
  it('tells of each task until it is known to be short', () => {
    const pace = new Pace(2)
    expect(run(pace, 0, 1)).toEqual([true, true])
    expect(run(pace, 0, 0.001)).toEqual([true, true])
    expect(pace.isShort(0)).toBe(true)
    expect(run(pace, 0, 0.001)).toEqual([false, false])
    expect(run(pace, 1, 0.001)).toEqual([true, true])
  })

  it('tells of short tasks once a burst', () => {
    const pace = new Pace(1)
    run(pace, 0, 0.001)
    const told = Array.from({ length: 2 * Pace.most }, () => run(pace, 0, 0.001)[1])
    expect(told.map((isTold, index) => (isTold ? index : -1)).filter((index) => index >= 0)).toEqual([
      Pace.most - 1,
      2 * Pace.most - 1,
    ])
  })

  it('forgets what was short when a burst takes long', () => {
    const pace = new Pace(2)
    run(pace, 0, 0.001)
    run(pace, 1, 0.001)
    for (let task = 0; task < Pace.most; task++) run(pace, task % 2, 0.1)
    expect([pace.isShort(0), pace.isShort(1)]).toEqual([false, false])
  })

  it('does not count the time of a rest', () => {
    const pace = new Pace(1)
    run(pace, 0, 0.001)
    run(pace, 0, 0.001)
    pace.rest()
    now += 1000
    for (let task = 0; task < Pace.most; task++) run(pace, 0, 0.001)
    expect(pace.isShort(0)).toBe(true)
  })
})
