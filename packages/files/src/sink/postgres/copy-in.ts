import type { Client, Connection, Submittable } from 'pg'
import type { StallWatch } from './stall-watch.ts'

/** What `pg` has for COPY, and its types do not. */
interface CopyConnection {
  readonly stream: Connection['stream']
  query(text: string): void
  sendCopyFromChunk(chunk: Buffer): void
  endCopyFrom(): void
}

/**
 * `COPY … FROM STDIN` on a connection: text goes in as fast as the server takes it.
 *
 * A failure of the server, or the loss of the connection, is thrown by the next call, whichever it is. A COPY that is not ended is void when its
 * connection ends. A server that stalls is a failure too.
 */
export class CopyIn implements Submittable {
  readonly #sql: string
  readonly #watch: StallWatch
  readonly #ready = Promise.withResolvers<void>()
  readonly #done = Promise.withResolvers<void>()
  #connection: CopyConnection | undefined
  #failure: Error | undefined

  constructor(client: Client, sql: string, watch: StallWatch) {
    this.#sql = sql
    this.#watch = watch
    // Whoever calls next hears of them.
    this.#ready.promise.catch(() => {})
    this.#done.promise.catch(() => {})
    client.query(this)
  }

  /** Resolves when the server has room for more. */
  async write(text: string): Promise<void> {
    await this.#watch.over(this.#ready.promise)
    this.#throwIfFailed()
    const { stream } = this.#connection!
    this.#connection!.sendCopyFromChunk(Buffer.from(text))
    if (!stream.writableNeedDrain) return
    const drained = Promise.withResolvers<void>()
    stream.once('drain', drained.resolve)
    try {
      await this.#watch.over(Promise.race([drained.promise, this.#done.promise]))
    } finally {
      stream.off('drain', drained.resolve)
    }
  }

  /** Resolves when the server has all rows. */
  async end(): Promise<void> {
    await this.#watch.over(this.#ready.promise)
    this.#throwIfFailed()
    this.#connection!.endCopyFrom()
    await this.#watch.over(this.#done.promise)
  }

  #throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure
  }

  // What follows is called by `pg`, as it calls its own queries.

  submit(connection: Connection): void {
    this.#connection = connection as unknown as CopyConnection
    this.#connection.query(this.#sql)
  }

  handleCopyInResponse(): void {
    this.#ready.resolve()
  }

  handleCommandComplete(): void {}

  handleReadyForQuery(): void {
    this.#done.resolve()
  }

  handleError(error: Error): void {
    this.#failure = error
    this.#ready.reject(error)
    this.#done.reject(error)
  }
}
