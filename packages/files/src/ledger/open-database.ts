import { statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { MillraceError } from '@millrace/kernel/errors'
import { makeFolder } from '../make-folder.ts'
import { atRest, isDenied, isThere, unreadable } from './another-users-ledger.ts'
import { defineChecksums } from './checksums.ts'
import { APPLICATION_ID, migrate, SCHEMA_CRC, SCHEMA_VERSION, schemaCrc, schemaVersion, TABLES } from './schema.ts'
import { sqliteFailure } from './sqlite-failure.ts'
import { CHECKSUMS } from './tables.ts'

/** How long a call waits for another process that is writing, milliseconds. */
const BUSY_MS = 5000

/**
 * PERF: 16 KB pages hold five typical records of 3 KB with little waste, where 4 KB pages hold one each and chain the larger.
 */
const PAGE_BYTES = 16_384

/**
 * PERF: the log is moved into the database every 64 MB rather than every 4: each move costs two more fsyncs and writes index pages again
 * that many commits have touched. The price is at most as much to read when a killed run's ledger is opened again.
 */
const LOG_BYTES = 64 * 1024 * 1024

/**
 * PERF: holds the pages that a checkpoint touches; what is read once more comes from the system's cache. Four times as much is no faster on
 * 100,000 files (`npm run bench -- files/memory`).
 */
const CACHE = 'PRAGMA cache_size = -16384'

/** Up to this size the whole file is checked on opening; it takes some 50 ms. */
const FULL_CHECK_BYTES = 64 * 1024 * 1024

/**
 * Opens `ledger.db` in `stateDir`, at the version this code knows, creating folder and file where they are missing unless `readonly`.
 *
 * A commit is one fsync of the log (WAL, `synchronous=FULL`): what returned is on the disk.
 * @throws {MillraceError} `STATE_UNWRITABLE`, `LEDGER_MISSING` and `LEDGER_UNREADABLE` (`readonly` only), `LEDGER_CORRUPT`, `LEDGER_NEWER`, `LEDGER_BUSY`,
 * `LEDGER_WRITE_FAILED`.
 */
export function openDatabase(stateDir: string, readonly: boolean): DatabaseSync {
  const file = join(stateDir, 'ledger.db')
  if (!readonly) makeStateFolder(stateDir)
  else if (!isThere(file)) throw missing(stateDir)
  try {
    if (!readonly) return connect(file, false, prepare)
    const db = openReader(file)
    const version = schemaVersion(db)
    if (version === SCHEMA_VERSION) return db
    db.close()
    if (version === 0) throw missing(stateDir)
    connect(file, false, prepare).close()
    return openReader(file)
  } catch (error) {
    throw sqliteFailure(error, file)
  }
}

function openReader(file: string): DatabaseSync {
  try {
    return connect(file, true)
  } catch (error) {
    if (!isDenied(error)) throw error
    const location = atRest(file)
    if (location === undefined) throw unreadable(file, error)
    try {
      return connect(file, true, undefined, location)
    } catch (still) {
      throw isDenied(still) ? unreadable(file, still) : still
    }
  }
}

/** @param location Where SQLite opens it, where that is not just the file. */
function connect(
  file: string,
  readOnly: boolean,
  then?: (db: DatabaseSync) => void,
  location: string | URL = file,
): DatabaseSync {
  const db = new DatabaseSync(location, { readOnly, timeout: BUSY_MS })
  try {
    defineChecksums(db)
    db.exec(`${CACHE}; PRAGMA temp_store = MEMORY`)
    checkIdentity(db, file)
    checkContents(db, file)
    then?.(db)
    // Once more: SQLite holds the limit in pages, and a new ledger's are larger than those it began with.
    db.exec(CACHE)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

function prepare(db: DatabaseSync): void {
  db.exec(`
    PRAGMA page_size = ${PAGE_BYTES};
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = ${LOG_BYTES / PAGE_BYTES};
    PRAGMA journal_size_limit = ${LOG_BYTES};
  `)
  if (schemaVersion(db) < SCHEMA_VERSION) migrate(db)
}

function checkIdentity(db: DatabaseSync, file: string): void {
  const version = schemaVersion(db)
  const ours = Number(db.prepare('PRAGMA application_id').get()?.application_id) === APPLICATION_ID
  const empty = db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined
  if (!ours && !empty) {
    throw new MillraceError(
      'LEDGER_CORRUPT',
      `${file} is a database of something else, not a ledger. Name another folder with --state DIR.`,
      { detail: { file } },
    )
  }
  if (version < 1 && !empty) throw damaged(file, `it says that it is of version ${version}`)
  if (version > SCHEMA_VERSION) {
    throw new MillraceError(
      'LEDGER_NEWER',
      `The ledger ${file} was written by a newer Millrace (version ${version}; this one knows ${SCHEMA_VERSION}). Update Millrace, or name another folder with --state DIR.`,
      { detail: { file, version, known: SCHEMA_VERSION } },
    )
  }
}

/**
 * SQLite tells a truncated file by itself; a page gone bad inside is found by looking at it, a value gone bad by its row's checksum, and a
 * record by its own when it is read.
 */
function checkContents(db: DatabaseSync, file: string): void {
  const version = schemaVersion(db)
  if (version === 0) return
  if (version === SCHEMA_VERSION && schemaCrc(db) !== SCHEMA_CRC)
    throw damaged(file, 'its tables are not defined as they should be')
  const isSmall = statSync(file).size <= FULL_CHECK_BYTES
  const checks = isSmall ? ['integrity_check(1)'] : TABLES.deciding.map((table) => `integrity_check(${table})`)
  for (const check of checks) {
    const verdict = db.prepare(`PRAGMA ${check}`).get()?.integrity_check
    if (verdict !== 'ok') throw damaged(file, verdict)
  }
  if (version < SCHEMA_VERSION) return
  for (const table of isSmall ? [...TABLES.deciding, ...TABLES.large] : TABLES.deciding) {
    if (db.prepare(`SELECT 1 FROM ${table} WHERE crc IS NOT ${CHECKSUMS[table]} LIMIT 1`).get() === undefined) continue
    throw damaged(file, `a row of ${table} does not agree with its checksum`)
  }
}

function damaged(file: string, verdict: unknown): MillraceError {
  return new MillraceError(
    'LEDGER_CORRUPT',
    `The ledger ${file} is damaged (${String(verdict)}). Restore it from a copy, or move it away and run again: the next run starts a new one.`,
    { detail: { file, verdict } },
  )
}

function makeStateFolder(stateDir: string): void {
  try {
    makeFolder(stateDir)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const why = code === 'EEXIST' ? 'there is a file in its place' : message
    throw new MillraceError(
      'STATE_UNWRITABLE',
      `The state folder ${stateDir} cannot be made (${why}). Name another with --state DIR.`,
      { detail: { stateDir, reason: code }, cause: error },
    )
  }
}

function missing(stateDir: string): MillraceError {
  return new MillraceError('LEDGER_MISSING', `There is no ledger in ${stateDir}: run \`millrace files run\` first.`, {
    detail: { stateDir },
  })
}
