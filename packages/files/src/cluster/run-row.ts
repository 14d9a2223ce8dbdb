import type { LedgerDatabase } from '../ledger/postgres/ledger-database.ts'
import type { Sql } from '../ledger/postgres/write-checkpoint.ts'

/** What of a job's configuration its workers go by. */
export interface RunConfig {
  /** Processor specifiers, and the folder that relative ones are resolved against, both as the coordinator has them. */
  readonly processors: readonly string[]
  readonly base: string
  readonly timeoutSeconds: number
  readonly retryAttempts: number
  readonly maxFileBytes: number
  readonly checkpointInterval: number
  readonly maxPauseSeconds: number
}

/** The job that is coordinated, as its workers see it. */
export interface Run {
  /** The start it is: a new coordinator has another one. */
  readonly epoch: number
  readonly jobId: string
  /** The queue on the board that its batches are in. */
  readonly queue: string
  /** The tree, where the coordinator has it. */
  readonly root: string
  /** `name@version` of each processor, in order. */
  readonly tags: readonly string[]
  readonly config: RunConfig
  /** `paused`: nothing more is claimed. `over`: the coordinator has what it wanted. */
  readonly phase: 'open' | 'paused' | 'over'
}

interface Row {
  readonly epoch: string
  readonly job_id: string
  readonly queue: string
  readonly root: string
  readonly processors: string
  readonly config: string
  readonly phase: Run['phase']
}

/** The run that is coordinated, or the last one; undefined where there never was one. */
export async function readRun({ pool, tables }: LedgerDatabase): Promise<Run | undefined> {
  const { rows } = await pool.query<Row>(
    `SELECT epoch, job_id, queue, root, processors, config, phase FROM ${tables}.cluster_run`,
  )
  const [row] = rows
  return row === undefined
    ? undefined
    : {
        epoch: Number(row.epoch),
        jobId: row.job_id,
        queue: row.queue,
        root: row.root,
        tags: JSON.parse(row.processors) as readonly string[],
        config: JSON.parse(row.config) as RunConfig,
        phase: row.phase,
      }
}

/** Puts a run in the place of the one before. Does nothing where a later start is there. */
export async function writeRun(sql: Sql, tables: string, run: Run): Promise<void> {
  const { epoch, jobId, queue, root, tags, config, phase } = run
  await sql.query({
    text: `INSERT INTO ${tables}.cluster_run AS r (epoch, job_id, queue, root, processors, config, phase, seen_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, clock_timestamp())
ON CONFLICT (single) DO UPDATE SET epoch = excluded.epoch, job_id = excluded.job_id, queue = excluded.queue, root = excluded.root,
  processors = excluded.processors, config = excluded.config, phase = excluded.phase, seen_at = excluded.seen_at,
  paused = CASE WHEN r.epoch = excluded.epoch THEN r.paused END
WHERE r.epoch <= excluded.epoch`,
    values: [epoch, jobId, queue, root, JSON.stringify(tags), JSON.stringify(config), phase],
  })
}
