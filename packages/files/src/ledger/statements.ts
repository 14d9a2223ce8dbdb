import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import type { Highlight } from '../processor/processor.ts'
import type { AttemptRow, BatchRow, Books, JobState, LedgerFile, QuarantineRow, SlowFile } from './ledger.ts'
import { crcOf } from './tables.ts'

/** A row of `jobs` as it is stored. */
export interface StoredJob {
  readonly jobId: string
  readonly root: string
  readonly processors: string
  readonly config: string
  readonly priority: number
  readonly pid: number
  readonly ownerStartedMs: number
  readonly host: string
  readonly createdMs: number
  readonly state: JobState
  readonly startedMs: number | null
  readonly starts: number
  readonly finishedMs: number | null
  readonly summary: string | null
  readonly reason: string | null
  readonly discoveryDone: number
  readonly supersededBy: string | null
}

/** What decides whether a call about a job is taken. */
export interface Standing {
  readonly job: number
  readonly tree: number
  readonly state: JobState
  readonly starts: number
  readonly supersededBy: string | null
}

/** What the ledger has of a file that discovery may meet; an array, for there are many of them. */
export type KnownFile = readonly [
  path: string,
  fileId: number,
  size: number,
  processor: number | null,
  /** The job that delivered it, or null where it is not delivered. */
  deliveredBy: number | null,
  /** Of a delivered file, what it was when it was read; of another, what it was when it was met. */
  stamp: string | null,
  /** Of a file not delivered: whether it is in quarantine. */
  quarantined: number | null,
  /** Of a file not delivered, the hash of its kept result; of a delivered one that of its result, where that was asked for. */
  knownHash: string | null,
]

/** What the ledger has of an excluded file. */
export type KnownExclusion = readonly [path: string, reason: string]

/** A file of a checkpoint, and its result where it has one. */
export type CheckpointFile = readonly [
  fileId: number,
  path: string,
  ...(
    | [row: number, reopened: number, recordId: number, hash: string, stamp: string | null]
    | [null, null, null, null, null]
  ),
]

/** Where a file stands, for the message of a refused checkpoint. */
export interface FileStanding {
  readonly path: string | null
  readonly state: 'unknown' | 'delivered' | 'quarantined' | 'pending'
}

/** A result; its record is null where damage has taken it. */
export interface StoredResult {
  readonly path: string
  readonly hash: string | null
  readonly crc: number | null
  readonly record: string | null
}

// A job is superseded when it was started and its tree is now another's.
const JOB_AND_TREE = `jobs AS j JOIN trees AS t USING (tree) LEFT JOIN jobs AS s ON s.job = t.job AND s.job <> j.job AND j.starts > 0`

const JOB = `SELECT j.job_id AS jobId, t.root, j.processors, j.config, j.priority, j.owner_pid AS pid, j.owner_started_ms AS ownerStartedMs,
  j.owner_host AS host, j.created_ms AS createdMs, j.state, j.started_ms AS startedMs, j.starts, j.finished_ms AS finishedMs, j.summary, j.reason,
  j.discovery_done AS discoveryDone, s.job_id AS supersededBy FROM ${JOB_AND_TREE}`

// CROSS JOIN keeps the order of the tables: the key by path gives the rows sorted, and nothing is sorted again. LEFT JOIN shows where a
// record is missing.
export const RESULTS_BY_PATH = `
  SELECT f.path, r.hash, c.crc, c.record FROM files AS f
    CROSS JOIN results AS r ON r.tree = f.tree AND r.file_id = f.file_id
    LEFT JOIN records AS c ON c.record_id = r.record_id
  WHERE f.tree = ?1 AND f.path > ?2 AND r.reopened = 0 ORDER BY f.path LIMIT ?3`

// PERF: what an unchanged file does not need is asked for only where there is no result that stands.
const KNOWN_FILE = `
  SELECT f.path, f.file_id, f.size, f.processor, r.job, CASE WHEN r.job IS NULL THEN f.stamp ELSE r.stamp END,
    CASE WHEN r.job IS NULL THEN EXISTS (SELECT 1 FROM quarantine AS q WHERE q.tree = f.tree AND q.file_id = f.file_id) END,
    CASE WHEN r.job IS NULL THEN (SELECT k.hash FROM results AS k WHERE k.tree = f.tree AND k.file_id = f.file_id) WHEN ?3 THEN r.hash END
  FROM files AS f LEFT JOIN results AS r ON r.tree = f.tree AND r.file_id = f.file_id AND r.reopened = 0`

export const KNOWN_FILES = `${KNOWN_FILE} WHERE f.tree = ?1 AND f.path > ?2 AND f.path <= ?4 ORDER BY f.path`

/** That a path is this one, or below it; `0` is the sign that comes after `/`. */
const AT = `(path = ?2 OR path > ?2 || '/' AND path < ?2 || '0')`
export const KNOWN_FILES_AT = `${KNOWN_FILE} WHERE f.tree = ?1 AND ${AT.replaceAll('path', 'f.path')}`
export const KNOWN_EXCLUSIONS_AT = `SELECT path, reason FROM exclusions WHERE tree = ?1 AND ${AT}`

// The subquery runs over the index of files alone, so that one already settled costs no look at its row.
export const PENDING_FILES = `
  SELECT f.file_id AS fileId, f.path, f.size, f.mtime_ms AS mtimeMs, f.stamp, f.language, f.kind, r.hash AS knownHash FROM
    (SELECT tree, path FROM files AS i WHERE tree = ?1 AND file_id > ?2
        AND NOT EXISTS (SELECT 1 FROM results AS r WHERE r.tree = i.tree AND r.file_id = i.file_id AND r.reopened = 0)
        AND NOT EXISTS (SELECT 1 FROM quarantine AS q WHERE q.tree = i.tree AND q.file_id = i.file_id)
      ORDER BY file_id LIMIT ?3) AS p
    CROSS JOIN files AS f ON f.tree = p.tree AND f.path = p.path
    LEFT JOIN results AS r ON r.tree = f.tree AND r.file_id = f.file_id
  ORDER BY f.file_id`

// One row a file that the tree has, of the numbers in a JSON array; the rest is there where it has a result.
export const CHECKPOINT_FILES = `
  SELECT f.file_id, f.path, r.rowid, r.reopened, r.record_id, r.hash, r.stamp FROM json_each(?2) AS j
    CROSS JOIN files AS f ON f.tree = ?1 AND f.file_id = j.value
    LEFT JOIN results AS r ON r.tree = f.tree AND r.file_id = f.file_id`

export type Statements = ReturnType<typeof prepareStatements>

/**
 * Every statement of the ledger, prepared when it is first used. `job` and `tree` are always the short keys.
 *
 * PERF: to prepare them all takes 2.5 ms, and most commands use three.
 */
export function prepareStatements(db: DatabaseSync) {
  const once = (sql: string, arrays = false) => {
    let statement: StatementSync | undefined
    return () => {
      if (statement !== undefined) return statement
      statement = db.prepare(sql)
      statement.setReturnArrays(arrays)
      return statement
    }
  }
  const run = (sql: string) => {
    const statement = once(sql)
    return (...values: SQLInputValue[]) => statement().run(...values)
  }
  const one = <Row>(sql: string) => {
    const statement = once(sql)
    return (...values: SQLInputValue[]) => statement().get(...values) as unknown as Row | undefined
  }
  /** For queries without a row to miss: counts and the like. */
  const figures = <Row>(sql: string) => {
    const statement = once(sql)
    return (...values: SQLInputValue[]) => statement().get(...values) as unknown as Row
  }
  const all = <Row>(sql: string) => {
    const statement = once(sql)
    return (...values: SQLInputValue[]) => statement().all(...values) as unknown as Row[]
  }
  /** PERF: rows as arrays, which cost half of rows with names. */
  const tuples = <Row extends readonly unknown[]>(sql: string) => {
    const statement = once(sql, true)
    return (...values: SQLInputValue[]) => statement().all(...values) as unknown as Row[]
  }
  const each = <Row>(sql: string) => {
    const statement = once(sql)
    return (...values: SQLInputValue[]) => statement().iterate(...values) as unknown as IterableIterator<Row>
  }

  return {
    begin: run('BEGIN IMMEDIATE'),
    end: run('COMMIT'),
    undo: run('ROLLBACK'),

    standing: one<Standing>(`
      SELECT j.job, j.tree, j.state, j.starts, s.job_id AS supersededBy FROM ${JOB_AND_TREE} WHERE j.job_id = ?`),
    lastJobOfDay: one<{ jobId: string }>(
      `SELECT job_id AS jobId FROM jobs WHERE job_id GLOB ? || '-*' ORDER BY job DESC LIMIT 1`,
    ),
    enterTree: figures<{ tree: number }>(`INSERT INTO trees (root, processors) VALUES (?, ?)
      ON CONFLICT (root, processors) DO UPDATE SET root = excluded.root RETURNING tree`),
    insertJob: run(`INSERT INTO jobs
      (job_id, tree, processors, config, priority, owner_pid, owner_started_ms, owner_host, created_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    startJob:
      run(`UPDATE jobs SET state = 'running', owner_pid = ?2, owner_started_ms = ?3, owner_host = ?4, started_ms = ?5,
      starts = starts + 1, discovery_done = 0, finished_ms = NULL, summary = NULL, reason = NULL,
      discovered = NULL, delivered = NULL, quarantined = NULL, excluded = NULL WHERE job = ?1`),
    jobOfTree: figures<{ job: number | null }>('SELECT job FROM trees WHERE tree = ?'),
    takeTree: run('UPDATE trees SET job = ?2 WHERE tree = ?1'),
    nextBatchId: figures<{ id: number }>('SELECT coalesce(max(batch_id), -1) + 1 AS id FROM batches WHERE job = ?'),
    finishJob: run('UPDATE jobs SET state = ?2, finished_ms = ?3, summary = ?4, reason = ?5 WHERE job = ?1'),
    jobs: all<StoredJob>(`${JOB} ORDER BY j.job DESC`),
    job: one<StoredJob>(`${JOB} WHERE j.job_id = ?`),
    newestJob: one<StoredJob>(`${JOB} ORDER BY j.job DESC LIMIT 1`),

    knownFiles: tuples<KnownFile>(KNOWN_FILES),
    knownFilesAt: tuples<KnownFile>(KNOWN_FILES_AT),
    knownExclusions: tuples<KnownExclusion>(
      'SELECT path, reason FROM exclusions WHERE tree = ? AND path > ? AND path <= ? ORDER BY path',
    ),
    knownExclusionsAt: tuples<KnownExclusion>(KNOWN_EXCLUSIONS_AT),
    filesAfter: all<{ fileId: number; hasResult: number }>(`
      SELECT file_id AS fileId, EXISTS (SELECT 1 FROM results AS r WHERE r.tree = f.tree AND r.file_id = f.file_id) AS hasResult
      FROM files AS f WHERE tree = ? AND path > ?`),
    processorOf: one<{ processor: number }>('SELECT processor FROM processors WHERE tag = ?'),
    insertProcessor: figures<{ processor: number }>('INSERT INTO processors (tag) VALUES (?) RETURNING processor'),
    nextFileId: figures<{ id: number }>('SELECT next_file_id AS id FROM trees WHERE tree = ?'),
    setNextFileId: run('UPDATE trees SET next_file_id = ?2 WHERE tree = ?1'),
    insertFile: run(`INSERT INTO files (tree, file_id, path, size, mtime_ms, stamp, language, kind, processor, crc)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
    updateFile:
      run(`UPDATE files SET size = ?3, mtime_ms = ?4, stamp = ?5, language = ?6, kind = ?7, processor = ?8, crc = ?9
      WHERE tree = ?1 AND path = ?2 AND (size, stamp, language, kind, processor) IS NOT (?3, ?5, ?6, ?7, ?8)`),
    restampFile:
      run(`UPDATE files SET stamp = ?3, crc = ${crcOf('tree, path, file_id, size, ?3, language, kind, processor')}
      WHERE tree = ?1 AND path = ?2 AND stamp <> ?3`),
    deleteFile: run('DELETE FROM files WHERE tree = ?1 AND file_id = ?2'),
    setExclusion: run(`INSERT INTO exclusions (tree, path, reason, crc) VALUES (?, ?, ?, ?)
      ON CONFLICT (tree, path) DO UPDATE SET reason = excluded.reason, crc = excluded.crc`),
    deleteExclusion: run('DELETE FROM exclusions WHERE tree = ? AND path = ?'),
    deleteExclusionsAfter: run('DELETE FROM exclusions WHERE tree = ? AND path > ?'),
    endDiscovery: run('UPDATE jobs SET discovery_done = 1 WHERE job = ?'),
    pendingFiles: all<LedgerFile>(PENDING_FILES),

    revise: run('UPDATE trees SET revision = revision + 1 WHERE tree = ?'),
    revision: one<{ revision: number }>('SELECT revision FROM trees WHERE tree = ?'),
    // PERF: not one UPDATE with RETURNING, before which SQLite copies the pages it will change: that is four times as slow.
    result: figures<{ row: number; hash: string }>(
      'SELECT rowid AS row, hash FROM results WHERE tree = ? AND file_id = ?',
    ),
    reopenResult: run('UPDATE results SET reopened = 1, crc = 0xffffffff - crc WHERE rowid = ? AND reopened = 0'),
    deleteResult: run('DELETE FROM results WHERE tree = ? AND file_id = ?'),
    deleteRecord: run(
      'DELETE FROM records WHERE record_id = (SELECT record_id FROM results WHERE tree = ? AND file_id = ?)',
    ),
    deleteQuarantined: run('DELETE FROM quarantine WHERE tree = ? AND file_id = ?'),
    anyAttempts: figures<{ any: number }>('SELECT EXISTS (SELECT 1 FROM attempts WHERE tree = ?) AS any'),
    deleteAttempts: run('DELETE FROM attempts WHERE tree = ? AND file_id = ?'),
    quarantinedByPath: one<{ fileId: number }>(
      'SELECT file_id AS fileId FROM files JOIN quarantine USING (tree, file_id) WHERE tree = ? AND path = ?',
    ),
    checkpointFiles: tuples<CheckpointFile>(CHECKPOINT_FILES),
    fileStanding: figures<FileStanding>(`
      SELECT (SELECT path FROM files WHERE tree = ?1 AND file_id = ?2) AS path, CASE
        WHEN EXISTS (SELECT 1 FROM results WHERE tree = ?1 AND file_id = ?2 AND reopened = 0) THEN 'delivered'
        WHEN EXISTS (SELECT 1 FROM quarantine WHERE tree = ?1 AND file_id = ?2) THEN 'quarantined'
        WHEN EXISTS (SELECT 1 FROM files WHERE tree = ?1 AND file_id = ?2) THEN 'pending' ELSE 'unknown' END AS state`),

    insertBatch:
      run(`INSERT INTO batches (job, batch_id, priority, estimated_ms, ms, worker, complete, delivered, quarantined)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (job, batch_id) DO UPDATE SET priority = excluded.priority, estimated_ms = excluded.estimated_ms,
        ms = excluded.ms, worker = excluded.worker, complete = excluded.complete, checkpoints = checkpoints + 1,
        delivered = delivered + excluded.delivered, quarantined = quarantined + excluded.quarantined
      WHERE complete = 0`),
    insertRecord: run('INSERT INTO records (crc, record) VALUES (?, ?)'),
    updateRecord: run('UPDATE records SET crc = ?2, record = ?3 WHERE record_id = ?1'),
    insertResult: run(
      'INSERT INTO results (tree, file_id, job, ms, record_id, stamp, hash, crc) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    ),
    updateResult: run(
      'UPDATE results SET reopened = 0, job = ?2, ms = ?3, stamp = ?4, hash = ?5, crc = ?6 WHERE rowid = ?1',
    ),
    confirmations: all<{ files: string }>('SELECT files FROM confirmations WHERE job = ?'),
    insertConfirmations: run('INSERT INTO confirmations (job, files) VALUES (?, ?)'),
    deleteConfirmations: run('DELETE FROM confirmations WHERE job = ?'),
    confirmResult: run('UPDATE results SET reopened = 0, job = ?2, stamp = ?3, crc = ?4 WHERE rowid = ?1'),
    standingRecord: one<{ recordId: number }>(
      'SELECT record_id AS recordId FROM results WHERE tree = ? AND file_id = ? AND reopened = 0',
    ),
    deleteHighlights: run('DELETE FROM highlights WHERE record_id = ?'),
    insertQuarantined: run(`INSERT INTO quarantine (tree, file_id, code, message, attempts, evidence)
      VALUES (?, ?, ?, ?, ?, ?)`),
    insertAttempt: run(`INSERT INTO attempts (tree, file_id, attempt, batch_id, code, message, ms)
      VALUES (?, ?, ?, ?, ?, ?, ?)`),
    insertHighlight: run(
      'INSERT INTO highlights (tree, file_id, record_id, list, value, label) VALUES (?, ?, ?, ?, ?, ?)',
    ),

    // Each figure is counted in a table of its own, all of one snapshot. PERF: results are counted in the order they were appended; their
    // index, which does not say whether they stand, would lead to each of them in another place.
    books: figures<Books>(`SELECT
      (SELECT count(*) FROM files WHERE tree = ?1) + (SELECT count(*) FROM exclusions WHERE tree = ?1) AS discovered,
      (SELECT count(*) FROM results NOT INDEXED WHERE tree = ?1 AND reopened = 0) AS delivered,
      (SELECT count(*) FROM quarantine WHERE tree = ?1) AS quarantined,
      (SELECT count(*) FROM exclusions WHERE tree = ?1) AS excluded`),
    storedBooks: figures<Books>('SELECT discovered, delivered, quarantined, excluded FROM jobs WHERE job = ?'),
    storeBooks: run('UPDATE jobs SET discovered = ?2, delivered = ?3, quarantined = ?4, excluded = ?5 WHERE job = ?1'),
    exclusions: all<{ reason: string; count: number }>(
      'SELECT reason, count(*) AS count FROM exclusions WHERE tree = ? GROUP BY reason ORDER BY reason',
    ),
    quarantine: all<QuarantineRow>(`
      SELECT q.file_id AS fileId, f.path, f.size, q.code, q.message, q.attempts, q.evidence
      FROM quarantine AS q CROSS JOIN files AS f USING (tree, file_id) WHERE q.tree = ? ORDER BY f.path`),
    attempts: all<AttemptRow>(`
      SELECT a.file_id AS fileId, f.path, a.attempt, a.batch_id AS batchId, a.code, a.message, a.ms
      FROM attempts AS a CROSS JOIN files AS f USING (tree, file_id) WHERE a.tree = ? ORDER BY f.path, a.attempt, a.rowid LIMIT ?`),
    batches: all<Omit<BatchRow, 'complete'> & { complete: number }>(`
      SELECT batch_id AS batchId, priority, estimated_ms AS estimatedMs, ms, worker, checkpoints, complete, delivered, quarantined
      FROM batches WHERE job = ? ORDER BY batch_id`),
    slowest: all<SlowFile>(`
      SELECT f.path, s.ms, f.size FROM
        (SELECT tree, file_id, ms FROM results NOT INDEXED WHERE tree = ?1 AND reopened = 0 ORDER BY ms DESC LIMIT ?2) AS s
        JOIN files AS f USING (tree, file_id) ORDER BY s.ms DESC, f.path`),
    nextList: figures<{ list: string | null }>('SELECT min(list) AS list FROM highlights WHERE tree = ? AND list > ?'),
    highlights: all<Highlight>(`
      SELECT list, label, value FROM highlights AS h WHERE tree = ? AND list = ?
        AND EXISTS (SELECT 1 FROM results AS r WHERE r.tree = h.tree AND r.file_id = h.file_id AND r.reopened = 0)
      ORDER BY value DESC, label LIMIT ?`),
    results: each<StoredResult>(RESULTS_BY_PATH),

    recall: one<{ json: string }>('SELECT json FROM learned WHERE key = ?'),
    remember: run('INSERT INTO learned (key, json) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET json = excluded.json'),
  }
}
