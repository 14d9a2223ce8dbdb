import { SharedRingProducer } from '@millrace/kernel/queue/shared-ring-producer'
import { SharedWindowClaimer } from '@millrace/kernel/queue/shared-window-claimer'
import type { Codec } from '../codec/codec.ts'
import { type CodecMemory, memoryOn } from '../codec/codec-memory.ts'
import { ELSEWHERE, RESULT, type SharedMemory } from '../protocol.ts'
import type { TaskContext, TaskOf } from '../task/task.ts'
import { DeferredBell } from './deferred-bell.ts'
import { faultOf } from './fault.ts'
import { notServed } from './not-served.ts'
import type { Outbox } from './outbox.ts'
import type { Pace } from './pace.ts'
import { isMismatch } from './packed.ts'
import { isPromise } from './promise.ts'

/** Bytes before a record's output: its slot. */
const SLOT_BYTES = 8
const FIRST_GUESS = 256

/**
 * Tasks that come through the window, and their results, which go through the ring.
 *
 * Each task is answered by one record, shown before the next one begins: what a worker has done is not lost when it
 * dies in another task. An output that does not go into the ring goes in a message, posted before the record that says
 * so.
 */
export class WindowDesk {
  readonly #tasks: readonly TaskOf[]
  readonly #claimer: SharedWindowClaimer
  readonly #ring: SharedRingProducer
  readonly #bell: DeferredBell
  readonly #slots: Int32Array
  /** By slot: its payload, of the size it had last. */
  readonly #views: (Int32Array | undefined)[] = []
  readonly #records: CodecMemory
  readonly #outbox: Outbox
  readonly #pace: Pace
  /** The input of the task that runs: tasks see no shared memory. */
  #own: CodecMemory
  /** By task: bytes of its last record. */
  readonly #guesses: Int32Array

  constructor(worker: number, memory: SharedMemory, tasks: readonly TaskOf[], outbox: Outbox, pace: Pace) {
    this.#tasks = tasks
    this.#outbox = outbox
    this.#pace = pace
    this.#claimer = new SharedWindowClaimer(memory.window, worker)
    this.#bell = new DeferredBell(memory.bell)
    this.#ring = new SharedRingProducer(memory.ring, { consumerBell: this.#bell })
    this.#slots = new Int32Array(memory.window)
    this.#records = memoryOn(memory.ring)
    this.#own = memoryOn(new ArrayBuffer(this.#claimer.slotBytes))
    this.#guesses = new Int32Array(tasks.length).fill(Math.min(FIRST_GUESS, this.#ring.maxRecordBytes))
  }

  /** Does the next task, if one waits; returns whether it did, as a promise when the task does. */
  next(): boolean | Promise<boolean> {
    const slot = this.#claimer.claim()
    if (slot < 0) return false
    const kind = this.#claimer.tagOf(slot)
    if (this.#pace.begins(kind)) this.flush()
    const context = new WindowContext(this.#claimer, slot)
    try {
      const task = this.#tasks[kind]
      if (task === undefined) throw notServed(kind)
      const input = task.input === undefined ? undefined : this.#read(slot, task.input)
      this.#claimer.start(slot)
      const output = task.run(input, context)
      if (isPromise(output)) return this.#later(slot, kind, task, output, context)
      this.#deliver(slot, kind, task, output)
    } catch (error) {
      this.#fail(slot, error)
    }
    context.end()
    if (this.#pace.ends(kind)) this.flush()
    return true
  }

  /** Wakes the pool for what it was shown and not yet woken for. */
  flush(): void {
    this.#bell.ringIfDue()
  }

  /** Blocks until a task seems to wait; returns whether one does. */
  wait(timeoutMs: number): boolean {
    return this.#claimer.wait(timeoutMs)
  }

  waitAsync(timeoutMs: number): Promise<boolean> {
    return this.#claimer.waitAsync(timeoutMs)
  }

  async #later(slot: number, kind: number, task: TaskOf, promise: PromiseLike<unknown>, context: WindowContext) {
    this.flush()
    try {
      this.#deliver(slot, kind, task, await promise)
    } catch (error) {
      this.#fail(slot, error)
    }
    context.end()
    if (this.#pace.ends(kind)) this.flush()
    return true
  }

  /** The input, from a copy: what the task gets is its own while it runs. */
  #read(slot: number, codec: Codec<unknown>): unknown {
    const bytes = this.#claimer.bytesOf(slot)
    // The task before may have transferred its input away.
    if (this.#own.i32.length === 0) this.#own = memoryOn(new ArrayBuffer(this.#claimer.slotBytes))
    this.#own.i32.set(this.#viewOf(slot, (bytes + 3) >> 2))
    return codec.decode(this.#own, 0, bytes)
  }

  /** PERF: tasks of one kind are of one size, more often than not, and the view costs as much as the copy. */
  #viewOf(slot: number, words: number): Int32Array {
    const view = this.#views[slot]
    if (view !== undefined && view.length === words) return view
    const from = this.#claimer.offsetOf(slot) >> 2
    const made = this.#slots.subarray(from, from + words)
    this.#views[slot] = made
    return made
  }

  #deliver(slot: number, kind: number, task: TaskOf, output: unknown): void {
    if (task.output !== undefined && this.#write(slot, kind, task.output, output)) return
    this.#outbox.clone(this.#claimer.ticketOf(slot), output)
    this.#tellElsewhere(slot)
  }

  #fail(slot: number, error: unknown): void {
    this.#outbox.fault(this.#claimer.ticketOf(slot), faultOf(error))
    this.#tellElsewhere(slot)
  }

  /** Writes the output where it will be read; returns false when it is too large or the codec refuses it. */
  #write(slot: number, kind: number, codec: Codec<unknown>, output: unknown): boolean {
    try {
      if (this.#tryWrite(slot, kind, codec, output, this.#guesses[kind]!)) return true
      const bytes = SLOT_BYTES + codec.bytesOf(output)
      return bytes <= this.#ring.maxRecordBytes && this.#tryWrite(slot, kind, codec, output, bytes)
    } catch (error) {
      if (isMismatch(error)) return false
      throw error
    }
  }

  #tryWrite(slot: number, kind: number, codec: Codec<unknown>, output: unknown, maxBytes: number): boolean {
    const at = this.#reserve(maxBytes)
    const bytes = codec.encode(output, this.#records, at + SLOT_BYTES, maxBytes - SLOT_BYTES)
    if (bytes < 0) return false
    this.#guesses[kind] = SLOT_BYTES + bytes
    this.#commit(at, slot, SLOT_BYTES + bytes, RESULT)
    return true
  }

  #tellElsewhere(slot: number): void {
    this.#outbox.flush()
    this.#commit(this.#reserve(SLOT_BYTES), slot, SLOT_BYTES, ELSEWHERE)
  }

  #reserve(bytes: number): number {
    for (;;) {
      const at = this.#ring.reserve(bytes)
      if (at >= 0) return at
      this.flush()
      this.#ring.wait(bytes)
    }
  }

  #commit(at: number, slot: number, bytes: number, tag: number): void {
    this.#records.f64[at >> 3] = slot
    this.#ring.commit(bytes, tag)
    this.#ring.publish()
  }
}

class WindowContext implements TaskContext {
  readonly #claimer: SharedWindowClaimer
  readonly #slot: number
  #isOver = false

  constructor(claimer: SharedWindowClaimer, slot: number) {
    this.#claimer = claimer
    this.#slot = slot
  }

  get cancelled(): boolean {
    return this.#isOver || this.#claimer.cancelled(this.#slot)
  }

  progress(fraction: number): void {
    if (!this.#isOver) this.#claimer.progress(this.#slot, fraction)
  }

  /** The slot will have another task. */
  end(): void {
    this.#isOver = true
  }
}
