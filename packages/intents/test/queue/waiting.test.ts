import { describe, expect, it } from 'vitest'
import { Entry, EntryState } from '../../src/queue/entry.ts'
import { Waiting } from '../../src/queue/waiting.ts'
import { plain, Rig } from '../scheduler/rig.ts'
import { settled } from '../scheduler/step-clock.ts'

const MANY = 100_000

function entry(key: string | undefined, at: number): Entry {
  return new Entry({ type: 'plain', payload: { ids: [at] }, key }, plain, { ids: [at] }, key, 0, at)
}

function withdraw(waiting: Waiting, withdrawn: Entry): void {
  const was = withdrawn.state
  withdrawn.state = EntryState.OVER
  waiting.withdrawn(withdrawn, was)
}

describe('Waiting', () => {
  it('keeps little of what is withdrawn from the queue', () => {
    const waiting = new Waiting({ maxItems: 10 })
    for (let at = 0; at < 10; at++) waiting.add(entry(undefined, at))
    for (let at = 0; at < MANY; at++) {
      const one = entry(at % 2 === 0 ? undefined : `${at}`, at)
      waiting.add(one)
      withdraw(waiting, one)
      if (waiting.queued > 64) throw new Error(`${waiting.queued} are left`)
    }
    const last = entry(undefined, MANY)
    waiting.add(last)
    waiting.take()
    expect(waiting.queued).toBe(0)
    expect(waiting.take().entries).toEqual([last])
  })

  it('keeps nothing of what is withdrawn from behind another of its key', () => {
    const waiting = new Waiting({ maxItems: 1 })
    const head = entry('a', 0)
    waiting.add(head)
    const batch = waiting.take()
    const left: Entry[] = []
    for (let at = 1; at <= MANY; at++) {
      const one = entry('a', at)
      waiting.add(one)
      if (at % 10_000 === 0) left.push(one)
      else withdraw(waiting, one)
    }
    let count = 0
    for (let next = head.next; next !== undefined; next = next.next) count++
    expect(count).toBe(10)
    waiting.over(batch)
    const order: Entry[] = []
    for (let taken = waiting.take(); taken.entries.length > 0; taken = waiting.take()) {
      order.push(...taken.entries)
      waiting.over(taken)
    }
    expect(order).toEqual(left)
  })

  it('lets what is behind a withdrawn one go on', () => {
    const waiting = new Waiting({ maxItems: 1 })
    waiting.add(entry('b', 0))
    const [first, second, third] = [entry('a', 1), entry('a', 2), entry('a', 3)]
    for (const one of [first, second, third]) waiting.add(one)
    withdraw(waiting, first)
    withdraw(waiting, second)
    waiting.over(waiting.take())
    expect(waiting.take().entries).toEqual([third])
  })
})

describe('withdrawn intents', () => {
  it.each([{}, { key: 'a' }])('are not held: %o', async (fields) => {
    const rig = await new Rig({
      script: () => 'hang',
      maxBatchSize: 1,
      maxConcurrentBatches: 1,
      writeTimeoutMs: 1e9,
    }).start()
    rig.submit(fields)
    await settled()
    for (let round = 0; round < 20; round++) {
      const abort = new AbortController()
      for (let each = 0; each < 200; each++) rig.submit(fields, abort.signal)
      expect(rig.scheduler.metrics.held.items).toBe(201)
      abort.abort('withdrawn')
      expect(rig.scheduler.metrics.held.items).toBe(1)
    }
    await settled()
    expect(rig.tally).toEqual({ withdrawn: 4000 })
    await rig.clock.until(rig.scheduler.stop({ withinMs: 0 }))
  })

  it('in many batches at once overflow nothing', async () => {
    const rig = new Rig({
      adaptiveBatching: false,
      maxBatchSize: 1,
      maxConcurrentBatches: 1,
      stage: (intents) => intents.map(() => new Error('no')),
    })
    for (let each = 0; each < 6000; each++) rig.submit()
    await rig.start()
    await rig.clock.advance(10)
    expect(rig.tally).toEqual({ 'Error: no': 6000 })
  })
})
