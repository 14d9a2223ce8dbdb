import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Lanes } from '../../src/queue/lanes.ts'
import { ReusedHandleLanes } from '../mutants/reused-handle-lanes.ts'
import { StarvingLanes } from '../mutants/starving-lanes.ts'
import { fails, holds, messageOf, type Shape } from '../property.ts'
import { aliveOf } from '../references.ts'

const LANES = 4
const AGE_MS = 10

interface Entry {
  readonly id: number
  readonly lane: number
  readonly pushedAt: number
}

type MakeLanes = (options: { lanes: number; ageMs: number }) => Shape<Lanes<Entry>>

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ op: fc.constant('push'), lane: fc.nat(LANES - 1), n: fc.nat(8) }) },
  { weight: 2, arbitrary: fc.record({ op: fc.constant('shift'), lane: fc.constant(0), n: fc.nat(8) }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('cancel'), lane: fc.constant(0), n: fc.nat() }) },
)
const steps = fc.array(step, { maxLength: 200, size: 'max' })

/** The plain way: the one with the least lane once aged, among those the one that reached it first. */
function takeNext(model: Entry[]): Entry | undefined {
  const order = (entry: Entry) => entry.pushedAt + entry.lane * AGE_MS
  const first = model.toSorted((a, b) => order(a) - order(b) || b.lane - a.lane || a.id - b.id)[0]
  if (first !== undefined) model.splice(model.indexOf(first), 1)
  return first
}

/** Every push is served in the order of the model, or cancelled once, and a handle never reaches another item. */
const followsTheModel = (makeLanes: MakeLanes) =>
  fc.property(steps, (script) => {
    const queue = makeLanes({ lanes: LANES, ageMs: AGE_MS })
    const model: Entry[] = []
    const pushed: { handle: number; entry: Entry }[] = []
    let now = 0
    for (const { op, lane, n } of script) {
      if (op === 'push') {
        now += n
        const entry = { id: pushed.length, lane, pushedAt: now }
        pushed.push({ handle: queue.push(entry, lane, now), entry })
        model.push(entry)
      } else if (op === 'shift') {
        const next = takeNext(model)
        expect(queue.peek()).toBe(next)
        expect(queue.shift()).toBe(next)
      } else if (pushed.length > 0) {
        const { handle, entry } = pushed[n % pushed.length]!
        const index = model.indexOf(entry)
        expect(queue.cancel(handle)).toBe(index !== -1)
        if (index !== -1) model.splice(index, 1)
        expect(queue.cancel(handle)).toBe(false)
      }
      expect(queue.size).toBe(model.length)
    }
    for (let lane = 0; lane < LANES; lane++) {
      expect(queue.sizeOf(lane)).toBe(model.filter((entry) => entry.lane === lane).length)
    }
    const listed = [...queue]
    const drained: (Entry | undefined)[] = []
    while (queue.size > 0) drained.push(queue.shift())
    expect(listed).toEqual(drained)
    for (const entry of drained) expect(entry).toBe(takeNext(model))
    expect(queue.shift()).toBeUndefined()
  })

/** The bound of the doc comment: what came `lane × ageMs` later, or later still, never goes first. */
const keepsItsBound = (makeLanes: MakeLanes) =>
  fc.property(steps, (script) => {
    const queue = makeLanes({ lanes: LANES, ageMs: AGE_MS })
    let now = 0
    let id = 0
    for (const { op, lane, n } of script) {
      now += n % 9
      if (op === 'push') queue.push({ id: id++, lane, pushedAt: now }, lane, now)
      else {
        const first = queue.shift()
        if (first === undefined) continue
        for (const waiting of queue) {
          if (first.id < waiting.id) continue
          expect(first.pushedAt).toBeLessThan(waiting.pushedAt + waiting.lane * AGE_MS)
        }
      }
    }
  })

/**
 * Urgent work arrives as fast as it is served, for ever; the least urgent item is served nevertheless, and when
 * promised.
 */
const servesTheLowest = (makeLanes: MakeLanes) =>
  fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: LANES - 1 }), (backlog, lane) => {
    const queue = makeLanes({ lanes: LANES, ageMs: AGE_MS })
    const lowest = { id: -1, lane, pushedAt: 0 }
    for (let id = 0; id < backlog; id++) queue.push({ id, lane: 0, pushedAt: 0 }, 0, 0)
    queue.push(lowest, lane, 0)
    let servedAt = Number.NaN
    for (let now = 1; now <= 500 && Number.isNaN(servedAt); now++) {
      queue.push({ id: backlog + now, lane: 0, pushedAt: now }, 0, now)
      if (queue.shift() === lowest) servedAt = now
    }
    expect(servedAt).toBe(backlog + lane * AGE_MS)
  })

describe('Lanes', () => {
  const make: MakeLanes = (options) => new Lanes(options)
  const makeStarving: MakeLanes = (options) => new StarvingLanes(options)

  it('serves in the order of its model', () => holds(followsTheModel(make)))
  it('is caught when handles are reused', () => fails(followsTheModel((options) => new ReusedHandleLanes(options))))

  it('keeps its bound', () => holds(keepsItsBound(make)))
  it('is caught out of bounds without ageing', () => fails(keepsItsBound(makeStarving)))

  it('serves the lowest lane under endless urgent work', () => holds(servesTheLowest(make)))
  it('is caught starving without ageing', () => fails(servesTheLowest(makeStarving)))

  it('never hands out a handle twice, however often it goes around', () => {
    const queue = new Lanes<number>({ lanes: 1 })
    const first = queue.push(0, 0, 0)
    queue.cancel(first)
    let reused = 0
    for (let round = 1; round <= 2 ** 21; round++) {
      const handle = queue.push(round, 0, 0)
      if (handle === first) reused++
      queue.cancel(handle)
    }
    queue.push(-1, 0, 0)
    expect(reused).toBe(0)
    expect(queue.cancel(first)).toBe(false)
    expect(queue.size).toBe(1)
  })

  it('refuses handles that were never given out', () => {
    const queue = new Lanes<number>({ lanes: 1 })
    expect(queue.cancel(0)).toBe(false)
    const handle = queue.push(1, 0, 0)
    for (const forged of [handle + 1, handle + 2 ** 32, handle + 0.5, -1, Number.NaN]) {
      expect(queue.cancel(forged)).toBe(false)
    }
    expect(queue.cancel(handle)).toBe(true)
  })

  it('takes a clock that goes back as one that stands', () => {
    const queue = new Lanes<string>({ lanes: 2, ageMs: 10 })
    queue.push('first', 0, 100)
    queue.push('second', 0, 0)
    expect([...queue]).toEqual(['first', 'second'])
  })

  it('lets go of what left', async () => {
    const queue = new Lanes<object>({ lanes: 2 })
    const references = Array.from({ length: 30 }, () => new WeakRef({ a: 1 }))
    const handles = references.map((reference, index) => queue.push(reference.deref()!, index % 2, 0))
    for (let index = 0; index < 10; index++) queue.shift()
    for (const handle of handles.slice(20)) queue.cancel(handle)
    expect(await aliveOf(references)).toBe(queue.size)
    queue.shift()
  })

  it('refuses options and arguments out of bounds', async () => {
    const message = (action: () => unknown) => messageOf('OPTION_INVALID', action)
    expect(await message(() => new Lanes({ lanes: 0 }))).toBe(
      'Lanes: lanes must be an integer of at least 1 and at most 255, not 0',
    )
    expect(await message(() => new Lanes({ lanes: 2, ageMs: Number.POSITIVE_INFINITY }))).toBe(
      'Lanes: ageMs must be a finite number of at least 1, not Infinity',
    )
    const queue = new Lanes<number>({ lanes: 2 })
    expect(await message(() => queue.push(1, 2, 0))).toBe(
      'Lanes: lane must be an integer of at least 0 and at most 1, not 2',
    )
    await message(() => queue.push(1, 0.5, 0))
    await message(() => queue.sizeOf(-1))
    expect(await message(() => queue.push(1, 0, Number.NaN))).toBe('Lanes: now must be a finite number, not NaN')
    expect(queue.size).toBe(0)
  })
})
