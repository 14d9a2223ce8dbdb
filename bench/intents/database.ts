import { Client, type ClientConfig } from 'pg'
import { startPostgres } from '../../packages/kernel/test/postgres/start-postgres.ts'

/** Rows of the table that is written to. */
export const ROWS = 30_000

/** Nothing that happens now and then shall fall into one contender's sample: the table is vacuumed between samples. */
const SETTINGS = { autovacuum: 'off', max_wal_size: '2GB', checkpoint_timeout: '1h', shared_buffers: '256MB' }

const FRESH = `TRUNCATE players;
INSERT INTO players SELECT 'player:' || i, jsonb_build_object('name', 'player ' || i, 'hp', 100, 'position', jsonb_build_object('x', 0, 'y', 0))
FROM generate_series(0, ${ROWS - 1}) AS i ORDER BY i;`

/** The one server of a bench, with a table of players: real PostgreSQL, fsync on, on loopback. */
export interface BenchDatabase extends AsyncDisposable {
  readonly config: ClientConfig
  /** A client of its own, closed with the server. */
  connect(config?: ClientConfig): Promise<Client>
  /** Runs statements that are no part of what is measured. */
  run(text: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  /** Puts every row back, and leaves nothing to be cleaned up. */
  refresh(): Promise<void>
  /** The sum of what the rows' `position.x` are. */
  sumOfX(): Promise<number>
}

/** Key of the intent that is number `at`: one after the other, so that a key comes again when all others had their turn. */
export function keyOf(at: number): string {
  return `player:${at % ROWS}`
}

/** What {@link BenchDatabase.sumOfX} is after intents 0 to `count - 1`, each of which sets its row's x to its number. */
export function expectedSum(count: number): number {
  const first = Math.max(0, count - ROWS)
  return ((count - 1 + first) * (count - first)) / 2
}

export async function openDatabase(settings: Readonly<Record<string, string>> = {}): Promise<BenchDatabase> {
  const server = await startPostgres({ settings: { ...SETTINGS, ...settings } })
  const config: ClientConfig = { connectionString: server.url }
  const clients: Client[] = []
  async function connect(more: ClientConfig = {}): Promise<Client> {
    const client = new Client({ ...config, ...more })
    await client.connect()
    clients.push(client)
    return client
  }
  const admin = await connect()
  await admin.query('CREATE TABLE players (id text PRIMARY KEY, data jsonb NOT NULL) WITH (fillfactor = 50)')
  const refresh = async () => {
    await admin.query(FRESH)
    await admin.query('VACUUM ANALYZE players')
  }
  await refresh()
  return {
    config,
    connect,
    refresh,
    async run(text) {
      return (await admin.query(text)).rows as Readonly<Record<string, unknown>>[]
    },
    async sumOfX() {
      const { rows } = await admin.query(`SELECT sum((data #>> '{position,x}')::float8) AS sum FROM players`)
      return Number(rows[0]?.sum)
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(clients.map((client) => client.end()))
      await server.stop()
    },
  }
}
