import { Client, type ClientConfig } from 'pg'
import type { LockView } from './lock-watch.ts'

const WAITING = `SELECT pid FROM pg_stat_activity WHERE pid = ANY ($1::int4[]) AND wait_event_type = 'Lock'`
/** Ms after which a look has failed. */
const TIMEOUT_MS = 2000

/**
 * Sees with a connection of its own, made when it is first needed, who waits for a lock. The user's own sessions are shown to any user; behind a
 * pooler there are none by the numbers that are known here.
 */
export function createLockView(config: ClientConfig): LockView {
  let client: Client | undefined

  async function connected(): Promise<Client> {
    if (client !== undefined) return client
    const made = new Client({
      ...config,
      application_name: `${config.application_name}: lock waits`,
      connectionTimeoutMillis: TIMEOUT_MS,
      query_timeout: TIMEOUT_MS,
    })
    // Whatever goes wrong with it, the next look fails.
    made.on('error', () => {})
    client = made
    await made.connect()
    return made
  }

  return {
    async waiting(processIds) {
      const { rows } = await (await connected()).query<{ pid: number }>(WAITING, [processIds])
      return rows.map(({ pid }) => pid)
    },
    async close() {
      const left = client
      client = undefined
      // It is cut, if it is busy.
      await left?.end()
    },
  }
}
