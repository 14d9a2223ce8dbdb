import type { LedgerDatabase } from '../ledger/postgres/ledger-database.ts'
import { loadPeer } from '../processor/load-peer.ts'
import { Board } from './board.ts'
import { sqlOf } from './transaction-db.ts'

/** Where pg-boss keeps its tables. */
export function boardSchema({ schema }: LedgerDatabase): string {
  return `${schema}_board`
}

/**
 * Opens the board that belongs to a ledger, in a schema beside the ledger's.
 * @throws {MillraceError} `PEER_MISSING` without the package `pg-boss`, and what {@link LedgerDatabase.failure} makes of the database's refusals.
 */
export async function openBoard(database: LedgerDatabase): Promise<Board> {
  await loadPeer('pg-boss', 'A job on many machines', () => import('pg-boss'))
  try {
    return await Board.open({ db: sqlOf(database.pool), schema: boardSchema(database) })
  } catch (error) {
    throw database.failure(error)
  }
}
