import type { Ledger } from '../ledger/ledger.ts'

/** What is asked of a ledger when a job's files are through: to export them, and to close its books. */
export type PatientLedger = Pick<
  Ledger,
  | 'books'
  | 'results'
  | 'revision'
  | 'recall'
  | 'remember'
  | 'slowest'
  | 'highlights'
  | 'quarantine'
  | 'exclusions'
  | 'finishJob'
>

/**
 * A ledger that is away, or full, when all of a job is done is waited for as it was before: each call is made by `insist`, again and again until it succeeds. None of
 * them means anything else the second time.
 */
export function patientLedger(ledger: PatientLedger, insist: <T>(call: () => Promise<T>) => Promise<T>): PatientLedger {
  return {
    books: (jobId) => insist(() => ledger.books(jobId)),
    results: (jobId, afterPath, limit, maxBytes) => insist(() => ledger.results(jobId, afterPath, limit, maxBytes)),
    revision: (jobId) => insist(() => ledger.revision(jobId)),
    recall: (key) => insist(() => ledger.recall(key)),
    remember: (key, json) => insist(() => ledger.remember(key, json)),
    slowest: (jobId, limit) => insist(() => ledger.slowest(jobId, limit)),
    highlights: (jobId, limit) => insist(() => ledger.highlights(jobId, limit)),
    quarantine: (jobId) => insist(() => ledger.quarantine(jobId)),
    exclusions: (jobId) => insist(() => ledger.exclusions(jobId)),
    finishJob: (jobId, outcome) => insist(() => ledger.finishJob(jobId, outcome)),
  }
}
