import type { Socket } from 'node:net'
import type { Client } from 'pg'
import type { LedgerDatabase } from './ledger-database.ts'
import { isConnectionLoss } from './postgres-failure.ts'
import type { Statement } from './statements.ts'
import type { Sql } from './write-checkpoint.ts'

/**
 * A ledger's calls are about few rows among many: they are planned by index, and read in its order, whatever the tables looked like when a session
 * planned first: a page of results would else begin with all that come after it. And what
 * a server holds for a machine that is gone, such as the owner's lock, is free after some ten seconds.
 */
const SET_UP = `SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_bitmapscan = off;
SET enable_sort = off; SET plan_cache_mode = force_custom_plan; SET jit = off;
SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3`

/** PostgreSQL's type of counts, which `pg` hands over as text: no figure of ours is beyond what a number holds. */
const INT8 = 20

/**
 * One connection of a ledger. What it throws is as `pg` throws it; one that does not answer in time is cut. It keeps the process alive while it is
 * asked, and not between.
 */
export class Session implements Sql {
  readonly #client: Client
  readonly #answerTimeoutMs: number
  #lost = false

  private constructor(client: Client, answerTimeoutMs: number) {
    this.#client = client
    this.#answerTimeoutMs = answerTimeoutMs
    client.setTypeParser(INT8, Number)
    client.on('error', () => this.#lose())
    client.on('end', () => this.#lose())
  }

  /** @throws {MillraceError} `LEDGER_UNREACHABLE`, `LEDGER_REFUSED`. */
  static async open(database: LedgerDatabase): Promise<Session> {
    const session = new Session(await database.connect(), database.answerTimeoutMs)
    try {
      await session.query({ text: SET_UP })
      return session
    } catch (error) {
      await session.close()
      throw database.failure(error)
    }
  }

  /** Whether it can still be used. */
  get usable(): boolean {
    return !this.#lost
  }

  /** Rows as objects. */
  async all<Row>({ name, text }: Statement, ...values: readonly unknown[]): Promise<Row[]> {
    const { rows } = await this.query({ name, text, values: [...values] })
    return rows as Row[]
  }

  /** The first row, or undefined. */
  async one<Row>(statement: Statement, ...values: readonly unknown[]): Promise<Row | undefined> {
    const [row] = await this.all<Row>(statement, ...values)
    return row
  }

  /** PERF: rows as arrays, which cost less than rows with names. */
  async tuples<Row extends readonly unknown[]>(
    { name, text }: Statement,
    ...values: readonly unknown[]
  ): Promise<Row[]> {
    const { rows } = await this.query({ name, text, values: [...values], rowMode: 'array' })
    return rows as Row[]
  }

  /** The value of the first column of the first row, for a query that has one. */
  async value<T>(statement: Statement, ...values: readonly unknown[]): Promise<T> {
    const [row] = await this.tuples<readonly [T]>(statement, ...values)
    return row![0]
  }

  async query(config: Parameters<Sql['query']>[0]): Promise<{ readonly rows: readonly unknown[] }> {
    if (this.#lost) throw new Error('Connection terminated')
    const timer = setTimeout(() => this.destroy(), this.#answerTimeoutMs)
    streamOf(this.#client).ref()
    try {
      return await this.#client.query(config)
    } catch (error) {
      // The connection is of no use any more; it is known here before the socket tells.
      if (isConnectionLoss(error)) this.#lose()
      throw error
    } finally {
      clearTimeout(timer)
      streamOf(this.#client).unref()
    }
  }

  /** Runs `work` in a transaction, and commits it. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.query({ text: 'BEGIN' })
    try {
      const result = await work()
      await this.query({ text: 'COMMIT' })
      return result
    } catch (error) {
      if (this.usable) await this.query({ text: 'ROLLBACK' }).catch(() => this.destroy())
      throw error
    }
  }

  /** Cuts it. What runs rejects. */
  destroy(): void {
    this.#lose()
    streamOf(this.#client).destroy()
  }

  async close(): Promise<void> {
    if (!this.usable) return this.destroy()
    // Whoever waits for the end is still there.
    streamOf(this.#client).ref()
    await this.#client.end().catch(() => {})
  }

  #lose(): void {
    this.#lost = true
  }
}

function streamOf(client: Client): Socket {
  return (client as unknown as { readonly connection: { readonly stream: Socket } }).connection.stream
}
