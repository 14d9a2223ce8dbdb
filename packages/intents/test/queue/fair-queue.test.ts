import { fails, holds, type Shape } from '@millrace/kernel/test/property'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FairQueue } from '../../src/queue/fair-queue.ts'
import { Rig } from '../scheduler/rig.ts'
import type { Script } from '../scheduler/scripted-sink.ts'

interface Item {
  readonly tenant: string
  readonly bytes: number
  readonly id: number
}

type MakeQueue = () => Shape<FairQueue<Item>>

const QUANTUM = 4096
const ITEM_COST = 256

/** Deficit round robin as its authors tell it, over plain arrays. */
class PlainRoundRobin {
  active: { readonly tenant: string; items: Item[]; deficit: number }[] = []
  #isServing = false

  push(item: Item): void {
    const line = this.active.find(({ tenant }) => tenant === item.tenant)
    if (line === undefined) this.active.push({ tenant: item.tenant, items: [item], deficit: 0 })
    else line.items.push(item)
  }

  shift(): Item | undefined {
    for (;;) {
      const [line] = this.active
      if (line === undefined) return undefined
      if (!this.#isServing) line.deficit += QUANTUM
      this.#isServing = true
      const cost = line.items[0]!.bytes + ITEM_COST
      // To have turn after turn, alone, comes to this.
      if (this.active.length === 1) line.deficit = Math.max(line.deficit, cost)
      if (cost <= line.deficit) {
        line.deficit -= cost
        const item = line.items.shift()!
        if (line.items.length === 0) {
          this.active.shift()
          this.#isServing = false
        }
        return item
      }
      this.active.push(this.active.shift()!)
      this.#isServing = false
    }
  }
}

/** First come, first served. */
class FirstInFirstOut implements Shape<FairQueue<Item>> {
  #items: Item[] = []

  get size(): number {
    return this.#items.length
  }

  push(item: Item): void {
    this.#items.push(item)
  }

  peek(): Item | undefined {
    return this.#items[0]
  }

  shift(): Item | undefined {
    return this.#items.shift()
  }

  sweep(isKept: (item: Item) => boolean): void {
    this.#items = this.#items.filter(isKept)
  }
}

const put = fc.record({
  tenant: fc.constantFrom('a', 'a', 'a', 'b', 'c'),
  bytes: fc.constantFrom(0, 40, 1000, 5000, 20_000),
})
const take = fc.record({ take: fc.integer({ min: 1, max: 6 }), isPeeking: fc.boolean() })
const steps = fc.array(fc.oneof(put, put, put, take), { maxLength: 150, size: 'max' })

const isRoundRobin = (make: MakeQueue) =>
  fc.property(steps, (drawn) => {
    const queue = make()
    const model = new PlainRoundRobin()
    let id = 0
    for (const step of drawn) {
      if ('tenant' in step) {
        const item = { ...step, id: ++id }
        queue.push(item)
        model.push(item)
      } else {
        for (let left = step.take; left > 0; left--) {
          const peeked = step.isPeeking ? queue.peek() : undefined
          const item = queue.shift()
          const expected = model.shift()
          if (item !== expected) throw new Error(`${item?.id} is given, not ${expected?.id}`)
          if (step.isPeeking && peeked !== item) throw new Error(`${peeked?.id} is shown, and ${item?.id} given`)
        }
      }
      const size = model.active.reduce((sum, { items }) => sum + items.length, 0)
      if (queue.size !== size) throw new Error(`it says ${queue.size}, and has ${size}`)
    }
  })

/** What is swept away is as if it had never been there, but for the turns it had. */
const sweeps = (make: MakeQueue) =>
  fc.property(fc.array(put, { maxLength: 60 }), fc.nat(20), (items, taken) => {
    const queue = make()
    for (const [id, item] of items.entries()) queue.push({ ...item, id })
    for (let left = taken; left > 0; left--) queue.shift()
    const before = queue.size
    queue.sweep(({ id }) => id % 3 === 0)
    const left: Item[] = []
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) left.push(item)
    expect(left.every(({ id }) => id % 3 === 0)).toBe(true)
    expect(left.length).toBeLessThanOrEqual(before)
    for (const tenant of ['a', 'b', 'c']) {
      const ids = left.filter((item) => item.tenant === tenant).map(({ id }) => id)
      expect(ids).toEqual(ids.toSorted((a, b) => a - b))
    }
    expect([queue.size, queue.peek()]).toEqual([0, undefined])
  })

describe('FairQueue', () => {
  it('is deficit round robin', () => holds(isRoundRobin(() => new FairQueue<Item>())))
  it('is caught where it is first in, first out', () => fails(isRoundRobin(() => new FirstInFirstOut())))
  it('sweeps', () => holds(sweeps(() => new FairQueue<Item>())))

  it('holds nothing against who was alone for long', () => {
    const queue = new FairQueue<Item>()
    for (let id = 0; id < 20_000; id++) queue.push({ tenant: 'a', bytes: 0, id })
    for (let id = 0; id < 10_000; id++) queue.shift()
    for (let id = 0; id < 1000; id++) queue.push({ tenant: 'b', bytes: 0, id })
    const share = Array.from({ length: 320 }, () => queue.shift()!.tenant).filter((tenant) => tenant === 'a').length
    expect(share).toBeGreaterThanOrEqual(144)
    expect(share).toBeLessThanOrEqual(176)
  })
})

describe('a tenant beside one with a hundred times its load', () => {
  /** Waits for what is under way, the batch at hand, and one round: here at most three batches after its own coming. */
  it('is written within three batches', async () => {
    const script: Script = () => ({ afterMs: 10, ending: 'commit' })
    const rig = await new Rig({ script, adaptiveBatching: false, maxBatchSize: 20, maxConcurrentBatches: 1 }).start()
    const quiet: { readonly id: number; readonly at: number }[] = []
    for (let ms = 0; ms < 100; ms++) {
      // Ten times what the sink can do.
      rig.submitMany(20, () => ({ tenant: 'noisy' }))
      if (ms % 2 === 0) quiet.push({ id: rig.submit({ tenant: 'quiet' }), at: rig.clock.now() })
      await rig.clock.advance(1)
    }
    await rig.clock.advance(50)
    const waits = quiet.map(({ id, at }) => rig.ended.get(id)!.at - at)
    expect(Math.max(...waits)).toBeLessThanOrEqual(30)
    expect(rig.scheduler.metrics.books.waiting).toBeGreaterThan(1500)
    await rig.clock.until(rig.scheduler.stop({ withinMs: 0 }))
  })
})
