import { fails, holds, type Shape } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LiveRing } from '../../src/queue/live-ring.ts'

interface Item {
  readonly id: number
  isAlive: boolean
}

type Make = (isAlive: (item: Item) => boolean) => Shape<LiveRing<Item>>

const acts = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.constant({ kind: 'push' as const, which: 0 }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('die' as const), which: fc.nat(200) }) },
    { weight: 1, arbitrary: fc.constant({ kind: 'shift' as const, which: 0 }) },
  ),
  { maxLength: 400, size: 'max' },
)

/** It gives the living in their order, and keeps few of the dead. */
function passesOverTheDead(make: Make) {
  return fc.property(acts, (script) => {
    const ring = make(({ isAlive }) => isAlive)
    let living: Item[] = []
    for (const [id, { kind, which }] of script.entries()) {
      const victim = living[which % Math.max(1, living.length)]
      if (kind === 'push') {
        const item = { id, isAlive: true }
        living.push(item)
        ring.push(item)
      } else if (kind === 'shift') expect(ring.shift()).toBe(living.shift())
      else if (victim !== undefined && which % 7 !== 0) victim.isAlive = false
      living = living.filter(({ isAlive }) => isAlive)
      expect(ring.size).toBeGreaterThanOrEqual(living.length)
    }
    expect(ring.peek()).toBe(living[0])
    for (const item of living) expect(ring.shift()).toBe(item)
    expect([ring.shift(), ring.peek(), ring.size]).toEqual([undefined, undefined, 0])
  })
}

describe('LiveRing', () => {
  it('gives those that are alive, in their order', () => holds(passesOverTheDead((isAlive) => new LiveRing(isAlive))))

  it('is caught when it gives the dead', () => fails(passesOverTheDead(() => new LiveRing<Item>(() => true))))

  it('keeps few of the dead, though the first lives for ever', () => {
    const ring = new LiveRing<Item>(({ isAlive }) => isAlive)
    ring.push({ id: 0, isAlive: true })
    for (let id = 1; id <= 10_000; id++) {
      const item = { id, isAlive: true }
      ring.push(item)
      item.isAlive = false
      expect(ring.size).toBeLessThanOrEqual(66)
    }
    expect(ring.shift()?.id).toBe(0)
  })
})
