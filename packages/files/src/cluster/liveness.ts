import { hostname } from 'node:os'
import { isOwnerAlive } from '../ledger/job-owner.ts'
import type { JobRow } from '../ledger/ledger.ts'
import { LedgerDatabase } from '../ledger/postgres/ledger-database.ts'
import { PostgresLedger } from '../ledger/postgres/postgres-ledger.ts'
import type { PostgresLedgerOptions } from '../ledger/postgres/postgres-options.ts'
import { attending } from './attendance.ts'
import { type CoordinatorSign, readSign } from './coordinator-sign.ts'

/** Whether the process that a job names works on it, or waits for it. */
export type IsJobAlive = (job: Pick<JobRow, 'state' | 'owner'>) => boolean

/**
 * Tells of the jobs of a ledger whether they are alive, on whatever machine: the one that runs is where the ledger's owner is, and who waits shows
 * itself.
 * @throws {MillraceError} `LEDGER_…`.
 */
export async function livenessOf(database: LedgerDatabase, ledger: PostgresLedger): Promise<IsJobAlive> {
  try {
    const isThere = await attending(database)
    const owner = await ledger.owner()
    const owns = ({ host, pid }: JobRow['owner']) => owner?.host === host && owner.pid === pid
    const waits = (of: JobRow['owner']) => isThere(of) || (of.host === hostname() && isOwnerAlive(of))
    return (job) => owns(job.owner) || (job.state === 'queued' && waits(job.owner))
  } catch (error) {
    throw database.failure(error)
  }
}

/** A ledger in PostgreSQL for one who looks on. */
export interface Lookout {
  readonly ledger: PostgresLedger
  /** As the jobs are at the moment. */
  readonly liveness: () => Promise<IsJobAlive>
  /** What the coordinator of the newest run has told of it last; undefined where there never was one. */
  readonly sign: () => Promise<CoordinatorSign | undefined>
}

/**
 * Opens a ledger in PostgreSQL that is there, to read it. Close the ledger.
 * @throws {MillraceError} as `openPostgresLedger`.
 */
export async function openLookout(options: PostgresLedgerOptions): Promise<Lookout> {
  const database = await LedgerDatabase.open({ ...options, readonly: true })
  const ledger = new PostgresLedger(database, { closesDatabase: true })
  const sign = () =>
    readSign(database).catch((error) => {
      throw database.failure(error)
    })
  return { ledger, liveness: () => livenessOf(database, ledger), sign }
}
