import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import type { Highlight } from '../processor/processor.ts'
import type { ResultRow } from '../sink/sink.ts'
import type { AttemptRow, BatchRow, Books, LedgerFile, QuarantineRow, SlowFile } from './ledger.ts'

/** A row of `jobs` as it is stored. */
export interface StoredJob {
  readonly jobId: string
  readonly root: string
  readonly processors: string
  readonly config: string
  readonly pid: number
  readonly ownerStartedMs: number
  readonly host: string
  readonly startedMs: number
  readonly state: 'running' | 'done' | 'interrupted' | 'failed'
  readonly discoveryDone: number
  readonly finishedMs: number | null
  readonly summary: string | null
  readonly reason: string | null
}

/** Where a file stands in its job, for the message of a refused checkpoint. */
export interface Standing {
  readonly path: string | null
  readonly state: 'unknown' | 'excluded' | 'delivered' | 'quarantined' | 'pending'
}

const JOB = `SELECT job_id AS jobId, root, processors, config, owner_pid AS pid, owner_started_ms AS ownerStartedMs,
  owner_host AS host, started_ms AS startedMs, state, discovery_done AS discoveryDone, finished_ms AS finishedMs, summary, reason
  FROM jobs`

// CROSS JOIN keeps the order of the tables: the index by path gives the rows sorted, and nothing is sorted again.
export const RESULTS_BY_PATH = `
  SELECT f.path, c.hash, c.crc, c.record FROM files AS f
    CROSS JOIN results AS r ON r.job = f.job AND r.file_id = f.file_id
    CROSS JOIN records AS c ON c.record_id = r.record_id
  WHERE f.job = ?1 AND f.file_id >= 0 AND f.path > ?2 ORDER BY f.path LIMIT ?3`

export type Statements = ReturnType<typeof prepareStatements>

/** Every statement of the ledger, prepared once. `job` is always the short key of `jobs`. */
export function prepareStatements(db: DatabaseSync) {
  const run = (sql: string) => {
    const statement = db.prepare(sql)
    return (...values: SQLInputValue[]) => statement.run(...values)
  }
  const one = <Row>(sql: string) => {
    const statement = db.prepare(sql)
    return (...values: SQLInputValue[]) => statement.get(...values) as unknown as Row | undefined
  }
  /** For queries without a row to miss: counts and the like. */
  const figures = <Row>(sql: string) => {
    const statement = db.prepare(sql)
    return (...values: SQLInputValue[]) => statement.get(...values) as unknown as Row
  }
  const all = <Row>(sql: string) => {
    const statement = db.prepare(sql)
    return (...values: SQLInputValue[]) => statement.all(...values) as unknown as Row[]
  }
  const each = <Row>(sql: string) => {
    const statement = db.prepare(sql)
    return (...values: SQLInputValue[]) => statement.iterate(...values) as unknown as IterableIterator<Row>
  }

  return {
    begin: run('BEGIN IMMEDIATE'),
    end: run('COMMIT'),
    undo: run('ROLLBACK'),

    jobKey: one<{ job: number }>('SELECT job FROM jobs WHERE job_id = ?'),
    lastJobOfDay: one<{ jobId: string }>(
      `SELECT job_id AS jobId FROM jobs WHERE job_id GLOB ? || '-*' ORDER BY job DESC LIMIT 1`,
    ),
    insertJob:
      run(`INSERT INTO jobs (job_id, root, processors, config, owner_pid, owner_started_ms, owner_host, started_ms)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)`),
    finishJob: run('UPDATE jobs SET state = ?, finished_ms = ?, summary = ?, reason = ? WHERE job = ?'),
    jobs: all<StoredJob>(`${JOB} ORDER BY job DESC`),
    job: one<StoredJob>(`${JOB} WHERE job_id = ?`),
    newestJob: one<StoredJob>(`${JOB} ORDER BY job DESC LIMIT 1`),

    insertFile: run(`INSERT INTO files (job, file_id, path, size, mtime_ms, stamp, language, kind)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)`),
    lowestFileId: figures<{ id: number | null }>('SELECT min(file_id) AS id FROM files WHERE job = ?'),
    insertEntry: run('INSERT INTO files (job, file_id, path) VALUES (?, ?, ?)'),
    insertExclusion: run('INSERT INTO exclusions (job, file_id, reason) VALUES (?, ?, ?)'),
    endDiscovery: run('UPDATE jobs SET discovery_done = 1 WHERE job = ?'),
    pendingFiles: all<LedgerFile>(`
      SELECT file_id AS fileId, path, size, mtime_ms AS mtimeMs, stamp, language, kind FROM files AS f
      WHERE job = ?1 AND file_id > ?2
        AND NOT EXISTS (SELECT 1 FROM results AS r WHERE r.job = f.job AND r.file_id = f.file_id)
        AND NOT EXISTS (SELECT 1 FROM quarantine AS q WHERE q.job = f.job AND q.file_id = f.file_id)
      ORDER BY file_id LIMIT ?3`),
    standing: figures<Standing>(`
      SELECT (SELECT path FROM files WHERE job = ?1 AND file_id = ?2) AS path, CASE
        WHEN EXISTS (SELECT 1 FROM results WHERE job = ?1 AND file_id = ?2) THEN 'delivered'
        WHEN EXISTS (SELECT 1 FROM quarantine WHERE job = ?1 AND file_id = ?2) THEN 'quarantined'
        WHEN NOT EXISTS (SELECT 1 FROM files WHERE job = ?1 AND file_id = ?2) THEN 'unknown'
        WHEN ?2 < 0 THEN 'excluded' ELSE 'pending' END AS state`),

    insertBatch: run(`INSERT INTO batches (job, batch_id, priority, estimated_ms, ms, worker, complete)
      VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (job, batch_id) DO UPDATE SET priority = excluded.priority, estimated_ms = excluded.estimated_ms,
        ms = excluded.ms, worker = excluded.worker, complete = excluded.complete, checkpoints = checkpoints + 1
      WHERE complete = 0`),
    insertRecord: run('INSERT INTO records (hash, crc, record) VALUES (?, ?, ?)'),
    insertResult: run('INSERT INTO results (job, file_id, batch_id, ms, record_id) VALUES (?, ?, ?, ?, ?)'),
    insertQuarantined: run(`INSERT INTO quarantine (job, file_id, batch_id, code, message, attempts, evidence)
      VALUES (?, ?, ?, ?, ?, ?, ?)`),
    insertAttempt: run(`INSERT INTO attempts (job, file_id, attempt, batch_id, code, message, ms)
      VALUES (?, ?, ?, ?, ?, ?, ?)`),
    insertHighlight: run('INSERT INTO highlights (job, list, value, label) VALUES (?, ?, ?, ?)'),

    // Each figure is counted in a table of its own, all of one snapshot.
    books: figures<Books>(`SELECT
      (SELECT count(*) FROM files WHERE job = ?1) AS discovered,
      (SELECT count(*) FROM results WHERE job = ?1) AS delivered,
      (SELECT count(*) FROM quarantine WHERE job = ?1) AS quarantined,
      (SELECT count(*) FROM exclusions WHERE job = ?1) AS excluded`),
    exclusions: all<{ reason: string; count: number }>(
      'SELECT reason, count(*) AS count FROM exclusions WHERE job = ? GROUP BY reason ORDER BY reason',
    ),
    quarantine: all<QuarantineRow>(`
      SELECT q.file_id AS fileId, f.path, q.code, q.message, q.attempts, q.evidence
      FROM quarantine AS q JOIN files AS f USING (job, file_id) WHERE q.job = ? ORDER BY f.path`),
    attempts: all<AttemptRow>(`
      SELECT a.file_id AS fileId, f.path, a.attempt, a.batch_id AS batchId, a.code, a.message, a.ms
      FROM attempts AS a JOIN files AS f USING (job, file_id) WHERE a.job = ? ORDER BY f.path, a.attempt LIMIT ?`),
    batches: all<Omit<BatchRow, 'complete'> & { complete: number }>(`
      SELECT batch_id AS batchId, priority, estimated_ms AS estimatedMs, ms, worker, checkpoints, complete,
        coalesce(r.delivered, 0) AS delivered, coalesce(q.quarantined, 0) AS quarantined
      FROM batches
      LEFT JOIN (SELECT batch_id, count(*) AS delivered FROM results WHERE job = ?1 GROUP BY batch_id) AS r USING (batch_id)
      LEFT JOIN (SELECT batch_id, count(*) AS quarantined FROM quarantine WHERE job = ?1 GROUP BY batch_id) AS q USING (batch_id)
      WHERE job = ?1 ORDER BY batch_id`),
    slowest: all<SlowFile>(`
      SELECT f.path, s.ms, f.size FROM
        (SELECT job, file_id, ms FROM results WHERE job = ?1 ORDER BY ms DESC LIMIT ?2) AS s
        JOIN files AS f USING (job, file_id) ORDER BY s.ms DESC, f.path`),
    highlights: all<Highlight>(`
      SELECT list, label, value FROM
        (SELECT *, row_number() OVER (PARTITION BY list ORDER BY value DESC, label) AS place FROM highlights WHERE job = ?1)
      WHERE place <= ?2 ORDER BY list, place`),
    results: each<ResultRow & { crc: number }>(RESULTS_BY_PATH),

    recall: one<{ json: string }>('SELECT json FROM learned WHERE key = ?'),
    remember: run('INSERT INTO learned (key, json) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET json = excluded.json'),
  }
}
