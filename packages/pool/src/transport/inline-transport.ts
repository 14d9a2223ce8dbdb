import type { Clock } from '@millrace/kernel/clock'
import { Ring } from '@millrace/kernel/queue/ring'
import type { Codec } from '../codec/codec.ts'
import { type CodecMemory, memoryOn } from '../codec/codec-memory.ts'
import { errorFrom } from '../deliver/error-from.ts'
import type { Parcel } from '../dispatch/parcel.ts'
import { hostGlobals } from '../host-globals.ts'
import { type TaskContext, type TaskOf, type Tasks, taskOf } from '../task/task.ts'
import { inputNotClonable, outputNotClonable } from '../task/value-faults.ts'
import { faultOf } from '../worker/fault.ts'
import { isMismatch } from '../worker/packed.ts'
import { isPromise } from '../worker/promise.ts'
import type { Transport, TransportEvents, WorkerStats } from './transport.ts'
import { nextTurn } from './turn.ts'

/** Most tasks taken ahead. */
const MOST = 64
/** For so long tasks run before the thread's other work has its turn. */
const TURN_MS = 8

class Errand implements TaskContext {
  readonly parcel: Parcel
  readonly entry: number
  readonly input: unknown
  readonly transfer: readonly ArrayBuffer[] | undefined
  cancelled = false
  fraction = 0

  constructor(parcel: Parcel, entry: number, input: unknown, transfer: readonly ArrayBuffer[] | undefined) {
    this.parcel = parcel
    this.entry = entry
    this.input = input
    this.transfer = transfer
  }

  progress(fraction: number): void {
    this.fraction = Math.min(Math.max(fraction, 0), 1)
  }
}

/**
 * No threads: tasks run on the caller, one after the other, in turns between which its other work has its own.
 *
 * Values are copied as they are on their way to a thread and back, by the same codecs, so that results are the same.
 */
export class InlineTransport implements Transport {
  readonly #events: TransportEvents
  readonly #clock: Clock
  readonly #tasks: readonly TaskOf[]
  readonly #waiting = new Ring<Errand>()
  /** Those of each parcel that were taken, and how many have no answer. */
  readonly #errands = new Map<Parcel, { readonly all: Errand[]; left: number }>()
  #size = 0
  readonly #upAt: number
  #isRunning = false
  #answered = 0
  #busyMs = 0

  /** @throws {MillraceError} `TASK_INVALID`. */
  constructor(tasks: Tasks, clock: Clock, events: TransportEvents) {
    this.#events = events
    this.#clock = clock
    this.#upAt = clock.now()
    const entries = Object.entries(tasks)
    this.#tasks = entries.map(([name, entry]) => taskOf(`createPool: the task ${JSON.stringify(name)}`, entry))
    queueMicrotask(() => {
      events.onServing(entries.map(([name], index) => ({ name, retryable: this.#tasks[index]!.retryable })))
      events.onRoom()
    })
  }

  open(parcel: Parcel, input: unknown, transfer: readonly ArrayBuffer[] | undefined): boolean {
    if (this.#size >= MOST) return false
    this.#check(parcel, input)
    this.#errands.set(parcel, { all: [], left: 0 })
    this.#take(parcel, input, transfer)
    return true
  }

  add(parcel: Parcel, input: unknown): boolean {
    if (this.#size >= MOST) return false
    this.#check(parcel, input)
    this.#take(parcel, input, undefined)
    return true
  }

  seal(): void {}

  flush(): void {
    if (!this.#isRunning && this.#waiting.size > 0) void this.#run()
  }

  withdraw(): boolean {
    return false
  }

  cancel(parcel: Parcel, entry: number): void {
    const errand = this.#errands.get(parcel)?.all[entry]
    if (errand !== undefined) errand.cancelled = true
  }

  /** Nobody can end a task on the caller. */
  evict(): boolean {
    return true
  }

  progressOf(parcel: Parcel, entry: number): number {
    return this.#errands.get(parcel)?.all[entry]?.fraction ?? 0
  }

  again(): boolean {
    return false
  }

  forget(): void {}

  ref(): void {}

  unref(): void {}

  /** What ran was told of. */
  poll(): number {
    return 0
  }

  listen(): void {}

  workers(): readonly WorkerStats[] {
    const servedMs = this.#clock.now() - this.#upAt
    const utilisation = servedMs > 0 ? Math.min(1, this.#busyMs / servedMs) : 0
    return [{ state: 'serving', answered: this.#answered, utilisation }]
  }

  async close(): Promise<void> {
    this.#waiting.clear()
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    await nextTurn()
    let turnEndsAt = this.#clock.now() + TURN_MS
    for (let errand = this.#waiting.shift(); errand !== undefined; errand = this.#waiting.shift()) {
      const startedAt = this.#clock.now()
      if (!errand.cancelled) {
        // Only those that need it wait a turn of microtasks; what is done in one go is delivered together.
        const later = this.#perform(errand)
        if (later !== undefined) await later
      }
      const now = this.#clock.now()
      this.#answered++
      this.#busyMs += now - startedAt
      this.#events.onCost(errand.parcel.task, now - startedAt)
      this.#end(errand)
      this.#events.onRoom()
      if (now >= turnEndsAt) {
        await nextTurn()
        turnEndsAt = this.#clock.now() + TURN_MS
      }
    }
    this.#isRunning = false
    this.flush()
  }

  #perform(errand: Errand): Promise<void> | undefined {
    const { run, input } = this.#tasks[errand.parcel.task]!
    try {
      const output = run(copyInput(input, errand.input, errand.transfer), errand)
      if (isPromise(output)) return this.#performLater(errand, output)
      this.#deliver(errand, output)
    } catch (error) {
      this.#events.onFault(errand.parcel, errand.entry, errorFrom(faultOf(error)))
    }
    return undefined
  }

  async #performLater(errand: Errand, promise: PromiseLike<unknown>): Promise<void> {
    try {
      this.#deliver(errand, await promise)
    } catch (error) {
      this.#events.onFault(errand.parcel, errand.entry, errorFrom(faultOf(error)))
    }
  }

  #deliver({ parcel, entry }: Errand, output: unknown): void {
    this.#events.onOutput(parcel, entry, copyOutput(this.#tasks[parcel.task]!.output, output))
  }

  /** @throws {MillraceError} `CODEC_MISMATCH`. */
  #check({ task }: Parcel, input: unknown): void {
    this.#tasks[task]!.input?.bytesOf(input)
  }

  #take(parcel: Parcel, input: unknown, transfer: readonly ArrayBuffer[] | undefined): void {
    const errands = this.#errands.get(parcel)!
    const errand = new Errand(parcel, errands.all.length, input, transfer)
    errands.all.push(errand)
    errands.left++
    this.#size++
    this.#waiting.push(errand)
  }

  #end({ parcel }: Errand): void {
    const errands = this.#errands.get(parcel)!
    this.#size--
    if (--errands.left > 0) return
    this.#errands.delete(parcel)
    this.#events.onOver(parcel)
  }
}

function copyInput(
  codec: Codec<unknown> | undefined,
  value: unknown,
  transfer: readonly ArrayBuffer[] | undefined,
): unknown {
  if (codec !== undefined) return recoded(codec, value)
  try {
    return hostGlobals().structuredClone(value, transfer === undefined ? {} : { transfer })
  } catch (error) {
    throw inputNotClonable(faultOf(error).message)
  }
}

/** What is not as the codec says is cloned, as it is on its way from a worker. */
function copyOutput(codec: Codec<unknown> | undefined, value: unknown): unknown {
  try {
    if (codec !== undefined) return recoded(codec, value)
  } catch (error) {
    if (!isMismatch(error)) throw error
  }
  try {
    return hostGlobals().structuredClone(value)
  } catch (error) {
    throw outputNotClonable(faultOf(error).message)
  }
}

function recoded(codec: Codec<unknown>, value: unknown): unknown {
  const memory: CodecMemory = memoryOn(new ArrayBuffer(codec.bytesOf(value)))
  return codec.decode(memory, 0, codec.encode(value, memory, 0))
}
