import type { DatabaseSync } from 'node:sqlite'

/** Marks the file as a ledger of ours, in its header: `MILL` in ASCII. */
export const APPLICATION_ID = 0x4d494c4c

/**
 * One script a version: the script at index n brings a ledger from version n to n + 1. Entries are never edited once released.
 *
 * Version 1, table by table:
 * - `jobs`: one row a run. `job` is the short key of every other table; `job_id` is what people type.
 * - `files`: every entry discovery handed over. Those to process have ids from 0; those excluded count down from -1, so that `discovered`
 *   is a count of this table alone.
 * - `exclusions`: the reason, for each excluded entry.
 * - `records`: the JSON itself, append-only, with its CRC-32, since nothing else would tell of a bit gone bad in it. It stands apart so that the facts about results are counted and sorted without reading it, and so
 *   that a later job can point at a record which has not changed.
 * - `results`: which file was delivered, with which record. Append-only too: batches come in order of cost, not of file id, and rows kept in
 *   the order of file id would rewrite a page for each; only the small unique index pays for the scatter.
 * - `batches`, `attempts`, `quarantine`, `highlights`: what the checkpoints say.
 * - `learned`: what is kept between jobs.
 *
 * The triggers hold what a key alone cannot say: no file is delivered and quarantined. They look once a checkpoint, when it writes its
 * batch, which it does last; a look at every row would be a third of the cost of a commit.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE jobs (
    job INTEGER PRIMARY KEY,
    job_id TEXT NOT NULL UNIQUE,
    root TEXT NOT NULL,
    processors TEXT NOT NULL,
    config TEXT NOT NULL,
    owner_pid INTEGER NOT NULL,
    owner_started_ms REAL NOT NULL,
    owner_host TEXT NOT NULL,
    started_ms REAL NOT NULL,
    state TEXT NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'done', 'interrupted', 'failed')),
    discovery_done INTEGER NOT NULL DEFAULT 0,
    finished_ms REAL,
    summary TEXT,
    reason TEXT
  ) STRICT;

  CREATE TABLE files (
    job INTEGER NOT NULL,
    file_id INTEGER NOT NULL,
    path TEXT NOT NULL,
    size INTEGER,
    mtime_ms REAL,
    stamp TEXT,
    language TEXT,
    kind TEXT,
    PRIMARY KEY (job, file_id)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX files_by_path ON files (job, path) WHERE file_id >= 0;

  CREATE TABLE exclusions (
    job INTEGER NOT NULL,
    file_id INTEGER NOT NULL CHECK (file_id < 0),
    reason TEXT NOT NULL,
    PRIMARY KEY (job, file_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE batches (
    job INTEGER NOT NULL,
    batch_id INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    estimated_ms REAL NOT NULL,
    ms REAL NOT NULL,
    worker INTEGER NOT NULL,
    checkpoints INTEGER NOT NULL DEFAULT 1,
    complete INTEGER NOT NULL,
    PRIMARY KEY (job, batch_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE records (
    record_id INTEGER PRIMARY KEY,
    hash TEXT NOT NULL,
    crc INTEGER NOT NULL,
    record TEXT NOT NULL
  ) STRICT;

  CREATE TABLE results (
    job INTEGER NOT NULL,
    file_id INTEGER NOT NULL CHECK (file_id >= 0),
    batch_id INTEGER NOT NULL,
    ms REAL NOT NULL,
    record_id INTEGER NOT NULL,
    FOREIGN KEY (job, file_id) REFERENCES files (job, file_id)
  ) STRICT;
  CREATE UNIQUE INDEX results_by_file ON results (job, file_id);

  CREATE TABLE quarantine (
    job INTEGER NOT NULL,
    file_id INTEGER NOT NULL CHECK (file_id >= 0),
    batch_id INTEGER NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    evidence TEXT NOT NULL,
    PRIMARY KEY (job, file_id),
    FOREIGN KEY (job, file_id) REFERENCES files (job, file_id)
  ) STRICT, WITHOUT ROWID;

  CREATE VIEW settled_twice AS
    SELECT q.job, q.file_id FROM quarantine AS q CROSS JOIN results AS r ON r.job = q.job AND r.file_id = q.file_id;
  CREATE TRIGGER settled_once AFTER INSERT ON batches
  WHEN EXISTS (SELECT 1 FROM settled_twice WHERE job = NEW.job)
  BEGIN SELECT raise(ABORT, 'delivered and quarantined'); END;
  CREATE TRIGGER settled_once_again AFTER UPDATE ON batches
  WHEN EXISTS (SELECT 1 FROM settled_twice WHERE job = NEW.job)
  BEGIN SELECT raise(ABORT, 'delivered and quarantined'); END;

  CREATE TABLE attempts (
    job INTEGER NOT NULL,
    file_id INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    batch_id INTEGER NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    ms REAL NOT NULL,
    FOREIGN KEY (job, file_id) REFERENCES files (job, file_id)
  ) STRICT;
  CREATE INDEX attempts_by_file ON attempts (job, file_id);

  CREATE TABLE highlights (
    job INTEGER NOT NULL,
    list TEXT NOT NULL,
    value REAL NOT NULL,
    label TEXT NOT NULL
  ) STRICT;
  CREATE INDEX highlights_by_value ON highlights (job, list, value DESC);

  CREATE TABLE learned (
    key TEXT PRIMARY KEY,
    json TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
]

/** The version this code reads and writes. */
export const SCHEMA_VERSION = MIGRATIONS.length

/** The version a ledger's file says it has; 0 for one that holds nothing yet. */
export function schemaVersion(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.user_version)
}

/** Brings the ledger to {@link SCHEMA_VERSION}, in one transaction: after a crash it has the old version or the new, nothing between. */
export function migrate(db: DatabaseSync, migrations: readonly string[] = MIGRATIONS): void {
  db.exec('BEGIN IMMEDIATE')
  try {
    for (const script of migrations.slice(schemaVersion(db))) db.exec(script)
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${migrations.length}; COMMIT`)
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}
