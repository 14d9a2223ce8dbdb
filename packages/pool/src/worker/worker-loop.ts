import { SharedBell } from '@millrace/kernel/queue/shared-bell'
import { endWith, type HostChannel } from '../channel/host-channel.ts'
import { CancelFlags } from '../parcel/cancel-flags.ts'
import type { SharedMemory, ToWorker } from '../protocol.ts'
import type { TaskOf } from '../task/task.ts'
import { MailDesk } from './mail-desk.ts'
import { Outbox } from './outbox.ts'
import { OwnMemory } from './own-memory.ts'
import { Pace } from './pace.ts'
import { WindowDesk } from './window-desk.ts'

/**
 * A worker that has nothing to do stays at the window for so long: being woken there is quicker than in the event loop.
 */
const BLOCK_MS = 1
/**
 * Then it sits in its event loop. A wait that mail has interrupted may take one wake-up from another worker: it sleeps
 * no longer than this.
 */
const DOZE_MS = 50
/** One that always has something to do lets timers and messages have their turn after so long. */
const TURN_MS = 8

/**
 * The life of a worker: does one task after the other, from the window and from messages by turns, until it is told to
 * end.
 *
 * It looks for messages only in its event loop, which it does not go back to for each task: a counter in shared memory
 * says when some wait.
 */
export class WorkerLoop {
  readonly #channel: HostChannel
  readonly #tasks: readonly TaskOf[]
  readonly #pace: Pace
  readonly #outbox: Outbox
  readonly #own = new OwnMemory()
  readonly #mail: MailDesk
  #window: WindowDesk | undefined
  /** Whether a task is more likely to come by the window than in a message. */
  #isAtWindow = true
  /** Messages posted, counted by the pool; this worker's place there; and messages received. */
  #posted: Int32Array = new Int32Array(1)
  #place = 0
  #received = 0
  #isEnding = false
  #turned = 0
  /** Ends a doze. */
  #wake = () => {}
  /** A wait at the window that is under way. */
  #wait: Promise<void> | undefined

  constructor(channel: HostChannel, tasks: readonly TaskOf[]) {
    this.#channel = channel
    this.#tasks = tasks
    this.#pace = new Pace(tasks.length)
    this.#outbox = new Outbox(channel)
    this.#mail = new MailDesk(tasks, channel, this.#outbox, this.#pace, this.#own)
  }

  /** Takes a message of the pool. */
  hear(message: ToWorker): void {
    if (message[1] === 'start') {
      this.#start(message[2], message[3])
      return
    }
    this.#received = (this.#received + 1) | 0
    if (message[1] === 'end') this.#isEnding = true
    else if (message[1] === 'cancel') this.#mail.cancel(message[2])
    else {
      this.#isAtWindow = false
      if (message[1] === 'tasks') this.#mail.receive(message[2])
      else this.#mail.receivePack(message[2])
    }
    this.#wake()
  }

  #start(worker: number, memory: SharedMemory | null): void {
    if (memory !== null) {
      this.#window = new WindowDesk(worker, memory, this.#tasks, this.#outbox, this.#own)
      this.#posted = new Int32Array(memory.mail)
      this.#mail.cancelFlags = new CancelFlags(memory.cancels)
      this.#place = worker
    }
    this.#work().catch(endWith)
  }

  async #work(): Promise<void> {
    for (;;) {
      if (this.#isMailDue() || this.#now - this.#turned > TURN_MS) await this.#turn()
      let fromMail = this.#mail.next()
      if (typeof fromMail !== 'boolean') fromMail = await fromMail
      if (fromMail) this.#window?.pause()
      let fromWindow = !this.#isEnding && this.#window !== undefined && this.#window.next()
      if (typeof fromWindow !== 'boolean') fromWindow = await fromWindow
      if (fromWindow) this.#isAtWindow = true
      if (fromMail || fromWindow) continue
      this.#flush()
      if (this.#isEnding) return this.#channel.leave()
      this.#pace.rest()
      if (this.#isMailDue() || (this.#window !== undefined && this.#isAtWindow && this.#window.wait(BLOCK_MS))) continue
      await this.#doze()
    }
  }

  /** Sits in the event loop until there is a message, or a task at the window. */
  async #doze(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      if (this.#window !== undefined) this.#wait ??= this.#waitAt(this.#window)
    })
    this.#turned = performance.now()
  }

  async #waitAt(window: WindowDesk): Promise<void> {
    try {
      // Where the host cannot wait and go on, it blocks, with pauses.
      if (SharedBell.canWaitAsync) await window.waitAsync(DOZE_MS)
      else if (!window.wait(BLOCK_MS)) await this.#channel.turn()
    } catch (error) {
      endWith(error)
    }
    this.#wait = undefined
    this.#wake()
  }

  async #turn(): Promise<void> {
    this.#flush()
    await this.#channel.turn()
    this.#window?.pause()
    this.#turned = this.#now
  }

  #flush(): void {
    this.#window?.flush()
    this.#outbox.flush()
  }

  /** The time when either way was last looked at: near enough, and nothing to pay for. */
  get #now(): number {
    return Math.max(this.#pace.now, this.#window?.now ?? 0)
  }

  #isMailDue(): boolean {
    return this.#window !== undefined && Atomics.load(this.#posted, this.#place) !== this.#received
  }
}
