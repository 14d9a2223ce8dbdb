import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { messageOf } from '@millrace/kernel/test/property'
import { describe, expect, it } from 'vitest'
import { createSqliteStore } from '../../src/store/sqlite-store.ts'
import { STORE_VERSION } from '../../src/store/store-database.ts'
import { storedAlert } from '../alerts/samples.ts'
import { storeConformance } from './conformance.ts'
import { changes, storedMonitor, temporaryFolder } from './samples.ts'

const isSlow = process.env.MILLRACE_SLOW !== undefined

function inFile() {
  const folder = temporaryFolder()
  const path = join(folder.path, 'state', 'pulse.db')
  return {
    store: (clock?: Parameters<typeof createSqliteStore>[0]['clock']) =>
      createSqliteStore(clock === undefined ? { path } : { path, clock }),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  }
}

describe('createSqliteStore', () => {
  // A thread for each opening takes its time: more is tried of the database alone.
  storeConformance(inFile, isSlow ? 10 : 2)

  it('has an outage of all monitors kept in seconds, in any number of commits', async () => {
    const count = isSlow ? 100_000 : 2000
    using place = inFile()
    await using store = place.store()
    await store.open()
    const commits: Promise<void>[] = []
    for (let start = 0; start < count; start += 100) {
      const names = Array.from({ length: 100 }, (_, index) => `monitor-${start + index}`)
      const monitors = names.map((name) => storedMonitor({ name }))
      commits.push(store.commit(changes({ monitors, alerts: names.map((monitor) => storedAlert({ monitor })) })))
    }
    await Promise.all(commits)
    await store[Symbol.asyncDispose]()
    await using again = place.store()
    const { monitors, alerts } = await again.open()
    expect([monitors.length, alerts.length, alerts.at(-1)?.monitor]).toEqual([count, count, `monitor-${count - 1}`])
  })

  it('keeps the others of a group when one cannot be kept, and says which', async () => {
    using place = inFile()
    await using store = place.store()
    await store.open()
    const broken = changes({
      monitors: [storedMonitor({ name: 'x' }), storedMonitor({ name: 'broken', incidentAt: Number.NaN })],
    })
    const outcomes = await Promise.allSettled([
      store.commit(changes({ monitors: [storedMonitor({ name: 'a' })] })),
      store.commit(broken),
      store.commit(changes({ monitors: [storedMonitor({ name: 'b' })] })),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(outcomes[1]).toMatchObject({ reason: { name: 'MillraceError', code: 'STORE_FAILED' } })
    await store[Symbol.asyncDispose]()
    await using again = place.store()
    expect((await again.open()).monitors.map(({ name }) => name)).toEqual(['a', 'b'])
  })

  it('finishes what was asked of it before it closes', async () => {
    using place = inFile()
    const store = place.store()
    await store.open()
    const kept = [1, 2, 3].map((failures) => store.commit(changes({ monitors: [storedMonitor({ failures })] })))
    await store[Symbol.asyncDispose]()
    await Promise.all(kept)
    await using again = place.store()
    expect((await again.open()).monitors).toEqual([storedMonitor({ failures: 3 })])
  })

  it('refuses what is no store, or a newer one, and leaves it as it was', async () => {
    using folder = temporaryFolder()
    const path = (name: string) => join(folder.path, name)
    const refusal = (name: string) =>
      messageOf('STORE_UNREADABLE', () => createSqliteStore({ path: path(name) }).open())
    writeFileSync(path('diary.db'), 'This is a diary, and no database. '.repeat(100))
    expect(await refusal('diary.db')).toContain('is damaged')

    using other = new DatabaseSync(path('other.db'))
    other.exec('CREATE TABLE diary (entry TEXT)')
    other.close()
    const before = readFileSync(path('other.db'))
    expect(await refusal('other.db')).toContain('is a database of something else')
    expect(readFileSync(path('other.db'))).toEqual(before)

    const store = createSqliteStore({ path: path('newer.db') })
    await store.open()
    await store[Symbol.asyncDispose]()
    using newer = new DatabaseSync(path('newer.db'))
    newer.exec(`PRAGMA user_version = ${STORE_VERSION + 1}`)
    newer.close()
    expect(await refusal('newer.db')).toContain(`version ${STORE_VERSION + 1}`)

    const whole = createSqliteStore({ path: path('cut.db') })
    await whole.open()
    await whole.commit(changes({ monitors: [storedMonitor()] }))
    await whole[Symbol.asyncDispose]()
    writeFileSync(path('cut.db'), readFileSync(path('cut.db')).subarray(0, 5000))
    expect(await refusal('cut.db')).toContain('is damaged')
  })

  it('says so where no file can be', async () => {
    using folder = temporaryFolder()
    mkdirSync(join(folder.path, 'folder'))
    await messageOf('STORE_FAILED', () => createSqliteStore({ path: join(folder.path, 'folder') }).open())
    await messageOf('STORE_FAILED', () => createSqliteStore({ path: '/proc/pulse.db' }).open())
    await messageOf('OPTION_INVALID', () => createSqliteStore({ path: '' }))
  })

  it('takes over what version 1 has kept', async () => {
    using folder = temporaryFolder()
    const path = join(folder.path, 'pulse.db')
    const db = new DatabaseSync(path)
    db.exec(VERSION_1)
    db.close()
    await using store = createSqliteStore({ path })
    const { monitors, alerts, beats, heardUntil, lastNumber } = await store.open()
    expect([beats, heardUntil, lastNumber]).toEqual([[], 0, 0])
    expect(monitors).toEqual([
      { ...storedMonitor({ name: 'a' }), keptAt: 0, incidentAt: 7, incident: 7, neededAt: 0, interventionAt: 8 },
    ])
    const old = { channel: '', incident: 7, at: 9, number: 9, since: 7, askedAt: 9, attempts: 2 }
    expect(alerts).toEqual([
      storedAlert({ ...old, monitor: 'a' }),
      storedAlert({ ...old, monitor: 'a', code: 'green' }),
    ])
    expect(await store.deadLetters(10)).toEqual([
      { id: 1, alert: storedAlert({ ...old, monitor: 'b' }), error: 'refused', at: 10 },
    ])
    // Places are by incident now.
    await store.commit(changes({ alerts: [storedAlert({ monitor: 'a', incident: 8 })] }))
    await store[Symbol.asyncDispose]()
    await using again = createSqliteStore({ path })
    expect((await again.open()).alerts).toHaveLength(3)
  })
})

/** As it was written by version 1. */
const VERSION_1 = `
  CREATE TABLE monitors (
    name TEXT PRIMARY KEY NOT NULL, state INTEGER NOT NULL, flags INTEGER NOT NULL, generation INTEGER NOT NULL, said INTEGER NOT NULL,
    incidentAt REAL NOT NULL, interventionAt REAL NOT NULL, alertAt REAL NOT NULL, silencedUntil REAL NOT NULL, history INTEGER NOT NULL,
    failures INTEGER NOT NULL, passes INTEGER NOT NULL, told INTEGER NOT NULL, reason TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE alerts (
    id INTEGER PRIMARY KEY, monitor TEXT NOT NULL, code TEXT NOT NULL, route INTEGER NOT NULL, incident REAL NOT NULL, state INTEGER NOT NULL,
    reason TEXT NOT NULL, at REAL NOT NULL, since REAL NOT NULL, attempts INTEGER NOT NULL, UNIQUE (monitor, code, route)
  ) STRICT;
  CREATE TABLE dead_letters (
    id INTEGER PRIMARY KEY, monitor TEXT NOT NULL, code TEXT NOT NULL, route INTEGER NOT NULL, incident REAL NOT NULL, state INTEGER NOT NULL,
    reason TEXT NOT NULL, at REAL NOT NULL, since REAL NOT NULL, attempts INTEGER NOT NULL, error TEXT NOT NULL, died_at REAL NOT NULL
  ) STRICT;
  INSERT INTO monitors VALUES ('a', 3, 3, 4000000000, 4000000001, 7, 8, 0, 0, 2097151, 3, 0, 1, 'connection refused');
  INSERT INTO alerts VALUES (1, 'a', 'red', 0, 7, 3, 'connection refused', 9, 7, 2), (2, 'a', 'green', 0, 7, 3, 'connection refused', 9, 7, 2);
  INSERT INTO dead_letters VALUES (5, 'b', 'red', 0, 7, 3, 'connection refused', 9, 7, 2, 'refused', 10);
  PRAGMA application_id = ${0x4d504c53};
  PRAGMA user_version = 1;
`
