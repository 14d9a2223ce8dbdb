import { Worker } from 'node:worker_threads'
import {
  createSharedRing,
  createSharedWindow,
  SharedBell,
  SharedRingConsumer,
  SharedWindowProducer,
} from '@millrace/kernel'
import { openChannel } from '../../src/channel/open-channel.ts'
import type { WorkerChannel, WorkerEnd } from '../../src/channel/worker-channel.ts'
import { padded } from '../../src/codec/codec.ts'
import { type CodecMemory, memoryOn } from '../../src/codec/codec-memory.ts'
import { CancelFlags } from '../../src/parcel/cancel-flags.ts'
import {
  BYTES,
  ELSEWHERE,
  ENTRY_BYTES,
  entryTicket,
  STATE,
  slotBytesFor,
  VALUE,
} from '../../src/parcel/parcel-layout.ts'
import { ParcelOwner } from '../../src/parcel/parcel-owner.ts'
import { type Fault, type FromWorker, MARK, RECORD_DONE, RECORD_SLOT, type TaskMessage } from '../../src/protocol.ts'
import { codecOf, type TaskShape } from '../../src/task/codec-of.ts'
import { PackReader, PackWriter } from '../../src/worker/packed.ts'

/** What became of a task. */
export type Answer = { readonly output: unknown } | { readonly fault: Fault }

export interface BareOptions {
  readonly shared: boolean
  readonly slots?: number
  /** Of inputs, in a slot. */
  readonly slotBytes?: number
}

/** What is in a slot: the ticket of its first entry, and the number of its task. */
interface Place {
  readonly ticket: number
  readonly task: number
}

/**
 * The pool's side of one worker, no more of it than is needed to see what the worker does: it notes all that comes, and
 * throws when an answer comes twice.
 */
export class BarePool {
  readonly answers = new Map<number, Answer>()
  readonly started: (readonly [ticket: number, tasks: number])[] = []
  readonly progress: (readonly [ticket: number, fraction: number])[] = []
  /** Messages heard. */
  heard = 0
  /** Outputs that were in a slot, and those of which it said that they are elsewhere. */
  readonly outputs = { value: 0, elsewhere: 0 }
  end: WorkerEnd | undefined
  readonly window: SharedWindowProducer | undefined
  readonly channel: WorkerChannel
  names: readonly string[] = []
  #shapes: readonly TaskShape[] = []
  #fault: Fault | undefined
  readonly #slots: CodecMemory | undefined
  readonly #owner: ParcelOwner | undefined
  readonly #ring: SharedRingConsumer | undefined
  readonly #bell = new SharedBell(new SharedArrayBuffer(4))
  readonly #mail = new Int32Array(new SharedArrayBuffer(4))
  readonly #cancels = CancelFlags.make(1024)
  readonly #pack = new PackWriter()
  #ticket = 100
  #parcel = 1_000_000
  readonly #places = new Map<number, Place>()
  #wait: Promise<unknown> | undefined
  #changed = () => {}

  constructor(worker: Worker, { shared, slots = 64, slotBytes = 4096 }: BareOptions) {
    if (shared) {
      const window = createSharedWindow({ slots, slotBytes: slotBytesFor(slotBytes) })
      const ring = createSharedRing({ capacityBytes: 65_536 })
      this.window = new SharedWindowProducer(window)
      this.#slots = memoryOn(window)
      this.#owner = new ParcelOwner(this.#slots, slotBytes)
      this.#ring = new SharedRingConsumer(ring, { consumerBell: this.#bell })
    }
    this.channel = openChannel(worker, {
      onMessage: (message) => {
        this.heard++
        this.#hear(message)
        this.#changed()
      },
      onEnd: (end) => {
        this.end = end
        this.#changed()
      },
    })
  }

  /** Starts a worker on the tasks of these tests, or on those of another file. */
  static async start(options: BareOptions, file: URL | string = new URL('./served-tasks.ts', import.meta.url)) {
    const pool = new BarePool(new Worker(file, { stderr: true }), options)
    await pool.until(() => pool.names.length > 0 || pool.#fault !== undefined)
    if (pool.#fault !== undefined) throw new Error(pool.#fault.message)
    return pool
  }

  /** Puts tasks in the window, in one parcel, and shows it to the worker; returns the ticket of each. */
  put(name: string, ...inputs: readonly unknown[]): number[] {
    const { window } = this
    const slot = window?.reserve() ?? -1
    if (window === undefined || this.#owner === undefined || slot < 0) throw new Error('no room in the window')
    const task = this.#numberOf(name)
    const codec = codecOf(this.#shapes[task]!.input)!
    this.#owner.begin(window.offsetOf(slot))
    for (const input of inputs) if (!this.#owner.tryAdd(codec, input)) throw new Error('no room in the slot')
    const parcel = this.#parcel++
    this.#places.set(slot, { ticket: entryTicket(parcel, 0), task })
    window.commit(slot, this.#owner.end(), task, parcel)
    window.publish()
    return inputs.map((_, entry) => entryTicket(parcel, entry))
  }

  /** Puts one task in the window. */
  putOne(name: string, input: unknown): number {
    return this.put(name, input)[0]!
  }

  /** How many tasks in the slot were begun. */
  begunIn(slot: number): number {
    return this.#owner!.begunOf(this.window!.offsetOf(slot))
  }

  /** Asks for a task in the slot to end. */
  skip(slot: number, entry = 0): void {
    this.#owner!.skip(this.window!.offsetOf(slot), entry)
  }

  /** Posts tasks in one message, each by its codec when `packed`. */
  post(tasks: readonly (readonly [name: string, input: unknown])[], packed = false): number[] {
    const messages = tasks.map(([name, input]): TaskMessage => [this.#ticket++, this.#numberOf(name), input])
    if (packed) {
      for (const [ticket, task, input] of messages) {
        this.#pack.add(ticket, task, codecOf(this.#shapes[task]!.input)!, input)
      }
      const bytes = this.#pack.take()
      this.channel.post([MARK, 'packed', bytes], [bytes])
    } else this.channel.post([MARK, 'tasks', messages])
    this.#count()
    return messages.map(([ticket]) => ticket)
  }

  cancel(tickets: readonly number[]): void {
    this.channel.post([MARK, 'cancel', tickets])
    this.#count()
  }

  leave(): void {
    this.channel.post([MARK, 'end'])
    this.#count()
  }

  /** The answer, when it is there. */
  async answer(ticket: number): Promise<Answer> {
    await this.until(() => this.answers.has(ticket) || this.end !== undefined)
    return this.answers.get(ticket) ?? { fault: { name: 'none', message: JSON.stringify(this.end) } as Fault }
  }

  /** Takes what comes until `isSo`. */
  async until(isSo: () => boolean): Promise<void> {
    for (;;) {
      this.drain()
      if (isSo()) return
      const changed = new Promise<unknown>((resolve) => {
        this.#changed = () => resolve(true)
      })
      this.#wait ??= this.#ring?.waitAsync().finally(() => {
        this.#wait = undefined
      })
      await (this.#wait === undefined ? changed : Promise.race([changed, this.#wait]))
    }
  }

  /** Takes in the parcels of which the ring says that they are done. */
  drain(): void {
    const ring = this.#ring
    if (ring === undefined) return
    const records = new Int32Array(ring.buffer)
    for (let at = ring.next(); at >= 0; at = ring.next()) {
      const slot = records[(at >> 2) + RECORD_SLOT]!
      this.take(slot, records[(at >> 2) + RECORD_DONE]!)
      this.window!.release(slot)
      ring.release()
    }
  }

  /** Takes in the first `count` outputs in a slot. */
  take(slot: number, count: number): void {
    const { ticket, task } = this.#places.get(slot)!
    const offset = this.window!.offsetOf(slot)
    const own = memoryOn(this.#slots!.buffer.slice(0))
    let at = offset + this.#owner!.outputsOf(offset)
    for (let entry = 0; entry < count; entry++) {
      const bytes = own.i32[(at >> 2) + BYTES]!
      const state = own.i32[(at >> 2) + STATE]
      if (state === VALUE) {
        this.outputs.value++
        this.#settle(ticket + entry, {
          output: codecOf(this.#shapes[task]!.output)!.decode(own, at + ENTRY_BYTES, bytes),
        })
      } else if (state === ELSEWHERE) this.outputs.elsewhere++
      at += ENTRY_BYTES + padded(bytes)
    }
  }

  /** The slot of a task in the window. */
  slotOf(ticket: number): number {
    for (const [slot, { ticket: first }] of this.#places) if (first <= ticket && ticket < first + 64) return slot
    throw new Error(`no slot has ${ticket}`)
  }

  async close(): Promise<void> {
    await this.channel.terminate()
  }

  #hear(message: FromWorker): void {
    switch (message[1]) {
      case 'serving':
        this.names = message[2].map(([name]) => name)
        this.#shapes = message[2].map(([, shape]) => shape)
        this.channel.post([
          MARK,
          'start',
          0,
          this.window === undefined || this.#ring === undefined
            ? null
            : {
                window: this.window.buffer,
                ring: this.#ring.buffer,
                bell: this.#bell.buffer,
                mail: this.#mail.buffer,
                cancels: this.#cancels.buffer,
              },
        ])
        return
      case 'unable':
        this.#fault = message[2]
        return
      case 'results':
        for (const result of message[2]) {
          this.#settle(result[0], result[1] ? { output: result[2] } : { fault: result[2] })
        }
        return
      case 'packed':
        for (const reader = new PackReader(message[2]); reader.next(); ) {
          this.#settle(reader.ticket, { output: reader.decode(codecOf(this.#shapes[reader.task]!.output)!) })
        }
        return
      case 'started':
        this.started.push([message[2], message[3]])
        return
      case 'progress':
        this.progress.push([message[2], message[3]])
    }
  }

  #settle(ticket: number, answer: Answer): void {
    if (this.answers.has(ticket)) throw new Error(`${ticket} was answered twice`)
    this.answers.set(ticket, answer)
  }

  #numberOf(name: string): number {
    const index = this.names.indexOf(name)
    return index < 0 ? 999 : index
  }

  #count(): void {
    Atomics.add(this.#mail, 0, 1)
  }
}
