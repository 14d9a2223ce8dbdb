import { crc32 } from 'node:zlib'

/** Advisory locks of Millrace: their first number. The second is that of the schema. */
const LOCKS = { owner: 0x4d_49_4c_4f, gate: 0x4d_49_4c_47, turn: 0x4d_49_4c_54 } as const

/**
 * The arguments of an advisory lock, as SQL.
 * - `owner`: who may start jobs has it for as long as its session lasts.
 * - `gate`: shared by checkpoints, until their transaction ends; alone it is had by who starts a job, so that after that no checkpoint of an
 *   earlier start is on its way.
 * - `turn`: one at a time migrates, or enters a job.
 */
export function lockOf(name: keyof typeof LOCKS, schema: string): string {
  return `${LOCKS[name]}, ${crc32(schema) | 0}`
}

/** A name as SQL has it. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/**
 * The tables of a ledger in PostgreSQL. They are those of the SQLite ledger, but for:
 *
 * - `ledger`: one row, the version of the tables and who owns them. Whoever takes them raises `epoch`.
 * - `jobs.epoch`: in which epoch the job was started last; a checkpoint names the one that it is of.
 * - `results` has the record in it, of `bytes` bytes, and fewer where whoever committed it has packed it: the server need not
 *   (`EXTERNAL`), and sends to the TOAST table only what is large even so.
 * - `checks`: files handed out to be read while their result stands, and whether they were `confirmed`. Other processes settle them, so
 *   that it is no process's memory.
 * - `batches.revised`: how many of its checkpoints changed results. The revision of a tree is its own and those of its job's batches together:
 *   a counter in `trees` would let checkpoints of all workers wait for each other's commit. `token` is the last checkpoint's.
 *
 * There are no foreign keys: a checkpoint locks the rows of its files before anything else, in the order of their ids, and whoever
 * removes a file does so too, then removes what is about it.
 *
 * Paths, and all else that is sorted, are `COLLATE "C"`: by bytes, on every server. A path is a key, of which PostgreSQL takes 2,600 bytes.
 *
 * Rows have no checksums of ours: pages have PostgreSQL's, from version 18 on unless told otherwise, before that where `initdb
 * --data-checksums` said so. A server without them does not tell a bit gone bad.
 */
export const VERSION_1 = (schema: string): readonly string[] => {
  const s = quoteName(schema)
  return [
    `CREATE TABLE ${s}.trees (
  tree int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  root text COLLATE "C" NOT NULL,
  processors text COLLATE "C" NOT NULL,
  job int4,
  next_file_id int4 NOT NULL DEFAULT 0,
  revision int8 NOT NULL DEFAULT 0,
  UNIQUE (root, processors)
)`,
    `CREATE TABLE ${s}.jobs (
  job int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  job_id text COLLATE "C" NOT NULL UNIQUE,
  tree int4 NOT NULL,
  processors text NOT NULL,
  config text NOT NULL,
  priority int4 NOT NULL,
  owner_pid int4 NOT NULL,
  owner_started_ms float8 NOT NULL,
  owner_host text NOT NULL,
  created_ms float8 NOT NULL,
  state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'interrupted', 'failed')),
  epoch int8,
  started_ms float8,
  starts int4 NOT NULL DEFAULT 0,
  discovery_done bool NOT NULL DEFAULT false,
  finished_ms float8,
  summary text,
  reason text,
  discovered int8,
  delivered int8,
  quarantined int8,
  excluded int8
)`,
    `CREATE TABLE ${s}.processors (
  processor int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tag text COLLATE "C" NOT NULL UNIQUE
)`,
    `CREATE TABLE ${s}.files (
  tree int4 NOT NULL,
  path text COLLATE "C" NOT NULL,
  file_id int4 NOT NULL CHECK (file_id >= 0),
  size int8 NOT NULL,
  mtime_ms float8 NOT NULL,
  stamp text COLLATE "C" NOT NULL,
  language text,
  kind text NOT NULL,
  processor int4 NOT NULL,
  PRIMARY KEY (tree, path)
)`,
    `CREATE UNIQUE INDEX files_by_id ON ${s}.files (tree, file_id)`,
    `CREATE TABLE ${s}.exclusions (
  tree int4 NOT NULL,
  path text COLLATE "C" NOT NULL,
  reason text COLLATE "C" NOT NULL,
  PRIMARY KEY (tree, path)
)`,
    `CREATE TABLE ${s}.results (
  tree int4 NOT NULL,
  file_id int4 NOT NULL,
  job int4 NOT NULL,
  reopened bool NOT NULL DEFAULT false,
  ms float8 NOT NULL,
  stamp text COLLATE "C",
  hash text COLLATE "C" NOT NULL,
  record bytea NOT NULL,
  bytes int4 NOT NULL,
  PRIMARY KEY (tree, file_id)
)`,
    `ALTER TABLE ${s}.results ALTER COLUMN record SET STORAGE EXTERNAL`,
    `CREATE TABLE ${s}.checks (
  tree int4 NOT NULL,
  file_id int4 NOT NULL,
  confirmed bool NOT NULL DEFAULT false,
  PRIMARY KEY (tree, file_id)
)`,
    `CREATE TABLE ${s}.quarantine (
  tree int4 NOT NULL,
  file_id int4 NOT NULL,
  code text NOT NULL,
  message text NOT NULL,
  attempts int4 NOT NULL,
  evidence text NOT NULL,
  PRIMARY KEY (tree, file_id)
)`,
    `CREATE TABLE ${s}.attempts (
  id int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tree int4 NOT NULL,
  file_id int4 NOT NULL,
  attempt int4 NOT NULL,
  batch_id int4 NOT NULL,
  code text NOT NULL,
  message text NOT NULL,
  ms float8 NOT NULL
)`,
    `CREATE INDEX attempts_by_file ON ${s}.attempts (tree, file_id)`,
    `CREATE TABLE ${s}.highlights (
  tree int4 NOT NULL,
  file_id int4 NOT NULL,
  list text COLLATE "C" NOT NULL,
  value float8 NOT NULL,
  label text COLLATE "C" NOT NULL
)`,
    `CREATE INDEX highlights_by_file ON ${s}.highlights (tree, file_id)`,
    `CREATE INDEX highlights_by_value ON ${s}.highlights (tree, list, value DESC)`,
    `CREATE TABLE ${s}.batches (
  job int4 NOT NULL,
  batch_id int4 NOT NULL,
  priority int4 NOT NULL,
  estimated_ms float8 NOT NULL,
  ms float8 NOT NULL,
  worker int4 NOT NULL,
  checkpoints int4 NOT NULL DEFAULT 1,
  complete bool NOT NULL,
  delivered int4 NOT NULL DEFAULT 0,
  quarantined int4 NOT NULL DEFAULT 0,
  revised int4 NOT NULL DEFAULT 0,
  token uuid NOT NULL,
  PRIMARY KEY (job, batch_id)
)`,
    `CREATE TABLE ${s}.learned (key text COLLATE "C" PRIMARY KEY, json text NOT NULL)`,
  ]
}
