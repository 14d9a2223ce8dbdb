import type { DatabaseSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import { defineChecksums } from './checksums.ts'
import { MIGRATIONS } from './migrations.ts'
import { CREATE_TABLES } from './tables.ts'

/** Marks the file as a ledger of ours, in its header: `MILL` in ASCII. */
export const APPLICATION_ID = 0x4d494c4c

/** The version this code reads and writes. */
export const SCHEMA_VERSION = MIGRATIONS.length

/** The tables whose rows have a checksum, the small ones that decide what is done next first. */
export const TABLES = {
  deciding: ['trees', 'jobs', 'processors', 'confirmations', 'batches', 'quarantine', 'learned'],
  large: ['files', 'exclusions', 'results', 'attempts', 'highlights'],
} as const

/** {@link schemaCrc} of a ledger of {@link SCHEMA_VERSION}. */
export const SCHEMA_CRC = 0xbc1fcdcb

/** CRC-32 over the definitions that a ledger's file has of its tables, which damage can change as well as their rows. */
export function schemaCrc(db: DatabaseSync): number {
  const definitions = db.prepare(`SELECT sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite%' ORDER BY name`).all()
  return crc32(definitions.map(({ sql }) => sql).join('\0'))
}

/** The version a ledger's file says it has; 0 for one that holds nothing yet. */
export function schemaVersion(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.user_version)
}

/**
 * Makes the tables in a file that holds nothing yet, or brings those of an earlier version to {@link SCHEMA_VERSION}; in one transaction:
 * after a crash it has the old version or the new, nothing between.
 */
export function migrate(db: DatabaseSync, migrations: readonly string[] = MIGRATIONS): void {
  defineChecksums(db)
  db.exec('BEGIN IMMEDIATE')
  try {
    const version = schemaVersion(db)
    for (const script of version === 0 ? [CREATE_TABLES] : migrations.slice(version)) db.exec(script)
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${migrations.length}; COMMIT`)
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}
