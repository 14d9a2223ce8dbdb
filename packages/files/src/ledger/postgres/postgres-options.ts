import { MillraceError } from '@millrace/kernel/errors'
import { checkInteger, checkObject } from '@millrace/kernel/options'
import type { ClientConfig } from 'pg'
import { checkAddress } from '../../postgres-address.ts'

/** Where a ledger in PostgreSQL is, 14 or later. */
export interface PostgresLedgerOptions {
  /** `postgres://user:password@host:port/database`. Either this or `connection`. */
  readonly url?: string
  /** As the `pg` package takes it: host, port, user, password, database, ssl … */
  readonly connection?: ClientConfig
  /** The schema of the ledger's tables, 1 to 63 bytes; it is made. One ledger a schema. @default "millrace_files" */
  readonly schema?: string
  /** Only reads, and makes no tables. @default false */
  readonly readonly?: boolean
  /** Connections at once beside the ledger's own, 1 to 64; they are made when they are needed. @default 4 */
  readonly connections?: number
  /** What `pg_stat_activity` shows. @default "millrace files" */
  readonly applicationName?: string
  /** Ms in which a connection must be made, at least 1. @default 5000 */
  readonly connectTimeoutMs?: number
  /** Ms in which the server must answer a call; the connection is cut then. At least 1. @default 120000 */
  readonly answerTimeoutMs?: number
}

export interface ResolvedPostgresOptions {
  readonly client: ClientConfig
  readonly schema: string
  readonly readonly: boolean
  readonly connections: number
  readonly answerTimeoutMs: number
}

/** A server ends a transaction in which nothing happens for so long: between statements there is one round trip. */
const IDLE_IN_TRANSACTION_MS = 30_000
/** Nobody holds a row for longer than a checkpoint takes. */
const LOCK_WAIT_MS = 30_000
const FIRST_KEEPALIVE_MS = 5000

/** @throws {MillraceError} `OPTION_INVALID`. */
export function resolvePostgresOptions(options: PostgresLedgerOptions): ResolvedPostgresOptions {
  const owner = 'openPostgresLedger'
  checkObject(owner, 'options', options)
  const { url, connection, schema = 'millrace_files', readonly = false, connections = 4 } = options
  const { applicationName = 'millrace files', connectTimeoutMs = 5000, answerTimeoutMs = 120_000 } = options
  if ((url === undefined) === (connection === undefined))
    refuse(owner, 'url', 'there must be either `url` or `connection`')
  if (url !== undefined && !isPostgresUrl(url))
    refuse(
      owner,
      'url',
      '`url` must be like postgres://user:password@host:port/database; a character with a meaning in it is written as %40',
    )
  const address = url === undefined ? undefined : checkAddress(url)
  if (address !== undefined && 'fault' in address) refuse(owner, 'url', `the address of PostgreSQL ${address.fault}`)
  if (connection !== undefined) checkObject(owner, 'connection', connection)
  if (typeof schema !== 'string' || schema === '' || Buffer.byteLength(schema) > 63 || schema.includes('\0'))
    refuse(owner, 'schema', '`schema` must be a name of 1 to 63 bytes')
  if (typeof readonly !== 'boolean') refuse(owner, 'readonly', '`readonly` must be true or false')
  if (typeof applicationName !== 'string') refuse(owner, 'applicationName', '`applicationName` must be a text')
  checkInteger(owner, 'connections', connections, { min: 1, max: 64 })
  checkInteger(owner, 'connectTimeoutMs', connectTimeoutMs, { min: 1 })
  checkInteger(owner, 'answerTimeoutMs', answerTimeoutMs, { min: 1 })
  return {
    client: {
      ...(address ?? connection),
      application_name: applicationName,
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
      keepAliveInitialDelayMillis: FIRST_KEEPALIVE_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
      lock_timeout: LOCK_WAIT_MS,
    },
    schema,
    readonly,
    connections,
    answerTimeoutMs,
  }
}

function isPostgresUrl(url: unknown): boolean {
  return typeof url === 'string' && /^postgres(ql)?:\/\//.test(url) && URL.canParse(url)
}

function refuse(owner: string, option: string, problem: string): never {
  // Without the value and without a cause: there may be a password in them.
  throw new MillraceError('OPTION_INVALID', `${owner}: ${problem}`, { detail: { owner, option } })
}
