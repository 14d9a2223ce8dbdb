import { quoteName } from '../ledger/postgres/tables.ts'

/**
 * What coordinator and workers tell each other beside the board, in the schema of the ledger:
 *
 * - `cluster_run`: one row, the job that is coordinated and the queue its batches are in. Workers read it, the coordinator writes it, also to show that it lives.
 * - `cluster_workers`: who works, with a sign of life. Times are the database's.
 * - `cluster_feed`: what workers have committed and the coordinator has not heard of yet. A row is written in the transaction of the
 *   commit, and removed when the coordinator has taken it in.
 * - `cluster_requests`: what others ask of the coordinator (pause, continue …), and its answers.
 */
export const CLUSTER_TABLES = (schema: string): readonly string[] => {
  const s = quoteName(schema)
  return [
    `CREATE TABLE ${s}.cluster_run (
  single bool PRIMARY KEY DEFAULT true CHECK (single),
  epoch int8 NOT NULL,
  job_id text NOT NULL,
  queue text NOT NULL,
  root text NOT NULL,
  processors text NOT NULL,
  config text NOT NULL,
  phase text NOT NULL CHECK (phase IN ('open', 'paused', 'over'))
)`,
    `CREATE TABLE ${s}.cluster_workers (
  worker int4 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text NOT NULL UNIQUE,
  slots int4 NOT NULL,
  state text NOT NULL,
  joined_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  seen_at timestamptz NOT NULL DEFAULT clock_timestamp()
)`,
    `CREATE TABLE ${s}.cluster_feed (
  seq int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  epoch int8 NOT NULL,
  outcome text NOT NULL
)`,
    `CREATE TABLE ${s}.cluster_requests (
  request int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  epoch int8 NOT NULL,
  asked text NOT NULL,
  answer text,
  asked_at timestamptz NOT NULL DEFAULT clock_timestamp()
)`,
  ]
}

/** What a commit came to has some kilobytes, and lives for a moment: it stays in its row as it is, where the server would compress it, or cut it in pieces. */
export const CLUSTER_TABLES_2 = (schema: string): readonly string[] => [
  `ALTER TABLE ${quoteName(schema)}.cluster_feed SET (toast_tuple_target = 8160)`,
]

/** A sign of life of who coordinates, and why nothing is started: for those who look on and cannot ask. */
export const CLUSTER_TABLES_3 = (schema: string): readonly string[] => [
  `ALTER TABLE ${quoteName(schema)}.cluster_run ADD COLUMN seen_at timestamptz, ADD COLUMN paused text`,
]
