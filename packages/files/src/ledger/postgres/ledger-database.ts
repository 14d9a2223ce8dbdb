import { MillraceError } from '@millrace/kernel/errors'
import type { Client, Pool, PoolClient } from 'pg'
import { portFault } from '../../postgres-address.ts'
import { loadPeer } from '../../processor/load-peer.ts'
import { expectOwnSessions } from './expect-own-sessions.ts'
import { checkVersion, migrate, versionOf } from './migrate.ts'
import { MIGRATIONS } from './migrations.ts'
import { isServerError, postgresFailure, unconnected, unreachable } from './postgres-failure.ts'
import { type PostgresLedgerOptions, type ResolvedPostgresOptions, resolvePostgresOptions } from './postgres-options.ts'
import { quoteName } from './tables.ts'

/**
 * Whoever waits for a lock reads what is true once it has it: the epoch of a job, what is known of a file. Where a server is set to another isolation, a transaction
 * would see what was true when it began.
 */
const READ_COMMITTED = `SET default_transaction_isolation = 'read committed'`

/**
 * The database of a ledger: its tables at the version this code knows, connections to it, and what its failures mean.
 *
 * What is written by others than the ledger's owner goes through here: workers, and whatever else belongs to the schema.
 */
export class LedgerDatabase implements AsyncDisposable {
  /** For short statements and transactions; its connections are made when they are needed. */
  readonly pool: Pool
  readonly schema: string
  /** The schema as SQL has it: `${tables}.jobs`. */
  readonly tables: string
  /** `host:port/database, schema …`, for messages. */
  readonly place: string
  /** Whether it was opened to be read only. */
  readonly readonly: boolean
  /** Ms in which the server must answer. */
  readonly answerTimeoutMs: number
  readonly #newClient: () => Client
  #closing: Promise<void> | undefined

  private constructor(pg: typeof import('pg').default, options: ResolvedPostgresOptions, place: string) {
    const { client, schema, connections, answerTimeoutMs } = options
    // What a transaction does not have to wait for it can send at once. One that is not answered in time is cut, with all that was sent behind it.
    this.pool = new pg.Pool({ ...client, max: connections, pipeline: true, query_timeout: answerTimeoutMs })
    // A connection that is lost while nobody uses it leaves the pool, and nobody else needs to know.
    this.pool.on('error', () => {})
    // Sent ahead of what the connection was made for; where it fails, so does that.
    this.pool.on('connect', (client) => void client.query(READ_COMMITTED).catch(() => {}))
    this.schema = schema
    this.tables = quoteName(schema)
    this.place = place
    this.readonly = options.readonly
    this.answerTimeoutMs = options.answerTimeoutMs
    this.#newClient = () => new pg.Client(client)
  }

  /**
   * Connects, and makes or updates the tables unless it is to be read only.
   * @throws {MillraceError} `OPTION_INVALID`, `PEER_MISSING` without the package `pg`, `LEDGER_UNREACHABLE`, `LEDGER_REFUSED` (password,
   * database, rights), `LEDGER_READ_ONLY`, `LEDGER_NEWER`, `LEDGER_BUSY`, `LEDGER_MISSING` where there is nothing to read.
   */
  static async open(options: PostgresLedgerOptions): Promise<LedgerDatabase> {
    const resolved = resolvePostgresOptions(options)
    const { default: pg } = await loadPeer('pg', 'a ledger in PostgreSQL', () => import('pg'))
    const sample = newClient(pg, resolved)
    const fault = portFault(sample.port)
    if (fault !== undefined) {
      throw new MillraceError('OPTION_INVALID', `openPostgresLedger: the address of PostgreSQL ${fault}`, {
        detail: { option: 'url' },
      })
    }
    const database = new LedgerDatabase(pg, resolved, placeOf(sample, resolved.schema))
    try {
      const client = await database.connect()
      try {
        await expectOwnSessions(client, () => database.connect(), database.place)
        await database.#prepare(client)
      } finally {
        await client.end().catch(() => {})
      }
      return database
    } catch (error) {
      await database.close()
      throw database.failure(error)
    }
  }

  /**
   * A connection of the caller's own, to be ended by it.
   * @throws {MillraceError} `LEDGER_UNREACHABLE`, `LEDGER_REFUSED`.
   */
  async connect(): Promise<Client> {
    const client = this.#newClient()
    // Whoever uses it hears of the loss from what it asks next.
    client.on('error', () => {})
    try {
      await client.connect()
      await client.query(READ_COMMITTED)
      return client
    } catch (error) {
      await client.end().catch(() => {})
      throw unconnected(error, this.place)
    }
  }

  /**
   * Runs `work` in a transaction of a connection of the pool, and commits it.
   * @throws what `work` throws, where that is of PostgreSQL as {@link LedgerDatabase.failure}; nothing is then written, unless it is
   * `LEDGER_UNREACHABLE`: of a COMMIT without an answer nobody knows.
   */
  async transaction<T>(work: (sql: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.pool.connect().catch((error) => {
      throw isServerError(error) ? this.failure(error) : unreachable(error, this.place)
    })
    let broken: Error | undefined
    const onLoss = (error: Error) => {
      broken = error
    }
    client.on('error', onLoss)
    try {
      await client.query('BEGIN')
      const result = await work(client)
      const { command } = await client.query('COMMIT')
      // So the server answers where a statement had failed, whoever took no notice of that.
      if (command !== 'COMMIT') throw new Error('The transaction was rolled back, as one of its statements had failed')
      return result
    } catch (error) {
      await client.query('ROLLBACK').catch((failed) => {
        broken ??= failed
      })
      throw this.failure(error)
    } finally {
      client.off('error', onLoss)
      client.release(broken)
    }
  }

  /**
   * The tables may have become those of another version since they were opened, where nobody owned them.
   * @throws {MillraceError} `LEDGER_NEWER`; or what `pg` throws.
   */
  async expectKnownVersion(): Promise<void> {
    checkVersion(await versionOf(this.pool, this.schema), MIGRATIONS.length, this.place)
  }

  /** What `pg` threw, as the error a user meets; anything else as it is. */
  failure(error: unknown): unknown {
    return postgresFailure(error, this.place)
  }

  close(): Promise<void> {
    this.#closing ??= this.pool.end()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #prepare(client: Client): Promise<void> {
    if (!this.readonly) return migrate(client, this.schema, this.place)
    const version = await versionOf(client, this.schema)
    checkVersion(version, MIGRATIONS.length, this.place)
    if (version === MIGRATIONS.length) return
    throw new MillraceError(
      'LEDGER_MISSING',
      version === 0
        ? `There is no ledger in PostgreSQL yet (${this.place}): run \`millrace files run DIR --postgres URL\` first.`
        : `The ledger in PostgreSQL is of an earlier version (${this.place}): the next \`millrace files run DIR --postgres URL\` brings it to this one.`,
      { detail: { place: this.place, version } },
    )
  }
}

function newClient(pg: typeof import('pg').default, { client }: ResolvedPostgresOptions): Client {
  try {
    return new pg.Client(client)
  } catch {
    // Without the cause: it has the URL in it.
    throw new MillraceError(
      'OPTION_INVALID',
      'openPostgresLedger: `url` or `connection` is not as the package pg takes it; a certificate that it names may be missing',
      { detail: { option: 'url' } },
    )
  }
}

function placeOf({ host, port, database }: Client, schema: string): string {
  return `${host}:${port}/${database}, schema ${schema}`
}
