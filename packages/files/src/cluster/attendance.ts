import { crc32 } from 'node:zlib'
import type { Clock } from '@millrace/kernel/clock'
import type { JobOwner } from '../ledger/ledger.ts'
import type { LedgerDatabase } from '../ledger/postgres/ledger-database.ts'
import { wait } from './wait.ts'

/** The first number of the advisory locks by which processes show that they are there. */
const HERE = 0x4d_49_4c_57
/** How soon a connection that was lost is made anew, milliseconds. */
const AGAIN_MS = 1000

/** The second number: of this process, at this ledger. */
function keyOf(schema: string, { host, pid, startedMs }: JobOwner): number {
  return crc32([schema, host, pid, startedMs].join('\n'))
}

/**
 * Shows every process that looks at the ledger, on whichever machine, that `owner` is there, until the result is disposed of: by a lock of a session of its
 * own, which ends with the process. A connection that is lost is made again as soon as there is one.
 * @throws {MillraceError} `LEDGER_UNREACHABLE`, `LEDGER_REFUSED`, where there is none to begin with.
 */
export async function attend(database: LedgerDatabase, owner: JobOwner, clock: Clock): Promise<AsyncDisposable> {
  const stop = new AbortController()
  const enter = async () => {
    const client = await database.connect()
    const lost = new Promise<void>((resolve) => client.once('end', resolve))
    await client.query('SELECT pg_advisory_lock_shared($1, $2)', [HERE, keyOf(database.schema, owner) | 0])
    return { client, lost }
  }
  let held: Awaited<ReturnType<typeof enter>> | undefined = await enter()
  const staying = (async () => {
    const stopped = new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve()))
    while (!stop.signal.aborted) {
      await Promise.race([held?.lost, stopped])
      await wait(clock, AGAIN_MS, stop.signal)
      if (!stop.signal.aborted) held = await enter().catch(() => undefined)
    }
  })()
  return {
    async [Symbol.asyncDispose]() {
      stop.abort()
      await staying
      await held?.client.end().catch(() => {})
    },
  }
}

/** Tells of processes whether they are there, as {@link attend} shows it; on a standby, which knows nothing of locks, it says so of all. */
export async function attending({ pool, schema }: LedgerDatabase): Promise<(owner: JobOwner) => boolean> {
  const { rows } = await pool.query<{ is_standby: boolean; keys: readonly string[] }>(
    `SELECT pg_is_in_recovery() AS is_standby, ARRAY (SELECT objid::text FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = $1
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS keys`,
    [HERE],
  )
  const { is_standby, keys } = rows[0]!
  const there = new Set(keys.map(Number))
  return (owner) => is_standby || there.has(keyOf(schema, owner))
}
