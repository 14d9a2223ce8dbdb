import type { TransactionSession } from './write-batch.ts'

/** A session with a database, as a sink keeps it. */
export interface SinkSession extends TransactionSession {
  /** The server's number of it, by which another session can ask about it. */
  readonly processId?: number | undefined
  /** Whether it can still be used. */
  readonly usable: boolean
  /** Whether {@link cancel} was called. */
  readonly cancelled: boolean
  /** Ends what runs at the moment, by force if need be. It is of no use afterwards. */
  cancel(): void
  /** Cuts it. What runs rejects. */
  destroy(): void
  close(): Promise<void>
}

/** A small set of sessions: each is made when it is first needed, and anew when it was lost. */
export class Sessions {
  readonly #open: () => Promise<SinkSession>
  readonly #idle: SinkSession[] = []
  readonly #waiting: (() => void)[] = []
  #free: number

  constructor(open: () => Promise<SinkSession>, count: number) {
    this.#open = open
    this.#free = count
  }

  /** Whether one is free, so that taking it keeps nobody waiting. */
  get hasFree(): boolean {
    return this.#free > 0
  }

  /** Takes one that is made and free, at once. {@link give} must follow. */
  tryTake(): SinkSession | undefined {
    while (this.#free > 0) {
      const session = this.#idle.pop()
      if (session === undefined) return undefined
      if (!session.usable) continue
      this.#free--
      return session
    }
    return undefined
  }

  /** Takes one, waiting until one is free. {@link give} must follow. Rejects with the signal's reason while it waits, or if none can be made. */
  async take(signal?: AbortSignal): Promise<SinkSession> {
    signal?.throwIfAborted()
    if (this.#free > 0) this.#free--
    else await this.#turn(signal)
    try {
      for (let session = this.#idle.pop(); session !== undefined; session = this.#idle.pop())
        if (session.usable) return session
      return await this.#open()
    } catch (error) {
      this.#next()
      throw error
    }
  }

  /** Gives one back, in whatever state. */
  give(session: SinkSession): void {
    if (session.usable && !session.cancelled) this.#idle.push(session)
    else session.destroy()
    this.#next()
  }

  /** Closes those that are not taken; whoever has one closes it. */
  async close(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map((session) => session.close()))
  }

  #turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const turn = () => {
        signal?.removeEventListener('abort', abort)
        resolve()
      }
      const abort = () => {
        this.#waiting.splice(this.#waiting.indexOf(turn), 1)
        reject(signal?.reason)
      }
      this.#waiting.push(turn)
      signal?.addEventListener('abort', abort, { once: true })
    })
  }

  #next(): void {
    const turn = this.#waiting.shift()
    if (turn === undefined) this.#free++
    else turn()
  }
}
