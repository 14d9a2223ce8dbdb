import { SharedRingProducer } from '@millrace/kernel/queue/shared-ring-producer'
import { SharedWindowClaimer } from '@millrace/kernel/queue/shared-window-claimer'
import { type CodecMemory, memoryOn } from '../codec/codec-memory.ts'
import { ParcelHolder } from '../parcel/parcel-holder.ts'
import { entryTicket } from '../parcel/parcel-layout.ts'
import { RECORD_BYTES, RECORD_DONE, RECORD_END, RECORD_MS, RECORD_SLOT, type SharedMemory } from '../protocol.ts'
import type { TaskContext, TaskOf } from '../task/task.ts'
import { DeferredBell } from './deferred-bell.ts'
import { faultOf } from './fault.ts'
import { notServed } from './not-served.ts'
import type { Outbox } from './outbox.ts'
import type { OwnMemory } from './own-memory.ts'
import { isMismatch } from './packed.ts'
import { isPromise } from './promise.ts'

/**
 * While there is more to do, the pool is woken once in so many ms, or tasks: what it finds then, it takes in together.
 * Nothing that is done is kept from it for a parcel that may take longer.
 */
const RING_MS = 0.5
const RING_TASKS = 256
/**
 * How often a worker that has nothing to do looks before it sleeps: for as long as waking it would take, some 50 µs.
 */
const LOOKS = 5000

/**
 * Tasks that come through the window, in parcels, and their outputs, which go back in the same slot.
 *
 * An output that does not go into the slot goes in a message, posted before the pool is told so. What the pool sees of
 * a parcel, at any moment, is right: see `parcel-layout.ts`.
 */
export class WindowDesk {
  readonly #tasks: readonly TaskOf[]
  readonly #claimer: SharedWindowClaimer
  readonly #ring: SharedRingProducer
  readonly #bell: DeferredBell
  readonly #records: CodecMemory
  readonly #memory: CodecMemory
  readonly #parcel: ParcelHolder
  readonly #outbox: Outbox
  readonly #own: OwnMemory
  #slot = -1
  #kind = 0
  #begunAt = 0
  /** Whether nothing was done since the last parcel's end. */
  #isGoingOn = false
  /** By kind: what a task took, in the parcel before. */
  readonly #taskMs: Float64Array
  /** When the pool was last woken, and what was done since. */
  #rungAt = 0
  #unrung = 0
  /** The time when it was last looked at, in milliseconds. */
  now: number = performance.now()

  constructor(worker: number, memory: SharedMemory, tasks: readonly TaskOf[], outbox: Outbox, own: OwnMemory) {
    this.#tasks = tasks
    this.#outbox = outbox
    this.#own = own
    this.#taskMs = new Float64Array(tasks.length).fill(Number.NaN)
    this.#claimer = new SharedWindowClaimer(memory.window, worker, { looks: LOOKS })
    this.#bell = new DeferredBell(memory.bell)
    this.#ring = new SharedRingProducer(memory.ring, { consumerBell: this.#bell })
    this.#records = memoryOn(memory.ring)
    this.#memory = memoryOn(memory.window)
    this.#parcel = new ParcelHolder(this.#memory, this.#claimer.slotBytes)
  }

  /** Does the next parcel, if one waits; returns whether it did, as a promise when a task of it does. */
  next(): boolean | Promise<boolean> {
    const slot = this.#claimer.claim()
    if (slot < 0) {
      this.pause()
      return false
    }
    this.#slot = slot
    this.#kind = this.#claimer.tagOf(slot)
    this.#parcel.open(this.#claimer.offsetOf(slot))
    // PERF: the clock is read twice a parcel, not twice a task; and once, as long as one follows the other;
    // bench/pool/efficiency.bench.ts.
    this.#begunAt = this.#isGoingOn ? this.now : performance.now()
    this.#isGoingOn = false
    if (!(this.#taskMs[this.#kind]! * this.#parcel.count <= RING_MS)) this.flush()
    const later = this.#goOn()
    if (later !== undefined) return later
    this.#end()
    return true
  }

  /** Time has passed with something else. */
  pause(): void {
    this.#isGoingOn = false
  }

  /** Wakes the pool for what it was shown and not yet woken for. */
  flush(): void {
    this.#bell.ringIfDue()
    this.#rungAt = this.now
    this.#unrung = 0
  }

  /** Blocks until a parcel seems to wait; returns whether one does. */
  wait(timeoutMs: number): boolean {
    return this.#claimer.wait(timeoutMs)
  }

  waitAsync(timeoutMs: number): Promise<boolean> {
    return this.#claimer.waitAsync(timeoutMs)
  }

  /** Does what is left of the parcel, or all up to a task that has a promise. */
  #goOn(): Promise<boolean> | undefined {
    const parcel = this.#parcel
    const task = this.#tasks[this.#kind]
    while (parcel.begin()) {
      if (parcel.isSkipped) {
        parcel.tellSkipped()
        continue
      }
      const context = new WindowContext(this.#claimer, this.#slot, this.#memory.i32, parcel.skipWord)
      try {
        if (task === undefined) throw notServed(this.#kind)
        const { inputAt, inputBytes } = parcel
        const input =
          task.input === undefined ? undefined : this.#own.read(task.input, this.#memory, inputAt, inputBytes)
        const output = task.run(input, context)
        if (isPromise(output)) {
          this.flush()
          return this.#later(task, output, context)
        }
        this.#deliver(task, output)
      } catch (error) {
        this.#fail(error)
      }
      context.end()
    }
    return undefined
  }

  async #later(task: TaskOf, promise: PromiseLike<unknown>, context: WindowContext): Promise<boolean> {
    try {
      this.#deliver(task, await promise)
    } catch (error) {
      this.#fail(error)
    }
    context.end()
    const later = this.#goOn()
    if (later !== undefined) return later
    this.#end()
    return true
  }

  /** Tells the pool that the parcel is done, as far as it goes. */
  #end(): void {
    this.now = performance.now()
    this.#isGoingOn = true
    const ms = this.now - this.#begunAt
    this.#taskMs[this.#kind] = ms / Math.max(1, this.#parcel.done)
    const at = this.#reserve()
    const { i32, f32 } = this.#records
    const word = at >> 2
    i32[word + RECORD_SLOT] = this.#slot
    i32[word + RECORD_DONE] = this.#parcel.done
    i32[word + RECORD_END] = this.#parcel.end
    f32[word + RECORD_MS] = ms
    this.#ring.commit(RECORD_BYTES)
    this.#ring.publish()
    this.#unrung += this.#parcel.done
    if (this.#unrung >= RING_TASKS || this.now - this.#rungAt > RING_MS) this.flush()
  }

  #deliver(task: TaskOf, output: unknown): void {
    if (task.output !== undefined) {
      try {
        if (this.#parcel.tryWrite(task.output, output)) return
      } catch (error) {
        if (!isMismatch(error)) throw error
      }
    }
    this.#outbox.clone(this.#ticket, output)
    this.#tellElsewhere()
  }

  #fail(error: unknown): void {
    this.#outbox.fault(this.#ticket, faultOf(error))
    this.#tellElsewhere()
  }

  #tellElsewhere(): void {
    this.#outbox.flush()
    this.#parcel.tellElsewhere()
  }

  get #ticket(): number {
    return entryTicket(this.#claimer.ticketOf(this.#slot), this.#parcel.entry)
  }

  /** There is room: the ring holds a record for each slot. */
  #reserve(): number {
    for (;;) {
      const at = this.#ring.reserve(RECORD_BYTES)
      if (at >= 0) return at
      this.flush()
      this.#ring.wait(RECORD_BYTES)
    }
  }
}

class WindowContext implements TaskContext {
  readonly #claimer: SharedWindowClaimer
  readonly #slot: number
  readonly #words: Int32Array
  readonly #skipWord: number
  #isOver = false
  #hasTold = false

  constructor(claimer: SharedWindowClaimer, slot: number, words: Int32Array, skipWord: number) {
    this.#claimer = claimer
    this.#slot = slot
    this.#words = words
    this.#skipWord = skipWord
  }

  get cancelled(): boolean {
    return this.#isOver || Atomics.load(this.#words, this.#skipWord) !== 0
  }

  progress(fraction: number): void {
    if (this.#isOver) return
    this.#hasTold = true
    this.#claimer.progress(this.#slot, fraction)
  }

  /** The slot will have another task. */
  end(): void {
    this.#isOver = true
    if (this.#hasTold) this.#claimer.progress(this.#slot, 0)
  }
}
