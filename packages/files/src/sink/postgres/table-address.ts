import { checkAddress } from '../../postgres-address.ts'
import { invalidOut } from '../target.ts'

/** A table and where it is, out of `postgres://user@host:port/database?table=schema.table`. */
export interface TableAddress {
  /** As the package `pg` takes it. Without a password: that comes from the environment (`PGPASSWORD`), or from `~/.pgpass`. */
  readonly connectionString: string
  /** The names, the schema's first where there is one. */
  readonly names: readonly string[]
  /** `table in host:port/database`, for messages. */
  readonly place: string
  /** A server that takes and says nothing for so long has stalled, milliseconds. */
  readonly stallMs: number
}

const DEFAULT_TABLE = 'millrace_results'
const MAX_NAME_BYTES = 63
const DEFAULT_STALL_SECONDS = 60
const MAX_STALL_SECONDS = 86_400
const EXAMPLE = 'postgres://user@host:5432/database?table=schema.table'

/**
 * Reads the address of a table.
 * @throws {MillraceError} `OUT_INVALID` where it is none, or has a password: it is kept with the job, and shown.
 */
export function readTableAddress(out: string | undefined): TableAddress {
  if (out === undefined)
    throw invalidOut(`is missing: the sink postgres needs the address of a table, --out ${EXAMPLE}`, {})
  if (!/^postgres(ql)?:\/\//.test(out) || !URL.canParse(out))
    throw invalidOut(
      `is no address of a table. Write --out ${EXAMPLE}; a sign with a meaning in it is written as %40`,
      {},
    )
  const url = new URL(out)
  if (url.password !== '' || url.searchParams.has('password'))
    throw invalidOut(
      'has a password, which would be kept with the job and shown. Give it in the environment (PGPASSWORD) or in ~/.pgpass',
      { host: url.host },
    )
  const table = url.searchParams.get('table') ?? DEFAULT_TABLE
  const names = table.split('.')
  const fits = (name: string) => name !== '' && !name.includes('\0') && Buffer.byteLength(name) <= MAX_NAME_BYTES
  if (names.length > 2 || !names.every(fits))
    throw invalidOut(
      `names the table ${JSON.stringify(table)}. Write ?table=name or ?table=schema.name, each of 1 to ${MAX_NAME_BYTES} bytes`,
      { table },
    )
  const timeout = url.searchParams.get('timeout') ?? String(DEFAULT_STALL_SECONDS)
  const seconds = /^\d+(\.\d+)?$/.test(timeout) ? Number(timeout) : 0
  if (seconds < 0.1 || seconds > MAX_STALL_SECONDS)
    throw invalidOut(
      `has the timeout ${JSON.stringify(timeout)}. Write the seconds that a server may stand still, 0.1 to ${MAX_STALL_SECONDS}, as ?timeout=60`,
      { timeout },
    )
  url.searchParams.delete('table')
  url.searchParams.delete('timeout')
  const address = checkAddress(url.href)
  if ('fault' in address) throw invalidOut(address.fault, {})
  const place = `${table} in ${url.host === '' ? 'the local server' : url.host}${url.pathname}`
  return { ...address, names, place, stallMs: seconds * 1000 }
}
