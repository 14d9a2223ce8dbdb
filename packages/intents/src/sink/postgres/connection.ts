import { MillraceError } from '@millrace/kernel/errors'
import { Client, type ClientConfig } from 'pg'
import { connectionLost, databaseRefused, endsSession, failureOfState, isServerError } from '../sql/database-failure.ts'
import { type PlannerSettings, setUpSession } from '../sql/planner-settings.ts'
import type { SinkSession } from '../sql/sessions.ts'
import { plain, type Statement, type StatementResult } from '../sql/sql-session.ts'
import { Pipeline } from './pipeline.ts'
import { PreparedNames } from './prepared-names.ts'

/** How long an abort waits for the server's answer to its cancel request before the connection is cut. */
const CANCEL_GRACE_MS = 500

/** One connection to PostgreSQL. What it rejects with tells by its `detail.failure` what became of the batch. */
export class Connection implements SinkSession {
  readonly #client: Client
  readonly #config: ClientConfig
  readonly #names = new PreparedNames()
  #planner: PlannerSettings | undefined
  #lost: Error | undefined
  #cutting: NodeJS.Timeout | undefined

  private constructor(client: Client, config: ClientConfig) {
    this.#client = client
    this.#config = config
    client.on('error', (error) => {
      this.#lost ??= error
    })
    client.on('end', () => {
      this.#lost ??= new Error('The connection has ended')
    })
  }

  /** @throws {MillraceError} `SINK_UNREACHABLE`. */
  static async open(config: ClientConfig): Promise<Connection> {
    const client = new Client(config)
    const connection = new Connection(client, config)
    try {
      await client.connect()
      connection.#planner = await setUpSession(connection)
      return connection
    } catch (error) {
      connection.destroy()
      throw unreachable(client, error)
    }
  }

  get processId(): number | undefined {
    return (this.#client as unknown as { readonly processID: number | null }).processID ?? undefined
  }

  /** Whether it can still be used. */
  get usable(): boolean {
    return this.#lost === undefined
  }

  /** Whether {@link cancel} was called. */
  get cancelled(): boolean {
    return this.#cutting !== undefined
  }

  get planner(): PlannerSettings {
    return this.#planner!
  }

  run(statements: readonly Statement[]): Promise<readonly StatementResult[]> {
    return this.#send(statements, 'transient')
  }

  async commit(statements: readonly Statement[]): Promise<readonly StatementResult[]> {
    const results = await this.#send([...statements, plain('COMMIT')], 'unknown')
    const tag = results.at(-1)?.tag
    if (tag === 'COMMIT') return results
    throw new MillraceError(
      'DATABASE_REFUSED',
      `The database answered COMMIT with ${tag}: nothing of the batch is written`,
      {
        detail: { failure: 'transient', tag },
      },
    )
  }

  /** Leaves the transaction that failed. Never rejects: a connection on which that fails is of no use any more. */
  async rollBack(): Promise<void> {
    if (!this.usable) return
    await this.run([plain('ROLLBACK')]).catch(() => this.destroy())
  }

  /**
   * Ends what runs at the moment: the server is asked to, and if it does not answer soon the connection is cut. It is of no use afterwards: the
   * server may come to the request late.
   */
  cancel(): void {
    if (!this.usable || this.#cutting !== undefined) return
    this.#cutting = setTimeout(() => this.destroy(), CANCEL_GRACE_MS)
    const asking = new Client({ ...this.#config, connectionTimeoutMillis: CANCEL_GRACE_MS })
    // Whatever goes wrong with it, the connection is cut then.
    asking.on('error', () => {})
    asking
      .connect()
      .then(() => asking.query('SELECT pg_cancel_backend($1)', [this.processId]))
      .catch(() => {})
      .finally(() => asking.end().catch(() => {}))
  }

  /** Cuts it. What runs rejects. */
  destroy(): void {
    clearTimeout(this.#cutting)
    this.#lost ??= new Error('The connection was cut')
    streamOf(this.#client).destroy()
  }

  async close(): Promise<void> {
    if (this.usable) await this.#client.end()
    else this.destroy()
  }

  async #send(
    statements: readonly Statement[],
    whenLost: 'transient' | 'unknown',
  ): Promise<readonly StatementResult[]> {
    if (this.#lost !== undefined) throw connectionLost('transient', this.#lost)
    const pipeline = new Pipeline(statements, this.#names)
    this.#client.query(pipeline)
    try {
      const results = await pipeline.results
      this.#lost ??= pipeline.lateError
      return results
    } catch (error) {
      if (isServerError(error)) {
        // It is known before the socket is closed, so that nobody sends a batch where nobody reads it.
        if (endsSession(error)) this.#lost ??= error
        throw databaseRefused(error)
      }
      this.#lost ??= error as Error
      throw connectionLost(whenLost, error)
    }
  }
}

function streamOf(client: Client) {
  return (client as unknown as { readonly connection: { readonly stream: { destroy(): void } } }).connection.stream
}

function unreachable({ host, port, user, database }: Client, error: unknown): MillraceError {
  if (error instanceof MillraceError && error.code !== 'DATABASE_REFUSED') return error
  const reason =
    error instanceof Error ? error.message || ('code' in error ? String(error.code) : error.name) : String(error)
  // That it is starting, or has no connection to spare, passes; that it knows no such user or database does not.
  const failure = isServerError(error) && failureOfState(error.code) === 'permanent' ? 'permanent' : 'transient'
  return new MillraceError(
    'SINK_UNREACHABLE',
    `PostgreSQL at ${host}:${port} cannot be used (database ${database}, user ${user}): ${reason}. Check that it runs there and lets this user in`,
    { detail: { failure, host, port, database, user }, cause: error },
  )
}
