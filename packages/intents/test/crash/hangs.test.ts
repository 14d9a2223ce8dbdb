import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import { Client } from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { audit, type Fault } from './audit.ts'
import { CrashDatabase } from './crash-database.ts'
import { intentOf } from './crash-intents.ts'
import { MAX_BATCH, startScheduler } from './own-scheduler.ts'
import { countsOf, type Ends, endsOf, toldOf } from './settled-ends.ts'

/** Against hangs. */
const BOUND_MS = 240_000
/** A write that takes longer is given up: long enough for one that nothing is in the way of, on a machine that does much else. */
const IMPATIENT = { writeTimeoutMs: 3000, retry: { attempts: 2, baseMs: 5, capMs: 20 } }
const WAITS_FOR_LOCK = "wait_event_type = 'Lock'"

let postgres: TestPostgres
let database: CrashDatabase
/** Numbers of intents are new in each test: idempotency keys stay. */
let next = 0

beforeAll(async () => {
  postgres = await startPostgres()
  database = new CrashDatabase(postgres)
  await database.create()
})
afterAll(async () => {
  await database[Symbol.asyncDispose]()
  await postgres.stop()
})
beforeEach(() => database.reset())

/** Numbers of intents of no other test, of any type or of one. */
function numbers(count: number, type?: 'add' | 'patch'): number[] {
  const found: number[] = []
  for (; found.length < count; next++) {
    if (type === undefined || type === intentOf(next, 'none').type) found.push(next)
  }
  return found
}

async function faultsOf(...ends: readonly Ends[]): Promise<readonly Fault[]> {
  return audit(toldOf(...ends), await database.effects())
}

/** A transaction of somebody else's that has locked the row of an intent. */
async function holding(n: number) {
  const client = new Client({ connectionString: postgres.url })
  await client.connect()
  await client.query('BEGIN')
  await client.query('SELECT FROM counters WHERE id = $1 FOR UPDATE', [intentOf(n, 'none').payload.row])
  return { release: () => client.query('ROLLBACK'), [Symbol.asyncDispose]: () => client.end() }
}

/** Stops a process of the server until it is disposed of. */
function stopped(pid: number): Disposable {
  process.kill(pid, 'SIGSTOP')
  return { [Symbol.dispose]: () => void process.kill(pid, 'SIGCONT') }
}

describe('a session that stops in its tracks', { timeout: BOUND_MS }, () => {
  it('idle: of what it is given nobody knows, all else commits', async () => {
    await using scheduler = await startScheduler(postgres.url, IMPATIENT)
    const pid = await database.session('any')
    let ends: Ends
    {
      using _ = stopped(pid)
      ends = await endsOf(scheduler, numbers(857), 'none')
    }
    await scheduler.stop()
    // It goes on, reads what it was given, and nobody hears what it comes to.
    await database.sessionsEnded()
    expect(await faultsOf(ends)).toEqual([])
    const { committed, OUTCOME_UNKNOWN: unknown } = countsOf(ends)
    expect(unknown).toBeGreaterThan(0)
    expect(unknown).toBeLessThanOrEqual(MAX_BATCH)
    expect(committed).toBe(857 - unknown!)
  })

  it('in a transaction: what needs its rows or keys fails, what does not commits, and all can be submitted again', async () => {
    await using scheduler = await startScheduler(postgres.url, IMPATIENT)
    const held = numbers(30, 'add')
    const others = numbers(200, 'patch')
    let [ends, othersEnds]: Ends[] = []
    {
      await using holder = await holding(held.at(-1)!)
      const hanging = endsOf(scheduler, held, 'all')
      const pid = await database.session('active', WAITS_FOR_LOCK)
      using _ = stopped(pid)
      await holder.release()
      ;[ends, othersEnds] = await Promise.all([hanging, endsOf(scheduler, others, 'all')])
    }
    expect(countsOf(othersEnds!)).toEqual({ committed: others.length })
    expect(countsOf(ends!)).toEqual({ WRITE_FAILED: held.length })
    const again = await endsOf(scheduler, held, 'all')
    expect(countsOf(again)).toEqual({ committed: held.length })
    expect(await faultsOf(othersEnds!, again)).toEqual([])
  })
})

describe('a row that somebody holds', { timeout: BOUND_MS }, () => {
  /** Two lots of intents, of which one needs the row; it is held until all have ended. */
  async function whileHeld(variant: 'real' | 'gives up alone') {
    await using scheduler = await startScheduler(postgres.url, { variant, ...IMPATIENT })
    const held = numbers(30, 'add')
    await using holder = await holding(held[0]!)
    const hanging = endsOf(scheduler, held, 'none')
    await database.session('active', WAITS_FOR_LOCK)
    const others = variant === 'real' ? await endsOf(scheduler, numbers(200, 'patch'), 'none') : new Map()
    const ends = await hanging
    await holder.release()
    await scheduler.stop()
    await database.sessionsEnded()
    return { ends, others, faults: await faultsOf(ends, others) }
  }

  it('its batch fails when its time is over, the others commit', async () => {
    const { ends, others, faults } = await whileHeld('real')
    expect(countsOf(others)).toEqual({ committed: 200 })
    expect(countsOf(ends)).toEqual({ WRITE_FAILED: 30 })
    expect(faults).toEqual([])
  })

  it('would tell a sink that gives up, and lets the server go on', async () => {
    const { faults } = await whileHeld('gives up alone')
    expect(faults).toContainEqual(expect.stringMatching(/^untrue: /))
    expect(faults).toContainEqual(expect.stringMatching(/^doubled: /))
  })
})
