import { MillraceError } from '@millrace/kernel/errors'
import { Ring } from '@millrace/kernel/queue/ring'
import type { HostChannel } from '../channel/host-channel.ts'
import type { CancelFlags } from '../parcel/cancel-flags.ts'
import { MARK, type TaskMessage } from '../protocol.ts'
import type { TaskContext, TaskOf } from '../task/task.ts'
import { faultOf } from './fault.ts'
import { notServed } from './not-served.ts'
import type { Outbox } from './outbox.ts'
import type { OwnMemory } from './own-memory.ts'
import { Pace } from './pace.ts'
import { PackReader } from './packed.ts'
import { isPromise } from './promise.ts'

/** A task may tell of each of its steps: one in a hundred is enough. */
const PROGRESS_STEP = 0.01

interface Letter {
  readonly ticket: number
  readonly kind: number
  readonly input: () => unknown
}

/** Tasks that come in messages, done in that order; their results go the same way. */
export class MailDesk {
  readonly #tasks: readonly TaskOf[]
  readonly #channel: HostChannel
  readonly #outbox: Outbox
  readonly #pace: Pace
  readonly #own: OwnMemory
  /** Where memory is shared: what a task sees in its midst. Without, it sees what came while it let the thread go. */
  cancelFlags: CancelFlags | undefined
  readonly #letters = new Ring<Letter>()
  /** Tickets nobody wants any more. */
  readonly #cancelled = new Set<number>()
  /** Tasks still to come of those that the pool was told of. */
  #told = 0

  constructor(tasks: readonly TaskOf[], channel: HostChannel, outbox: Outbox, pace: Pace, own: OwnMemory) {
    this.#tasks = tasks
    this.#channel = channel
    this.#outbox = outbox
    this.#pace = pace
    this.#own = own
  }

  receive(tasks: readonly TaskMessage[]): void {
    for (const [ticket, kind, input] of tasks) this.#letters.push({ ticket, kind, input: () => input })
  }

  /** @throws {MillraceError} `CODEC_DAMAGED` when it is no pack. */
  receivePack(pack: ArrayBuffer): void {
    for (const reader = new PackReader(pack); reader.next(); ) {
      const { ticket, task: kind } = reader
      const codec = this.#tasks[kind]?.input
      this.#letters.push({
        ticket,
        kind,
        input:
          codec === undefined
            ? () => undefined
            : reader.later((memory, at, bytes) => this.#own.read(codec, memory, at, bytes)),
      })
    }
  }

  cancel(tickets: readonly number[]): void {
    for (const ticket of tickets) this.#cancelled.add(ticket)
  }

  /** Does the next task, if one waits; returns whether it did, as a promise when the task does. */
  next(): boolean | Promise<boolean> {
    const letter = this.#letters.shift()
    if (letter === undefined) {
      if (this.#cancelled.size > 0) this.#cancelled.clear()
      return false
    }
    const { ticket, kind } = letter
    if (this.#told === 0) this.#tell(letter)
    this.#told--
    if (this.#cancelled.delete(ticket) || this.cancelFlags?.isSet(ticket)) {
      this.#outbox.fault(ticket, faultOf(cancelledBefore()))
      return true
    }
    this.#pace.begins(kind)
    const context = new MailContext(ticket, this.#channel, this.#cancelled, this.cancelFlags)
    try {
      const task = this.#tasks[kind]
      if (task === undefined) throw notServed(kind)
      const output = task.run(letter.input(), context)
      if (isPromise(output)) return this.#later(letter, task, output, context)
      this.#outbox.output(ticket, kind, task.output, output)
    } catch (error) {
      this.#outbox.fault(ticket, faultOf(error))
    }
    this.#end(letter, context)
    return true
  }

  async #later(letter: Letter, task: TaskOf, promise: PromiseLike<unknown>, context: MailContext) {
    const { ticket, kind } = letter
    this.#outbox.flush()
    try {
      this.#outbox.output(ticket, kind, task.output, await promise)
    } catch (error) {
      this.#outbox.fault(ticket, faultOf(error))
    }
    this.#end(letter, context)
    return true
  }

  #end({ ticket, kind }: Letter, context: MailContext): void {
    context.end()
    this.#cancelled.delete(ticket)
    if (this.#pace.ends(kind)) this.#outbox.flush()
  }

  /** Sends the results that there are, and says what is begun: a task alone, or as many short ones as follow. */
  #tell({ ticket, kind }: Letter): void {
    this.#told = 1
    if (this.#pace.isShort(kind)) {
      while (this.#told < Pace.most && this.#isNextShort(this.#told - 1)) this.#told++
    }
    this.#outbox.flush()
    this.#channel.post([MARK, 'started', ticket, this.#told])
  }

  #isNextShort(index: number): boolean {
    const letter = this.#letters.at(index)
    return letter !== undefined && this.#pace.isShort(letter.kind)
  }
}

class MailContext implements TaskContext {
  readonly #ticket: number
  readonly #channel: HostChannel
  readonly #cancelled: ReadonlySet<number>
  readonly #flags: CancelFlags | undefined
  #told = 0
  #isOver = false

  constructor(ticket: number, channel: HostChannel, cancelled: ReadonlySet<number>, flags: CancelFlags | undefined) {
    this.#flags = flags
    this.#ticket = ticket
    this.#channel = channel
    this.#cancelled = cancelled
  }

  get cancelled(): boolean {
    return this.#isOver || this.#cancelled.has(this.#ticket) || this.#flags?.isSet(this.#ticket) === true
  }

  progress(fraction: number): void {
    const told = Math.min(Math.max(fraction, 0), 1)
    if (this.#isOver || !(Math.abs(told - this.#told) >= PROGRESS_STEP || (told === 1 && this.#told < 1))) return
    this.#told = told
    this.#channel.post([MARK, 'progress', this.#ticket, told])
  }

  end(): void {
    this.#isOver = true
  }
}

function cancelledBefore(): MillraceError {
  return new MillraceError('TASK_CANCELLED', 'the task was cancelled before a worker began with it')
}
