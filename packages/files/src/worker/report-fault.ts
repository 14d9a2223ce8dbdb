import type { Assignment } from './executor.ts'

/**
 * What keeps `report` from being the next one on `assignment`, as the end of a sentence about the worker, or undefined where
 * nothing does.
 *
 * It must be about that assignment, and about each file from `cursor` up to its `next` once, in order; so no file is counted twice
 * and none is skipped, whatever runs in the worker's process and writes to its channel. O(files reported), allocates nothing.
 * @param cursor The files before it have been reported.
 */
export function reportFault(report: unknown, assignment: Assignment, cursor: number): string | undefined {
  if (!isReport(report)) return 'sent a report that is none'
  if (report.assignmentId !== assignment.assignmentId) return 'answered for a batch it does not have'
  const { files } = assignment
  const { next, delivered, confirmed, failed, highlights } = report
  if (!isPlace(next) || next < cursor || next > files.length) {
    // Only a number is told: an object may throw when it is made a text.
    const told = typeof next === 'number' ? `file ${next}` : `a file that is no number`
    return `said that it goes on with ${told}, after file ${cursor} of ${files.length}`
  }
  let d = 0
  let c = 0
  let f = 0
  for (let index = cursor; index < next; index++) {
    if (delivered[d]?.index === index && isDelivered(delivered[d]!)) d++
    else if (confirmed[c]?.index === index && isConfirmed(confirmed[c]!)) c++
    else if (failed[f]?.index === index && isFailed(failed[f]!)) f++
    else return `gave no answer, or none that can be read, for ${files[index]!.path} in its turn`
  }
  const extra = delivered[d] ?? confirmed[c] ?? failed[f]
  if (d < delivered.length || c < confirmed.length || f < failed.length) {
    const file = isPlace(extra?.index) ? files[extra.index] : undefined
    return `answered twice or out of turn for ${file?.path ?? 'a file it does not have'}`
  }
  const strange = highlights.some((highlight) => !isHighlight(highlight, cursor, next))
  return strange ? 'sent a highlight that is about no file of its report' : undefined
}

/** What came out of another process: any of it may be missing or something else. */
type Unchecked = Readonly<Record<string, unknown>>

interface UncheckedReport {
  readonly assignmentId: unknown
  readonly next: unknown
  readonly delivered: readonly (Unchecked | null)[]
  readonly confirmed: readonly (Unchecked | null)[]
  readonly failed: readonly (Unchecked | null)[]
  readonly highlights: readonly (Unchecked | null)[]
}

function isPlace(value: unknown): value is number {
  return Number.isInteger(value)
}

function isReport(value: unknown): value is UncheckedReport {
  if (typeof value !== 'object' || value === null) return false
  const { delivered, confirmed, failed, highlights } = value as Unchecked
  return Array.isArray(delivered) && Array.isArray(confirmed) && Array.isArray(failed) && Array.isArray(highlights)
}

function isConfirmed({ ms, bytes, stamp }: Unchecked): boolean {
  return Number.isFinite(ms) && Number.isFinite(bytes) && (stamp === null || typeof stamp === 'string')
}

function isDelivered(value: Unchecked): boolean {
  return typeof value.hash === 'string' && typeof value.record === 'string' && isConfirmed(value)
}

function isFailed({ code, message, transient, ms, evidence }: Unchecked): boolean {
  return (
    typeof code === 'string' &&
    typeof message === 'string' &&
    typeof transient === 'boolean' &&
    Number.isFinite(ms) &&
    typeof evidence === 'object' &&
    evidence !== null
  )
}

function isHighlight(value: Unchecked | null, cursor: number, next: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { index, list, label, value: weight } = value
  return (
    Number.isInteger(index) &&
    (index as number) >= cursor &&
    (index as number) < next &&
    typeof list === 'string' &&
    typeof label === 'string' &&
    Number.isFinite(weight)
  )
}
