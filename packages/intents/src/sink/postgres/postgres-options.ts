import type { Clock } from '@millrace/kernel/clock'
import { systemClock } from '@millrace/kernel/clock'
import { MillraceError } from '@millrace/kernel/errors'
import { checkInteger, checkObject } from '@millrace/kernel/options'
import type { ClientConfig } from 'pg'

/** Where a {@link createPostgresSink} writes to, and with what. */
export interface PostgresSinkOptions {
  /** `postgres://user:password@host:port/database`. Either this or `connection`. */
  readonly url?: string
  /** As the `pg` package takes it: host, port, user, password, database, ssl … */
  readonly connection?: ClientConfig
  /** Statements that are run before anything else when the sink is opened, such as `CREATE TABLE IF NOT EXISTS …`. */
  readonly setUp?: readonly string[]
  /** Connections, which is batches under way at once, 1 to 64. @default 2 */
  readonly connections?: number
  /** The schema of Millrace's own tables; it is made. @default "millrace" */
  readonly schema?: string
  /** Ms for which idempotency keys are kept, at least 1000. @default 86400000 (24 hours) */
  readonly keepKeysMs?: number
  /** @default "millrace" */
  readonly applicationName?: string
  /** Ms after which the server ends a statement of a batch, at least 1; 0 leaves it to the server. @default 0 */
  readonly statementTimeoutMs?: number
  /** Ms in which a connection must be made, at least 1. @default 5000 */
  readonly connectTimeoutMs?: number
  /** For the times at which old keys are deleted. */
  readonly clock?: Clock
}

/** Between the statements of a transaction there is one round trip. */
const IDLE_IN_TRANSACTION_MS = 30_000

export interface ResolvedPostgresOptions {
  readonly client: ClientConfig
  readonly connections: number
  readonly schema: string
  readonly keepKeysMs: number
  readonly clock: Clock
}

/** @throws {MillraceError} `OPTION_INVALID`. */
export function resolvePostgresOptions(
  options: PostgresSinkOptions,
  owner = 'createPostgresSink',
): ResolvedPostgresOptions {
  checkObject(owner, 'options', options)
  const { url, connection, connections = 2, schema = 'millrace', keepKeysMs = 86_400_000 } = options
  const { applicationName = 'millrace', statementTimeoutMs = 0, connectTimeoutMs = 5000, clock = systemClock } = options
  if ((url === undefined) === (connection === undefined))
    refuse(owner, 'url', 'there must be either `url` or `connection`')
  if (url !== undefined && !/^postgres(ql)?:\/\//.test(url)) refuse(owner, 'url', '`url` must begin with postgres://')
  if (typeof schema !== 'string' || schema === '' || schema.length > 63 || schema.includes('\0'))
    refuse(owner, 'schema', '`schema` must be a name of 1 to 63 characters')
  checkInteger(owner, 'connections', connections, { min: 1, max: 64 })
  checkInteger(owner, 'keepKeysMs', keepKeysMs, { min: 1000 })
  checkInteger(owner, 'statementTimeoutMs', statementTimeoutMs, { min: 0 })
  checkInteger(owner, 'connectTimeoutMs', connectTimeoutMs, { min: 1 })
  return {
    client: {
      ...(url === undefined ? connection : { connectionString: url }),
      application_name: applicationName,
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
      // A process that is held in the midst of a transaction must not hold everybody's rows for as long.
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
      ...(statementTimeoutMs > 0 ? { statement_timeout: statementTimeoutMs } : {}),
    },
    connections,
    schema,
    keepKeysMs,
    clock,
  }
}

function refuse(owner: string, option: string, problem: string): never {
  // Without the value: there may be a password in it.
  throw new MillraceError('OPTION_INVALID', `${owner}: ${problem}`, {
    detail: { owner, option },
  })
}
