import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { Gate, type GateOptions } from '../../src/admit/gate.ts'
import { LeakyGate } from '../mutants/leaky-gate.ts'
import { fails, holds, messageOf } from '../property.ts'

interface Item {
  readonly id: number
  readonly bytes: number
}

const MAX_ITEMS = 3
const MAX_BYTES = 10
const LIMITS: GateOptions<Item> = {
  maxItems: MAX_ITEMS,
  maxBytes: MAX_BYTES,
  bytesOf: (item) => item.bytes,
  whenFull: 'wait',
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

/** The plain way: who is in, and who stands in line. */
class Line {
  held: Item[] = []
  waiting: Item[] = []

  get bytes(): number {
    return this.held.reduce((sum, item) => sum + item.bytes, 0)
  }

  admit(item: Item, waits: boolean): boolean {
    if (this.waiting.length === 0 && this.#fits(item)) return this.held.push(item) > 0
    if (waits) this.waiting.push(item)
    return false
  }

  leave(from: Item[], index: number): Item {
    const [item] = from.splice(index, 1)
    while (this.waiting.length > 0 && this.#fits(this.waiting[0]!)) this.held.push(this.waiting.shift()!)
    return item!
  }

  #fits(item: Item): boolean {
    return this.held.length === 0 || (this.held.length < MAX_ITEMS && this.bytes + item.bytes <= MAX_BYTES)
  }
}

/**
 * Admission, waiting in line, abort and release follow the model; the bounds hold, and everyone who waits is answered.
 */
const followsTheLine = (makeGate: (options: GateOptions<Item>) => Gate<Item>) =>
  fc.asyncProperty(
    fc.array(fc.record({ op: fc.constantFrom('try', 'admit', 'admit', 'release', 'abort'), n: fc.nat(14) }), {
      maxLength: 40,
      size: 'max',
    }),
    async (steps) => {
      const gate = makeGate(LIMITS)
      const line = new Line()
      const answers = new Map<number, unknown>()
      const controllers = new Map<number, AbortController>()
      const aborted = new Set<number>()
      for (const [id, { op, n }] of steps.entries()) {
        const item = { id, bytes: n }
        if (op === 'try') expect(gate.tryAdmit(item)).toBe(line.admit(item, false))
        else if (op === 'admit') {
          const controller = new AbortController()
          controllers.set(id, controller)
          gate.admit(item, { signal: controller.signal }).then(
            () => answers.set(id, 'admitted'),
            (reason) => answers.set(id, reason),
          )
          line.admit(item, true)
        } else if (op === 'release' && line.held.length > 0) gate.release(line.leave(line.held, n % line.held.length))
        else if (op === 'abort' && line.waiting.length > 0) {
          const left = line.leave(line.waiting, n % line.waiting.length)
          aborted.add(left.id)
          controllers.get(left.id)!.abort('left')
        }
        await settled()
        expect([gate.items, gate.bytes, gate.waiting]).toEqual([line.held.length, line.bytes, line.waiting.length])
        expect(gate.items === 1 || gate.bytes <= MAX_BYTES).toBe(true)
        for (const { id: waiter } of line.waiting) expect(answers.has(waiter)).toBe(false)
        for (const { id: holder } of line.held)
          if (controllers.has(holder)) expect(answers.get(holder)).toBe('admitted')
      }
      for (const id of aborted) expect(answers.get(id)).toBe('left')
      gate.close()
      await settled()
      for (const { id } of line.waiting) expect(answers.get(id)).toMatchObject({ code: 'GATE_CLOSED' })
      for (const id of controllers.keys()) expect(answers.has(id)).toBe(true)
      for (const item of line.held) gate.release(item)
      expect([gate.items, gate.bytes, gate.waiting]).toEqual([0, 0, 0])
    },
  )

describe('Gate', () => {
  it('admits, makes wait and refuses like a line of people', () =>
    holds(followsTheLine((options) => new Gate(options))))

  it('is caught when an aborted wait takes room', () => fails(followsTheLine((options) => new LeakyGate(options))))

  it('admits an item larger than all its bytes when it is empty', () => {
    const gate = new Gate(LIMITS)
    expect(gate.tryAdmit({ id: 0, bytes: 1000 })).toBe(true)
    expect(gate.tryAdmit({ id: 1, bytes: 0 })).toBe(false)
  })

  it('rejects at once when full and not made to wait', async () => {
    const gate = new Gate<string>({ maxItems: 1 })
    await gate.admit('a')
    expect(gate.tryAdmit('b')).toBe(false)
    expect(await messageOf('GATE_FULL', () => gate.admit('b'))).toBe(
      "Gate: full (items: 1, bytes: 0); release some first or make the gate with whenFull: 'wait'",
    )
  })

  it('lets nobody in after close, and still takes back', async () => {
    const gate = new Gate<string>()
    gate.tryAdmit('a')
    gate.close()
    gate.close()
    await messageOf('GATE_CLOSED', () => gate.tryAdmit('b'))
    await messageOf('GATE_CLOSED', () => gate.admit('b'))
    gate.release('a')
    expect(gate.items).toBe(0)
  })

  it('does not begin to wait for an aborted signal', async () => {
    const gate = new Gate<string>({ whenFull: 'wait' })
    await expect(gate.admit('a', { signal: AbortSignal.abort('before') })).rejects.toBe('before')
    expect(gate.items).toBe(0)
  })

  it('waits without a signal, and leaves no listener on one', async () => {
    const gate = new Gate<string>({ maxItems: 1, whenFull: 'wait' })
    const { signal } = new AbortController()
    const remove = vi.spyOn(signal, 'removeEventListener')
    gate.tryAdmit('a')
    const waiting = Promise.all([gate.admit('b'), gate.admit('c', { signal })])
    gate.release('a')
    gate.release('b')
    await waiting
    expect(remove).toHaveBeenCalledTimes(1)
  })

  it('refuses to take back what it does not hold', async () => {
    const gate = new Gate<Item>(LIMITS)
    await messageOf('GATE_NOT_HELD', () => gate.release({ id: 0, bytes: 0 }))
    gate.tryAdmit({ id: 0, bytes: 1 })
    expect(await messageOf('GATE_NOT_HELD', () => gate.release({ id: 1, bytes: 2 }))).toBe(
      'Gate: cannot release 2 bytes, held are 1 (items: 1); release each item once',
    )
  })

  it.each<[GateOptions<Item>, string]>([
    [{ maxItems: 0 }, 'Gate: maxItems must be an integer of at least 1, not 0'],
    [{ maxBytes: 0, bytesOf: () => 0 }, 'Gate: maxBytes must be a number of at least 1, not 0'],
    [{ maxBytes: 100 }, 'Gate: maxBytes of 100 needs bytesOf to weigh the items'],
  ])('refuses %j', async (options, expected) => {
    expect(await messageOf('OPTION_INVALID', () => new Gate(options))).toBe(expected)
  })

  it('refuses an item that weighs nothing sensible', async () => {
    const gate = new Gate<Item>(LIMITS)
    expect(await messageOf('OPTION_INVALID', () => gate.tryAdmit({ id: 0, bytes: Number.NaN }))).toBe(
      'Gate: bytesOf(item) must be an integer of at least 0, not NaN',
    )
    expect(gate.items).toBe(0)
  })
})
