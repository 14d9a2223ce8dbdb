import { lockOf, quoteName } from './tables.ts'

/** A statement and the name by which a connection has it prepared. */
export interface Statement {
  readonly name: string
  readonly text: string
}

export type Statements = ReturnType<typeof statementsOf>

/**
 * The statements of the ledger's own session, over the tables of a schema. `job` and `tree` are always the short keys.
 *
 * PERF: results are looked up file by file (`OFFSET 0` keeps such a lookup from becoming a join): a planner that knows nothing yet of new tables would begin a
 * join at the wrong end, and read a tree's results for every page of it.
 */
export function statementsOf(schema: string) {
  const s = quoteName(schema)
  // A job is superseded when it was started and its tree is now another's.
  const jobAndTree = `${s}.jobs AS j JOIN ${s}.trees AS t USING (tree) LEFT JOIN ${s}.jobs AS o ON o.job = t.job AND o.job <> j.job AND j.starts > 0`
  const job = `SELECT j.job_id AS "jobId", t.root, j.processors, j.config, j.priority, j.owner_pid AS pid, j.owner_started_ms AS "ownerStartedMs",
  j.owner_host AS host, j.created_ms AS "createdMs", j.state, j.started_ms AS "startedMs", j.starts, j.finished_ms AS "finishedMs", j.summary, j.reason,
  j.discovery_done::int4 AS "discoveryDone", o.job_id AS "supersededBy" FROM ${jobAndTree}`
  const pending = `SELECT f.file_id AS "fileId", f.path, f.size, f.mtime_ms AS "mtimeMs", f.stamp, f.language, f.kind, r.hash AS "knownHash"
  FROM ${s}.files AS f LEFT JOIN LATERAL (
    SELECT r.file_id, r.reopened, r.hash FROM ${s}.results AS r WHERE r.tree = f.tree AND r.file_id = f.file_id OFFSET 0) AS r ON true`
  const revision = `t.revision + coalesce((SELECT sum(b.revised) FROM ${s}.batches AS b WHERE b.job = t.job), 0)::int8`
  const books = `SELECT
  (SELECT count(*) FROM ${s}.files WHERE tree = $1) + (SELECT count(*) FROM ${s}.exclusions WHERE tree = $1) AS discovered,
  (SELECT count(*) FROM ${s}.results WHERE tree = $1 AND NOT reopened) AS delivered,
  (SELECT count(*) FROM ${s}.quarantine WHERE tree = $1) AS quarantined,
  (SELECT count(*) FROM ${s}.exclusions WHERE tree = $1) AS excluded`
  // Both halves in one round trip; in an excluded file's row only path and reason say anything.
  const known = (among: (table: string) => string) => `SELECT * FROM (
  SELECT f.path, f.file_id, f.size, f.processor, r.job, CASE WHEN r.job IS NULL THEN f.stamp ELSE r.stamp END AS stamp,
    CASE WHEN r.job IS NULL THEN EXISTS (SELECT FROM ${s}.quarantine AS q WHERE q.tree = f.tree AND q.file_id = f.file_id)::int4 END,
    CASE WHEN r.job IS NULL THEN (SELECT k.hash FROM ${s}.results AS k WHERE k.tree = f.tree AND k.file_id = f.file_id) WHEN $3::bool THEN r.hash END, false AS excluded
  FROM (${among(`${s}.files`)}) AS f LEFT JOIN LATERAL (
    SELECT * FROM ${s}.results AS r WHERE r.tree = $1 AND r.file_id = f.file_id AND NOT r.reopened OFFSET 0) AS r ON true
  UNION ALL
  SELECT path, NULL, NULL, NULL, NULL, reason, NULL, NULL, true FROM (${among(`${s}.exclusions`)}) AS e
) AS u ORDER BY excluded, path`

  return named({
    tryOwn: `SELECT pg_try_advisory_lock(${lockOf('owner', schema)})`,
    disown: `SELECT pg_advisory_unlock(${lockOf('owner', schema)})`,
    raiseEpoch: `UPDATE ${s}.ledger SET epoch = epoch + 1, owner_pid = $1, owner_host = $2, owner_since = clock_timestamp(),
  session_pid = pg_backend_pid(), session_start = (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()) RETURNING epoch`,
    keepEpoch: `UPDATE ${s}.ledger SET session_pid = pg_backend_pid(),
  session_start = (SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid()) WHERE epoch = $1 RETURNING epoch`,
    forgetOwner: `UPDATE ${s}.ledger SET owner_pid = NULL, owner_host = NULL, owner_since = NULL, session_pid = NULL, session_start = NULL WHERE epoch = $1`,
    owner: `SELECT l.epoch::float8, l.owner_pid, l.owner_host, extract(epoch FROM l.owner_since)::float8 * 1000,
  pg_is_in_recovery() OR EXISTS (SELECT FROM pg_locks AS k WHERE k.locktype = 'advisory' AND k.granted AND k.objsubid = 2 AND k.database =
    (SELECT oid FROM pg_database WHERE datname = current_database()) AND (k.classid::int8, k.objid::int8) = (${unsigned(lockOf('owner', schema))}))
  FROM ${s}.ledger AS l`,
    endFormerSession: `SELECT pg_terminate_backend(a.pid) FROM ${s}.ledger AS l JOIN pg_stat_activity AS a
  ON a.pid = l.session_pid AND a.backend_start = l.session_start AND a.pid <> pg_backend_pid() WHERE l.epoch = $1`,
    history: `SELECT concat_ws('/', (pg_control_system()).system_identifier, left(pg_walfile_name(pg_current_wal_lsn()), 8))`,
    takeTurn: `SELECT pg_advisory_xact_lock(${lockOf('turn', schema)})`,
    closeGate: `SELECT pg_advisory_xact_lock(${lockOf('gate', schema)})`,

    standing: `SELECT j.job, j.tree, j.state, j.starts, o.job_id AS "supersededBy" FROM ${jobAndTree} WHERE j.job_id = $1`,
    lastJobOfDay: `SELECT job_id FROM ${s}.jobs WHERE job_id LIKE $1 || '-%' ORDER BY job DESC LIMIT 1`,
    enterTree: `INSERT INTO ${s}.trees (root, processors) VALUES ($1, $2)
  ON CONFLICT (root, processors) DO UPDATE SET root = excluded.root RETURNING tree`,
    insertJob: `INSERT INTO ${s}.jobs (job_id, tree, processors, config, priority, owner_pid, owner_started_ms, owner_host, created_ms)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    jobOfTree: `SELECT t.job, j.discovered IS NULL FROM ${s}.trees AS t LEFT JOIN ${s}.jobs AS j USING (job) WHERE t.tree = $1`,
    // The revision goes over to the tree from the batches of the job that loses it.
    takeTree: `UPDATE ${s}.trees AS t SET job = $2, revision = ${revision} WHERE tree = $1 AND job IS DISTINCT FROM $2`,
    startJob: `UPDATE ${s}.jobs SET state = 'running', epoch = $2, owner_pid = $3, owner_started_ms = $4, owner_host = $5, started_ms = $6,
  starts = starts + 1, discovery_done = false, finished_ms = NULL, summary = NULL, reason = NULL,
  discovered = NULL, delivered = NULL, quarantined = NULL, excluded = NULL WHERE job = $1`,
    forgetHandOuts: `DELETE FROM ${s}.checks WHERE tree = $1 AND NOT confirmed`,
    forgetChecks: `DELETE FROM ${s}.checks WHERE tree = $1`,
    confirmations: `SELECT file_id FROM ${s}.checks WHERE tree = $1 AND confirmed`,
    processors: `SELECT tag, processor FROM ${s}.processors`,
    nextBatchId: `SELECT coalesce(max(batch_id), -1) + 1 FROM ${s}.batches WHERE job = $1`,
    finishJob: `UPDATE ${s}.jobs SET state = $2, finished_ms = $3, summary = $4, reason = $5 WHERE job = $1`,
    jobs: `${job} ORDER BY j.job DESC`,
    job: `${job} WHERE j.job_id = $1`,
    newestJob: `${job} ORDER BY j.job DESC LIMIT 1`,

    knownStretch: known((table) => `SELECT * FROM ${table} WHERE tree = $1 AND path > $2 AND path <= $4`),
    // A path at a time, by index, and what lies below it; `0` is the sign that comes after `/`.
    knownWithin: known(
      (table) => `SELECT t.* FROM unnest($2::text[]) AS at (path) CROSS JOIN LATERAL (
      SELECT * FROM ${table} WHERE tree = $1 AND path = at.path
      UNION ALL SELECT * FROM ${table} WHERE tree = $1 AND path > at.path || '/' AND path < at.path || '0') AS t`,
    ),
    meetStretch: `SELECT first_id, numbers, hashes FROM ${s}.meet_stretch(${Array.from({ length: 27 }, (_, n) => `$${n + 1}`).join()})`,
    filesAfter: `SELECT file_id, EXISTS (SELECT FROM ${s}.results AS r WHERE r.tree = f.tree AND r.file_id = f.file_id)
  FROM ${s}.files AS f WHERE tree = $1 AND path > $2`,
    deleteExclusionsAfter: `DELETE FROM ${s}.exclusions WHERE tree = $1 AND path > $2`,
    endDiscovery: `UPDATE ${s}.jobs SET discovery_done = true WHERE job = $1`,
    pendingFiles: `${pending} WHERE f.tree = $1 AND f.file_id > $2 AND (r.file_id IS NULL OR r.reopened)
  AND NOT EXISTS (SELECT FROM ${s}.quarantine AS q WHERE q.tree = f.tree AND q.file_id = f.file_id) ORDER BY f.file_id LIMIT $3`,
    filesById: `${pending} WHERE f.tree = $1 AND f.file_id = ANY ($2) ORDER BY f.path`,
    quarantinedAt: `SELECT f.path, f.file_id FROM ${s}.files AS f JOIN ${s}.quarantine USING (tree, file_id) WHERE f.tree = $1 AND f.path = ANY ($2)`,
    deleteQuarantined: `DELETE FROM ${s}.quarantine WHERE tree = $1 AND file_id = ANY ($2)`,
    deleteAttempts: `DELETE FROM ${s}.attempts WHERE tree = $1 AND file_id = ANY ($2)`,

    books,
    storedBooks: `SELECT discovered, delivered, quarantined, excluded FROM ${s}.jobs WHERE job = $1`,
    storeBooks: `UPDATE ${s}.jobs SET (discovered, delivered, quarantined, excluded) = (${books.replaceAll('$1', '$2')}) WHERE job = $1`,
    revision: `SELECT ${revision} FROM ${s}.trees AS t WHERE tree = $1`,
    exclusions: `SELECT reason, count(*) FROM ${s}.exclusions WHERE tree = $1 GROUP BY reason ORDER BY reason`,
    quarantine: `SELECT q.file_id AS "fileId", f.path, f.size, q.code, q.message, q.attempts, q.evidence
  FROM ${s}.quarantine AS q JOIN ${s}.files AS f USING (tree, file_id) WHERE q.tree = $1 ORDER BY f.path`,
    attempts: `SELECT a.file_id AS "fileId", f.path, a.attempt, a.batch_id AS "batchId", a.code, a.message, a.ms
  FROM ${s}.attempts AS a JOIN ${s}.files AS f USING (tree, file_id) WHERE a.tree = $1 ORDER BY f.path, a.attempt, a.id LIMIT $2`,
    batches: `SELECT batch_id AS "batchId", priority, estimated_ms AS "estimatedMs", ms, worker, checkpoints, complete, delivered, quarantined
  FROM ${s}.batches WHERE job = $1 ORDER BY batch_id`,
    slowest: `SELECT f.path, r.ms, f.size FROM (
    SELECT tree, file_id, ms FROM ${s}.results WHERE tree = $1 AND NOT reopened ORDER BY ms DESC LIMIT $2
  ) AS r JOIN ${s}.files AS f USING (tree, file_id) ORDER BY r.ms DESC, f.path`,
    // A list at a time, by index: of each only the largest are looked at.
    highlights: `WITH RECURSIVE lists (list) AS (
    SELECT min(list) FROM ${s}.highlights WHERE tree = $1
    UNION ALL SELECT (SELECT min(h.list) FROM ${s}.highlights AS h WHERE h.tree = $1 AND h.list > l.list) FROM lists AS l WHERE l.list IS NOT NULL
  ) SELECT l.list, h.label, h.value FROM lists AS l CROSS JOIN LATERAL (
    SELECT h.label, h.value FROM ${s}.highlights AS h WHERE h.tree = $1 AND h.list = l.list
      AND EXISTS (SELECT FROM ${s}.results AS r WHERE r.tree = h.tree AND r.file_id = h.file_id AND NOT r.reopened)
    ORDER BY h.value DESC, h.label LIMIT $2
  ) AS h ORDER BY l.list, h.value DESC, h.label`,
    // The files of a page, and the results of these. A record is text as it is, or else packed; where they come to more than the page may have, it is left out.
    results: `WITH page AS MATERIALIZED (
    SELECT file_id, path FROM ${s}.files WHERE tree = $1 AND path > $2 ORDER BY path LIMIT $3
  )
  SELECT file_id, path, NULL AS hash, NULL AS record, NULL::bytea AS packed FROM page
  UNION ALL SELECT file_id, NULL, hash, CASE WHEN fits AND octet_length(record) = bytes THEN convert_from(record, 'UTF8') END,
    CASE WHEN fits AND octet_length(record) < bytes THEN record END
  FROM (
    SELECT file_id, hash, record, bytes, sum(bytes) OVER (ROWS UNBOUNDED PRECEDING) - bytes < $4::float8 AS fits
    FROM ${s}.results WHERE tree = $1 AND NOT reopened AND file_id = ANY (ARRAY(SELECT file_id FROM page))
  ) AS r`,

    recall: `SELECT json FROM ${s}.learned WHERE key = $1`,
    remember: `INSERT INTO ${s}.learned (key, json) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET json = excluded.json`,
  })
}

function named<K extends string>(texts: Readonly<Record<K, string>>): { readonly [Key in K]: Statement } {
  const entries = (Object.entries(texts) as [K, string][]).map(([name, text]) => [name, { name, text }])
  return Object.fromEntries(entries)
}

/** The arguments of an advisory lock as the system's catalogue shows them, which is without a sign. */
function unsigned(lock: string): string {
  return lock
    .split(', ')
    .map((key) => String(Number(key) >>> 0))
    .join(', ')
}
