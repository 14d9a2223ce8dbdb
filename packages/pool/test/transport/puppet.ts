import type { WorkerLike } from '../../src/channel/worker-channel.ts'
import type { Codec } from '../../src/codec/codec.ts'
import { MARK, type SharedMemory, type ToWorker } from '../../src/protocol.ts'
import { MailDesk } from '../../src/worker/mail-desk.ts'
import { OwnMemory } from '../../src/worker/own-memory.ts'
import { Pace } from '../../src/worker/pace.ts'
import { WindowDesk } from '../../src/worker/window-desk.ts'
import { PlayedWorker } from './played-worker.ts'

/** A worker that serves the task `echo` on the test's own thread, step by step: the pool takes it for one of Node's. */
export class Puppet implements WorkerLike {
  /** What it shares with the pool, since it was started. */
  memory: SharedMemory | undefined
  isGone = false
  readonly #codec: Codec<unknown>
  #window: PlayedWorker<WindowDesk> | undefined
  #mail: PlayedWorker<MailDesk> | undefined
  /** An error that nobody has caught ends a worker. */
  readonly #fail = () => this.leave(1)
  readonly #listeners = new Map<string, (value: unknown) => void>()

  constructor(codec: Codec<unknown>) {
    this.#codec = codec
    const shape = { input: codec.shape, output: codec.shape, retryable: true }
    queueMicrotask(() => this.#emit('message', [MARK, 'serving', [['echo', shape]]]))
  }

  on(event: string, listener: (value: unknown) => void): void {
    this.#listeners.set(event, listener)
  }

  ref(): void {}

  unref(): void {}

  async terminate(): Promise<void> {
    this.isGone = true
  }

  postMessage(message: ToWorker): void {
    if (message[1] === 'start') this.#start(message[2], message[3])
    else if (message[1] === 'tasks') this.#mail?.desk.receive(message[2])
    else if (message[1] === 'packed') this.#mail?.desk.receivePack(message[2])
    else if (message[1] === 'end') this.leave(0)
  }

  /** Begins with what there is to do. */
  begin(): void {
    this.#mail?.begin(this.#fail)
    this.#window?.begin(this.#fail)
  }

  /** Ends the task that runs, and tells of it. */
  async end(): Promise<void> {
    for (const each of [this.#mail, this.#window]) {
      await each?.end(({ input, resolve }) => resolve(input))
      each?.rest()
      for (const message of each?.posted() ?? []) this.#emit('message', message)
    }
    if (!this.isGone) this.#window?.desk.flush()
  }

  #start(number: number, memory: SharedMemory | null): void {
    const kinds = [{ input: this.#codec, output: this.#codec }]
    const ignore = () => {}
    this.#mail = new PlayedWorker(kinds, ignore, (tasks, outbox, channel) => {
      return new MailDesk(tasks, channel, outbox, new Pace(1), new OwnMemory())
    })
    if (memory === null) return
    this.memory = memory
    this.#window = new PlayedWorker(
      kinds,
      ignore,
      (tasks, outbox) => new WindowDesk(number, memory, tasks, outbox, new OwnMemory()),
    )
  }

  /** Ends by itself. */
  leave(code: number): void {
    if (this.isGone) return
    this.#emit('exit', code)
    this.isGone = true
  }

  #emit(event: string, value: unknown): void {
    if (!this.isGone) this.#listeners.get(event)?.(value)
  }
}
