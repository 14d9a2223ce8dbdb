import { CREATE_TABLES } from './tables.ts'

const VERSION_1 = `
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
`

const LEAVE_VERSION_1 = `
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
  ALTER TABLE records RENAME TO records_1;
  ALTER TABLE results RENAME TO results_1;
  ALTER TABLE quarantine RENAME TO quarantine_1;
  ALTER TABLE attempts RENAME TO attempts_1;
  ALTER TABLE batches RENAME TO batches_1;
  ALTER TABLE learned RENAME TO learned_1;
`

const COPY_VERSION_1 = `
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
  INSERT INTO results (tree, file_id, job, ms, record_id, hash, crc)
    SELECT tree, file_id, job, ms, record_id, hash, crc32(concat_ws(char(0), tree, file_id, job, record_id, hash))
    FROM results_1 AS r JOIN trees USING (job) JOIN records_1 USING (record_id) ORDER BY r.rowid;
  INSERT INTO records (record_id, crc, record)
    SELECT record_id, crc32(path || records_1.hash || record), record
    FROM records_1 JOIN results USING (record_id) JOIN files USING (tree, file_id) ORDER BY record_id;
  INSERT INTO quarantine (tree, file_id, code, message, attempts, evidence)
    SELECT tree, file_id, code, message, attempts, evidence FROM quarantine_1 JOIN trees USING (job) ORDER BY tree, file_id;
  INSERT INTO attempts (tree, file_id, attempt, batch_id, code, message, ms)
    SELECT tree, file_id, attempt, batch_id, code, message, ms FROM attempts_1 AS a JOIN trees USING (job) ORDER BY a.rowid;

  DROP TABLE learned_1;
  DROP TABLE batches_1;
  DROP TABLE attempts_1;
  DROP TABLE quarantine_1;
  DROP TABLE results_1;
  DROP TABLE records_1;
  DROP TABLE exclusions_1;
  DROP TABLE files_1;
  DROP TABLE jobs_1;
`

/**
 * One script a version: the script at index n brings a ledger from version n to n + 1. Entries are never edited once released;
 * the last one ends in the tables of today, and keeps its own copy of them when these change.
 *
 * Version 1 kept the files of every job. Of each tree the newest job's stay; the others leave their books and batches. It did
 * not write down which processor made a result nor what the file was when it was read, so that all of them are made anew when the tree is met
 * next, and with them the highlights, which did not say what file they are about and are dropped.
 */
export const MIGRATIONS: readonly string[] = [VERSION_1, LEAVE_VERSION_1 + CREATE_TABLES + COPY_VERSION_1]
