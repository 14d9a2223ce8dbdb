import type { Books, Highlight, JobRow, Ledger, QuarantineRow, SlowFile } from '@millrace/files'
import * as v from 'valibot'
import { type ShownState, shownState } from './job-state.ts'

/** A job in a line. */
export interface JobBrief {
  readonly job: string
  readonly state: ShownState
  readonly root: string
  readonly books: Books
  readonly startedMs: number
  /** How long it took, or has taken, or null where it was killed and nobody knows. */
  readonly seconds: number | null
}

/** All that the ledger tells of a job. */
export interface JobReport extends JobBrief {
  readonly processors: readonly string[]
  /** Why it failed or was interrupted. */
  readonly reason: string | null
  /** The exported results, or null where there are none. */
  readonly out: string | null
  readonly filesPerSecond: number | null
  readonly peakRssMb: number | null
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
  out: v.optional(v.nullable(v.string())),
})

const LISTED = 10

/** A job in a line, read from the ledger. */
export async function briefOf(ledger: Ledger, job: JobRow, nowMs: number): Promise<JobBrief> {
  const state = shownState(job)
  const endMs = job.finishedMs ?? (state === 'running' ? nowMs : null)
  return {
    job: job.jobId,
    state,
    root: job.root,
    books: await ledger.books(job.jobId),
    startedMs: job.startedMs,
    seconds: summaryOf(job).seconds ?? (endMs === null ? null : (endMs - job.startedMs) / 1000),
  }
}

/** All of a job, read from the ledger. */
export async function reportOf(ledger: Ledger, job: JobRow, nowMs: number): Promise<JobReport> {
  const [brief, exclusions, slowest, highlights, quarantined] = await Promise.all([
    briefOf(ledger, job, nowMs),
    ledger.exclusions(job.jobId),
    ledger.slowest(job.jobId, LISTED),
    ledger.highlights(job.jobId, LISTED),
    ledger.quarantine(job.jobId),
  ])
  const { out = null, filesPerSecond = null, peakRssMb = null } = summaryOf(job)
  const { processors, reason } = job
  return { ...brief, processors, reason, out, filesPerSecond, peakRssMb, exclusions, slowest, highlights, quarantined }
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
