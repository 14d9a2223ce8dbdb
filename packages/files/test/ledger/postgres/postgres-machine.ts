import { Client } from 'pg'
import { LedgerDatabase } from '../../../src/ledger/postgres/ledger-database.ts'
import type { PostgresLedger } from '../../../src/ledger/postgres/postgres-ledger.ts'
import { quoteName } from '../../../src/ledger/postgres/tables.ts'
import type { Machine } from '../follows-the-model.ts'

export type OpenPostgres = (database: LedgerDatabase) => PostgresLedger

const WATCHED = ['files', 'exclusions', 'results', 'checks', 'quarantine', 'batches', 'jobs', 'trees']

/**
 * A database whose server ends the ledger's session at the row it is told. What then is `gone`: the process of the ledger, of which a new one takes
 * the place, or only its `connection`, and it makes the call again.
 */
export class PostgresDisk implements AsyncDisposable {
  readonly #admin: Client
  readonly #database: LedgerDatabase
  readonly #schema: string

  private constructor(admin: Client, database: LedgerDatabase) {
    this.#admin = admin
    this.#database = database
    this.#schema = quoteName(database.schema)
  }

  static async make(url: string, schema: string): Promise<PostgresDisk> {
    const database = await LedgerDatabase.open({ url, schema })
    const admin = new Client({ connectionString: url })
    await admin.connect()
    const s = quoteName(schema)
    await admin.query(`CREATE TABLE ${s}.crash (at int4);
INSERT INTO ${s}.crash VALUES (NULL);
CREATE FUNCTION ${s}.row_written() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE n int4;
BEGIN
  UPDATE ${s}.crash SET at = at - 1 WHERE at > 0 RETURNING at INTO n;
  IF n = 0 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
  RETURN NULL;
END $$`)
    for (const table of WATCHED) {
      await admin.query(`CREATE TRIGGER row_written AFTER INSERT OR UPDATE OR DELETE ON ${s}.${table}
FOR EACH ROW EXECUTE FUNCTION ${s}.row_written()`)
    }
    return new PostgresDisk(admin, database)
  }

  /** Runs statements of a mutant. */
  async alter(sql: (schema: string) => string): Promise<void> {
    await this.#admin.query(sql(this.#schema))
  }

  /** A machine on an empty ledger. */
  async start(open: OpenPostgres, gone: 'process' | 'connection' = 'process'): Promise<Machine> {
    const s = this.#schema
    const admin = this.#admin
    const tables = [...WATCHED, 'processors', 'attempts', 'highlights', 'learned'].map((table) => `${s}.${table}`)
    await admin.query(`TRUNCATE ${tables.join()} RESTART IDENTITY`)
    const arm = (at: number | null) => admin.query(`UPDATE ${s}.crash SET at = $1`, [at])
    const attach = async () => {
      const ledger = open(this.#database)
      await ledger.tryOwn()
      return ledger
    }
    const sessionPid = async () => (await admin.query(`SELECT session_pid FROM ${s}.ledger`)).rows[0].session_pid
    const sessionGone = async () => admin.query('SELECT pg_terminate_backend($1, 5000)', [await sessionPid()])
    let ledger = await attach()
    return {
      get ledger() {
        return ledger
      },
      async crash() {
        await sessionGone()
        await ledger.close()
        ledger = await attach()
      },
      async crashes(rows, work) {
        if (rows === undefined) {
          await work()
          return false
        }
        await arm(rows)
        const said = await work()
        await arm(null)
        if (!isUnreachable(said)) return false
        if (gone === 'connection') {
          await work()
          return false
        }
        await ledger.close()
        // It told of its end before it came to it.
        await sessionGone()
        ledger = await attach()
        return true
      },
      [Symbol.asyncDispose]: () => ledger.close(),
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#admin.end()
    await this.#database.close()
  }
}

function isUnreachable(said: unknown): boolean {
  return typeof said === 'object' && said !== null && 'code' in said && said.code === 'LEDGER_UNREACHABLE'
}
