import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runChaos } from '../../src/chaos/run-chaos.ts'
import { temporaryFolder } from '../tree.ts'
import { plantTree } from './seeded-tree.ts'

const AT_FAULT = fileURLToPath(new URL('../fixtures/processors/at-fault.ts', import.meta.url))
const FORGETFUL = new URL('./mutants/forgetful-coordinator.ts', import.meta.url)
/** Against hangs: each takes some leases of ten seconds. */
const BOUND_MS = 240_000
let postgres: TestPostgres

beforeAll(async () => {
  postgres = await startPostgres()
}, BOUND_MS)
afterAll(() => postgres.stop())

function planted(files: number): string {
  const dir = join(temporaryFolder(), 'tree')
  plantTree(dir, { seed: 12, files, broken: 0, json: false })
  return dir
}

describe('a processor that is tried by chaos over PostgreSQL', { timeout: BOUND_MS }, () => {
  it('is sound, nothing is lost, however often coordinator and workers are killed, and nothing is left there', async () => {
    const options = { processors: [AT_FAULT], dir: planted(80), seed: 3, kills: 4, deadlineSeconds: 2 }
    const report = await runChaos({ ...options, postgres: postgres.url })
    expect(report).toMatchObject({ losses: [], faults: [], verdict: 'sound', identical: true, files: 80 })
    expect(report.books).toEqual({ discovered: 80, delivered: 80, quarantined: 0, excluded: 0 })
    const made = Object.fromEntries(report.disturbances.map(({ kind, made }) => [kind, made]))
    expect(made['kill-engine']).toBeGreaterThan(0)
    expect(made['kill-worker']).toBeGreaterThan(0)
    expect(made['kill-engine']! + made['kill-worker']!).toBe(4)
    const admin = new pg.Client(postgres.url)
    await admin.connect()
    const { rows } = await admin.query(`SELECT nspname FROM pg_namespace WHERE nspname LIKE 'millrace%'`)
    await admin.end()
    expect(rows).toEqual([])
  })

  it('a coordinator that loses a file when it was killed is found out', async () => {
    const options = { processors: [AT_FAULT], dir: planted(30), seed: 5, kills: 2, workers: 1, deadlineSeconds: 1 }
    const { verdict, losses } = await runChaos({ ...options, postgres: postgres.url }, { driver: FORGETFUL })
    expect(verdict).toBe('lost')
    expect(losses).toContainEqual(expect.objectContaining({ kind: 'lost', run: 'disturbed' }))
    expect(losses.filter(({ run }) => run !== 'disturbed')).toEqual([])
  })

  it('a database that is not there is told before anything is done', async () => {
    const url = postgres.url.replace(`:${postgres.port}/`, ':1/')
    const trial = runChaos({ processors: [AT_FAULT], seed: 1, postgres: url, onStep: () => expect.unreachable() })
    await expect(trial).rejects.toMatchObject({ code: 'LEDGER_UNREACHABLE' })
  })
})
