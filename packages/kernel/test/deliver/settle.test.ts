import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Settle, type SettleOptions } from '../../src/deliver/settle.ts'
import { ReusedTicketSettle } from '../mutants/reused-ticket-settle.ts'
import { fails, holds, messageOf, type Shape } from '../property.ts'
import { aliveOf } from '../references.ts'

interface Item {
  readonly id: number
}

const steps = fc.array(fc.record({ op: fc.constantFrom('open', 'open', 'settle', 'settle', 'late'), n: fc.nat() }), {
  maxLength: 200,
  size: 'max',
})

/** Every item is settled once, by its own ticket, whatever other tickets come late, twice or are made up. */
const settlesOnce = (makeTable: (options: SettleOptions) => Shape<Settle<Item>>) =>
  fc.property(steps, fc.integer({ min: 1, max: 5 }), (script, maxItems) => {
    const table = makeTable({ maxItems })
    const pending = new Map<number, Item>()
    const settled: number[] = []
    script.forEach(({ op, n }, id) => {
      if (op === 'open') {
        const item = { id }
        const ticket = table.open(item)
        if (pending.size === maxItems) expect(ticket).toBe(-1)
        else {
          expect(pending.has(ticket) || settled.includes(ticket)).toBe(false)
          pending.set(ticket, item)
        }
      } else if (op === 'settle' && pending.size > 0) {
        const [ticket, item] = [...pending][n % pending.size]!
        expect(table.get(ticket)).toBe(item)
        expect(table.settle(ticket)).toBe(item)
        pending.delete(ticket)
        settled.push(ticket)
      } else if (op === 'late') {
        const late = [...settled, n + 1e6, n + 0.5, -1 - n, Number.NaN].at(n % (settled.length + 4))!
        expect([table.settle(late), table.get(late), table.slotOf(late)]).toEqual([undefined, undefined, -1])
      }
      expect(table.size).toBe(pending.size)
    })
    const tickets = [...table]
    expect(new Set(tickets)).toEqual(new Set(pending.keys()))
    const slots = tickets.map((ticket) => table.slotOf(ticket))
    expect(new Set(slots).size).toBe(pending.size)
    for (const slot of slots) expect(slot >= 0 && slot < table.capacity).toBe(true)
  })

describe('Settle', () => {
  it('settles each item once', () => holds(settlesOnce((options) => new Settle(options))))
  it('is caught when tickets are reused', () => fails(settlesOnce((options) => new ReusedTicketSettle(options))))

  it('keeps a slot for as long as its item is pending, and its tickets small', () => {
    const table = new Settle<Item>({ maxItems: 4 })
    const held = table.open({ id: -1 })
    const slot = table.slotOf(held)
    let last = 0
    for (let id = 0; id < 3000; id++) {
      last = table.open({ id })
      expect(table.slotOf(last)).not.toBe(slot)
      table.settle(last)
    }
    expect(table.slotOf(held)).toBe(slot)
    expect(last).toBeLessThan(2 * 3000)
  })

  it('can be settled while it is gone through', () => {
    const table = new Settle<Item>()
    for (let id = 0; id < 100; id++) table.open({ id })
    const ids = [...table].map((ticket) => table.settle(ticket)?.id)
    expect(ids.toSorted((a, b) => a! - b!)).toEqual(Array.from({ length: 100 }, (_, id) => id))
    expect([table.size, table.capacity]).toEqual([0, 1024])
  })

  it('lets go of what was settled', async () => {
    const table = new Settle<object>({ maxItems: 20 })
    const references = Array.from({ length: 20 }, () => new WeakRef({ a: 1 }))
    const tickets = references.map((reference) => table.open(reference.deref()!))
    for (const ticket of tickets.slice(5)) table.settle(ticket)
    expect(await aliveOf(references)).toBe(5)
    expect(table.size).toBe(5)
  })

  it('refuses options out of bounds', async () => {
    expect(await messageOf('OPTION_INVALID', () => new Settle({ maxItems: 0 }))).toBe(
      'Settle: maxItems must be an integer of at least 1 and at most 16777216, not 0',
    )
  })
})
