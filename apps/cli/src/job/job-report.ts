import type { BatchStatistics, Books, Highlight, JobRow, Ledger, QuarantineRow, SlowFile } from '@millrace/files'
import * as v from 'valibot'
import { type JobSign, secondsOf } from './job-sign.ts'
import { isUnderWay, type ShownState, shownState } from './job-state.ts'

/** A job in a line. */
export interface JobBrief {
  readonly job: string
  readonly state: ShownState
  /** Why it is paused, or null. */
  readonly paused: string | null
  /** How long ago it was heard of, where it runs; null where it does not, or where that is not known. */
  readonly heardSecondsAgo: number | null
  readonly root: string
  readonly books: Books
  /** When it was last started, or null where its turn has not come. */
  readonly startedMs: number | null
  /** How often it was started: 2 where it was resumed once. */
  readonly starts: number
  /** How long it took, or has taken, since it was last started; null where it was killed and nobody knows. */
  readonly seconds: number | null
  /** The later job that has taken over its tree, or null. */
  readonly supersededBy: string | null
}

/** All that can be told of a job. */
export interface JobReport extends JobBrief {
  /** Where it is now, where it runs and can be reached. */
  readonly running: BatchStatistics | null
  readonly processors: readonly string[]
  /** Why it failed or was interrupted. */
  readonly reason: string | null
  /** The exported results, or null where there are none. */
  readonly out: string | null
  readonly filesPerSecond: number | null
  readonly peakRssMb: number | null
  /** Delivered files whose kept results stood. */
  readonly reused: number | null
  readonly exclusions: Readonly<Record<string, number>>
  readonly slowest: readonly SlowFile[]
  readonly highlights: readonly Highlight[]
  readonly quarantined: readonly QuarantineRow[]
}

/** What a finished run left of itself; a job of another version may have left other things. */
const keptSummary = v.object({
  seconds: v.optional(v.number()),
  filesPerSecond: v.optional(v.number()),
  peakRssMb: v.optional(v.number()),
  reused: v.optional(v.number()),
  out: v.optional(v.nullable(v.string())),
})

const LISTED = 10

export interface ReportOptions {
  /** Milliseconds since 1970. */
  readonly nowMs: number
  /** Whether the process that a job names is still there. */
  readonly isAlive: (job: Pick<JobRow, 'state' | 'owner'>) => boolean
  /** Asked of a job that runs. */
  readonly signOf: (jobId: string) => Promise<JobSign | undefined>
}

/** A job in a line, read from the ledger. */
export async function briefOf(
  ledger: Ledger,
  job: JobRow,
  { nowMs, isAlive, signOf }: ReportOptions,
): Promise<JobBrief> {
  const kept = shownState(job, isAlive)
  const sign = kept === 'running' ? await signOf(job.jobId) : undefined
  const paused = sign?.paused ?? null
  const state = paused === null ? kept : 'paused'
  const { jobId, root, startedMs, starts, finishedMs, supersededBy } = job
  // What an earlier start left of itself says nothing of one that is going on, or was killed.
  const ended = isUnderWay(state) || state === 'killed' ? null : finishedMs
  const endMs = ended ?? (isUnderWay(state) ? nowMs : null)
  const tookMs = endMs === null || startedMs === null ? null : endMs - startedMs
  return {
    job: jobId,
    state,
    paused,
    heardSecondsAgo: secondsOf(sign),
    root,
    books: await ledger.books(jobId),
    startedMs,
    starts,
    seconds: (ended === null ? undefined : summaryOf(job).seconds) ?? (tookMs === null ? null : tookMs / 1000),
    supersededBy,
  }
}

/** All of a job that the ledger has; of one that a later job has taken over, that is what its last start left of itself. */
export async function reportOf(
  ledger: Ledger,
  job: JobRow,
  options: ReportOptions,
): Promise<Omit<JobReport, 'running'>> {
  const brief = await briefOf(ledger, job, options)
  const details = job.supersededBy === null && job.startedMs !== null ? await detailsOf(ledger, job.jobId) : NO_DETAILS
  const { processors, reason } = job
  const { out = null, filesPerSecond = null, peakRssMb = null, reused = null } = summaryOf(job)
  return { ...brief, processors, reason, out, filesPerSecond, peakRssMb, reused, ...details }
}

type Details = Pick<JobReport, 'exclusions' | 'slowest' | 'highlights' | 'quarantined'>

const NO_DETAILS: Details = { exclusions: {}, slowest: [], highlights: [], quarantined: [] }

async function detailsOf(ledger: Ledger, jobId: string): Promise<Details> {
  const [exclusions, slowest, highlights, quarantined] = await Promise.all([
    ledger.exclusions(jobId),
    ledger.slowest(jobId, LISTED),
    ledger.highlights(jobId, LISTED),
    ledger.quarantine(jobId),
  ])
  return { exclusions, slowest, highlights, quarantined }
}

function summaryOf({ summary }: JobRow): v.InferOutput<typeof keptSummary> {
  if (summary === null) return {}
  try {
    const parsed = v.safeParse(keptSummary, JSON.parse(summary))
    return parsed.success ? parsed.output : {}
  } catch {
    return {}
  }
}
