import { randomBytes } from 'node:crypto'
import { boardSchema } from '../cluster/open-board.ts'
import { LedgerDatabase } from '../ledger/postgres/ledger-database.ts'
import { quoteName } from '../ledger/postgres/tables.ts'

/** Where in a PostgreSQL the disturbed job is: schemas of its own, which are gone with it. */
export interface ClusterPlace extends AsyncDisposable {
  readonly url: string
  readonly schema: string
}

/** @throws {MillraceError} `OPTION_INVALID`, `PEER_MISSING`, `LEDGER_…` where the database cannot be used. */
export async function makePlace(url: string): Promise<ClusterPlace> {
  const schema = `millrace_chaos_${randomBytes(4).toString('hex')}`
  const database = await LedgerDatabase.open({ url, schema })
  const board = boardSchema(database)
  return {
    url,
    schema,
    async [Symbol.asyncDispose]() {
      try {
        for (const name of [schema, board])
          await database.pool.query(`DROP SCHEMA IF EXISTS ${quoteName(name)} CASCADE`)
      } catch (error) {
        throw database.failure(error)
      } finally {
        await database.close()
      }
    },
  }
}
