import type { EngineEvent, RepositoryProcessingResult } from '@millrace/files'

/** The last line of `--json`: what a run came to. */
export interface SummaryLine {
  readonly event: 'summary'
  readonly job: string
  readonly discovered: number
  readonly delivered: number
  readonly quarantined: number
  readonly excluded: number
  /** Of the delivered ones, those whose kept results stood. */
  readonly reused: number
  /** Files that were in the tree before and are gone. */
  readonly removed: number
  /** How often the job was started: 2 where it was resumed once. */
  readonly starts: number
  readonly seconds: number
  readonly filesPerSecond: number
  /** Summed over the engine and its workers, MB. */
  readonly peakRssMb: number
  readonly out: string | null
}

/** Mere progress, files that succeed and what processors print: too much for a line each. */
const QUIET: ReadonlySet<EngineEvent['type']> = new Set([
  'discovery-progress',
  'file-delivered',
  'file-confirmed',
  'batch-started',
  'worker-output',
])

/** The object that `--json` prints for an event, or undefined where it prints none. */
export function jsonEvent(event: EngineEvent): Readonly<Record<string, unknown>> | undefined {
  if (QUIET.has(event.type)) return undefined
  switch (event.type) {
    case 'job-queued':
    case 'job-started': {
      const { type, jobId, ...facts } = event
      return { event: type, job: jobId, ...facts }
    }
    case 'job-finished':
      return { event: event.type, job: event.jobId, ...event.books, balanced: event.balanced }
    case 'discovery-problem':
      return { event: event.type, ...event.problem }
    default: {
      const { type, ...facts } = event
      return { event: type, ...facts }
    }
  }
}

export function summaryLine(result: RepositoryProcessingResult): SummaryLine {
  const { discovered, delivered, quarantined, excluded } = result.books
  return {
    event: 'summary',
    job: result.jobId,
    discovered,
    delivered,
    quarantined,
    excluded,
    reused: result.reused,
    removed: result.removed,
    starts: result.starts,
    seconds: round(result.seconds, 3),
    filesPerSecond: round(result.filesPerSecond, 1),
    peakRssMb: round(result.peakRssMb, 1),
    out: result.out,
  }
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
