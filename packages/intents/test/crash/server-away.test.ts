import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { audit, type Fault } from './audit.ts'
import { CrashDatabase } from './crash-database.ts'
import { intentOf } from './crash-intents.ts'
import { MAX_BATCH, MAX_BATCHES, startScheduler } from './own-scheduler.ts'
import { countsOf, type Ends, endsOf, toldOf } from './settled-ends.ts'

/** Of what the server does when it goes away. */
const WAYS = ['restart', 'immediate', 'kill'] as const
const slow = process.env.MILLRACE_SLOW !== undefined
/** Against hangs. */
const BOUND_MS = 240_000

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

const numbers = (count: number) => Array.from({ length: count }, () => next++)

async function faultsOf(...ends: readonly Ends[]): Promise<readonly Fault[]> {
  return audit(toldOf(...ends), await database.effects())
}

describe('a server that is read-only', { timeout: BOUND_MS }, () => {
  const turn = async (value: 'on' | 'off') => {
    await database.query(`ALTER SYSTEM SET default_transaction_read_only = ${value}`)
    await database.query('SELECT pg_reload_conf()')
    // The server comes to it in its own time.
    for (let shown = ''; shown !== value; ) {
      await using fresh = new CrashDatabase(postgres)
      const [row] = await fresh.query<{ value: string }>(
        `SELECT current_setting('default_transaction_read_only') AS value`,
      )
      shown = row!.value
    }
  }
  /** Disposed of, it takes writes again. */
  async function readOnly(): Promise<AsyncDisposable> {
    await turn('on')
    return { [Symbol.asyncDispose]: () => turn('off') }
  }

  it('each intent fails with a code, until it no longer is', async () => {
    await using scheduler = await startScheduler(postgres.url)
    const before = await endsOf(scheduler, numbers(100), 'half')
    const refused = numbers(857)
    let ends: Ends
    {
      await using _ = await readOnly()
      ends = await endsOf(scheduler, refused, 'half')
      const one = scheduler.submit(intentOf(refused[0]!, 'half'))
      await expect(one).rejects.toMatchObject({ code: 'WRITE_FAILED', detail: { sqlState: '25006' } })
    }
    expect(countsOf(before)).toEqual({ committed: 100 })
    expect(countsOf(ends)).toEqual({ WRITE_FAILED: 857 })
    const again = await endsOf(scheduler, refused, 'half')
    expect(countsOf(again)).toEqual({ committed: 857 })
    expect(await faultsOf(before, again)).toEqual([])
  })

  it('when the circuit has opened intents fail at once, where it is so configured, and commit when it has closed', async () => {
    await using scheduler = await startScheduler(postgres.url, {
      whenOpen: 'fail',
      circuitBreaker: { failureThreshold: 3, recoveryTimeout: 50, halfOpenTestCount: 1 },
    })
    let ends: Ends
    {
      await using _ = await readOnly()
      ends = await endsOf(scheduler, numbers(857), 'none')
    }
    const { CIRCUIT_OPEN: open = 0, WRITE_FAILED: failed = 0 } = countsOf(ends)
    expect(open).toBeGreaterThan(0)
    expect(open + failed).toBe(857)
    const late = numbers(10)
    for (let committed = 0; committed < late.length; ) {
      const counts = countsOf(await endsOf(scheduler, late, 'all'))
      committed = (counts.committed ?? 0) + (counts.duplicate ?? 0)
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    expect(await faultsOf(ends)).toEqual([])
  })
})

describe('a server that goes away in the midst of batches', { timeout: BOUND_MS }, () => {
  /** A batch is under way, others wait, when the server ends and comes back. */
  async function whileAway(how: (typeof WAYS)[number], variant: 'real' | 'settled early') {
    const retry = { attempts: 200, baseMs: 5, capMs: 50 }
    await using scheduler = await startScheduler(postgres.url, { variant, retry })
    const ending = endsOf(scheduler, numbers(857), 'half')
    await database.session('active')
    if (how === 'restart') await postgres.restart()
    else await database.crash(how)
    const ends = await ending
    await scheduler.stop()
    return { ends, faults: await faultsOf(ends) }
  }

  it.each(slow ? WAYS : WAYS.slice(0, 2))(
    'and comes back (%s): nothing is lost, nothing is done twice',
    async (how) => {
      const { ends, faults } = await whileAway(how, 'real')
      expect(faults).toEqual([])
      const { committed = 0, duplicate = 0, OUTCOME_UNKNOWN: unknown = 0 } = countsOf(ends)
      expect(committed + duplicate + unknown).toBe(857)
      expect(unknown).toBeLessThanOrEqual(MAX_BATCHES * MAX_BATCH)
    },
  )

  it('and comes back: would tell a sink that says that a batch is committed before it is', async () => {
    // Whether a batch is met before it is committed is chance.
    for (let attempt = 0; attempt < 20; attempt++) {
      const { faults } = await whileAway('immediate', 'settled early')
      if (faults.some((fault) => fault.startsWith('lost: '))) return
    }
    expect.unreachable('nothing was lost')
  })

  it('and stays away: each intent fails with a code, and the next ones commit when it is back', async () => {
    await using scheduler = await startScheduler(postgres.url)
    const before = await endsOf(scheduler, numbers(100), 'none')
    const refused = numbers(857)
    await postgres.kill()
    const ends = await endsOf(scheduler, refused, 'all')
    await postgres.start()
    expect(countsOf(before)).toEqual({ committed: 100 })
    expect(countsOf(ends)).toEqual({ WRITE_FAILED: 857 })
    expect(await faultsOf(before, ends)).toEqual([])
    const again = await endsOf(scheduler, refused, 'all')
    expect(countsOf(again)).toEqual({ committed: 857 })
    expect(await faultsOf(before, again)).toEqual([])
  })
})
