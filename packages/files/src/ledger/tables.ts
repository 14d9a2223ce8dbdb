/** CRC-32 over columns, as `rowCrc` makes it: NULLs are passed over. */
export const crcOf = (columns: string) => `crc32(concat_ws(char(0), ${columns}))`

/**
 * What the column `crc` of each table must be: SQLite would not notice a bit gone bad in a value.
 *
 * PERF: tables with a row a file have no generated column, and their checksum comes with the row. SQLite works out a generated column
 * at every write, virtual or not, and calls back for each of these: that was a third of the cost of entering a file.
 */
export const CHECKSUMS = {
  trees: crcOf('tree, root, processors, job, next_file_id, revision'),
  jobs: crcOf(`job, job_id, tree, processors, config, priority, owner_pid, owner_started_ms, owner_host, created_ms, state,
      started_ms, starts, discovery_done, finished_ms, summary, reason, discovered, delivered, quarantined, excluded`),
  processors: crcOf('processor, tag'),
  confirmations: crcOf('job, files'),
  batches: crcOf('job, batch_id, priority, estimated_ms, ms, worker, checkpoints, complete, delivered, quarantined'),
  quarantine: crcOf('tree, file_id, code, message, attempts, evidence'),
  learned: crcOf('key, json'),
  files: crcOf('tree, path, file_id, size, stamp, language, kind, processor'),
  exclusions: crcOf('tree, path, reason'),
  // Of a result that does not stand the complement, so that reopening one needs no look at its other columns.
  results: `abs(reopened * 0xffffffff - ${crcOf('tree, file_id, job, record_id, stamp, hash')})`,
  attempts: crcOf('tree, file_id, attempt, batch_id, code, message, ms'),
  highlights: crcOf('tree, file_id, record_id, list, value, label'),
} as const

/**
 * The tables of a ledger as this version has them, for a new file and at the end of a migration.
 *
 * - `trees`: a root and the names of its processors. `job` is the one that has it now; `next_file_id` tells a file that was removed from one
 *   that never was.
 * - `jobs`: one row a job. `job` is the short key of other tables; `job_id` is what people type. The last four columns are its books, stored
 *   when it ends or loses its tree.
 * - `processors`: each `name@version` once.
 * - `files`: what discovery handed over to be processed, in the order in which it comes, so that a stretch of the tree is one scan. `processor` is
 *   unknown (NULL) in what version 1 left.
 * - `exclusions`: the other entries, each with its reason.
 * - `records`: the JSON itself, with a CRC-32 over path, hash and JSON, since nothing else would tell of a bit gone bad in them. It
 *   stands apart so that the facts about results are counted, sorted and compared without reading it.
 * - `results`: which file was delivered, with which record, from contents of which hash, by which job, and what the file was when it was read.
 *   One whose file was `reopened` does not stand, until it is confirmed or the file settled anew; nothing but the mark changes, for the row
 *   is in an index and a record is large. Rows are appended: batches come in order of cost, not of file id, and rows kept in the order of
 *   file id would rewrite a page for each; only the small unique index pays for the scatter.
 * - `highlights`: they belong to a record and go with it.
 * - `confirmations`: the ids of files whose contents a job verified, as JSON, a row a checkpoint; their results are not written to. It is
 *   what a job goes on from when it is started again, and its rows go when it is done or loses its tree.
 * - `batches`, `attempts`, `quarantine`: what the checkpoints say.
 * - `learned`: what is kept between jobs.
 *
 * Each row of these tables but `records` has a checksum (`crc`, see {@link CHECKSUMS}), which other programs need not know to read them.
 *
 * The triggers hold what a key alone cannot say: no file is delivered and quarantined. They look once a checkpoint, when it writes its
 * batch, which it does last; a look at every row would be a third of the cost of a commit.
 */
export const CREATE_TABLES = `
  CREATE TABLE trees (
    tree INTEGER PRIMARY KEY,
    root TEXT NOT NULL,
    processors TEXT NOT NULL,
    job INTEGER,
    next_file_id INTEGER NOT NULL DEFAULT 0,
    revision INTEGER NOT NULL DEFAULT 0,
    crc INTEGER AS (${CHECKSUMS.trees}) STORED,
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
    crc INTEGER AS (${CHECKSUMS.jobs}) STORED
  ) STRICT;

  CREATE TABLE processors (
    processor INTEGER PRIMARY KEY,
    tag TEXT NOT NULL UNIQUE,
    crc INTEGER AS (${CHECKSUMS.processors}) STORED
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
    PRIMARY KEY (tree, path)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX files_by_id ON files (tree, file_id);

  CREATE TABLE exclusions (
    tree INTEGER NOT NULL,
    path TEXT NOT NULL,
    reason TEXT NOT NULL,
    crc INTEGER NOT NULL,
    PRIMARY KEY (tree, path)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE records (
    record_id INTEGER PRIMARY KEY,
    crc INTEGER NOT NULL,
    record TEXT NOT NULL
  ) STRICT;

  CREATE TABLE results (
    tree INTEGER NOT NULL,
    file_id INTEGER NOT NULL,
    job INTEGER NOT NULL,
    reopened INTEGER NOT NULL DEFAULT 0 CHECK (reopened IN (0, 1)),
    stamp TEXT,
    ms REAL NOT NULL,
    record_id INTEGER NOT NULL,
    hash TEXT NOT NULL,
    crc INTEGER NOT NULL,
    FOREIGN KEY (tree, file_id) REFERENCES files (tree, file_id) ON DELETE CASCADE
  ) STRICT;
  CREATE UNIQUE INDEX results_by_file ON results (tree, file_id);

  CREATE TABLE quarantine (
    tree INTEGER NOT NULL,
    file_id INTEGER NOT NULL,
    code TEXT NOT NULL,
    message TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    evidence TEXT NOT NULL,
    crc INTEGER AS (${CHECKSUMS.quarantine}) STORED,
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
    crc INTEGER AS (${CHECKSUMS.attempts}) STORED,
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
    crc INTEGER AS (${CHECKSUMS.highlights}) STORED
  ) STRICT;
  CREATE INDEX highlights_by_record ON highlights (record_id);
  CREATE INDEX highlights_by_value ON highlights (tree, list, value DESC, label);

  CREATE TABLE confirmations (
    job INTEGER NOT NULL,
    files TEXT NOT NULL,
    crc INTEGER AS (${CHECKSUMS.confirmations}) STORED
  ) STRICT;

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
    crc INTEGER AS (${CHECKSUMS.batches}) STORED,
    PRIMARY KEY (job, batch_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE learned (
    key TEXT PRIMARY KEY,
    json TEXT NOT NULL,
    crc INTEGER AS (${CHECKSUMS.learned}) STORED
  ) STRICT, WITHOUT ROWID;

  CREATE VIEW settled_twice AS
    SELECT q.tree, q.file_id FROM quarantine AS q CROSS JOIN results AS r ON r.tree = q.tree AND r.file_id = q.file_id;
  CREATE TRIGGER settled_once AFTER INSERT ON batches
  WHEN EXISTS (SELECT 1 FROM settled_twice WHERE tree = (SELECT tree FROM jobs WHERE job = NEW.job))
  BEGIN SELECT raise(ABORT, 'delivered and quarantined'); END;
  CREATE TRIGGER settled_once_again AFTER UPDATE ON batches
  WHEN EXISTS (SELECT 1 FROM settled_twice WHERE tree = (SELECT tree FROM jobs WHERE job = NEW.job))
  BEGIN SELECT raise(ABORT, 'delivered and quarantined'); END;
`
