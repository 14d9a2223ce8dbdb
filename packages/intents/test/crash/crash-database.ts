import type { TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import { Client } from 'pg'
import { ROWS } from './crash-intents.ts'

/** What intents have done to a database, as it was at one moment. */
export interface Effects {
  /** By intent's name, how often it was applied. */
  readonly applied: ReadonlyMap<string, number>
  /** By row, the sum in it. */
  readonly totals: ReadonlyMap<string, number>
}

/** What the sinks of a test call themselves to the server. */
export const APPLICATION = 'millrace-crash'

// Nothing keeps a name from being in the log twice: that is what is looked for.
const TABLES = `
CREATE TABLE counters (id text PRIMARY KEY, total int8 NOT NULL DEFAULT 0, last text);
CREATE TABLE documents (id text PRIMARY KEY, data jsonb NOT NULL DEFAULT '{}');
CREATE TABLE notes (id text PRIMARY KEY, last text NOT NULL);
CREATE TABLE log (name text NOT NULL, row_id text NOT NULL);
CREATE FUNCTION log_last() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN INSERT INTO log VALUES (NEW.last, NEW.id); RETURN NULL; END $$;
CREATE FUNCTION log_document() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN INSERT INTO log VALUES (NEW.data->>'last', NEW.id); RETURN NULL; END $$;
CREATE TRIGGER log AFTER UPDATE ON counters FOR EACH ROW EXECUTE FUNCTION log_last();
CREATE TRIGGER log AFTER INSERT OR UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION log_last();
CREATE TRIGGER log AFTER UPDATE ON documents FOR EACH ROW EXECUTE FUNCTION log_document();
INSERT INTO counters (id) SELECT 'c' || n FROM generate_series(0, ${ROWS - 1}) AS n;
INSERT INTO documents (id) SELECT 'd' || n FROM generate_series(0, ${ROWS - 1}) AS n;
`

const RESET = `
ALTER TABLE counters DISABLE TRIGGER log; ALTER TABLE documents DISABLE TRIGGER log;
UPDATE counters SET total = 0, last = NULL; UPDATE documents SET data = '{}'; TRUNCATE notes, log;
ALTER TABLE counters ENABLE TRIGGER log; ALTER TABLE documents ENABLE TRIGGER log;
`

const EFFECTS = `SELECT
  (SELECT coalesce(json_object_agg(name, times), '{}') FROM (SELECT name, count(*) AS times FROM log GROUP BY name) AS named) AS applied,
  (SELECT json_object_agg(id, total) FROM (SELECT id, total FROM counters
    UNION ALL SELECT id, coalesce((data->>'total')::int8, 0) FROM documents) AS rows) AS totals`

/** Which of the sinks' sessions is meant. */
export type SessionState = 'any' | 'active' | 'committing'

const SESSIONS: Readonly<Record<SessionState, string>> = {
  any: 'true',
  active: "state = 'active'",
  committing: "state = 'active' AND query = 'COMMIT'",
}

/** The tables of these tests on a server of a test's own, seen past Millrace by a connection of an administrator's. */
export class CrashDatabase implements AsyncDisposable {
  readonly postgres: TestPostgres
  #client: Client | undefined

  constructor(postgres: TestPostgres) {
    this.postgres = postgres
  }

  async create(): Promise<void> {
    await this.query(TABLES)
  }

  /** As if nothing had ever been applied. Idempotency keys stay. */
  async reset(): Promise<void> {
    await this.query(RESET)
  }

  async effects(): Promise<Effects> {
    const [row] = await this.query<{ applied: Record<string, number>; totals: Record<string, number> }>(EFFECTS)
    return { applied: new Map(Object.entries(row!.applied)), totals: new Map(Object.entries(row!.totals)) }
  }

  /** Waits for a session of the sinks that is in that state, in vain for at most a second, and gives its process. */
  async findSession(state: SessionState, condition = 'true'): Promise<number | undefined> {
    const where = `application_name = '${APPLICATION}' AND ${SESSIONS[state]} AND ${condition}`
    await this.query(`SET client_min_messages = warning; DO $$ BEGIN
  FOR attempt IN 1..10000 LOOP
    PERFORM pg_stat_clear_snapshot();
    PERFORM set_config('crash.pid', coalesce((SELECT min(pid)::text FROM pg_stat_activity WHERE ${where}), ''), false);
    EXIT WHEN current_setting('crash.pid') <> '';
    PERFORM pg_sleep(0.0001);
  END LOOP;
END $$`)
    const [found] = await this.query<{ pid: string }>(`SELECT current_setting('crash.pid') AS pid`)
    return found!.pid === '' ? undefined : Number(found!.pid)
  }

  /** The same of a session that is sure to come, however long a busy machine takes. */
  async session(state: SessionState, condition?: string): Promise<number> {
    for (let look = 0; look < 40; look++) {
      const pid = await this.findSession(state, condition)
      if (pid !== undefined) return pid
    }
    throw new Error(`no session was ${state}`)
  }

  /** Waits until no session of a sink is left: they end in their own time. */
  async sessionsEnded(): Promise<void> {
    const left = `SELECT pid FROM pg_stat_activity WHERE application_name = '${APPLICATION}'`
    while ((await this.query(left)).length > 0) await new Promise((resolve) => setTimeout(resolve, 5))
  }

  /** Ends a session as an administrator does. Whether there was one. */
  async terminate(pid: number): Promise<boolean> {
    const [answer] = await this.query<{ ended: boolean }>(`SELECT pg_terminate_backend(${pid}) AS ended`)
    return answer!.ended
  }

  /** Ends the server without a checkpoint, as `pg_ctl stop -m immediate` or by SIGKILL, and starts it: it recovers from its log. */
  async crash(how: 'immediate' | 'kill'): Promise<void> {
    if (how === 'kill') await this.postgres.kill()
    else {
      const [row] = await this.query<{ pid: string }>(
        `SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1) AS pid`,
      )
      const pid = Number(row!.pid)
      process.kill(pid, 'SIGQUIT')
      while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 5))
    }
    await this.postgres.start()
  }

  async query<Row extends object>(text: string): Promise<readonly Row[]> {
    const result = await (await this.#connected()).query<Row>(text)
    return result.rows
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#client?.end()
  }

  async #connected(): Promise<Client> {
    if (this.#client !== undefined) return this.#client
    const client = new Client({ connectionString: this.postgres.url, application_name: 'administrator' })
    const forget = () => {
      if (this.#client === client) this.#client = undefined
    }
    client.on('error', forget).on('end', forget)
    await client.connect()
    this.#client = client
    return client
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
