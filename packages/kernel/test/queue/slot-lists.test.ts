import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NONE, type SlotHandle, SlotLists, type SlotListsOptions } from '../../src/queue/slot-lists.ts'
import { ReusedHandleSlotLists } from '../mutants/reused-handle-slot-lists.ts'
import { StaleTailSlotLists } from '../mutants/stale-tail-slot-lists.ts'
import { StillSlotLists } from '../mutants/still-slot-lists.ts'
import { fails, holds, messageOf, type Shape } from '../property.ts'

const LISTS = 3

type MakeLists = (options: SlotListsOptions) => Shape<SlotLists>

const step = fc.record({
  op: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('push' as const, 'unshift' as const) },
    { weight: 5, arbitrary: fc.constantFrom('remove' as const, 'moveToFront' as const, 'moveToBack' as const) },
    { weight: 1, arbitrary: fc.constant('append' as const) },
  ),
  list: fc.nat(LISTS - 1),
  n: fc.nat(),
})
const steps = fc.array(step, { maxLength: 200, size: 'max' })

/** The lists with a column beside them, the id of what is in each slot, as an owner has it. */
function withIds(makeLists: MakeLists) {
  let ids: number[] = []
  const lists = makeLists({
    lists: LISTS,
    onGrow: (capacity, movedFrom) => {
      expect(movedFrom).toHaveLength(capacity)
      const before = ids
      ids = Array.from(movedFrom, (slot) => (slot === NONE ? NONE : before[slot]!))
    },
  })
  const walk = (start: number, step: (slot: number) => number) => {
    const walked: number[] = []
    for (let slot = start; slot !== NONE; slot = step(slot)) {
      expect(walked.push(ids[slot]!)).toBeLessThan(1000)
    }
    return walked
  }
  return {
    lists,
    idAt: (slot: number) => ids[slot]!,
    setId: (slot: number, id: number) => {
      ids[slot] = id
    },
    forwards: (list: number) => walk(lists.first(list), (slot) => lists.next(slot)),
    backwards: (list: number) => walk(lists.last(list), (slot) => lists.previous(slot)),
  }
}

/** The lists hold what plain arrays would, in either direction, and a handle finds its own and nothing else. */
const followsTheModel = (makeLists: MakeLists) =>
  fc.property(steps, (script) => {
    const { lists, idAt, setId, forwards, backwards } = withIds(makeLists)
    const model: number[][] = Array.from({ length: LISTS }, () => [])
    const handles: SlotHandle[] = []
    for (const { op, list, n } of script) {
      const taken = model.flat()
      if (op === 'push' || op === 'unshift') {
        const slot = lists[op](list)
        setId(slot, handles.length)
        model[list]![op](handles.length)
        handles.push(lists.handleOf(slot))
      } else if (op === 'append') {
        const from = n % LISTS
        lists.append(list, from)
        if (from !== list) model[list]!.push(...model[from]!.splice(0))
      } else if (taken.length > 0) {
        const id = taken[n % taken.length]!
        const slot = lists.find(handles[id]!)
        const from = model.findIndex((ids) => ids.includes(id))
        expect(lists.listOf(slot)).toBe(from)
        model[from]!.splice(model[from]!.indexOf(id), 1)
        if (op === 'remove') lists.remove(slot)
        else {
          lists[op](slot, list)
          model[list]![op === 'moveToFront' ? 'unshift' : 'push'](id)
        }
      }
      expect(lists.size).toBe(model.flat().length)
      expect(lists.size).toBeLessThanOrEqual(lists.capacity * 0.75)
    }
    for (const [list, ids] of model.entries()) {
      expect(lists.sizeOf(list)).toBe(ids.length)
      expect(forwards(list)).toEqual(ids)
      expect(backwards(list)).toEqual(ids.toReversed())
    }
    const left = new Set(model.flat())
    for (const [id, handle] of handles.entries()) {
      const slot = lists.find(handle)
      expect(slot === NONE ? NONE : idAt(slot)).toBe(left.has(id) ? id : NONE)
    }
  })

describe('SlotLists', () => {
  it('holds what its model holds', () => holds(followsTheModel((options) => new SlotLists(options))))
  it('is caught when handles are reused', () => fails(followsTheModel((options) => new ReusedHandleSlotLists(options))))
  it('is caught with a stale tail', () => fails(followsTheModel((options) => new StaleTailSlotLists(options))))
  it('is caught when it hides how slots moved', () => fails(followsTheModel((options) => new StillSlotLists(options))))

  it('grows by doubling at three quarters, before it gives out a slot', () => {
    const grown: number[] = []
    const lists = new SlotLists({ lists: 1, onGrow: (capacity) => grown.push(capacity, lists.size) })
    expect(lists.capacity).toBe(16)
    for (let pushed = 0; pushed < 25; pushed++) lists.push(0)
    expect(grown).toEqual([32, 12, 64, 24])
    expect(lists.capacity).toBe(64)
  })

  it('counts handles up, passes over taken slots and never gives one out twice', () => {
    const lists = new SlotLists({ lists: 1 })
    const first = lists.handleOf(lists.push(0))
    let last = first
    for (let round = 0; round < 100; round++) {
      const slot = lists.push(0)
      expect(lists.handleOf(slot)).toBeGreaterThan(last)
      last = lists.handleOf(slot)
      lists.remove(slot)
      expect(lists.find(last)).toBe(NONE)
    }
    expect(lists.handleOf(lists.find(first))).toBe(first)
    expect(lists.capacity).toBe(16)
  })

  it('finds nothing by handles that were never given out', () => {
    const lists = new SlotLists({ lists: 1 })
    expect(lists.find(0)).toBe(NONE)
    const handle = lists.handleOf(lists.push(0))
    for (const forged of [handle + 1, handle + 2 ** 32, handle + 0.5, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(lists.find(forged)).toBe(NONE)
    }
  })

  it('refuses a number of lists out of bounds', async () => {
    expect(await messageOf('OPTION_INVALID', () => new SlotLists({ lists: 0 }))).toBe(
      'SlotLists: lists must be an integer of at least 1 and at most 255, not 0',
    )
    await messageOf('OPTION_INVALID', () => new SlotLists({ lists: 256 }))
    expect(new SlotLists({ lists: 255 }).first(254)).toBe(NONE)
  })
})
