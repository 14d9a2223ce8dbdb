/**
 * When entries were submitted, for as many as there are.
 *
 * PERF: what was submitted in one turn has one time, and is kept and recorded in one step; bench/intents/overhead.bench.ts.
 */
export class SubmissionTimes {
  /** Each time, and of how many entries in a row it is. */
  readonly at: number[] = []
  readonly counts: number[] = []

  add(at: number): void {
    const last = this.at.length - 1
    if (last >= 0 && this.at[last] === at) this.counts[last]!++
    else {
      this.at.push(at)
      this.counts.push(1)
    }
  }
}
