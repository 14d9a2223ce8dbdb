import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { CrashDatabase } from './crash-database.ts'
import type { Keys } from './crash-intents.ts'
import { runSeries, type Series } from './crash-series.ts'
import { planSeries } from './kill-plan.ts'

const slow = process.env.MILLRACE_SLOW !== undefined
const SERIES = slow ? 15 : 2
const SCALE = { clients: 2, kills: 3 }
const FIRST_SEED = 20_261_121
const BOUND_MS = slow ? 10 * 60_000 : 120_000
const KEYS: readonly Keys[] = ['all', 'none', 'half']

const replayed = process.env.MILLRACE_CRASH_SEED

let postgres: TestPostgres
let database: CrashDatabase

beforeAll(async () => {
  // A COMMIT takes long enough to be met in the midst of it.
  postgres = await startPostgres({ settings: { commit_delay: 1000, commit_siblings: 0 } })
  database = new CrashDatabase(postgres)
  await database.create()
})
afterAll(async () => {
  await database[Symbol.asyncDispose]()
  await postgres.stop()
})

/** What a reader needs to see it again. */
function replay(seed: number, { faults, kills, codes }: Series): string {
  const again = `MILLRACE_CRASH_SEED=${seed} npx vitest run packages/intents/test/crash/kill-series`
  const seen = JSON.stringify({ kills, codes: [...codes] })
  return [`seed ${seed}`, JSON.stringify(planSeries(seed, SCALE)), seen, ...faults, `To see it again: ${again}`].join(
    '\n',
  )
}

it('what is killed again and again loses nothing that was acknowledged, and does nothing twice', {
  timeout: BOUND_MS,
}, async () => {
  const seen = { client: 0, backend: 0, server: 0, unknown: 0, duplicate: 0 }
  const first = Number(replayed ?? FIRST_SEED)
  for (let seed = first; seed < first + (replayed === undefined ? SERIES : 1); seed++) {
    const keys = KEYS[seed % KEYS.length]!
    const prefix = String.fromCharCode('a'.charCodeAt(0) + (seed - first))
    const series = await runSeries({ database, keys, prefix, plan: planSeries(seed, SCALE) })
    expect(series.faults, replay(seed, series)).toEqual([])
    for (const kind of ['client', 'backend', 'server'] as const) seen[kind] += series.kills[kind]
    for (const end of series.told.values()) if (end === 'unknown' || end === 'duplicate') seen[end]++
  }
  if (replayed !== undefined) return
  expect(seen.client).toBe(SERIES * SCALE.clients)
  expect(seen.server).toBe(SERIES)
  expect(seen.client + seen.backend + seen.server).toBeGreaterThanOrEqual(slow ? 100 : 10)
  // Batches were met where it is hardest: on the way to their COMMIT's answer.
  if (slow) expect(Math.min(seen.unknown, seen.duplicate)).toBeGreaterThan(0)
})

it('would tell a sink that says that a batch is committed before it is', async () => {
  const moment = { after: 50, waitMs: 0 }
  const kills = Array.from({ length: 10 }, () => ({ kill: 'backend', state: 'active', ...moment }) as const)
  const plan = [[...kills, { kill: 'client', ...moment } as const]]
  // Whether a batch is met before it is committed is chance.
  for (const prefix of 'zyxwvuts') {
    const { faults } = await runSeries({ database, keys: 'all', prefix, plan, variant: 'settled early' })
    if (faults.some((fault) => fault.startsWith('lost: '))) return
  }
  expect.unreachable('nothing was lost')
})
