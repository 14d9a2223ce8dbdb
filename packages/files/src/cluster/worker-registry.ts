import type { LedgerDatabase } from '../ledger/postgres/ledger-database.ts'

/** What a worker says of itself with each sign of life. Plain JSON. */
export interface WorkerState {
  readonly host: string
  readonly pid: number
  /** The start of the job it works on; null where it waits for one. */
  readonly epoch: number | null
  /** Batches that its processes have in hand. */
  readonly busy: number
  /** Files it has settled. */
  readonly files: number
  /** Time its processes have been busy, together, milliseconds. */
  readonly busyMs: number
  /** Processes of its own that died with work in hand. */
  readonly replaced: number
  readonly rssMb: number
  readonly cpuMs: number
  /** Of its processes, those that work now, at least 1: fewer than it has where its machine is short of something. */
  readonly limit: number
  /** Why it begins nothing, or null where there is no reason. */
  readonly short: string | null
}

/** A worker as others see it. */
export interface RegisteredWorker extends WorkerState {
  /** A number of its own, for good. */
  readonly worker: number
  readonly name: string
  /** Batches it can have in hand at once. */
  readonly slots: number
  /** Since it joined. */
  readonly ageMs: number
}

/** A worker that was silent for longer is not counted any more, seconds. */
const GONE_AFTER_S = 12

/** Enters a worker; gives the number it goes by, the same when it is called again. */
export async function joinWorkers(
  { pool, tables }: LedgerDatabase,
  name: string,
  slots: number,
  state: WorkerState,
): Promise<number> {
  const { rows } = await pool.query<{ worker: number }>(
    `INSERT INTO ${tables}.cluster_workers (name, slots, state) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET seen_at = clock_timestamp() RETURNING worker`,
    [name, slots, JSON.stringify(state)],
  )
  return rows[0]!.worker
}

/** Shows a sign of life. */
export async function stayWorker(
  { pool, tables }: LedgerDatabase,
  worker: { readonly number: number; readonly name: string; readonly slots: number },
  state: WorkerState,
): Promise<void> {
  await pool.query(
    `INSERT INTO ${tables}.cluster_workers (worker, name, slots, state) OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4)
ON CONFLICT (name) DO UPDATE SET state = excluded.state, seen_at = clock_timestamp()`,
    [worker.number, worker.name, worker.slots, JSON.stringify(state)],
  )
}

/** Takes a worker off the list. */
export async function leaveWorkers({ pool, tables }: LedgerDatabase, name: string): Promise<void> {
  await pool.query(`DELETE FROM ${tables}.cluster_workers WHERE name = $1`, [name])
}

/** The workers there are, in the order they joined. */
export async function listWorkers({ pool, tables }: LedgerDatabase): Promise<readonly RegisteredWorker[]> {
  const { rows } = await pool.query<{ worker: number; name: string; slots: number; state: string; age_ms: number }>(
    `SELECT worker, name, slots, state, extract(epoch FROM clock_timestamp() - joined_at)::float8 * 1000 AS age_ms
FROM ${tables}.cluster_workers WHERE seen_at > clock_timestamp() - interval '${GONE_AFTER_S} seconds' ORDER BY worker`,
  )
  return rows.map(({ worker, name, slots, state, age_ms }) => ({
    worker,
    name,
    slots,
    ageMs: age_ms,
    // One of an earlier version says nothing of these.
    limit: slots,
    short: null,
    ...(JSON.parse(state) as Omit<WorkerState, 'limit' | 'short'> & Partial<WorkerState>),
  }))
}

/** Forgets the workers that have been silent for long. */
export async function forgetWorkers({ pool, tables }: LedgerDatabase): Promise<void> {
  await pool.query(`DELETE FROM ${tables}.cluster_workers WHERE seen_at < clock_timestamp() - interval '1 day'`)
}
