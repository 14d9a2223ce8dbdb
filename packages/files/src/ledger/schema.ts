import type { DatabaseSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import { defineChecksums } from './checksums.ts'

/** Marks the file as a ledger of ours, in its header: `MILL` in ASCII. */
export const APPLICATION_ID = 0x4d494c4c

/**
 * One script a version: the script at index n brings a ledger from version n to n + 1. Entries are never edited once released.
 *
 * Version 2, table by table:
 * - `trees`: a root and the names of its processors. `job` is the one that has it now; `next_file_id` tells a file that was removed from one
 *   that never was.
 * - `jobs`: one row a job. `job` is the short key of other tables; `job_id` is what people type. The last four columns are its books, stored
 *   when it ends or loses its tree.
 * - `processors`: each `name@version` once.
 * - `files`: what discovery handed over to be processed, in the order in which it comes, so that a stretch of the tree is one scan. `processor` is
 *   unknown (NULL) in what version 1 left.
 * - `exclusions`: the other entries, each with its reason.
 * - `records`: the JSON itself, with the hash of the contents it was made from and a CRC-32 over path, hash and JSON, since nothing else
 *   would tell of a bit gone bad in them. It stands apart so that the facts about results are counted and sorted without reading it.
 * - `results`: which file was delivered, with which record, by which job, and what the file was when it was read. Rows are appended: batches come
 *   in order of cost, not of file id, and rows kept in the order of file id would rewrite a page for each; only the small unique index
 *   pays for the scatter.
 * - `kept`: results that stood before their file was reopened, until it is confirmed or settled anew.
 * - `highlights`: they belong to a record and go with it.
 * - `batches`, `attempts`, `quarantine`: what the checkpoints say.
 * - `learned`: what is kept between jobs.
 *
 * SQLite would not notice a bit gone bad in a value. So each row of these tables but `records` has a CRC-32 over its columns (`crc`), and tells
 * whether it agrees with them (`sound`). Other programs can read the tables without knowing how it is computed.
 *
 * The triggers hold what a key alone cannot say: no file is delivered and quarantined. They look once a checkpoint, when it writes its
 * batch, which it does last; a look at every row would be a third of the cost of a commit.
 *
 * Version 1 kept the files of every job. Of each tree the newest job's stay; the others leave their books and batches. It did
 * not write down which processor made a result nor what the file was when it was read, so that all of them are made anew when the tree is met
 * next, and with them the highlights, which did not say what file they are about and are dropped.
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
  `
  DROP TRIGGER settled_once;
  DROP TRIGGER settled_once_again;
  DROP VIEW settled_twice;
  DROP INDEX files_by_path;
  DROP INDEX results_by_file;
  DROP INDEX attempts_by_file;
  DROP TABLE highlights;
  ALTER TABLE jobs RENAME TO jobs_1;
  ALTER TABLE files RENAME TO files_1;
  ALTER TABLE exclusions RENAME TO exclusions_1;
  ALTER TABLE results RENAME TO results_1;
  ALTER TABLE quarantine RENAME TO quarantine_1;
  ALTER TABLE attempts RENAME TO attempts_1;
  ALTER TABLE batches RENAME TO batches_1;
  ALTER TABLE learned RENAME TO learned_1;

  CREATE TABLE trees (
    tree INTEGER PRIMARY KEY,
    root TEXT NOT NULL,
    processors TEXT NOT NULL,
    job INTEGER,
    next_file_id INTEGER NOT NULL DEFAULT 0,
    revision INTEGER NOT NULL DEFAULT 0,
    crc INTEGER AS (crc32(concat_ws(char(0), tree, root, processors, job, next_file_id, revision))) STORED,
    sound INTEGER AS (crc = crc32(concat_ws(char(0), tree, root, processors, job, next_file_id, revision))),
    UNIQUE (root, processors)
  ) STRICT;

  CREATE TABLE jobs (
    job INTEGER PRIMARY KEY,
    job_id TEXT NOT NULL UNIQUE,
    tree INTEGER NOT NULL REFERENCES trees,
    processors TEXT NOT NULL,
    config TEXT NOT NULL,
    priority INTEGER NOT NULL,
    owner_pid INTEGER NOT NULL,
    owner_started_ms REAL NOT NULL,
    owner_host TEXT NOT NULL,
    created_ms REAL NOT NULL,
    state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'interrupted', 'failed')),
    started_ms REAL,
    starts INTEGER NOT NULL DEFAULT 0,
    discovery_done INTEGER NOT NULL DEFAULT 0,
    finished_ms REAL,
    summary TEXT,
    reason TEXT,
    discovered INTEGER,
    delivered INTEGER,
    quarantined INTEGER,
    excluded INTEGER,
    crc INTEGER AS (crc32(concat_ws(char(0), job, job_id, tree, processors, config, priority, owner_pid, owner_started_ms, owner_host, created_ms, state, started_ms, starts, discovery_done, finished_ms, summary, reason, discovered, delivered, quarantined, excluded))) STORED,
    sound INTEGER AS (crc = crc32(concat_ws(char(0), job, job_id, tree, processors, config, priority, owner_pid, owner_started_ms, owner_host, created_ms, state, started_ms, starts, discovery_done, finished_ms, summary, reason, discovered, delivered, quarantined, excluded)))
  ) STRICT;

  CREATE TABLE processors (
    processor INTEGER PRIMARY KEY,
    tag TEXT NOT NULL UNIQUE,
    crc INTEGER AS (crc32(concat_ws(char(0), processor, tag))) STORED,
    sound INTEGER AS (crc = crc32(concat_ws(char(0), processor, tag)))
  ) STRICT;

  CREATE TABLE files (
    tree INTEGER NOT NULL,
    path TEXT NOT NULL,
    file_id INTEGER NOT NULL CHECK (file_id >= 0),
    size INTEGER NOT NULL,
    mtime_ms REAL NOT NULL,
    stamp TEXT NOT NULL,
    language TEXT,
    kind TEXT NOT NULL,
    processor INTEGER,
    crc INTEGER NOT NULL,
    sound INTEGER AS (crc = crc32(concat_ws(char(0), tree, path, file_id, size, stamp, language, kind, processor))),
    PRIMARY KEY (tree, path)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX files_by_id ON files (tree, file_id);

  CREATE TABLE exclusions (
    tree INTEGER NOT NULL,
    path TEXT NOT NULL,
    reason TEXT NOT NULL,
    crc INTEGER NOT NULL,
    sound INTEGER AS (crc = crc32(concat_ws(char(0), tree, path, reason))),
    PRIMARY KEY (tree, path)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE results (
    tree INTEGER NOT NULL,
    file_id INTEGER NOT NULL,
    job INTEGER NOT NULL,
    ms REAL NOT NULL,
    record_id INTEGER NOT NULL,
    stamp TEXT,
    crc INTEGER NOT NULL,
    sound INTEGER AS (crc = crc32(concat_ws(char(0), tree, file_id, job, record_id, stamp))),
    FOREIGN KEY (tree, file_id) REFERENCES files (tree, file_id) ON DELETE CASCADE
  ) STRICT;
  CREATE UNIQUE INDEX results_by_file ON results (tree, file_id);

  CREATE TABLE kept (
    tree INTEGER NOT NULL,
    file_id INTEGER NOT NULL,
    ms REAL NOT NULL,
    record_id INTEGER NOT NULL,
    crc INTEGER AS (crc32(concat_ws(char(0), tree, file_id, ms, record_id))) STORED,
    sound INTEGER AS (crc = crc32(concat_ws(char(0), tree, file_id, ms, record_id))),
    PRIMARY KEY (tree, file_id),
    FOREIGN KEY (tree, file_id) REFERENCES files (tree, file_id) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE quarantine (
    tree INTEGER NOT NULL,
    file_id INTEGER NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    evidence TEXT NOT NULL,
    crc INTEGER AS (crc32(concat_ws(char(0), tree, file_id, code, message, attempts, evidence))) STORED,
    sound INTEGER AS (crc = crc32(concat_ws(char(0), tree, file_id, code, message, attempts, evidence))),
    PRIMARY KEY (tree, file_id),
    FOREIGN KEY (tree, file_id) REFERENCES files (tree, file_id) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE attempts (
    tree INTEGER NOT NULL,
    file_id INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    batch_id INTEGER NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    ms REAL NOT NULL,
    crc INTEGER AS (crc32(concat_ws(char(0), tree, file_id, attempt, batch_id, code, message, ms))) STORED,
    sound INTEGER AS (crc = crc32(concat_ws(char(0), tree, file_id, attempt, batch_id, code, message, ms))),
    FOREIGN KEY (tree, file_id) REFERENCES files (tree, file_id) ON DELETE CASCADE
  ) STRICT;
  CREATE INDEX attempts_by_file ON attempts (tree, file_id);

  CREATE TABLE highlights (
    tree INTEGER NOT NULL,
    file_id INTEGER NOT NULL,
    record_id INTEGER NOT NULL REFERENCES records ON DELETE CASCADE,
    list TEXT NOT NULL,
    value REAL NOT NULL,
    label TEXT NOT NULL,
    crc INTEGER AS (crc32(concat_ws(char(0), tree, file_id, record_id, list, value, label))) STORED,
    sound INTEGER AS (crc = crc32(concat_ws(char(0), tree, file_id, record_id, list, value, label)))
  ) STRICT;
  CREATE INDEX highlights_by_record ON highlights (record_id);
  CREATE INDEX highlights_by_value ON highlights (tree, list, value DESC, label);

  CREATE TABLE batches (
    job INTEGER NOT NULL,
    batch_id INTEGER NOT NULL,
    priority INTEGER NOT NULL,
    estimated_ms REAL NOT NULL,
    ms REAL NOT NULL,
    worker INTEGER NOT NULL,
    checkpoints INTEGER NOT NULL DEFAULT 1,
    complete INTEGER NOT NULL,
    delivered INTEGER NOT NULL,
    quarantined INTEGER NOT NULL,
    crc INTEGER AS (crc32(concat_ws(char(0), job, batch_id, priority, estimated_ms, ms, worker, checkpoints, complete, delivered, quarantined))) STORED,
    sound INTEGER AS (crc = crc32(concat_ws(char(0), job, batch_id, priority, estimated_ms, ms, worker, checkpoints, complete, delivered, quarantined))),
    PRIMARY KEY (job, batch_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE learned (
    key TEXT PRIMARY KEY,
    json TEXT NOT NULL,
    crc INTEGER AS (crc32(concat_ws(char(0), key, json))) STORED,
    sound INTEGER AS (crc = crc32(concat_ws(char(0), key, json)))
  ) STRICT, WITHOUT ROWID;

  ALTER TABLE jobs_1 ADD COLUMN names TEXT;
  UPDATE jobs_1 SET names = (
    SELECT json_group_array(rtrim(rtrim(value, replace(value, '@', '')), '@') ORDER BY key) FROM json_each(processors));
  INSERT INTO trees (root, processors, job) SELECT root, names, max(job) FROM jobs_1 GROUP BY root, names ORDER BY max(job);
  UPDATE trees SET next_file_id = 1 + (SELECT coalesce(max(file_id), -1) FROM files_1 AS f WHERE f.job = trees.job AND f.file_id >= 0);
  INSERT INTO jobs (job, job_id, tree, processors, config, priority, owner_pid, owner_started_ms, owner_host, created_ms, state, started_ms,
      starts, discovery_done, finished_ms, summary, reason, discovered, delivered, quarantined, excluded)
    SELECT j.job, job_id, tree, j.processors, config, 1, owner_pid, owner_started_ms, owner_host, started_ms, state, started_ms,
      1, discovery_done, finished_ms, summary, reason,
      (SELECT count(*) FROM files_1 AS f WHERE f.job = j.job),
      (SELECT count(*) FROM results_1 AS r WHERE r.job = j.job),
      (SELECT count(*) FROM quarantine_1 AS q WHERE q.job = j.job),
      (SELECT count(*) FROM exclusions_1 AS e WHERE e.job = j.job)
    FROM jobs_1 AS j JOIN trees AS t ON t.root = j.root AND t.processors = j.names ORDER BY j.job;

  CREATE INDEX results_1_by_batch ON results_1 (job, batch_id);
  CREATE INDEX quarantine_1_by_batch ON quarantine_1 (job, batch_id);
  INSERT INTO batches (job, batch_id, priority, estimated_ms, ms, worker, checkpoints, complete, delivered, quarantined)
    SELECT job, batch_id, priority, estimated_ms, ms, worker, checkpoints, complete,
      (SELECT count(*) FROM results_1 AS r WHERE r.job = b.job AND r.batch_id = b.batch_id),
      (SELECT count(*) FROM quarantine_1 AS q WHERE q.job = b.job AND q.batch_id = b.batch_id)
    FROM batches_1 AS b ORDER BY job, batch_id;
  INSERT INTO learned (key, json) SELECT key, json FROM learned_1;
  INSERT INTO files (tree, path, file_id, size, mtime_ms, stamp, language, kind, crc)
    SELECT tree, path, file_id, size, mtime_ms, stamp, language, kind,
      crc32(concat_ws(char(0), tree, path, file_id, size, stamp, language, kind))
    FROM trees JOIN files_1 AS f USING (job) WHERE file_id >= 0 ORDER BY tree, path;
  INSERT OR IGNORE INTO exclusions (tree, path, reason, crc)
    SELECT tree, path, reason, crc32(concat_ws(char(0), tree, path, reason)) FROM trees JOIN exclusions_1 USING (job) JOIN files_1 USING (job, file_id) ORDER BY tree, path;
  INSERT INTO results (tree, file_id, job, ms, record_id, crc)
    SELECT tree, file_id, job, ms, record_id, crc32(concat_ws(char(0), tree, file_id, job, record_id)) FROM results_1 AS r JOIN trees USING (job) ORDER BY r.rowid;
  INSERT INTO quarantine (tree, file_id, code, message, attempts, evidence)
    SELECT tree, file_id, code, message, attempts, evidence FROM quarantine_1 JOIN trees USING (job) ORDER BY tree, file_id;
  INSERT INTO attempts (tree, file_id, attempt, batch_id, code, message, ms)
    SELECT tree, file_id, attempt, batch_id, code, message, ms FROM attempts_1 AS a JOIN trees USING (job) ORDER BY a.rowid;
  DELETE FROM records WHERE record_id NOT IN (SELECT record_id FROM results);
  UPDATE records SET crc = crc32(path || hash || record)
    FROM results JOIN files USING (tree, file_id) WHERE results.record_id = records.record_id;

  DROP TABLE learned_1;
  DROP TABLE batches_1;
  DROP TABLE attempts_1;
  DROP TABLE quarantine_1;
  DROP TABLE results_1;
  DROP TABLE exclusions_1;
  DROP TABLE files_1;
  DROP TABLE jobs_1;

  CREATE VIEW settled_twice AS
    SELECT q.tree, q.file_id FROM quarantine AS q CROSS JOIN results AS r ON r.tree = q.tree AND r.file_id = q.file_id;
  CREATE TRIGGER settled_once AFTER INSERT ON batches
  WHEN EXISTS (SELECT 1 FROM settled_twice WHERE tree = (SELECT tree FROM jobs WHERE job = NEW.job))
  BEGIN SELECT raise(ABORT, 'delivered and quarantined'); END;
  CREATE TRIGGER settled_once_again AFTER UPDATE ON batches
  WHEN EXISTS (SELECT 1 FROM settled_twice WHERE tree = (SELECT tree FROM jobs WHERE job = NEW.job))
  BEGIN SELECT raise(ABORT, 'delivered and quarantined'); END;
  `,
]

/** The version this code reads and writes. */
export const SCHEMA_VERSION = MIGRATIONS.length

/** The tables whose rows tell whether they are sound, the small ones that decide what is done next first. */
export const TABLES = {
  deciding: ['trees', 'jobs', 'processors', 'batches', 'quarantine', 'kept', 'learned'],
  large: ['files', 'exclusions', 'results', 'attempts', 'highlights'],
} as const

/** {@link schemaCrc} of a ledger of {@link SCHEMA_VERSION}. */
export const SCHEMA_CRC = 0x32fc6bbe

/** CRC-32 over the definitions that a ledger's file has of its tables, which damage can change as well as their rows. */
export function schemaCrc(db: DatabaseSync): number {
  const definitions = db.prepare(`SELECT sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite%' ORDER BY name`).all()
  return crc32(definitions.map(({ sql }) => sql).join('\0'))
}

/** The version a ledger's file says it has; 0 for one that holds nothing yet. */
export function schemaVersion(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.user_version)
}

/** Brings the ledger to {@link SCHEMA_VERSION}, in one transaction: after a crash it has the old version or the new, nothing between. */
export function migrate(db: DatabaseSync, migrations: readonly string[] = MIGRATIONS): void {
  defineChecksums(db)
  db.exec('BEGIN IMMEDIATE')
  try {
    for (const script of migrations.slice(schemaVersion(db))) db.exec(script)
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${migrations.length}; COMMIT`)
  } catch (error) {
    if (db.isTransaction) db.exec('ROLLBACK')
    throw error
  }
}
