import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSharedWindow, type SharedWindowOptions } from '../../src/queue/shared-window.ts'
import { SharedWindowClaimer } from '../../src/queue/shared-window-claimer.ts'
import { BYTES, CLAIM, COUNTER, ORDER, STATE, TAIL, WindowLayout } from '../../src/queue/shared-window-layout.ts'
import { SharedWindowProducer } from '../../src/queue/shared-window-producer.ts'
import { RashWindowProducer } from '../mutants/rash-window-producer.ts'
import { TrustingClaimer } from '../mutants/trusting-claimer.ts'
import { fails, holds, messageOf } from '../property.ts'

const CLAIMERS = 3
const SLOT_BYTES = 24

type MakeProducer = (buffer: SharedArrayBuffer) => SharedWindowProducer
type MakeClaimer = (buffer: SharedArrayBuffer, number: number) => SharedWindowClaimer

const makeProducer: MakeProducer = (buffer) => new SharedWindowProducer(buffer)
const makeClaimer: MakeClaimer = (buffer, number) => new SharedWindowClaimer(buffer, number)

/** A window whose counters stand at `start`. */
function windowAt(start: number, slots: number): SharedArrayBuffer {
  const buffer = createSharedWindow({ slots, slotBytes: SLOT_BYTES })
  new Int32Array(buffer).fill(start, TAIL, TAIL + 1).fill(start, CLAIM, CLAIM + 1)
  return buffer
}

interface Task {
  readonly id: number
  readonly slot: number
  readonly bytes: number
  cancelled: boolean
  /** The claimer that has it, or -1. */
  claimer: number
  started: boolean
  progress: number
}

function write(buffer: SharedArrayBuffer, offset: number, bytes: number, id: number): void {
  const view = new Uint8Array(buffer, offset, bytes)
  for (let index = 0; index < bytes; index++) view[index] = 31 * id + index
}

function isWhole(buffer: SharedArrayBuffer, offset: number, bytes: number, id: number): boolean {
  return new Uint8Array(buffer, offset, bytes).every((byte, index) => byte === ((31 * id + index) & 255))
}

/** Tickets that need more than 32 bits, and more than 31 of the lower ones. */
const ticketOf = (id: number) => id * 2 ** 31 + id
const tagOf = (id: number) => ~id

const steps = fc.array(
  fc.record({
    op: fc.constantFrom(
      ...(['send', 'send', 'send', 'send', 'publish', 'publish', 'claim', 'claim', 'claim'] as const),
      ...(['start', 'progress', 'cancel', 'withdraw', 'withdraw', 'finish', 'finish', 'die'] as const),
    ),
    n: fc.nat(),
  }),
  { maxLength: 400, size: 'max' },
)

/**
 * Tasks come out in the order in which they went in, whole, once, unless they were withdrawn; each state is told as it
 * is; a window has room for as many tasks as it has slots.
 */
const followsTheLine = (producerOf: MakeProducer) =>
  fc.property(steps, fc.integer({ min: 0, max: 4 }), fc.integer({ min: -8, max: 8 }), (script, bits, offset) => {
    const slots = 2 ** bits
    const buffer = windowAt(offset & COUNTER, slots)
    const producer = producerOf(buffer)
    const claimers = Array.from({ length: CLAIMERS }, (_, number) => makeClaimer(buffer, number))
    /** Tasks that wait, in order, the first so many of them published; tasks that somebody has. */
    const line: Task[] = []
    let published = 0
    let held: Task[] = []
    let sent = 0
    const tail = () => Atomics.load(new Int32Array(buffer), TAIL)
    const publish = () => {
      producer.publish()
      published = line.length
    }
    const withdraw = (task: Task) => {
      expect(producer.withdraw(task.slot)).toBe(true)
      if (line.indexOf(task) < published) published--
      line.splice(line.indexOf(task), 1)
    }
    const claim = (number: number) => {
      const claimer = claimers[number]!
      const slot = claimer.claim()
      if (published === 0) return expect(slot).toBe(-1)
      const task = line.shift()!
      published--
      expect([slot, claimer.bytesOf(slot), claimer.tagOf(slot), claimer.ticketOf(slot)]).toEqual([
        task.slot,
        task.bytes,
        tagOf(task.id),
        ticketOf(task.id),
      ])
      expect(claimer.offsetOf(slot) % 8).toBe(0)
      expect(claimer.cancelled(slot)).toBe(task.cancelled)
      task.claimer = number
      held.push(task)
    }
    const finish = (task: Task) => {
      if (!isWhole(buffer, producer.offsetOf(task.slot), task.bytes, task.id)) {
        expect.unreachable(`task ${task.id} was overwritten`)
      }
      producer.release(task.slot)
      held = held.filter((other) => other !== task)
    }
    const acts = {
      send: (n: number) => {
        const before = tail()
        const slot = producer.reserve()
        if (tail() !== before) published = line.length
        if (slot < 0) {
          expect(published).toBe(line.length)
          expect(line.length + held.length === slots || line.length > 0).toBe(true)
          return
        }
        if (n % 7 === 0) return producer.release(slot)
        const bytes = n % (SLOT_BYTES + 1)
        write(buffer, producer.offsetOf(slot), bytes, sent)
        expect(producer.stateOf(slot)).toBe('reserved')
        producer.commit(slot, bytes, tagOf(sent), ticketOf(sent))
        line.push({ id: sent++, slot, bytes, cancelled: false, claimer: -1, started: false, progress: 0 })
      },
      publish,
      claim: (n: number) => claim(n % CLAIMERS),
      start: (n: number) => {
        const task = held[n % held.length]
        if (task === undefined) return
        claimers[task.claimer]!.start(task.slot)
        task.started = true
      },
      progress: (n: number) => {
        const task = held[n % held.length]
        if (task === undefined) return
        task.progress = (n % 101) / 100
        claimers[task.claimer]!.progress(task.slot, task.progress)
      },
      cancel: (n: number) => {
        const task = [...held, ...line][n % (held.length + line.length)]
        if (task === undefined) return
        producer.requestCancel(task.slot)
        task.cancelled = true
      },
      withdraw: (n: number) => {
        const task = line[n % line.length]
        if (task !== undefined) withdraw(task)
        const other = held[n % held.length]
        if (other !== undefined) expect(producer.withdraw(other.slot)).toBe(false)
      },
      finish: (n: number) => {
        const task = held[n % held.length]
        if (task !== undefined) finish(task)
      },
      die: (n: number) => {
        const number = n % CLAIMERS
        const left = held.filter(({ claimer }) => claimer === number)
        expect(producer.heldBy(number)).toEqual(left.map(({ slot }) => slot).sort((one, other) => one - other))
        for (const task of left) {
          if (task.started) finish(task)
          else {
            producer.recommit(task.slot)
            held = held.filter((other) => other !== task)
            Object.assign(task, { claimer: -1, progress: 0 })
            line.push(task)
          }
        }
      },
    }
    for (const { op, n } of script) {
      acts[op](n)
      for (const task of [...line, ...held]) {
        const state = task.claimer < 0 ? 'ready' : task.started ? 'started' : 'claimed'
        const told = [producer.stateOf(task.slot), producer.claimerOf(task.slot)]
        if (told[0] !== state || told[1] !== task.claimer) expect(told).toEqual([state, task.claimer])
        if (Math.abs(producer.progressOf(task.slot) - task.progress) > 1e-6) expect.unreachable('progress')
      }
      expect(producer.waiting).toBeGreaterThanOrEqual(line.length)
    }
    publish()
    while (line.length > 0) claim(0)
    claim(1)
    expect(producer.waiting).toBe(0)
    for (const task of held) finish(task)
    for (let count = 0; count < slots; count++) producer.commit(producer.reserve(), 0)
    expect(producer.reserve()).toBe(-1)
  })

const layout = WindowLayout.of(4, SLOT_BYTES)
const damages = fc.array(
  fc.record({
    word: fc.oneof(
      fc.constantFrom(TAIL, CLAIM),
      fc.integer({ min: ORDER, max: ORDER + 7 }),
      fc
        .tuple(fc.nat(3), fc.constantFrom(STATE, BYTES))
        .map(([slot, word]) => layout.first + slot * layout.step + word),
    ),
    value: fc.oneof(fc.integer(), fc.integer({ min: -16, max: 32 })),
  }),
  { minLength: 1, maxLength: 6 },
)

/** Whatever somebody wrote where: a side stays within its slots and comes to an end, or says what is wrong. */
const survivesDamage = (claimerOf: MakeClaimer) =>
  fc.property(fc.array(fc.nat(SLOT_BYTES), { maxLength: 4 }), damages, fc.nat(4), (sizes, harm, claims) => {
    const buffer = windowAt(COUNTER - 2, 4)
    const producer = new SharedWindowProducer(buffer)
    const claimer = claimerOf(buffer, 1)
    for (const bytes of sizes) producer.commit(producer.reserve(), bytes)
    producer.publish()
    for (let count = 0; count < claims; count++) claimer.claim()
    const words = new Int32Array(buffer)
    for (const { word, value } of harm) words[word] = value
    const survives = (act: () => void) => {
      try {
        act()
      } catch (error) {
        expect(error).toMatchObject({ code: 'WINDOW_CORRUPT' })
      }
    }
    survives(() => {
      let tasks = 0
      for (let slot = claimer.claim(); slot >= 0; slot = claimer.claim()) {
        if (!(slot < 4 && ++tasks <= 8)) expect.unreachable(`slot ${slot}, task ${tasks}`)
        const bytes = claimer.bytesOf(slot)
        if (!(bytes >= 0 && bytes <= SLOT_BYTES)) expect.unreachable(`${bytes} bytes`)
      }
    })
    for (let count = 0; count < 6; count++) {
      survives(() => {
        const slot = producer.reserve()
        expect(slot >= -1 && slot < 4).toBe(true)
        if (slot >= 0) producer.commit(slot, 0)
      })
    }
    survives(() => producer.wake())
    survives(() => {
      for (const slot of producer.heldBy(1)) producer.recommit(slot)
    })
    for (let slot = 0; slot < 4; slot++) if (producer.progressOf(slot) > 1) expect.unreachable('progress')
  })

describe('SharedWindow', () => {
  it('follows the model of a line', () => holds(followsTheLine(makeProducer)))
  it('is caught giving out what was withdrawn', () => fails(followsTheLine((buffer) => new RashWindowProducer(buffer))))

  it('stays within its slots whatever the memory holds', () => holds(survivesDamage(makeClaimer), 2000))
  it('is caught when it believes what it reads', () =>
    fails(
      survivesDamage((buffer, number) => new TrustingClaimer(buffer, number)),
      2000,
    ))

  it('keeps a task that takes long from holding up others', () => {
    const buffer = createSharedWindow({ slots: 4, slotBytes: 8 })
    const producer = makeProducer(buffer)
    const claimer = makeClaimer(buffer, 0)
    const send = () => {
      const slot = producer.reserve()
      producer.commit(slot, 0)
      producer.publish()
      expect(claimer.claim()).toBe(slot)
      return slot
    }
    const long = send()
    for (let count = 0; count < 100; count++) producer.release(send())
    expect(producer.stateOf(long)).toBe('claimed')
  })

  it('has room for what was recommitted behind as many as it holds', () => {
    const buffer = windowAt(COUNTER - 5, 8)
    const producer = makeProducer(buffer)
    const [dies, lives] = [makeClaimer(buffer, 0), makeClaimer(buffer, 1)]
    const fill = (ticket: number) => {
      const slot = producer.reserve()
      if (slot >= 0) producer.commit(slot, 0, 0, ticket)
      return slot
    }
    for (let ticket = 0; ticket < 7; ticket++) fill(ticket)
    producer.publish()
    for (let count = 0; count < 7; count++) dies.claim()
    fill(7)
    for (let ticket = 8; ticket < 8 + 7; ticket++) {
      const held = producer.heldBy(0)
      expect(held).toHaveLength(7)
      expect(fill(ticket)).toBe(-1)
    }
    producer.publish()
    for (const slot of producer.heldBy(0)) producer.recommit(slot)
    producer.publish()
    const tickets: number[] = []
    for (let slot = lives.claim(); slot >= 0; slot = lives.claim()) tickets.push(lives.ticketOf(slot))
    expect(tickets[0]).toBe(7)
    expect(tickets.sort((one, other) => one - other)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  it('makes a withdrawn place free again when nothing waits before it, though nobody claims', () => {
    const producer = makeProducer(createSharedWindow({ slots: 2, slotBytes: 8 }))
    for (let count = 0; count < 100; count++) {
      const slot = producer.reserve()
      producer.commit(slot, 0)
      expect(producer.withdraw(slot)).toBe(true)
    }
  })

  it('keeps progress within 0 and 1', () => {
    const buffer = createSharedWindow({ slots: 1, slotBytes: 8 })
    const [producer, claimer] = [makeProducer(buffer), makeClaimer(buffer, 0)]
    for (const [fraction, told] of [
      [-1, 0],
      [2, 1],
      [0.5, 0.5],
      [Number.NaN, 0],
    ] as const) {
      claimer.progress(0, fraction)
      expect(producer.progressOf(0)).toBeCloseTo(told, 6)
    }
  })

  it('refuses misuse', async () => {
    const producer = makeProducer(createSharedWindow({ slots: 2, slotBytes: 8 }))
    expect(await messageOf('WINDOW_COMMIT_INVALID', () => producer.commit(0, 0))).toBe(
      'SharedWindowProducer: cannot commit 0 bytes in slot 0, which is not reserved; reserve before each commit',
    )
    const slot = producer.reserve()
    expect(await messageOf('WINDOW_COMMIT_INVALID', () => producer.commit(slot, 9))).toBe(
      'SharedWindowProducer: cannot commit 9 bytes in slot 0, which has room for 8',
    )
    await messageOf('WINDOW_COMMIT_INVALID', () => producer.commit(slot, Number.NaN))
    await messageOf('WINDOW_SLOT_INVALID', () => producer.withdraw(slot))
    producer.commit(slot, 8)
    await messageOf('WINDOW_COMMIT_INVALID', () => producer.commit(slot, 8))
    expect(await messageOf('WINDOW_SLOT_INVALID', () => producer.recommit(slot))).toMatch('slot 0 is ready')
    producer.release(slot)
    expect(await messageOf('WINDOW_SLOT_INVALID', () => producer.release(slot))).toMatch('slot 0 is free')
    expect(await messageOf('WINDOW_SLOT_INVALID', () => producer.release(7))).toMatch('slot 7 is not there')
  })

  it.each<[SharedWindowOptions, string]>([
    [{ slots: 3 }, 'slots must be a power of two, not 3'],
    [{ slots: 0 }, 'slots must be an integer of at least 1 and at most 65536, not 0'],
    [{ slots: 2 ** 17 }, 'slots must be an integer of at least 1 and at most 65536, not 131072'],
    [{ slotBytes: 12 }, 'slotBytes must be a multiple of 8, not 12'],
    [{ slotBytes: 0 }, 'slotBytes must be an integer of at least 8 and at most 268435456, not 0'],
    [{ slots: 256, slotBytes: 2 ** 23 }, 'slots * slotBytes must be below 2 GiB in all, not 2147502464'],
  ])('refuses options out of bounds: %j', async (options, message) => {
    expect(await messageOf('OPTION_INVALID', () => createSharedWindow(options))).toBe(`SharedWindow: ${message}`)
  })

  it('sees damage as it starts, and refuses numbers out of bounds', async () => {
    const buffer = createSharedWindow()
    await messageOf('OPTION_INVALID', () => makeClaimer(buffer, 1023))
    await messageOf('OPTION_INVALID', () => makeClaimer(buffer, -1))
    await messageOf('OPTION_INVALID', () => new SharedWindowClaimer(buffer, 0, { looks: -1 }))
    for (const bytes of [0, 2, 4096]) {
      const other = new SharedArrayBuffer(bytes)
      await messageOf('WINDOW_CORRUPT', () => makeProducer(other))
      expect(await messageOf('WINDOW_CORRUPT', () => makeClaimer(other, 0))).toMatch('make a new window')
    }
    new Int32Array(buffer)[TAIL] = 1
    await messageOf('WINDOW_CORRUPT', () => makeProducer(buffer))
    new Int32Array(buffer).fill(-1, TAIL, TAIL + 1).fill(-1, CLAIM, CLAIM + 1)
    await messageOf('WINDOW_CORRUPT', () => makeProducer(buffer))
  })
})
