import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { WatchPlan } from '../../src/watch/watch-plan.ts'

const times = { quietMs: 100, bulkQuietMs: 500, maxWaitMs: 3000, fewPaths: 5, lookAllMs: 60_000 }
const changedAll = { changedAnything: true, finished: true, lookedAtAll: true }

describe('WatchPlan', () => {
  test('an edit is run over when its file has been quiet', () => {
    const plan = new WatchPlan(times)
    expect(plan.due()).toBeUndefined()
    plan.changed('a', 1000)
    plan.changed('a', 1050)
    expect(plan.due()).toBe(1150)
    expect(plan.begin(0)).toEqual({ paths: new Set(['a']), urgent: ['a'], everywhere: false })
    expect(plan.due()).toBeUndefined()
    plan.end(changedAll, 1200)
    expect(plan.due()).toBeUndefined()
  })

  test('a checkout is one run, none of it urgent', () => {
    const plan = new WatchPlan(times)
    for (let n = 0; n < 1000; n++) {
      plan.changed(`f${n}`, 2 * n)
      expect(n < 5 || plan.due()! > 2 * n).toBe(true)
    }
    expect(plan.due()).toBe(1998 + 500)
    const { paths, urgent } = plan.begin(0)
    expect([paths.size, urgent]).toEqual([1000, []])
  })

  test('what goes on and on waits no longer than it may', () => {
    const plan = new WatchPlan(times)
    for (let now = 0; now <= 5000; now += 50) plan.changed('log', now)
    expect(plan.due()).toBe(3000)
  })

  test('edits break off a run, but not all the time, and the rest is run over at once', () => {
    const plan = new WatchPlan(times)
    for (let n = 0; n < 100; n++) plan.changed(`f${n}`, 0)
    plan.begin(0)
    expect(plan.preemptDue()).toBeUndefined()
    plan.changed('edit', 10_000)
    expect(plan.preemptDue()).toBe(10_100)
    plan.preempt(10_100)
    plan.end({ ...changedAll, finished: false }, 10_150)
    expect(plan.due()).toBe(Number.NEGATIVE_INFINITY)
    expect(plan.begin(0).urgent).toEqual(['edit'])
    plan.changed('edit', 10_200)
    expect(plan.preemptDue()).toBe(12_100)
    for (let n = 0; n < 100; n++) plan.changed(`g${n}`, 10_300)
    expect(plan.preemptDue()).toBeUndefined()
  })

  test('what came to nothing is looked at more and more rarely, until it comes to something', () => {
    const plan = new WatchPlan(times)
    const waits: number[] = []
    let now = 0
    for (let n = 0; n < 9; n++) {
      plan.changed('build.log', now)
      const due = plan.due()!
      waits.push(due - now)
      plan.begin(0)
      plan.end({ ...changedAll, changedAnything: n === 8 }, due)
      now = due
    }
    expect(waits).toEqual([100, 1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 64_000])
    plan.changed('build.log', now)
    expect(plan.due()).toBe(now + 100)
    plan.begin(0)
    plan.end({ ...changedAll, changedAnything: false }, now)
    // A real edit is not held up by it, and takes it along.
    plan.changed('build.log', now)
    plan.changed('a', now)
    expect(plan.due()).toBe(now + 100)
    expect(plan.begin(0).paths.size).toBe(2)
  })

  test('all is looked at by and by, where a tree is never quiet', () => {
    const plan = new WatchPlan(times)
    const everywhere: number[] = []
    for (let now = 1000; now < 2_000_000; now += 10_000) {
      plan.changed('log', now)
      expect(plan.due()).toBeLessThanOrEqual(now + 100)
      const run = plan.begin(now + 100)
      if (run.everywhere) everywhere.push(now)
      plan.end({ ...changedAll, lookedAtAll: run.everywhere }, now + 100)
    }
    expect(everywhere).toEqual([601_000, 1_211_000, 1_821_000])
  })

  test('all is looked at when it is quiet after runs that looked at a part, and once', () => {
    const plan = new WatchPlan(times)
    const runOver = (path: string, now: number, lookedAtAll: boolean) => {
      plan.changed(path, now)
      plan.begin(0)
      plan.end({ ...changedAll, lookedAtAll }, now + 50)
    }
    runOver('a', 1000, false)
    expect(plan.due()).toBe(61_050)
    runOver('b', 50_000, false)
    expect(plan.due()).toBe(110_050)
    plan.changed('c', 70_000)
    expect(plan.due()).toBe(70_100)
    plan.begin(0)
    plan.end({ ...changedAll, lookedAtAll: false }, 70_200)
    expect(plan.begin(130_200)).toEqual({ paths: new Set(), urgent: [], everywhere: true })
    plan.end(changedAll, 131_000)
    expect(plan.due()).toBeUndefined()
    runOver('d', 200_000, true)
    expect(plan.due()).toBeUndefined()
  })

  /** Every change must be followed by a run that begins after it, within its time. */
  function longestWait(
    plan: WatchPlan,
    script: readonly (readonly [wait: number, path: number, runMs: number])[],
  ): number {
    let now = 0
    let runEnds: number | undefined
    let longest = 0
    const waiting = new Map<string, number>()
    const advance = (to: number) => {
      for (;;) {
        const next = runEnds ?? plan.due()
        if (next === undefined || next > to) break
        now = Math.max(now, next)
        if (runEnds !== undefined) {
          plan.end(changedAll, now)
          runEnds = undefined
          continue
        }
        const { paths } = plan.begin(0)
        for (const path of paths) {
          longest = Math.max(longest, now - waiting.get(path)!)
          waiting.delete(path)
        }
        runEnds = now + 400
      }
      now = to
    }
    for (const [wait, path] of script) {
      advance(now + wait)
      plan.changed(`p${path}`, now)
      if (!waiting.has(`p${path}`)) waiting.set(`p${path}`, now)
    }
    advance(now + 100_000)
    return waiting.size > 0 ? Number.POSITIVE_INFINITY : longest
  }
  const scripts = fc.array(fc.tuple(fc.nat(700), fc.nat(20), fc.nat(2000)), { maxLength: 200 })

  test('no change is forgotten, none waits longer than it may and a run takes', () => {
    fc.assert(
      fc.property(scripts, (script) => {
        expect(longestWait(new WatchPlan(times), script)).toBeLessThanOrEqual(times.maxWaitMs + 400)
      }),
    )
  })

  test('a plan that forgets what changes while it runs is found out', () => {
    class Forgetful extends WatchPlan {
      override end(): void {
        super.end(changedAll, 0)
        super.begin(0)
        super.end(changedAll, 0)
      }
    }
    const found = fc.check(
      fc.property(scripts, (script) => longestWait(new Forgetful(times), script) <= times.maxWaitMs + 400),
      { seed: 3 },
    )
    expect(found.failed).toBe(true)
  })
})
