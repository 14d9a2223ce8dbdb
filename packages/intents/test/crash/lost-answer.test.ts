import { startPostgres, type TestPostgres } from '@millrace/kernel/test/postgres/start-postgres'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { audit } from './audit.ts'
import { CommitCutter, type Cut } from './commit-cutter.ts'
import { CrashDatabase } from './crash-database.ts'
import { isKeyed, type Keys } from './crash-intents.ts'
import type { Variant } from './mutants/variants.ts'
import { startScheduler } from './own-scheduler.ts'
import { endsOf, toldOf } from './settled-ends.ts'

/** A COMMIT that takes long enough to be met in the midst of it, in ms. */
const SLOW_COMMIT_MS = 100
const BATCH = 20

let postgres: TestPostgres
let database: CrashDatabase
let cutter: CommitCutter
/** Names of intents are new in each test: idempotency keys stay. */
let from = 0

beforeAll(async () => {
  postgres = await startPostgres()
  database = new CrashDatabase(postgres)
  await database.create()
  cutter = await CommitCutter.open(postgres.url)
})
afterAll(async () => {
  await cutter[Symbol.asyncDispose]()
  await database[Symbol.asyncDispose]()
  await postgres.stop()
})
beforeEach(async () => {
  await database.reset()
  from += BATCH
})

const numbers = () => Array.from({ length: BATCH }, (_, at) => from + at)

/** One batch, whose COMMIT is cut there. */
async function cutAt(where: Cut, keys: Keys, variant: Variant = 'real') {
  await using scheduler = await startScheduler(cutter.url, { variant })
  const cut = cutter.cutNext(where)
  const ends = await endsOf(scheduler, numbers(), keys)
  await cut
  await scheduler.stop()
  const effects = await database.effects()
  return { ends, applied: effects.applied, faults: audit(toldOf(ends), effects) }
}

function namesOf(keyed: boolean, keys: Keys): string[] {
  return numbers()
    .filter((n) => isKeyed(n, keys) === keyed)
    .map((n) => `i${n}`)
}

const once = (names: readonly string[]) => new Map(names.map((name) => [name, 1]))
const all = (names: readonly string[], end: string) => new Map(names.map((name) => [name, end]))
const sorted = <T>(map: ReadonlyMap<string, T>) => new Map([...map].sort(([a], [b]) => (a < b ? -1 : 1)))

describe.each(['all', 'none', 'half'] as const)('idempotency keys: %s', (keys) => {
  it('the answer to COMMIT is lost: who has a key is told that it was done, who has none that nobody knows', async () => {
    const { ends, applied, faults } = await cutAt('answer', keys)
    expect(faults).toEqual([])
    const expected = [...all(namesOf(true, keys), 'duplicate'), ...all(namesOf(false, keys), 'OUTCOME_UNKNOWN')]
    expect(sorted(ends)).toEqual(sorted(new Map(expected)))
    expect(sorted(applied)).toEqual(sorted(once([...namesOf(true, keys), ...namesOf(false, keys)])))
  })

  it('the COMMIT itself is lost: who has a key is written again, who has none is told that nobody knows', async () => {
    const { ends, applied, faults } = await cutAt('request', keys)
    expect(faults).toEqual([])
    const expected = [...all(namesOf(true, keys), 'committed'), ...all(namesOf(false, keys), 'OUTCOME_UNKNOWN')]
    expect(sorted(ends)).toEqual(sorted(new Map(expected)))
    expect(sorted(applied)).toEqual(sorted(once(namesOf(true, keys))))
  })

  it('the connection ends right behind the answer: all are told that they are committed', async () => {
    const { ends, applied, faults } = await cutAt('after answer', keys)
    expect(faults).toEqual([])
    const names = [...namesOf(true, keys), ...namesOf(false, keys)]
    expect(sorted(ends)).toEqual(sorted(all(names, 'committed')))
    expect(sorted(applied)).toEqual(sorted(once(names)))
  })

  /** Terminates the session of a batch in the midst of its COMMIT, and says whether it met that. */
  async function terminatedInCommit(): Promise<boolean> {
    const settings = { commit_delay: SLOW_COMMIT_MS * 1000, commit_siblings: 0 }
    await using scheduler = await startScheduler(postgres.url, { settings })
    // The next batch comes before the client knows that the session is gone.
    const [first, second] = [numbers().slice(0, BATCH / 2), numbers().slice(BATCH / 2)]
    const ending = endsOf(scheduler, first, keys).then(
      async (ends) => new Map([...ends, ...(await endsOf(scheduler, second, keys))]),
    )
    const pid = await database.findSession('committing')
    if (pid !== undefined) expect(await database.terminate(pid)).toBe(true)
    const ends = await ending
    await scheduler.stop()
    const effects = await database.effects()
    expect(audit(toldOf(ends), effects)).toEqual([])
    const names = [...namesOf(true, keys), ...namesOf(false, keys)]
    expect(sorted(ends)).toEqual(sorted(all(names, 'committed')))
    expect(sorted(effects.applied)).toEqual(sorted(once(names)))
    return pid !== undefined
  }

  it('the session is terminated in the midst of its COMMIT, which the server ends first', async () => {
    for (let attempt = 0; attempt < 20; attempt++) {
      if (await terminatedInCommit()) return
      await database.reset()
      from += BATCH
    }
    expect.unreachable('no COMMIT was met')
  })
})

describe('a lost answer would tell', () => {
  it('a sink that believes that it was a rollback', async () => {
    const { faults } = await cutAt('answer', 'none', 'lost is rolled back')
    expect(faults).toContainEqual(expect.stringMatching(/^doubled: /))
  })

  it('a retry without the idempotency keys', async () => {
    const { faults } = await cutAt('answer', 'all', 'unfenced retry')
    expect(faults).toContainEqual(expect.stringMatching(/^doubled: /))
  })

  it('a sink that says that a batch is committed before it is', async () => {
    const { faults } = await cutAt('request', 'none', 'settled early')
    expect(faults).toContainEqual(expect.stringMatching(/^lost: /))
  })
})
