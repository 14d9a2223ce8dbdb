import pg from 'pg'
import { TestClock } from 'pg-boss'
import { Board } from '../../src/cluster/board.ts'

const DAY_MS = 86_400_000

/** A board whose leases are kept by a clock that the test turns, the database's too. */
export interface VirtualBoard extends AsyncDisposable {
  readonly board: Board
  readonly pool: pg.Pool
  /** Lets time pass, and has the leases looked after once a second as those who work would. */
  pass(queue: string, seconds: number): Promise<void>
}

export async function openVirtualBoard(url: string, schema: string): Promise<VirtualBoard> {
  const pool = new pg.Pool({ connectionString: url, max: 8 })
  pool.on('error', () => {})
  let perSession: readonly string[] = []
  pool.on('connect', (client) => {
    for (const statement of perSession) void client.query(statement)
  })
  // Ahead of the system's, which the sessions of others still go by: what they publish can be claimed here.
  const clock = new TestClock(Date.now() + DAY_MS)
  const board = await Board.open({
    db: {
      executeSql: (text, values) => pool.query(text, values),
      // pg-boss asks for it before its first statement, so that no session misses it.
      setSessionStatements: async (statements) => {
        perSession = statements
      },
    },
    schema,
    clock,
  })
  return {
    board,
    pool,
    async pass(queue, seconds) {
      for (let second = 0; second < seconds; second++) {
        await clock.tick(1000)
        await board.supervise(queue)
      }
    },
    async [Symbol.asyncDispose]() {
      await board[Symbol.asyncDispose]()
      await pool.end()
    },
  }
}
