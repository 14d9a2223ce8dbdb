import { VirtualClock } from '@millrace/kernel'
import { fails, holds, type Shape } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Deadlines } from '../../../src/checks/tcp/deadlines.ts'

const TICK_MS = 10

type Subject = new (options: { clock: VirtualClock }) => Shape<Deadlines>

/** Whatever is added, moved and removed: what is left expires once, not before its time, and at most a tick after it. */
function expiresInTime(subject: Subject): fc.IAsyncProperty<unknown> | fc.IProperty<unknown> {
  const step = fc.record({
    kind: fc.constantFrom('add', 'add', 'remove', 'move'),
    which: fc.nat(30),
    ms: fc.integer({ min: 0, max: 40_000 }),
    pauseMs: fc.constantFrom(0, 0, 3, 500),
  })
  return fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const clock = new VirtualClock({ now: 12.3 })
    const deadlines = new subject({ clock })
    const open = new Map<number, { slot: number; dueAt: number }>()
    let broken = ''
    const add = (id: number, dueAt: number) => {
      const expired = () => {
        const lateMs = clock.now() - (open.get(id)?.dueAt ?? Number.NaN)
        if (!(lateMs >= -1e-6 && lateMs <= 2 * TICK_MS)) broken ||= `${id} expired ${lateMs} ms late`
        open.delete(id)
      }
      open.set(id, { slot: deadlines.add({ expired }, dueAt), dueAt })
    }
    for (const [id, { kind, which, ms, pauseMs }] of steps.entries()) {
      const [key, item] = [...open][which % Math.max(1, open.size)] ?? []
      if (kind === 'add') add(id, clock.now() + ms)
      else if (item !== undefined && kind === 'move') {
        item.dueAt = clock.now() + ms
        deadlines.move(item.slot, item.dueAt)
      } else if (item !== undefined) {
        deadlines.remove(item.slot)
        open.delete(key!)
      }
      clock.advance(pauseMs)
    }
    clock.advance(50_000)
    expect(broken).toBe('')
    expect(open.size).toBe(0)
    expect(clock.pending).toBe(0)
    expect(deadlines.items()).toEqual([])
  })
}

test('what has a deadline expires once, and in time', async () => {
  await holds(expiresInTime(Deadlines))
})

test('a mutant whose moves come to nothing is caught', async () => {
  class Unmoved extends Deadlines {
    #isAdding = false
    override add(...args: Parameters<Deadlines['add']>): number {
      this.#isAdding = true
      const slot = super.add(...args)
      this.#isAdding = false
      return slot
    }
    override move(slot: number, at: number): void {
      if (this.#isAdding) super.move(slot, at)
    }
  }
  await fails(expiresInTime(Unmoved))
})

test('it counts for how long the thread stood still', () => {
  let now = 0
  let tick = () => {}
  const clock = {
    now: () => now,
    wallNow: () => now,
    after: (_: number, callback: () => void) => {
      tick = callback
      return { cancel: () => {} }
    },
  }
  const deadlines = new Deadlines({ clock })
  deadlines.add({ expired: () => {} }, 10_000)
  for (const at of [10, 22, 35, 1045, 1055]) {
    now = at
    tick()
  }
  expect(deadlines.stoodStillMs).toBe(1000)
})
