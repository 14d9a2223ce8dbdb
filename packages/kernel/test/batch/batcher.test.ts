import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Batcher, type BatcherOptions, type TakenBatch } from '../../src/batch/batcher.ts'
import { DebouncingBatcher, ForgetfulBatcher, RetentiveBatcher } from '../mutants/batchers.ts'
import { fails, holds, messageOf, type Shape } from '../property.ts'

type MakeBatcher = (options: BatcherOptions) => Shape<Batcher<object>>

interface Added {
  readonly item: object
  readonly bytes: number
  readonly at: number
}

const options = fc.record(
  {
    maxItems: fc.integer({ min: 1, max: 6 }),
    maxBytes: fc.constantFrom(1, 10, 30, Number.POSITIVE_INFINITY),
    maxAgeMs: fc.constantFrom(0, 5, 20, Number.POSITIVE_INFINITY),
    whenIdle: fc.boolean(),
  },
  { requiredKeys: ['maxItems'] },
)

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ bytes: fc.integer({ min: 0, max: 15 }), afterMs: fc.integer({ max: 4, min: 0 }) }),
  },
  { weight: 2, arbitrary: fc.constant('take') },
  { weight: 1, arbitrary: fc.constant('recycle') },
)

const sum = (batch: readonly Added[]) => batch.reduce((bytes, added) => bytes + added.bytes, 0)

/** Batches are what was added, in order and within the bounds; triggers are those of the options, from the first item on. */
const keepsItsWord = (makeBatcher: MakeBatcher) =>
  fc.property(options, fc.array(step, { maxLength: 60 }), (given, steps) => {
    const { maxItems, maxBytes = Infinity, maxAgeMs = Infinity, whenIdle = false } = given
    const batcher = makeBatcher(given)
    const taken: TakenBatch<object>[] = []
    let batch: Added[] = []
    let refused = false
    let now = 100

    for (const next of steps) {
      if (next === 'recycle') {
        const old = taken.shift()
        if (old === undefined) continue
        batcher.recycle(old)
        batcher.recycle(old)
        expect(old.items.slice(0, old.count).every((item) => item === undefined)).toBe(true)
      } else if (typeof next === 'string') {
        const out = batcher.take()
        expect(out.items.slice(0, out.count)).toEqual(batch.map(({ item }) => item))
        batch.forEach(({ item }, index) => {
          expect(out.items[index]).toBe(item)
        })
        expect([out.count, out.bytes, out.firstAt]).toEqual([batch.length, sum(batch), batch[0]?.at ?? Infinity])
        taken.push(out)
        batch = []
        refused = false
      } else {
        now += next.afterMs
        const added = { item: {}, bytes: next.bytes, at: now }
        const fits = batch.length === 0 || sum(batch) + added.bytes <= maxBytes
        expect(batcher.add(added.item, added.bytes, now)).toBe(batch.length < maxItems && fits)
        if (batch.length < maxItems && fits) batch.push(added)
        else if (batch.length < maxItems) refused = true
      }
      const dueAt = batch.length === 0 ? Infinity : batch[0]!.at + maxAgeMs
      const full =
        batch.length === 0
          ? 'empty'
          : batch.length >= maxItems
            ? 'size'
            : refused || sum(batch) >= maxBytes
              ? 'bytes'
              : now >= dueAt
                ? 'age'
                : undefined
      expect([batcher.size, batcher.bytes, batcher.dueAt]).toEqual([batch.length, sum(batch), dueAt])
      expect(batcher.trigger(now, false) ?? 'none').toBe(full === 'empty' ? 'none' : (full ?? 'none'))
      expect(batcher.trigger(now, true) ?? 'none').toBe(
        full === 'empty' ? 'none' : (full ?? (whenIdle ? 'idle' : 'none')),
      )
    }
  })

describe('Batcher', () => {
  it('keeps the order, the bounds and its triggers', () => holds(keepsItsWord((given) => new Batcher(given))))

  it('is caught counting the age from the last item', () =>
    fails(keepsItsWord((given) => new DebouncingBatcher(given))))

  it('is caught forgetting that an item was refused for its bytes', () =>
    fails(keepsItsWord((given) => new ForgetfulBatcher(given))))

  it('is caught keeping what was handed back', () => fails(keepsItsWord((given) => new RetentiveBatcher(given))))

  it('uses the arrays that were handed back, however often that was', () => {
    const batcher = new Batcher<number>({ maxItems: 2 })
    batcher.add(1, 0, 0)
    const first = batcher.take()
    const second = batcher.take()
    batcher.recycle(first)
    batcher.recycle(first)
    batcher.recycle(second)
    const used = [batcher.take(), batcher.take(), batcher.take()].map(({ items }) => items)
    expect(new Set(used).size).toBe(3)
    expect(used).toContain(first.items)
    expect(used).toContain(second.items)
  })

  it('is due by size once what is there is more than a new maxItems', () => {
    const batcher = new Batcher<number>({ maxItems: 9, maxAgeMs: 10 })
    for (let item = 0; item < 5; item++) batcher.add(item, 1, item)
    expect(batcher.trigger(5, true)).toBe(undefined)
    batcher.configure({ maxItems: 3 })
    expect(batcher.trigger(5, true)).toBe('size')
    expect(batcher.add(5, 1, 5)).toBe(false)
    expect(batcher.take().count).toBe(5)
    batcher.configure({ maxItems: 5000, whenIdle: true, maxAgeMs: 1 })
    for (let item = 0; item < 5000; item++) expect(batcher.add(item, 1, item)).toBe(true)
    expect(batcher.dueAt).toBe(1)
    expect(batcher.add(5000, 1, 0)).toBe(false)
    expect(batcher.take().items.slice(4998)).toEqual([4998, 4999])
  })

  it('refuses what it cannot be, and then changes nothing', async () => {
    const batcher = new Batcher<number>({ maxItems: 2 })
    for (const wrong of [{ maxItems: 0 }, { maxItems: 1.5 }, { maxBytes: 0 }, { maxAgeMs: -1 }]) {
      const message = await messageOf('OPTION_INVALID', () => batcher.configure({ maxItems: 1, ...wrong }))
      expect(message).toContain(Object.keys(wrong)[0])
      await messageOf('OPTION_INVALID', () => new Batcher({ maxItems: 1, ...wrong }))
    }
    await messageOf('OPTION_INVALID', () => batcher.add(1, Number.NaN, 0))
    batcher.add(1, 0, 0)
    expect(batcher.trigger(0, true)).toBe(undefined)
  })
})
