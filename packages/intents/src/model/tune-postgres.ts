import { systemClock } from '@millrace/kernel/clock'
import { checkInteger, checkNumber, checkObject } from '@millrace/kernel/options'
import { createPostgresSink } from '../sink/postgres/postgres-sink.ts'
import { type BatchTime, fitBatchTime } from './batch-time.ts'
import { type Recommendation, recommendBatching } from './recommend-batching.ts'
import { type SizePoint, sweepSizes } from './sweep-sizes.ts'
import { batchesOver, POSITION, TUNE_SCHEMA, TuneTable } from './tune-table.ts'

/** The sizes of the specification, what lies before them, batching off first, and what lies beyond. */
const TUNE_SIZES: readonly number[] = [1, 5, 20, 73, 127, 251, 509, 617, 857, 991, 1500, 2500, 5000]

export interface TuneOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string
  /** Intents in a batch, each from 1 to 20,000; 1 is what there is without batching. @default 13 sizes from 1 to 5000 */
  readonly sizes?: readonly number[]
  /** Time for the whole sweep, in seconds, at least 0.1. @default 30 */
  readonly seconds?: number
  /** How often each size is visited, at least 1. @default 3 */
  readonly rounds?: number
  /** Batches under way at once, 1 to 64. @default 2 */
  readonly connections?: number
  /** Longest time a batch shall take, in ms, above 0. @default 100 */
  readonly latencyMs?: number
  /** Ends it early; what was made is dropped all the same. */
  readonly signal?: AbortSignal
  /** Called after each visit of a size, of `total`. */
  readonly onVisit?: (visit: { readonly size: number; readonly done: number; readonly total: number }) => void
}

/** What a sweep of a database came to. */
export interface TuneResult {
  /** As the server says it: `PostgreSQL 18.4`. */
  readonly server: string
  readonly connections: number
  readonly latencyMs: number
  /** By size; of a sweep that was ended early, those that were reached. */
  readonly points: readonly SizePoint[]
  readonly isComplete: boolean
  /** The line through the median times of all sizes. */
  readonly time: BatchTime
  readonly recommended: Recommendation | undefined
}

/**
 * Finds out which batches suit a database: writes JSONB patches of growing size to a table of its own, in the schema `millrace_tune`, and drops it
 * afterwards, however it ends. Meanwhile the database is as busy as it can be: not for one that others need.
 * @throws {MillraceError} `OPTION_INVALID`, `SINK_UNREACHABLE`, `TUNE_REFUSED`; what a write rejects with.
 */
export async function tunePostgres(options: TuneOptions): Promise<TuneResult> {
  const owner = 'tunePostgres'
  checkObject(owner, 'options', options)
  const { url, signal, onVisit } = options
  const sizes = [...new Set(options.sizes ?? TUNE_SIZES)]
  checkInteger(owner, 'sizes.length', sizes.length, { min: 1, max: 100 })
  for (const size of sizes) checkInteger(owner, 'sizes', size, { min: 1, max: 20_000 })
  const seconds = checkNumber(owner, 'seconds', options.seconds ?? 30, { min: 0.1 })
  const rounds = checkInteger(owner, 'rounds', options.rounds ?? 3, { min: 1, max: 1000 })
  const connections = checkInteger(owner, 'connections', options.connections ?? 2, { min: 1, max: 64 })
  const latencyMs = checkNumber(owner, 'latencyMs', options.latencyMs ?? 100, { above: 0 })

  const rows = 2 * connections * Math.max(5000, ...sizes)
  await using table = await TuneTable.create(url, rows)
  await using sink = createPostgresSink({ url, connections, schema: TUNE_SCHEMA, applicationName: 'millrace tune' })
  await sink.open([POSITION])
  let done = 0
  const total = sizes.length * rounds
  const points = await sweepSizes({
    sink,
    sizes,
    rounds,
    sliceMs: (1000 * seconds) / total,
    writers: connections,
    batchesOf: batchesOver(rows, connections),
    clock: systemClock,
    signal,
    onVisit: (size) => onVisit?.({ size, done: ++done, total }),
  })
  const time = fitBatchTime(points.map(({ size, p50Ms }) => ({ size, ms: p50Ms })))
  return {
    server: table.server,
    connections,
    latencyMs,
    points,
    isComplete: done === total,
    time,
    recommended: recommendBatching(points, { latencyMs, writers: connections }),
  }
}
