import { SharedBell } from '@millrace/kernel/queue/shared-bell'
import { createSharedRing } from '@millrace/kernel/queue/shared-ring'
import { SharedRingConsumer } from '@millrace/kernel/queue/shared-ring-consumer'
import { createSharedWindow } from '@millrace/kernel/queue/shared-window'
import { SharedWindowProducer } from '@millrace/kernel/queue/shared-window-producer'
import { type Codec, padded } from '../codec/codec.ts'
import { damaged } from '../codec/codec-faults.ts'
import { type CodecMemory, memoryOn } from '../codec/codec-memory.ts'
import { Arena } from '../deliver/arena.ts'
import type { Parcel } from '../dispatch/parcel.ts'
import {
  BYTES,
  COUNT,
  ELSEWHERE,
  ENTRY_BYTES,
  HEAD_BYTES,
  OUTPUTS,
  SKIPPED,
  STATE,
  slotBytesFor,
  VALUE,
} from '../parcel/parcel-layout.ts'
import { ParcelOwner } from '../parcel/parcel-owner.ts'
import { RECORD_BYTES, RECORD_DONE, RECORD_END, RECORD_MS, RECORD_SLOT, type SharedMemory } from '../protocol.ts'
import { Stay } from './stay.ts'

const NOBODY = -1

export interface WindowLineOptions {
  readonly threads: number
  readonly slots: number
  /** Of inputs, in a slot; there is room for as many of outputs. */
  readonly slotBytes: number
}

/** How a task's result is read. */
export interface OutputCodec {
  readonly codec: Codec<unknown> | undefined
  /** Whether what is decoded are views. */
  readonly holdsViews: boolean
}

export interface WindowLineEvents {
  readonly onOutput: (parcel: Parcel, entry: number, output: unknown) => void
  /** A parcel's slot is free. */
  readonly onOver: (parcel: Parcel) => void
  readonly onCut: (parcel: Parcel, from: number) => Parcel
}

interface Records {
  readonly ring: SharedRingConsumer
  readonly memory: CodecMemory
}

/**
 * The way through shared memory: parcels go into one window, of which every worker takes the next itself; outputs come
 * back in the same slot, and a record in the worker's ring says so. A parcel's place is its slot.
 */
export class WindowLine {
  /** Tasks in the window. */
  inFlight = 0
  readonly #events: WindowLineEvents
  readonly #window: SharedWindowProducer
  readonly #owner: ParcelOwner
  readonly #memory: CodecMemory
  readonly #bell = new SharedBell(new SharedArrayBuffer(4))
  readonly #mail: Int32Array<SharedArrayBuffer>
  readonly #records: (Records | undefined)[]
  readonly #arena = new Arena()
  /** By slot. */
  readonly #stays: readonly Stay[]
  readonly #ringBytes: number
  /** Whether a worker has something to tell. */
  readonly isReady = (): boolean => this.isOver || this.#records.some(isTelling)
  isOver = false

  constructor({ threads, slots, slotBytes }: WindowLineOptions, events: WindowLineEvents) {
    this.#events = events
    this.#window = new SharedWindowProducer(createSharedWindow({ slots, slotBytes: slotBytesFor(slotBytes) }))
    this.#memory = memoryOn(this.#window.buffer)
    this.#owner = new ParcelOwner(this.#memory, slotBytes)
    this.#mail = new Int32Array(new SharedArrayBuffer(4 * threads))
    this.#records = new Array<Records | undefined>(threads).fill(undefined)
    this.#stays = Array.from({ length: slots }, (_, slot) => new Stay(slot, this.#window.offsetOf(slot)))
    // Each slot is in one ring once at most: no worker ever waits for room.
    this.#ringBytes = 2 ** Math.ceil(Math.log2(2 * slots * RECORD_BYTES + 64))
  }

  /** The memory for a new worker; the ring of the one before in its seat is no more. */
  memoryFor(seat: number): Omit<SharedMemory, 'cancels'> {
    const ring = createSharedRing({ capacityBytes: this.#ringBytes })
    Atomics.store(this.#mail, seat, 0)
    this.#records[seat] = {
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
   * Begins a parcel; returns its slot, -1 when there is none, -2 when the input is too large for one.
   * @throws {MillraceError} `CODEC_MISMATCH`.
   */
  open(parcel: Parcel, codec: Codec<unknown>, input: unknown): number {
    const slot = this.#window.reserve()
    if (slot < 0) return -1
    this.#owner.begin(this.#stays[slot]!.offset)
    let isIn = false
    try {
      isIn = this.#owner.tryAdd(codec, input)
    } finally {
      if (!isIn) this.#window.release(slot)
    }
    if (!isIn) return -2
    parcel.place = slot
    return slot
  }

  /** @throws {MillraceError} `CODEC_MISMATCH`. */
  add(codec: Codec<unknown>, input: unknown): boolean {
    return this.#owner.tryAdd(codec, input)
  }

  /** Shows the parcel that was opened to the workers. */
  seal(parcel: Parcel): void {
    const stay = this.#stays[parcel.place]!
    const bytes = this.#owner.end()
    stay.begin(parcel, 0, bytes)
    this.#show(stay, bytes)
  }

  withdraw(parcel: Parcel): boolean {
    const stay = this.#stayOf(parcel)
    if (!this.#window.withdraw(stay.slot)) return false
    this.#leave(stay)
    return true
  }

  cancel(parcel: Parcel, entry: number): void {
    const { offset, outputs } = this.#stayOf(parcel)
    this.#checkInputs(offset, parcel.count, outputs)
    this.#owner.skip(offset, entry)
  }

  progressOf(parcel: Parcel, entry: number): number {
    return this.seatOf(parcel, entry) === NOBODY ? 0 : this.#window.progressOf(parcel.place)
  }

  /** The seat whose worker runs the entry, or -1. */
  seatOf(parcel: Parcel, entry: number): number {
    const { isDone, offset, slot } = this.#stayOf(parcel)
    return !isDone && this.#owner.begunOf(offset) === entry + 1 ? this.#claimerOf(slot) : NOBODY
  }

  /** Runs once more what is wanted of an orphan; returns true. */
  again(parcel: Parcel): boolean {
    this.#renew(this.#stayOf(parcel), parcel)
    this.#window.publish()
    return true
  }

  forget(parcel: Parcel): void {
    this.#free(this.#stayOf(parcel))
  }

  /**
   * Takes in all results of a seat's worker, or parcel after parcel until `isOver`, and returns how many.
   * @throws {MillraceError} when what is there is no result: the worker is not to be trusted.
   */
  drain(
    seat: number,
    outputs: readonly OutputCodec[],
    onDone: (task: number, tasks: number, ms: number) => void,
    isOver?: () => boolean,
  ): number {
    const records = this.#records[seat]
    if (records === undefined) return 0
    const { ring, memory } = records
    let count = 0
    for (let from = ring.next(); from >= 0; from = ring.next()) {
      const stay = this.#stayAt(memory.i32[(from >> 2) + RECORD_SLOT]!, seat, from)
      const done = memory.i32[(from >> 2) + RECORD_DONE]!
      const end = memory.i32[(from >> 2) + RECORD_END]!
      const ms = memory.f32[(from >> 2) + RECORD_MS]!
      ring.release()
      const { parcel, read } = stay
      if (
        parcel === undefined ||
        !(done >= read && done <= parcel.count && end >= stay.next && end <= this.#window.slotBytes)
      ) {
        throw damaged(from, `no worker can be through with ${done} tasks, and ${end} bytes`)
      }
      this.#read(stay, parcel, done, end, outputs[parcel.task])
      onDone(parcel.task, stay.ran, ms)
      stay.isDone = true
      this.#settle(stay, parcel)
      count += done
      if (isOver?.() === true) break
    }
    return count
  }

  /** Takes nothing more from the records of a seat's worker. */
  distrust(seat: number): void {
    this.#records[seat] = undefined
  }

  /** An answer of an entry came in a message. */
  answered(parcel: Parcel): void {
    const stay = this.#stayOf(parcel)
    stay.missing--
    this.#settle(stay, parcel)
  }

  /**
   * Takes in what slow parcels have done, and what of them is not begun back: workers that have less to do may have it.
   * Slow are those that were begun when this was called before. Returns whether any is in sight.
   */
  cut(outputs: readonly OutputCodec[], onDamage: (seat: number, error: unknown) => void): boolean {
    let isAny = false
    for (const stay of this.#stays) {
      const { parcel } = stay
      if (parcel === undefined || parcel.count === 1 || stay.isDone) continue
      isAny = true
      if (this.#owner.begunOf(stay.offset) === 0) continue
      try {
        if (stay.wasBegun) this.#cutOne(stay, parcel, outputs)
      } catch (error) {
        onDamage(this.#claimerOf(stay.slot), error)
      }
      stay.wasBegun = true
    }
    this.#window.publish()
    return isAny
  }

  /**
   * What the seat's worker left behind, when it is gone and its records are in: parcels, and how many of their entries
   * were begun, those first that were handed over first.
   * @throws {MillraceError} when the memory is damaged.
   */
  orphansOf(seat: number, outputs: readonly OutputCodec[]): { readonly parcel: Parcel; readonly begun: number }[] {
    const orphans = this.#stays.flatMap((stay) => {
      const { parcel, isDone, limit, offset, slot } = stay
      if (parcel === undefined || this.#claimerOf(slot) !== seat) return []
      if (isDone) return [{ parcel, begun: limit }]
      const begun = Math.min(this.#owner.begunOf(offset), limit)
      try {
        this.#readDone(stay, parcel, begun - 1, outputs)
      } catch {
        // What cannot be read is lost with its worker.
      }
      return [{ parcel, begun }]
    })
    this.#records[seat] = undefined
    return orphans.sort((one, other) => one.parcel.ticket - other.parcel.ticket)
  }

  /** Calls workers again: the one that died may have been the one that was called. */
  wake(): void {
    this.#window.publish()
    this.#window.wake()
  }

  /** All that are in the window. */
  get parcels(): readonly Parcel[] {
    return this.#stays.flatMap(({ parcel }) => parcel ?? [])
  }

  close(): void {
    this.isOver = true
    this.#bell.ring()
  }

  #stayOf(parcel: Parcel): Stay {
    return this.#stays[parcel.place]!
  }

  #stayAt(slot: number, seat: number, from: number): Stay {
    const stay = this.#stays[slot]
    if (stay?.parcel === undefined) throw damaged(from, `there is no task in slot ${slot}`)
    if (this.#window.claimerOf(slot) !== seat) throw damaged(from, `slot ${slot} is another worker's`)
    return stay
  }

  /** @throws {MillraceError} `WINDOW_CORRUPT`, `CODEC_DAMAGED`. */
  #claimerOf(slot: number): number {
    const claimer = this.#window.claimerOf(slot)
    if (claimer < this.#records.length) return claimer
    throw damaged(this.#stays[slot]!.offset, `there is no worker ${claimer}`)
  }

  #show(stay: Stay, bytes: number): void {
    const { parcel, slot } = stay
    this.inFlight += stay.tasks
    this.#window.commit(slot, bytes, parcel?.task, parcel?.ticket)
    this.#window.publish()
  }

  #renew(stay: Stay, parcel: Parcel): void {
    this.inFlight -= stay.tasks
    this.#checkInputs(stay.offset, parcel.count, stay.outputs)
    this.#restoreHead(stay.offset, parcel.count, stay.outputs)
    this.#owner.renew(stay.offset, (entry) => parcel.isWanted(entry))
    stay.begin(parcel, stay.first, stay.outputs)
    this.inFlight += stay.tasks
    this.#window.recommit(stay.slot)
  }

  /**
   * @throws {MillraceError} `CODEC_DAMAGED` when the inputs of a slot are not as long as they were when they were
   * written.
   */
  #checkInputs(offset: number, count: number, outputs: number): void {
    const { i32 } = this.#memory
    let end = HEAD_BYTES
    for (let entry = 0; entry < count; entry++) {
      const bytes = i32[(offset + end + BYTES) >> 2]!
      end += ENTRY_BYTES + padded(bytes)
      if (!(bytes >= 0 && end <= outputs)) throw damaged(offset, `no input can have ${bytes} bytes`)
    }
  }

  /** Writes again what a head says of the inputs: whoever ran the parcel may have written over it. */
  #restoreHead(offset: number, count: number, outputs: number): void {
    const { i32 } = this.#memory
    i32[(offset >> 2) + COUNT] = count
    i32[(offset >> 2) + OUTPUTS] = outputs
  }

  /** Frees the slot when all is in. */
  #settle(stay: Stay, parcel: Parcel): void {
    if (!stay.isDone || stay.missing !== 0) return
    if (stay.read < stay.limit && parcel.wanted > 0) {
      // The worker stopped to be relieved of the rest, but nobody has taken it.
      this.again(parcel)
      return
    }
    this.#free(stay)
    this.#events.onOver(parcel)
  }

  /** Reads outputs up to the byte `end`, of the entries below `until`. */
  #read(stay: Stay, parcel: Parcel, until: number, end: number, output: OutputCodec | undefined): void {
    const bytes = end - stay.next
    const from = this.#arena.copy(this.#memory, stay.offset + stay.next, bytes, output?.holdsViews === true)
    const { memory } = this.#arena
    const last = from + bytes
    let at = from
    while (stay.read < until) {
      const length = at + ENTRY_BYTES <= last ? memory.i32[(at >> 2) + BYTES]! : -1
      const state = memory.i32[(at >> 2) + STATE]
      const after = at + ENTRY_BYTES + padded(length)
      if (length < 0 || after > last) throw damaged(at, `no output can have ${length} bytes`)
      // Before anything is found to be damaged: nothing is read twice, or as another's.
      const entry = stay.read++
      stay.next += after - at
      if (state !== SKIPPED) stay.ran++
      if (state === ELSEWHERE) stay.missing++
      else if (parcel.isWanted(entry)) {
        if (state !== VALUE || output?.codec === undefined) throw damaged(at, `there is no output ${state}`)
        this.#events.onOutput(parcel, entry, output.codec.decode(memory, at + ENTRY_BYTES, length))
      }
      at = after
    }
  }

  /** The same, where the worker has not told how far they go. */
  #readDone(stay: Stay, parcel: Parcel, until: number, outputs: readonly OutputCodec[]): void {
    const { i32 } = this.#memory
    let end = stay.next
    for (let entry = stay.read; entry < until; entry++) {
      const length = i32[(stay.offset + end + BYTES) >> 2]!
      end += ENTRY_BYTES + padded(length)
      if (length < 0 || end > this.#window.slotBytes) throw damaged(stay.offset, `no output can have ${length} bytes`)
    }
    if (until > stay.read) this.#read(stay, parcel, until, end, outputs[parcel.task])
  }

  #cutOne(stay: Stay, parcel: Parcel, outputs: readonly OutputCodec[]): void {
    this.#readDone(stay, parcel, Math.min(this.#owner.begunOf(stay.offset), stay.limit) - 1, outputs)
    // With one worker nobody else would take it, and it would be overtaken.
    if (this.#records.length === 1 || parcel.wanted === 0 || this.#owner.begunOf(stay.offset) >= stay.limit) return
    const bytes = stay.outputs
    this.#checkInputs(stay.offset, parcel.count, bytes)
    const slot = this.#window.reserve()
    if (slot < 0) return
    const other = this.#stays[slot]!
    const from = this.#owner.takeBack(stay.offset)
    if (from < 0 || from >= stay.limit) {
      this.#window.release(slot)
      return
    }
    const rest = this.#events.onCut(parcel, from)
    this.#restoreHead(stay.offset, parcel.count, bytes)
    this.#owner.copy(stay.offset, other.offset)
    this.#owner.renew(other.offset, (entry) => rest.isWanted(entry))
    this.inFlight -= stay.limit - from
    rest.place = slot
    other.begin(rest, from, bytes)
    other.limit = stay.limit
    stay.limit = from
    this.#show(other, bytes)
  }

  #free(stay: Stay): void {
    this.#window.release(stay.slot)
    this.#leave(stay)
  }

  #leave(stay: Stay): void {
    this.inFlight -= stay.tasks
    stay.parcel = undefined
  }
}

/** Whether there is a record, or what is no record: taking it in tells. */
function isTelling(records: Records | undefined): boolean {
  try {
    return records?.ring.ready === true
  } catch {
    return true
  }
}
