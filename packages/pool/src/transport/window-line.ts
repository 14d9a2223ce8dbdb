import { SharedBell } from '@millrace/kernel/queue/shared-bell'
import { createSharedRing } from '@millrace/kernel/queue/shared-ring'
import { SharedRingConsumer } from '@millrace/kernel/queue/shared-ring-consumer'
import { createSharedWindow } from '@millrace/kernel/queue/shared-window'
import { SharedWindowProducer } from '@millrace/kernel/queue/shared-window-producer'
import type { Codec } from '../codec/codec.ts'
import { damaged } from '../codec/codec-faults.ts'
import { type CodecMemory, memoryOn } from '../codec/codec-memory.ts'
import { Arena } from '../deliver/arena.ts'
import { ELSEWHERE, RESULT, type SharedMemory } from '../protocol.ts'
import type { Orphan } from './transport.ts'

const NOBODY = -1
/** Of a record: the slot, before the output. */
const SLOT_BYTES = 8

export interface WindowLineOptions {
  readonly threads: number
  readonly slots: number
  readonly slotBytes: number
  readonly ringBytes: number
}

/** How a task's result is read. */
export interface OutputCodec {
  readonly codec: Codec<unknown> | undefined
  /** Whether what is decoded are views. */
  readonly holdsViews: boolean
}

interface Results {
  readonly ring: SharedRingConsumer
  readonly memory: CodecMemory
}

/**
 * The way through shared memory: tasks go into one window, of which every worker takes the next itself, and results
 * come back in a ring from each. A task's place is its slot.
 *
 * A slot is free again when its worker is through with it, whoever still wants the result; so tickets are kept by slot,
 * and what comes in is known by them.
 */
export class WindowLine {
  /** Tasks in the window. */
  inFlight = 0
  /** Of the result that came last. */
  lastTask = 0
  readonly #options: WindowLineOptions
  readonly #window: SharedWindowProducer
  readonly #memory: CodecMemory
  readonly #bell = new SharedBell(new SharedArrayBuffer(4))
  readonly #mail: Int32Array<SharedArrayBuffer>
  readonly #results: (Results | undefined)[]
  readonly #arena = new Arena()
  /** By slot. */
  readonly #tickets: Float64Array
  readonly #tasks: Uint16Array
  /** Tickets whose slots are free already and whose results come in messages, by the seat they come from. */
  readonly #elsewhere = new Map<number, number>()
  /** Tickets whose results came before their slots were free. */
  readonly #early = new Set<number>()
  /** Whether a worker has something to tell. */
  readonly isReady = (): boolean => this.isOver || this.#results.some((results) => results?.ring.ready === true)
  isOver = false

  constructor(options: WindowLineOptions) {
    this.#options = options
    this.#window = new SharedWindowProducer(createSharedWindow(options))
    this.#memory = memoryOn(this.#window.buffer)
    this.#mail = new Int32Array(new SharedArrayBuffer(4 * options.threads))
    this.#results = new Array<Results | undefined>(options.threads).fill(undefined)
    this.#tickets = new Float64Array(options.slots).fill(NOBODY)
    this.#tasks = new Uint16Array(options.slots)
  }

  /** The memory for a new worker; the ring of the one before in its seat is no more. */
  memoryFor(seat: number): SharedMemory {
    const ring = createSharedRing({ capacityBytes: this.#options.ringBytes })
    Atomics.store(this.#mail, seat, 0)
    this.#results[seat] = {
      ring: new SharedRingConsumer(ring, { consumerBell: this.#bell }),
      memory: memoryOn(ring),
    }
    return { window: this.#window.buffer, ring, bell: this.#bell.buffer, mail: this.#mail.buffer }
  }

  /** Settles when a worker has something to tell, or the line was closed. */
  wait(): Promise<boolean> {
    return this.#bell.waitAsync(this.isReady)
  }

  /** A message was posted to the seat's worker. */
  told(seat: number): void {
    Atomics.add(this.#mail, seat, 1)
  }

  /**
   * Puts a task in the window and returns its slot; -1 when the window is full, -2 when the input is too large for a slot.
   * @throws {MillraceError} `CODEC_MISMATCH`.
   */
  tryHand(ticket: number, task: number, codec: Codec<unknown>, input: unknown): number {
    const window = this.#window
    const slot = window.reserve()
    if (slot < 0) return -1
    let bytes = -1
    try {
      bytes = codec.encode(input, this.#memory, window.offsetOf(slot), window.slotBytes)
    } finally {
      if (bytes < 0) window.release(slot)
    }
    if (bytes < 0) return -2
    window.commit(slot, bytes, task, ticket)
    this.#tickets[slot] = ticket
    this.#tasks[slot] = task
    this.inFlight++
    return slot
  }

  flush(): void {
    this.#window.publish()
  }

  withdraw(ticket: number, slot: number): boolean {
    if (this.#tickets[slot] !== ticket || !this.#window.withdraw(slot)) return false
    this.#leave(slot)
    return true
  }

  cancel(ticket: number, slot: number): void {
    if (this.#tickets[slot] === ticket) this.#window.requestCancel(slot)
  }

  progressOf(ticket: number, slot: number): number {
    return this.#tickets[slot] === ticket ? this.#window.progressOf(slot) : 0
  }

  /** The seat whose worker has the task, or -1. */
  seatOf(ticket: number, slot: number): number {
    return this.#tickets[slot] === ticket ? this.#window.claimerOf(slot) : NOBODY
  }

  again(slot: number): void {
    this.#window.recommit(slot)
  }

  forget(ticket: number, slot: number): void {
    if (this.#tickets[slot] === ticket) this.#free(slot)
  }

  /**
   * Takes in all results of a seat's worker, and returns how many.
   * @throws {MillraceError} when what is there is no result: the worker is not to be trusted.
   */
  drain(seat: number, outputs: readonly OutputCodec[], onOutput: (ticket: number, output: unknown) => void): number {
    const results = this.#results[seat]
    if (results === undefined) return 0
    const { ring, memory } = results
    let count = 0
    for (let from = ring.next(); from >= 0; from = ring.next()) {
      const slot = memory.f64[from >> 3]!
      const ticket = this.#ticketAt(slot, seat, from)
      this.lastTask = this.#tasks[slot]!
      if (ring.tag === RESULT) {
        const output = this.#read(memory, from + SLOT_BYTES, ring.length - SLOT_BYTES, outputs[this.#tasks[slot]!])
        ring.release()
        this.#free(slot)
        onOutput(ticket, output)
      } else if (ring.tag === ELSEWHERE) {
        ring.release()
        this.#free(slot)
        if (!this.#early.delete(ticket)) this.#elsewhere.set(ticket, seat)
      } else throw damaged(from, `there is no record ${ring.tag}`)
      count++
    }
    return count
  }

  /** An answer of a task in the window, or lately there, came in a message. */
  answered(ticket: number): void {
    if (!this.#elsewhere.delete(ticket)) this.#early.add(ticket)
  }

  /** What the seat's worker left behind, when it is gone and its results are in. The claimed come in no promised order. */
  orphansOf(seat: number): Orphan[] {
    const orphans: Orphan[] = []
    for (const slot of this.#window.heldBy(seat)) {
      const ticket = this.#tickets[slot]!
      if (this.#early.delete(ticket)) this.#free(slot)
      else orphans.push({ ticket, place: slot, started: this.#window.stateOf(slot) === 'started' })
    }
    for (const [ticket, from] of this.#elsewhere) {
      if (from !== seat) continue
      this.#elsewhere.delete(ticket)
      orphans.push({ ticket, place: this.#tickets.length, started: true })
    }
    this.#results[seat] = undefined
    return orphans.sort((one, other) => one.ticket - other.ticket)
  }

  /** Calls workers again: the one that died may have been the one that was called. */
  wake(): void {
    this.#window.publish()
    this.#window.wake()
  }

  close(): void {
    this.isOver = true
    this.#bell.ring()
  }

  #ticketAt(slot: number, seat: number, from: number): number {
    if (!(slot >= 0 && slot < this.#tickets.length && this.#tickets[slot] !== NOBODY)) {
      throw damaged(from, `there is no task in slot ${slot}`)
    }
    if (this.#window.claimerOf(slot) !== seat) throw damaged(from, `slot ${slot} is another worker's`)
    return this.#tickets[slot]!
  }

  #read(source: CodecMemory, from: number, bytes: number, output: OutputCodec | undefined): unknown {
    if (output?.codec === undefined) throw damaged(from, 'the task has no output codec')
    const at = this.#arena.copy(source, from, bytes, output.holdsViews)
    return output.codec.decode(this.#arena.memory, at, bytes)
  }

  #free(slot: number): void {
    this.#window.release(slot)
    this.#leave(slot)
  }

  #leave(slot: number): void {
    this.#tickets[slot] = NOBODY
    this.inFlight--
  }
}
