import { fails, holds, messageOf, type Shape } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Lane, NONE } from '../../src/dispatch/lane.ts'

const step = fc.record({
  op: fc.constantFrom('push' as const, 'pushAll' as const, 'shift' as const, 'shift' as const),
  count: fc.nat(9),
})

/** It holds what an array would, as far as there is room, and takes a batch as a whole or not at all. */
const actsLikeAnArray = (makeLane: (capacity: number) => Shape<Lane>) =>
  fc.property(fc.integer({ min: 1, max: 20 }), fc.array(step, { maxLength: 200, size: 'max' }), (capacity, steps) => {
    const lane = makeLane(capacity)
    const model: number[] = []
    let next = 0
    for (const { op, count } of steps) {
      if (op === 'push') {
        const fits = model.length < capacity
        if (lane.tryPush(next) !== fits) expect.unreachable('one is refused or taken')
        if (fits) model.push(next)
        next++
      } else if (op === 'pushAll') {
        const batch = Int32Array.from({ length: 10 }, (_, index) => next + index)
        const fits = model.length + count <= capacity
        if (lane.tryPushAll(batch, count) !== fits) expect.unreachable('a batch is refused or taken')
        if (fits) model.push(...batch.subarray(0, count))
        next += count
      } else if (lane.shift() !== (model.shift() ?? NONE)) expect.unreachable('it is another number')
      if (lane.size !== model.length || lane.free !== capacity - model.length) expect.unreachable('its size is wrong')
    }
    while (model.length > 0) expect(lane.shift()).toBe(model.shift())
    expect(lane.shift()).toBe(NONE)
  })

/** Takes of a batch what fits, and says that it did not take it: who tries again has checked twice. */
class GreedyLane extends Lane {
  override tryPushAll(batch: Int32Array, count: number): boolean {
    for (let index = 0; index < count; index++) if (!this.tryPush(batch[index]!)) return false
    return true
  }
}

/** Says that it took what it dropped: a monitor waits for a check that is never made. */
class DroppingLane extends Lane {
  override tryPush(number: number): boolean {
    super.tryPush(number)
    return true
  }
}

describe('Lane', () => {
  it('acts like an array with an end', () => holds(actsLikeAnArray((capacity) => new Lane(capacity))))
  it('is caught when it takes a part of a batch', () => fails(actsLikeAnArray((capacity) => new GreedyLane(capacity))))
  it('is caught when it drops', () => fails(actsLikeAnArray((capacity) => new DroppingLane(capacity))))

  it('refuses a capacity out of bounds', async () => {
    expect(await messageOf('OPTION_INVALID', () => new Lane(0))).toBe(
      'Lane: capacity must be an integer of at least 1 and at most 268435456, not 0',
    )
  })
})
