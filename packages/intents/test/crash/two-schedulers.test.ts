import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { audit } from './audit.ts'
import { CrashDatabase } from './crash-database.ts'
import { intentOf, type Keys } from './crash-intents.ts'
import { CrashProcess } from './crash-process.ts'
import type { Variant } from './mutants/variants.ts'
import { MAX_BATCH, startScheduler } from './own-scheduler.ts'
import { countsOf, type Ends, endsOf } from './settled-ends.ts'

const slow = process.env.MILLRACE_SLOW !== undefined
const INTENTS = slow ? 20_000 : 800
const ROUNDS = slow ? 200 : 20

let postgres: TestPostgres
let database: CrashDatabase

beforeAll(async () => {
  postgres = await startPostgres({ settings: { deadlock_timeout: '10ms' } })
  database = new CrashDatabase(postgres)
  await database.create()
})
afterAll(async () => {
  await database[Symbol.asyncDispose]()
  await postgres.stop()
})
beforeEach(() => database.reset())

interface RunOptions {
  readonly keys: Keys
  readonly prefixes: readonly [string, string]
}

/** Two processes submit the same numbers, one upwards and one downwards, to the same rows at the same time. */
async function runTwo({ keys, prefixes }: RunOptions) {
  const before = await deadlocks()
  const order = { url: postgres.url, variant: 'real' as const, keys, again: [] }
  const up = new CrashProcess({ ...order, prefix: prefixes[0], from: 0, to: INTENTS })
  const down = new CrashProcess({ ...order, prefix: prefixes[1], from: INTENTS - 1, to: -1 })
  await Promise.all([up.ended(), down.ended()])
  return { up, down, effects: await database.effects(), deadlocks: (await deadlocks()) - before }
}

/** Sessions tell of them when they end, at the latest. */
async function deadlocks(): Promise<number> {
  await database.sessionsEnded()
  const [row] = await database.query<{ deadlocks: string }>(
    'SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()',
  )
  return Number(row!.deadlocks)
}

const kindsOf = ({ told }: CrashProcess) => new Set(told.values())

/** Numbers of intents of a type, from one on: each of another row, and so many that half a batch is full. */
function numbersOf(type: 'add' | 'note', from: number): number[] {
  const found = new Map<string, number>()
  for (let n = from; found.size < MAX_BATCH / 2; n++) {
    const intent = intentOf(n, 'none')
    if (intent.type === type) found.set(intent.payload.row, n)
  }
  return [...found.values()]
}

describe('two schedulers on one database, over the same rows in opposite order', { timeout: 240_000 }, () => {
  it('with the same idempotency keys: each intent is applied once, and both are told so', async () => {
    const { up, down, effects, deadlocks } = await runTwo({ keys: 'all', prefixes: ['k', 'k'] })
    expect(deadlocks).toBe(0)
    for (const each of [up, down]) {
      expect(audit(each.told, effects)).toEqual([])
      expect(each.acknowledged).toBe(INTENTS)
    }
    expect(effects.applied.size).toBe(INTENTS)
    const disagreed = [...up.told].filter(
      ([name, end]) => (end === 'committed') !== (down.told.get(name) === 'duplicate'),
    )
    expect(disagreed, 'each is committed by one of the two, and a duplicate for the other').toEqual([])
    // Which of the two has how many is chance: one may be done before the other begins.
    expect(new Set([...kindsOf(up), ...kindsOf(down)])).toEqual(new Set(['committed', 'duplicate']))
  })

  it.each(['none', 'half'] as const)('with intents of their own, idempotency keys: %s', async (keys) => {
    const prefixes = keys === 'none' ? (['m', 'n'] as const) : (['o', 'p'] as const)
    const { up, down, effects, deadlocks } = await runTwo({ keys, prefixes })
    expect(deadlocks).toBe(0)
    expect(audit(new Map([...up.told, ...down.told]), effects)).toEqual([])
    expect(effects.applied.size).toBe(2 * INTENTS)
    for (const each of [up, down]) expect(kindsOf(each)).toEqual(new Set(['committed']))
  })

  /** Rounds of the same updates and upserts, in opposite order in each of two schedulers: how they ended, and how often they met. */
  async function runRounds(variant: Variant): Promise<{ readonly lots: readonly Ends[]; readonly met: number }> {
    const before = await deadlocks()
    const lots = await endsOfRounds(variant)
    return { lots, met: (await deadlocks()) - before }
  }

  async function endsOfRounds(variant: Variant): Promise<Ends[]> {
    await using one = await startScheduler(postgres.url, { variant })
    await using other = await startScheduler(postgres.url, { variant })
    const lots: Ends[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const adds = numbersOf('add', 100 * round)
      const notes = numbersOf('note', 100 * round)
      const ends = [endsOf(one, [...adds, ...notes], 'none'), endsOf(other, [...notes, ...adds], 'none')]
      lots.push(...(await Promise.all(ends)))
    }
    return lots
  }

  it('updates and upserts in opposite order, in batches of those two alone', async () => {
    const { lots, met } = await runRounds('real')
    for (const ends of lots) expect(countsOf(ends)).toEqual({ committed: MAX_BATCH })
    expect([lots.length, met]).toEqual([2 * ROUNDS, 0])
  })

  it('would tell a sink that locks rows as they come', async () => {
    // Whether two batches meet in a round is chance.
    for (let attempt = 0; attempt < 20; attempt++) if ((await runRounds('locks as they come')).met > 0) return
    expect.unreachable('no two met')
  })
})
