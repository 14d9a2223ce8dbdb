import { MillraceError } from '@millrace/kernel/errors'
import type { Client } from 'pg'

/** How often a connection through a pooler is asked which session it has. */
const ASKED = 4

/**
 * Sees to it that a connection has a session of the server for itself, for as long as it lasts: a ledger is owned by a lock of a session.
 *
 * Where nothing is in between, one round trip tells: the number of its process is what the server has said. A pooler says another one; there a second connection
 * finds out whether the two are given each other's sessions.
 * @param connect Makes another connection, which is ended here.
 * @throws {MillraceError} `LEDGER_REFUSED`, and what `pg` and `connect` do.
 */
export async function expectOwnSessions(client: Client, connect: () => Promise<Client>, place: string): Promise<void> {
  const session = await sessionOf(client)
  if (session === numberOf(client)) return
  const other = await connect()
  try {
    if (await areShared(client, session, other)) throw sharedSessions(place)
  } finally {
    await other.end().catch(() => {})
  }
}

/** Whichever of its sessions a pooler gives next, that of who gave one back last or first: one of these is another's. */
async function areShared(client: Client, session: number, other: Client): Promise<boolean> {
  await other.query('BEGIN')
  // The only one there is: whoever else asks would wait for it.
  if ((await sessionOf(other)) === session) return true
  const asked = [await sessionOf(client)]
  await other.query('COMMIT')
  while (asked.length < ASKED) asked.push(await sessionOf(client))
  return asked.some((one) => one !== session)
}

async function sessionOf(client: Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  return rows[0]!.pid
}

/** The process number that the server, or who stands before it, told at the start. */
function numberOf(client: Client): number | null {
  return (client as unknown as { readonly processID: number | null }).processID
}

function sharedSessions(place: string): MillraceError {
  return new MillraceError(
    'LEDGER_REFUSED',
    `The ledger in PostgreSQL cannot be used through this pooler (${place}): it gives transactions sessions that others have too, and with them the lock by which the ledger has one owner. Have it pool sessions (PgBouncer: pool_mode = session), or name the server itself in the URL.`,
    { detail: { place } },
  )
}
