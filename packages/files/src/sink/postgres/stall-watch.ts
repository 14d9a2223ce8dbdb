import type { Socket } from 'node:net'
import type { Client } from 'pg'

/** Looks at a connection within the time that it may stand still. */
const LOOKS = 6

/** Ends a connection whose server has stopped to take anything in, which no error tells of. */
export class StallWatch {
  readonly #stream: Socket
  readonly #limitMs: number

  /** @param limitMs A server that takes and says nothing for so long has stalled, milliseconds. */
  constructor({ connection }: Client, limitMs: number) {
    this.#stream = connection.stream as Socket
    this.#limitMs = limitMs
  }

  /**
   * Settles as `work` does, which waits for the server.
   * @param isAtWork Whether the server, asked by another way, is about it: then there is nothing to take or say. @default it is not
   * @throws {Error} and cuts the connection, where it has stalled.
   */
  async over<T>(work: Promise<T>, isAtWork: () => Promise<boolean> = async () => false): Promise<T> {
    // Told by whoever awaits it, and where it comes too late, by nobody.
    work.catch(() => {})
    let seen = this.#position()
    let still = 0
    for (;;) {
      const { promise: look, resolve } = Promise.withResolvers<typeof LATE>()
      const timer = setTimeout(resolve, this.#limitMs / LOOKS, LATE)
      try {
        const outcome = await Promise.race([work, look])
        if (outcome !== LATE) return outcome
      } finally {
        clearTimeout(timer)
      }
      const now = this.#position()
      still = now === seen ? still + 1 : 0
      seen = now
      if (still < LOOKS) continue
      if (!(await isAtWork())) throw this.#cut()
      still = 0
    }
  }

  /** Another text whenever bytes have gone out or come in. */
  #position(): string {
    return `${this.#stream.writableLength} ${this.#stream.bytesRead}`
  }

  #cut(): Error {
    this.#stream.destroy()
    return new Error(`the server has taken nothing and said nothing for ${this.#limitMs / 1000} s`)
  }
}

const LATE = Symbol('late')
