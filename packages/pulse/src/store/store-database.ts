import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type SQLOutputValue, type StatementSync } from 'node:sqlite'
import type { MillraceError } from '@millrace/kernel/errors'
import type { DeadLetter, StoreChanges, StoredAlert, StoredBeat, StoredMonitor, StoredState } from './pulse-store.ts'
import { isDiskFailure, openFailure, unreadable, writeFailure } from './store-failure.ts'

/** Marks the file as a store of ours, in its header: `MPLS` in ASCII. */
const APPLICATION_ID = 0x4d504c53

/** The version this code reads and writes. */
export const STORE_VERSION = 2

const MONITOR_COLUMNS =
  'name, state, flags, generation, said, keptAt, incidentAt, incident, neededAt, interventionAt, alertAt, silencedUntil, history, failures, passes, told, reason'
const ALERT_COLUMNS = 'monitor, code, route, channel, incident, number, state, reason, at, since, askedAt, attempts'

/** Times are REAL: they may have fractions. So are the numbers of incidents and alerts, which are about as large. */
const CREATE_MONITORS = `
  CREATE TABLE monitors (
    name TEXT PRIMARY KEY NOT NULL, state INTEGER NOT NULL, flags INTEGER NOT NULL, generation INTEGER NOT NULL, said INTEGER NOT NULL,
    keptAt REAL NOT NULL, incidentAt REAL NOT NULL, incident REAL NOT NULL, neededAt REAL NOT NULL, interventionAt REAL NOT NULL, alertAt REAL NOT NULL,
    silencedUntil REAL NOT NULL, history INTEGER NOT NULL, failures INTEGER NOT NULL, passes INTEGER NOT NULL, told INTEGER NOT NULL, reason TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
`
const ALERT_FIELDS = `monitor TEXT NOT NULL, code TEXT NOT NULL, route INTEGER NOT NULL, channel TEXT NOT NULL, incident REAL NOT NULL, number REAL NOT NULL,
    state INTEGER NOT NULL, reason TEXT NOT NULL, at REAL NOT NULL, since REAL NOT NULL, askedAt REAL NOT NULL, attempts INTEGER NOT NULL`
const CREATE_OTHERS = `
  CREATE TABLE alerts (id INTEGER PRIMARY KEY, ${ALERT_FIELDS}, UNIQUE (monitor, incident, code, route)) STRICT;
  CREATE TABLE dead_letters (id INTEGER PRIMARY KEY AUTOINCREMENT, ${ALERT_FIELDS}, error TEXT NOT NULL, died_at REAL NOT NULL) STRICT;
  CREATE TABLE beats (name TEXT PRIMARY KEY NOT NULL, at REAL NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE facts (heardUntil REAL NOT NULL, lastNumber REAL NOT NULL) STRICT;
  INSERT INTO facts VALUES (0, 0);
`
const CREATE_TABLES = CREATE_MONITORS + CREATE_OTHERS

/** Version 1 named incidents and alerts by times alone, and had one alert of each colour. */
const FROM_VERSION_1 = `
  ALTER TABLE monitors RENAME TO monitors_1;
  ALTER TABLE alerts RENAME TO alerts_1;
  ALTER TABLE dead_letters RENAME TO dead_letters_1;
  ${CREATE_TABLES}
  INSERT INTO monitors (${MONITOR_COLUMNS})
    SELECT name, state, flags, generation, said, 0, incidentAt, incidentAt, 0, interventionAt, alertAt, silencedUntil, history, failures, passes, told, reason FROM monitors_1;
  INSERT INTO alerts (${ALERT_COLUMNS})
    SELECT monitor, code, route, '', incident, at, state, reason, at, since, at, attempts FROM alerts_1 ORDER BY id;
  INSERT INTO dead_letters (${ALERT_COLUMNS}, error, died_at)
    SELECT monitor, code, route, '', incident, at, state, reason, at, since, at, attempts, error, died_at FROM dead_letters_1 ORDER BY id;
  DROP TABLE monitors_1;
  DROP TABLE alerts_1;
  DROP TABLE dead_letters_1;
`

/** So many dead letters are kept, and some more until the next removal. */
const MAX_DEAD_LETTERS = 10_000
const REMOVE_EVERY = 1000

/** Up to this size the whole file is checked when it is opened. */
const FULL_CHECK_BYTES = 64 * 1024 * 1024

/** Changes, and when they were asked for, in ms since 1970. */
export interface StampedChanges {
  readonly changes: StoreChanges
  readonly at: number
}

/**
 * The database of a store, in the thread that has it.
 *
 * A commit is one sync of the log (WAL, `synchronous=FULL`): what returned is on the disk. The file is locked as long as it is open, by the operating system: that ends
 * with the process, whatever ends it.
 */
export class StoreDatabase implements Disposable {
  readonly #file: string
  readonly #db: DatabaseSync
  readonly #statements: ReturnType<typeof prepareStatements>
  #died = 0

  /** @throws {MillraceError} `STORE_BUSY`, `STORE_UNREADABLE`, `STORE_FAILED`. */
  constructor(file: string) {
    this.#file = file
    this.#db = openDatabase(file)
    this.#statements = prepareStatements(this.#db)
  }

  read(): StoredState {
    const { allMonitors, allAlerts, allBeats, facts } = this.#statements
    return {
      monitors: allMonitors.all() as unknown as StoredMonitor[],
      alerts: allAlerts.all() as unknown as StoredAlert[],
      beats: allBeats.all() as unknown as StoredBeat[],
      ...(facts.get() as unknown as Pick<StoredState, 'heardUntil' | 'lastNumber'>),
    }
  }

  /**
   * Keeps a group in one transaction. Each is kept as a whole or not at all: what cannot be kept of itself keeps the others from nothing.
   * @returns of each why it was not kept, or undefined.
   */
  commit(group: readonly StampedChanges[]): (MillraceError | undefined)[] {
    const db = this.#db
    try {
      db.exec('BEGIN IMMEDIATE')
      const failures = group.map((stamped) => this.#keep(stamped))
      db.exec('COMMIT')
      return failures
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK')
      const failure = writeFailure(error, this.#file)
      return group.map(() => failure)
    }
  }

  deadLetters(limit: number): DeadLetter[] {
    return this.#statements.lastDead.all(limit).map(({ id, error, died_at, ...alert }) => ({
      id: Number(id),
      alert: alert as unknown as StoredAlert,
      error: String(error),
      at: Number(died_at),
    }))
  }

  [Symbol.dispose](): void {
    this.#db.close()
  }

  #keep(stamped: StampedChanges): MillraceError | undefined {
    const db = this.#db
    db.exec('SAVEPOINT changes')
    try {
      this.#apply(stamped)
      db.exec('RELEASE changes')
      return undefined
    } catch (error) {
      if (!db.isTransaction || isDiskFailure(error)) throw error
      db.exec('ROLLBACK TO changes; RELEASE changes')
      return writeFailure(error, this.#file)
    }
  }

  #apply({ changes, at }: StampedChanges): void {
    const { forget, keepMonitor, keepAlert, countAttempts, removeAlert, removeThatAlert, bury } = this.#statements
    for (const name of changes.forgotten) forget.run(name)
    for (const m of changes.monitors) {
      // By hand: SQLite takes values by their place, and names cost twice as much.
      keepMonitor.run(
        m.name,
        m.state,
        m.flags,
        m.generation,
        m.said,
        m.keptAt,
        m.incidentAt,
        m.incident,
        m.neededAt,
        m.interventionAt,
        m.alertAt,
        m.silencedUntil,
        m.history,
        m.failures,
        m.passes,
        m.told,
        m.reason,
      )
    }
    for (const { monitor, code, route, incident } of changes.delivered) removeAlert.run(monitor, code, route, incident)
    for (const { alert, error } of changes.dead) {
      removeThatAlert.run(...whichOf(alert))
      bury.run(...valuesOf(alert), error, at)
    }
    for (const alert of changes.alerts) {
      if (alert.attempts > 0) countAttempts.run(alert.attempts, ...whichOf(alert))
      else keepAlert.run(...valuesOf(alert), ...whichOf(alert))
    }
    this.#applyOthers(changes)
  }

  #applyOthers(changes: StoreChanges): void {
    const { keepAlert, exhume, removeDead, keepBeat, forgetBeat, keepHeard, keepNumber } = this.#statements
    for (const { id, alert } of changes.redriven) {
      exhume.run(id)
      keepAlert.run(...valuesOf(alert), ...whichOf(alert))
    }
    for (const { name, at } of changes.beats) {
      if (at === 0) forgetBeat.run(name)
      else keepBeat.run(name, at)
    }
    if (changes.heardUntil !== undefined) keepHeard.run(changes.heardUntil)
    keepNumber.run(changes.lastNumber)
    this.#died += changes.dead.length
    if (this.#died >= REMOVE_EVERY) {
      removeDead.run(MAX_DEAD_LETTERS)
      this.#died = 0
    }
  }
}

function valuesOf(a: StoredAlert): (string | number)[] {
  const { monitor, code, route, channel, incident, number, state, reason, at, since, askedAt, attempts } = a
  return [monitor, code, route, channel, incident, number, state, reason, at, since, askedAt, attempts]
}

function whichOf({ monitor, code, route, incident, number }: StoredAlert): (string | number)[] {
  return [monitor, code, route, incident, number]
}

const THAT_ALERT = 'monitor = ? AND code = ? AND route = ? AND incident = ? AND number = ?'

function prepareStatements(db: DatabaseSync) {
  const prepare = (sql: string): StatementSync => db.prepare(sql)
  return {
    allMonitors: prepare(`SELECT ${MONITOR_COLUMNS} FROM monitors`),
    allAlerts: prepare(`SELECT ${ALERT_COLUMNS} FROM alerts ORDER BY id`),
    allBeats: prepare('SELECT name, at FROM beats'),
    facts: prepare('SELECT heardUntil, lastNumber FROM facts'),
    keepBeat: prepare('INSERT OR REPLACE INTO beats (name, at) VALUES (?, ?)'),
    forgetBeat: prepare('DELETE FROM beats WHERE name = ?'),
    keepHeard: prepare('UPDATE facts SET heardUntil = ?'),
    keepNumber: prepare('UPDATE facts SET lastNumber = max(lastNumber, ?)'),
    forget: prepare('DELETE FROM monitors WHERE name = ?'),
    keepMonitor: prepare(`INSERT OR REPLACE INTO monitors (${MONITOR_COLUMNS}) VALUES (${places(17)})`),
    // Replaced, it gets the next id: it is the last of all. One that is there already stays where it is.
    keepAlert: prepare(
      `INSERT OR REPLACE INTO alerts (${ALERT_COLUMNS}) SELECT ${places(12)} WHERE NOT EXISTS (SELECT 1 FROM alerts WHERE ${THAT_ALERT})`,
    ),
    countAttempts: prepare(`UPDATE alerts SET attempts = ? WHERE ${THAT_ALERT}`),
    removeAlert: prepare('DELETE FROM alerts WHERE monitor = ? AND code = ? AND route = ? AND incident = ?'),
    removeThatAlert: prepare(`DELETE FROM alerts WHERE ${THAT_ALERT}`),
    bury: prepare(`INSERT INTO dead_letters (${ALERT_COLUMNS}, error, died_at) VALUES (${places(14)})`),
    lastDead: prepare(`SELECT id, ${ALERT_COLUMNS}, error, died_at FROM dead_letters ORDER BY id DESC LIMIT ?`),
    exhume: prepare('DELETE FROM dead_letters WHERE id = ?'),
    removeDead: prepare('DELETE FROM dead_letters WHERE id <= (SELECT max(id) FROM dead_letters) - ?'),
  }
}

function places(count: number): string {
  return Array(count).fill('?').join(', ')
}

function openDatabase(file: string): DatabaseSync {
  let db: DatabaseSync | undefined
  try {
    mkdirSync(dirname(file), { recursive: true })
    db = new DatabaseSync(file, { timeout: 0 })
    // Before the log is first looked at: then the lock stays, and nothing is shared with anybody.
    db.exec('PRAGMA locking_mode = EXCLUSIVE')
    const version = identify(db, file)
    db.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = FULL;
      PRAGMA wal_autocheckpoint = 4000;
      PRAGMA journal_size_limit = 67108864;
      PRAGMA temp_store = MEMORY;
      BEGIN IMMEDIATE;
    `)
    if (version === 0) db.exec(`${CREATE_TABLES} PRAGMA application_id = ${APPLICATION_ID}`)
    if (version === 1) db.exec(FROM_VERSION_1)
    db.exec(`PRAGMA user_version = ${STORE_VERSION}`)
    db.exec('COMMIT')
    return db
  } catch (error) {
    db?.close()
    throw openFailure(error, file)
  }
}

/** The version of a store; 0 of an empty file. */
function identify(db: DatabaseSync, file: string): number {
  const version = Number(oneValue(db, 'PRAGMA user_version'))
  if (oneValue(db, 'SELECT count(*) FROM sqlite_schema') === 0) return 0
  if (oneValue(db, 'PRAGMA application_id') !== APPLICATION_ID) {
    throw unreadable(file, 'is a database of something else')
  }
  if (version > STORE_VERSION) {
    throw unreadable(file, `was written by a newer Millrace (version ${version}; this one knows ${STORE_VERSION})`)
  }
  if (statSync(file).size <= FULL_CHECK_BYTES) {
    const found = oneValue(db, 'PRAGMA quick_check(1)')
    if (found !== 'ok') throw unreadable(file, `is damaged (${String(found)})`)
  }
  return version
}

function oneValue(db: DatabaseSync, sql: string): SQLOutputValue | undefined {
  return Object.values(db.prepare(sql).get() ?? {})[0]
}
