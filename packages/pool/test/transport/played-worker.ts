import type { HostChannel } from '../../src/channel/host-channel.ts'
import type { FromWorker } from '../../src/protocol.ts'
import type { TaskContext, TaskOf } from '../../src/task/task.ts'
import { Outbox } from '../../src/worker/outbox.ts'

/** A task that a played worker has begun. */
export interface Running {
  readonly input: unknown
  readonly context: TaskContext
  readonly resolve: (output: unknown) => void
  readonly reject: (error: unknown) => void
}

export interface Desk {
  next(): boolean | Promise<boolean>
}

/**
 * A worker on the test's own thread, with the real desk: each of its tasks goes on when the test says so, and what it
 * posts waits until the test hears it.
 */
export class PlayedWorker<D extends Desk = Desk> {
  readonly desk: D
  readonly #outbox: Outbox
  #posted: FromWorker[] = []
  #running: Running | undefined
  #isBusy = false

  constructor(
    kinds: readonly Pick<TaskOf, 'input' | 'output'>[],
    onBegin: (input: unknown) => void,
    sit: (tasks: readonly TaskOf[], outbox: Outbox, channel: HostChannel) => D,
  ) {
    const channel: HostChannel = {
      post: (message, transfer = []) => this.#posted.push(structuredClone(message, { transfer: [...transfer] })),
      listen: () => {},
      turn: async () => {},
      leave: () => {},
    }
    const run: TaskOf['run'] = (input, context) => {
      onBegin(input)
      return new Promise((resolve, reject) => {
        this.#running = { input, context, resolve, reject }
      })
    }
    this.#outbox = new Outbox(channel)
    this.desk = sit(
      kinds.map((codecs) => ({ ...codecs, run, retryable: true })),
      this.#outbox,
      channel,
    )
  }

  /** Sits down to the next work, unless it is at some; `fail` hears what a worker would end with. */
  begin(fail: (error: unknown) => void): void {
    if (this.#isBusy) return
    try {
      const later = this.desk.next()
      if (typeof later === 'boolean') return
      this.#isBusy = true
      later.then(() => {
        this.#isBusy = false
      }, fail)
    } catch (error) {
      fail(error)
    }
  }

  /** Ends the task that runs, if one does. */
  async end(how: (running: Running) => void): Promise<void> {
    const running = this.#running
    this.#running = undefined
    if (running !== undefined) how(running)
    // All that follows within the worker.
    for (let turn = 0; turn < 8; turn++) await undefined
  }

  /** What it has posted since. */
  posted(): readonly FromWorker[] {
    const posted = this.#posted
    this.#posted = []
    return posted
  }

  /** Posts what is left, as a worker does that has nothing more to do. */
  rest(): void {
    if (!this.#isBusy) this.#outbox.flush()
  }
}
