import type { Clock } from '@millrace/kernel/clock'
import type { EngineEvent } from './events.ts'
import type { PatientLedger } from './patient-ledger.ts'
import { noStatistics } from './progress.ts'
import type { RepositoryJob } from './repository-job.ts'
import type { RepositoryProcessingResult } from './result.ts'

export interface Conclusion {
  readonly jobId: string
  readonly root: string
  readonly starts: number
  /** When this start began, by the clock's `now`. */
  readonly startedAt: number
  readonly interrupted: boolean
  /** The output, where it is what the ledger has. */
  readonly out: string | null
  readonly clock: Clock
  readonly emit: (event: EngineEvent) => void
}

/** Entries of each list of a result. */
const LISTED = 10

/** Closes a job's books: counts them, keeps the outcome in the ledger, and gives the result. */
export async function conclude(
  job: RepositoryJob,
  ledger: PatientLedger,
  { jobId, root, starts, startedAt, interrupted, out, clock, emit }: Conclusion,
): Promise<RepositoryProcessingResult> {
  const books = await ledger.books(jobId)
  const balanced = books.discovered === books.delivered + books.quarantined + books.excluded
  const [slowest, highlights, quarantined, exclusions] = await Promise.all([
    ledger.slowest(jobId, LISTED),
    ledger.highlights(jobId, LISTED),
    ledger.quarantine(jobId),
    ledger.exclusions(jobId),
  ])
  const statistics = job.statistics()
  const { peakRssMb, reused } = statistics
  const seconds = (clock.now() - startedAt) / 1000
  const filesPerSecond = seconds > 0 ? books.delivered / seconds : 0
  await ledger.finishJob(jobId, {
    state: interrupted ? 'interrupted' : balanced ? 'done' : 'failed',
    finishedMs: clock.wallNow(),
    summary: JSON.stringify({ ...books, reused, seconds, filesPerSecond, peakRssMb, out }),
    ...(!balanced && !interrupted && { reason: 'the books do not balance' }),
  })
  emit({ type: 'job-finished', jobId, books, balanced })
  return {
    jobId,
    root,
    starts,
    books,
    reused,
    removed: job.removed,
    balanced,
    interrupted,
    seconds,
    filesPerSecond,
    peakRssMb,
    out,
    slowest,
    highlights,
    quarantined,
    exclusions,
    problems: job.problems,
    statistics,
  }
}

/** Of a job that was ended before its turn came: nothing was done, and nothing is counted. */
export function concludeUnstarted(jobId: string, root: string, seconds: number): RepositoryProcessingResult {
  return {
    jobId,
    root,
    starts: 0,
    books: { discovered: 0, delivered: 0, quarantined: 0, excluded: 0 },
    reused: 0,
    removed: 0,
    balanced: true,
    interrupted: true,
    seconds,
    filesPerSecond: 0,
    peakRssMb: 0,
    out: null,
    slowest: [],
    highlights: [],
    quarantined: [],
    exclusions: {},
    problems: [],
    statistics: noStatistics(),
  }
}
