import { Budget, VirtualClock } from '@millrace/kernel'
import { describe, expect, it } from 'vitest'
import { DeliveryCosts } from '../../src/learn/delivery-costs.ts'
import type { DeliveryKind } from '../../src/queue/job.ts'

function open() {
  const clock = new VirtualClock()
  const budget = new Budget({ clock, tickMs: 0 })
  const costs = new DeliveryCosts(budget)
  budget.begin(1000)
  const deliver = (kind: DeliveryKind, size: number, ms: number) => {
    costs.begin(kind, size, costs.predict(kind, size))
    clock.advance(ms)
    costs.end(kind)
  }
  return { clock, budget, costs, deliver }
}

describe('DeliveryCosts', () => {
  it('learns each kind for itself, by size', () => {
    const { costs, deliver } = open()
    for (let each = 0; each < 200; each++) {
      const size = 100 * (1 + (each % 10))
      deliver('listener', size, 0.01 + size / 10_000)
      deliver('adapter', size, 3 + size / 100)
    }
    costs.settle()
    expect(costs.predict('adapter', 200)).toBeGreaterThan(4)
    expect(costs.predict('adapter', 1000)).toBeGreaterThan(2 * costs.predict('adapter', 200))
    expect(costs.predict('listener', 1000)).toBeLessThan(0.3)
    expect(costs.learned.adapter).toBeGreaterThan(costs.learned.listener)
  })

  it('is not poisoned by one slow delivery', () => {
    const { costs, deliver } = open()
    let mean = 0
    const deliverAll = (count: number, ms: number) => {
      for (let each = 0; each < count; each++) {
        deliver('listener', 200, ms)
        mean += 0.2 * (ms - mean)
      }
    }
    deliverAll(200, 0.05)
    costs.settle()
    deliverAll(1, 100)
    costs.settle()
    expect(costs.predict('listener', 200)).toBeLessThan(0.1)
    // The mean of the specification would have no result delivered beside another for a second.
    expect(mean).toBeGreaterThan(12.8)
  })

  it('reads the clock once for several small ones, and for each of the first', () => {
    const { budget, costs, deliver } = open()
    for (let each = 0; each < 100; each++) deliver('listener', 1, 0.001)
    costs.settle()
    const before = budget.reads
    for (let each = 0; each < 80; each++) deliver('listener', 1, 0.001)
    costs.settle()
    expect(budget.reads - before).toBe(10)
    const first = budget.reads
    for (let each = 0; each < 8; each++) deliver('adapter', 1, 0.001)
    expect(budget.reads - first).toBe(8)
  })

  it('learns of streams by their chunks', () => {
    const { clock, costs, deliver } = open()
    for (let frame = 0; frame < 50; frame++) {
      for (let each = 0; each < 4; each++) deliver('stream', 100, 0)
      costs.settle()
      clock.advance(2)
      costs.settleStreams()
    }
    expect(costs.predict('stream', 100)).toBeCloseTo(0.5, 1)
    costs.settleStreams()
  })
})
